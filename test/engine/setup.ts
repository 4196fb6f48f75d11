import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INodeCredentialTestResult,
	INodeListSearchResult,
} from 'n8n-workflow';

import { type Emulator, type EmulatorOptions, type ServiceName, startEmulator } from '../emulator';
import {
	type Engine,
	findSecrets,
	type NodeRunResult,
	type Poller,
	type RunNodeOptions,
	type SavedCredentials,
	startEngine,
} from './harness';

export const HOUR = 3_600_000;

/**
 * Half past an hour, as the emulator's time. The emulator's window then ends 20 to 80 minutes from now,
 * so never during a test.
 */
export const farFromTheHour = (): number =>
	Math.ceil((Date.now() + 20 * 60_000) / HOUR) * HOUR - HOUR / 2;

/** How a test runs a node. */
export interface Run<S extends ServiceName>
	extends Omit<Partial<RunNodeOptions>, 'parameters' | 'credentials'> {
	/** as n8n saves them; missing ones have their defaults */
	parameters?: object;
	/** changes in the credential */
	credential?: IDataObject;
	/** an emulator other than the usual one */
	on?: Emulator<S>;
}

/** Options of a trigger that differ from those of a published one. */
export type PollerChanges = Partial<Parameters<Engine['poller']>[0]>;

/** Engine and emulator of one service. Functions, because both start after the file is loaded. */
export interface Setup<S extends ServiceName> {
	service: S;
	engine(): Engine;
	emulator(): Emulator<S>;
	credential(changes?: IDataObject, on?: Emulator<S>): ICredentialDataDecryptedObject;
	credentials(changes?: IDataObject, on?: Emulator<S>): SavedCredentials;
	/** the secrets of all keys, which no result and no log may show */
	secrets(): string[];
	/** @param operation resource and operation: `member.get` */
	run(operation: string, run?: Run<S>): Promise<NodeRunResult>;
	testCredential(changes?: IDataObject): Promise<INodeCredentialTestResult>;
	/** One page of the list behind "From List". */
	search(
		method: string,
		options?: { filter?: string; paginationToken?: unknown; on?: Emulator<S> },
	): Promise<INodeListSearchResult>;
	poller(event: string, changes?: PollerChanges): Poller;
	/** Starts an emulator that is stopped after the test. */
	startAnother(options: EmulatorOptions<S>): Promise<Emulator<S>>;
}

/** Starts engine and emulator around the tests of a file or `describe`, and checks after each test. */
function setUp<S extends ServiceName>(
	service: S,
	options: EmulatorOptions<S>,
	credentialOf: (emulator: Emulator<S>) => IDataObject & { baseUrl: string },
): Setup<S> {
	let engine: Engine;
	let emulator: Emulator<S>;
	const others: Array<Emulator<S>> = [];
	// Date.now is looked up for each request, so that a test can replace the clock
	const withClock = { now: () => Date.now(), ...options };

	beforeAll(async () => {
		engine = await startEngine();
		emulator = await startEmulator(service, withClock);
	});
	beforeEach(() => emulator.reset());
	afterEach(async () => {
		jest.restoreAllMocks();
		const used = [emulator, ...others];
		await Promise.all(others.splice(0).map(async (other) => await other.stop()));
		expect(used.flatMap(({ journal }) => journal.violations())).toEqual([]);
		expect(findSecrets(engine.logs, secretsOf(emulator))).toEqual([]);
		expect(engine.refusedConnections).toEqual([]);
	});
	afterAll(async () => {
		await emulator.stop();
		engine.stop();
	});

	const secretsOf = ({ state }: Emulator<S>) =>
		Object.values(state.keys).map(({ secret }) => secret);
	const credential = (changes: IDataObject = {}, on = emulator) =>
		({ ...credentialOf(on), ...changes }) as ICredentialDataDecryptedObject;
	const credentials = (changes?: IDataObject, on?: Emulator<S>): SavedCredentials => ({
		[`${service}Api`]: credential(changes, on),
	});

	return {
		service,
		engine: () => engine,
		emulator: () => emulator,
		credential,
		credentials,
		secrets: () => secretsOf(emulator),
		async run(name, { parameters, credential: changes, on, ...rest } = {}) {
			const [resource = '', operation = ''] = name.split('.');
			const result = await engine.runNode({
				type: service,
				parameters: { resource, operation, ...parameters },
				credentials: credentials(changes, on),
				...rest,
			});
			expect(findSecrets(result, secretsOf(on ?? emulator))).toEqual([]);
			return result;
		},
		async testCredential(changes) {
			return await engine.testCredential(`${service}Api`, credential(changes));
		},
		async search(method, { filter, paginationToken, on } = {}) {
			return await engine.listSearch({
				type: service,
				method,
				credentials: credentials({}, on),
				filter,
				paginationToken: paginationToken as string | undefined,
			});
		},
		poller(event, { parameters, ...changes } = {}) {
			return engine.poller({
				type: `${service}Trigger`,
				parameters: { event, ...parameters },
				credentials: credentials(),
				...changes,
			});
		},
		async startAnother(changes) {
			const other = await startEmulator(service, { now: () => Date.now(), ...changes });
			others.push(other);
			return other;
		},
	};
}

