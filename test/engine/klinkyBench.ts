import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator } from '../emulator';
import type { Emulator, EmulatorOptions } from '../emulator';
import { startEngine } from './harness';
import type { Engine, NodeRunResult, RunNodeOptions } from './harness';

export const HOUR = 3_600_000;

/**
 * A moment from which the next full hour is 20 to 80 minutes away: a window of the emulator neither
 * opens while a test runs nor is over soon.
 */
export const farFromTheHour = (): number =>
	Math.ceil((Date.now() + 20 * 60_000) / HOUR) * HOUR - HOUR / 2;

/** Engine and emulator for tests of Klinky; a key of its own for each test. */
export class KlinkyBench {
	readonly type = 'klinky';
	private engineInUse?: Engine;
	private emulatorInUse?: Emulator<'klinky'>;
	private key = '';
	private keys = 0;

	constructor(private readonly options: EmulatorOptions<'klinky'> = {}) {}

	engine = (): Engine => this.engineInUse as Engine;

	emulator = (): Emulator<'klinky'> => this.emulatorInUse as Emulator<'klinky'>;

	secrets = (): string[] => [this.key];

	credentials = () => ({ klinkyApi: { apiKey: this.key, baseUrl: this.emulator().url } });

	/** Registers what every test file needs with Jest. */
	setUp(): void {
		beforeAll(async () => {
			this.engineInUse = await startEngine();
			this.emulatorInUse = await startEmulator('klinky', this.options);
		});
		beforeEach(() => {
			this.emulator().reset();
			this.useKey();
		});
		afterEach(() => {
			expect(this.emulator().journal.violations()).toEqual([]);
			expect(this.engine().refusedConnections).toEqual([]);
		});
		afterAll(async () => {
			await this.emulator().stop();
			this.engine().stop();
		});
	}

	/** A key that the node has never seen, so that it knows nothing of its budget. */
	useKey(changes: { plan?: 'growth' | 'scale' | 'free'; readOnly?: boolean } = {}): void {
		this.key = `klinky_live_test_${++this.keys}`;
		this.emulator().state.addKey({
			name: `test ${this.keys}`,
			secret: this.key,
			plan: 'scale',
			...changes,
		});
	}

	/** Uses up requests of the key, so that so many are left. */
	leave(left: number): void {
		const { state } = this.emulator();
		const key = Object.values(state.keys).find(({ secret }) => secret === this.key);
		if (!key) throw new Error('no key is in use');
		const limit = state.limits[key.plan];
		const window = state.window(key);
		const now = this.options.now?.() ?? Date.now();
		for (let spent = 0; spent < limit - left; spent++) {
			window.take(now, { limit, windowMs: HOUR, kind: this.emulator().readings.window });
		}
	}

	async run(
		resource: string,
		operation: string,
		parameters: INodeParameters = {},
		options: Partial<RunNodeOptions> = {},
	): Promise<NodeRunResult> {
		return await this.engine().runNode({
			type: this.type,
			parameters: { resource, operation, ...parameters },
			credentials: this.credentials(),
			...options,
		});
	}
}

export const linkId = (value: string) => ({ __rl: true, mode: 'id', value });

export const jsonOf = ({ output }: NodeRunResult): IDataObject[] => output.map(({ json }) => json);