export const kinktreeSetup = (options: EmulatorOptions<'kinktree'> = {}): Setup<'kinktree'> =>
	setUp('kinktree', options, ({ secret, url }) => ({ apiSecret: secret, baseUrl: url }));

export const kindrynSetup = (options: EmulatorOptions<'kindryn'> = {}): Setup<'kindryn'> =>
	setUp('kindryn', options, ({ secret, url }) => ({
		apiKey: secret,
		baseUrl: url,
		maxRequestsPerSecond: 10_000,
	}));

export interface KlinkySetup extends Setup<'klinky'> {
	/** Takes a new key, so that the node knows nothing about its budget. */
	useKey(changes?: { plan?: 'growth' | 'scale' | 'free'; readOnly?: boolean }): void;
	/** Uses up the key's requests until `left` are left. */
	leave(left: number): void;
	/** Runs Create for "Link 0", "Link 1" and so on. */
	create(count: number, options?: Run<'klinky'>): Promise<NodeRunResult>;
}

/** Klinky, with a new key for each test. */
export function klinkySetup(options: EmulatorOptions<'klinky'> = {}): KlinkySetup {
	const secrets: string[] = [];
	const current = () => secrets.at(-1) ?? '';
	const setup: Setup<'klinky'> = setUp('klinky', options, (on) => ({
		apiKey: on === setup.emulator() ? current() : on.secret,
		baseUrl: on.url,
	}));
	const useKey: KlinkySetup['useKey'] = (changes) => {
		secrets.push(`klinky_live_test_${secrets.length + 1}_${Date.now()}`);
		setup.emulator().state.addKey({
			name: `test ${secrets.length}`,
			secret: current(),
			plan: 'scale',
			...changes,
		});
	};
	beforeEach(() => useKey());
	return {
		...setup,
		useKey,
		leave(left) {
			const { state, readings } = setup.emulator();
			const key = Object.values(state.keys).find(({ secret }) => secret === current());
			if (!key) throw new Error('no key is in use');
			const limit = { limit: state.limits[key.plan], windowMs: HOUR, kind: readings.window };
			const now = options.now ?? Date.now;
			while (state.window(key).look(now(), limit).remaining > left) {
				state.window(key).take(now(), limit);
			}
		},
		async create(count, options = {}) {
			return await setup.run('link.create', {
				items: Array.from({ length: count }, (_, number) => ({ number })),
				...options,
				parameters: {
					name: '=Link {{ $json.number }}',
					destinationUrl: '=https://x.example/{{ $json.number }}',
					...options.parameters,
				},
			});
		},
	};
}

/** A clock that makes each row a moment newer than the one before. */
export function risingClock(): () => number {
	let made = 0;
	return () => Date.now() + made++;
}

/** A locator's value as n8n saves it. */
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });

/** The plain rows of an output. */
export const rowsOf = ({ output }: NodeRunResult): IDataObject[] => output.map(({ json }) => json);

/** The input item that each output item names. */
export const pairing = (items: NodeRunResult['output']): unknown[] =>
	items.map(({ pairedItem }) =>
		typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : pairedItem,
	);
