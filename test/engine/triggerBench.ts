import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { type Emulator, type Misbehaviour, startEmulator } from '../emulator';
import { findSecrets, startEngine } from './harness';
import type { Engine, SavedCredentials } from './harness';

/** Rows that are there before a trigger is published: three pages. */
export const THERE_BEFORE = 250;

/** The services, set up for the tests of triggers. */
export class World {
	private made = 0;

	private constructor(
		readonly engine: Engine,
		readonly kinktree: Emulator<'kinktree'>,
		readonly kindryn: Emulator<'kindryn'>,
		readonly klinky: Emulator<'klinky'>,
	) {}

	static async start(): Promise<World> {
		const clock = { now: () => Date.now() };
		const [engine, ...emulators] = await Promise.all([
			startEngine(),
			startEmulator('kinktree', { now: () => clock.now() }),
			startEmulator('kindryn', { now: () => clock.now() }),
			startEmulator('klinky', { now: () => clock.now() }),
		]);
		const world = new World(engine, ...emulators);
		// Each row is made a moment after the one before it
		clock.now = () => Date.now() + world.made++;
		return world;
	}

	get emulators() {
		return [this.kinktree, this.kindryn, this.klinky];
	}

	/** A Klinky key that nobody has used, on the larger plan. */
	useNewKey(): void {
		this.made += 1;
		this.klinky.state.addKey({
			name: 'trigger',
			plan: 'scale',
			secret: `klinky_live_trigger_${this.made}_${Date.now()}`,
		});
	}

	get secrets(): string[] {
		return [this.kinktree.secret, this.kindryn.secret, this.klinkySecret];
	}

	private get klinkySecret(): string {
		return this.klinky.state.keys.trigger?.secret ?? this.klinky.secret;
	}

	credentials(service: ServiceName, changes: Record<string, string> = {}): SavedCredentials {
		const saved: Record<ServiceName, Record<string, string | number>> = {
			kinktree: { apiSecret: this.kinktree.secret, baseUrl: this.kinktree.url },
			kindryn: {
				apiKey: this.kindryn.secret,
				baseUrl: this.kindryn.url,
				maxRequestsPerSecond: 10_000,
			},
			klinky: { apiKey: this.klinkySecret, baseUrl: this.klinky.url },
		};
		return { [`${service}Api`]: { ...saved[service], ...changes } };
	}

	poller({ service, event, parameters }: EventCase, options: PollerChanges = {}) {
		return this.engine.poller({
			type: `${service}Trigger`,
			parameters: { event, ...parameters?.() },
			credentials: this.credentials(service),
			...options,
		});
	}

	reset(): void {
		for (const emulator of this.emulators) emulator.reset();
		this.useNewKey();
	}

	/** What must hold after every test. */
	check(): void {
		for (const { journal } of this.emulators) expect(journal.violations()).toEqual([]);
		expect(this.engine.refusedConnections).toEqual([]);
		expect(findSecrets(this.engine.logs, this.secrets)).toEqual([]);
	}

	async stop(): Promise<void> {
		await Promise.all(this.emulators.map(async (emulator) => await emulator.stop()));
		this.engine.stop();
	}
}

/** How a test sets a poller up that differs from a published one. */
export type PollerChanges = Partial<Parameters<Engine['poller']>[0]>;

export type ServiceName = 'kinktree' | 'kindryn' | 'klinky';

/** An event, and how it comes about. */
export interface EventCase {
	service: ServiceName;
	event: string;
	parameters?: () => INodeParameters;
	/** Fills the service with what is there before: {@link THERE_BEFORE} rows or so many. */
	fill(count?: number): void;
	/** whether what happens needs a row each that was there before */
	changesRows?: boolean;
	/** Makes the event happen so many times. @returns what tells the emitted rows apart */
	happen(count: number): string[];
	/** how many the service can show; when there are more, the poll fails */
	most?: number;
	/** what tells the emitted rows apart */
	idOf(row: IDataObject): unknown;
	/** requests of a poll when nothing, one row, 100 and 5,000 rows are new */
	requests: [idle: number, one: number, hundred: number, fiveThousand: number];
	operationId: string;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
	Array.from({ length: count }, (_, index) => make(index));

/** All events of the interface. */
export function eventCases(world: () => World): EventCase[] {
	const tags = () => world().kinktree.state.tags();
	const kindryn = () => world().kindryn.state;
	const klinky = () => world().klinky.state;
	const kinktree = {
		service: 'kinktree' as const,
		fill: (count = THERE_BEFORE) => times(count, () => world().kinktree.state.addTag()),
		idOf: ({ identifier }: IDataObject) => identifier,
		operationId: 'listTags',
	};
	const ofKindryn = { service: 'kindryn' as const, idOf: ({ id }: IDataObject) => id };
	const ofKlinky = { service: 'klinky' as const, idOf: ({ id }: IDataObject) => id };
	const firstTags = (count: number) => [...tags().values()].slice(0, count);
	return [
		{
			...kinktree,
			event: 'tagCreated',
			happen: (count) => times(count, () => world().kinktree.state.addTag().id),
			requests: [1, 1, 1, 1],
		},
		{
			...kinktree,
			event: 'tagUpdated',
			changesRows: true,
			happen: (count) =>
				firstTags(count).map((tag) => {
					tag.locked = !tag.locked;
					return tag.id;
				}),
			requests: [1, 1, 1, 1],
		},
		{
			...kinktree,
			event: 'tagDeleted',
			changesRows: true,
			happen: (count) =>
				firstTags(count).map(({ id }) => {
					tags().delete(id);
					return id;
				}),
			requests: [1, 1, 1, 1],
		},
		{
			...ofKindryn,
			event: 'memberAdded',
			fill: (count = THERE_BEFORE) => times(count, () => kindryn().addMember()),
			happen: (count) => times(count, () => kindryn().addMember().id),
			requests: [1, 2, 2, 51],
			operationId: 'listMembers',
		},
		{
			...ofKindryn,
			event: 'postCreated',
			fill: (count = THERE_BEFORE) => times(count, () => kindryn().addPost()),
			happen: (count) => times(count, () => kindryn().addPost().id),
			requests: [1, 2, 2, 51],
			operationId: 'listPosts',
		},
		{
			...ofKindryn,
			event: 'eventCreated',
			fill: (count = THERE_BEFORE) => times(count, () => kindryn().addEvent()),
			happen: (count) => times(count, () => kindryn().addEvent().id),
			requests: [1, 2, 2, 51],
			operationId: 'listEvents',
		},
		{
			...ofKindryn,
			event: 'invitationCreated',
			fill: () => times(50, () => kindryn().addInvitation()),
			happen: (count) =>
				times(
					count,
					(index) =>
						kindryn().addInvitation({
							status: (['pending', 'expired', 'revoked', 'used'] as const)[index % 4],
						}).id,
				),
			// 5,000 at once are more than the service shows
			requests: [1, 1, 1, 5],
			operationId: 'listInvitations',
		},
		{
			...ofKindryn,
			event: 'invitationAccepted',
			most: 200,
			fill: (count = THERE_BEFORE) => times(count, () => kindryn().addInvitation()),
			changesRows: true,
			happen: (count) =>
				times(count, () => {
					const invitation = kindryn().invitations.find(({ status }) => status === 'pending');
					if (invitation) invitation.status = 'used';
					return String(invitation?.id);
				}),
			requests: [1, 1, 1, 1],
			operationId: 'listInvitations',
		},
		{
			...ofKlinky,
			event: 'linkCreated',
			fill: (count = THERE_BEFORE) => times(count, () => klinky().addLink()),
			happen: (count) => times(count, () => klinky().addLink().id),
			requests: [1, 2, 2, 51],
			operationId: 'listLinks',
		},
		{
			...ofKlinky,
			event: 'clickRecorded',
			parameters: () => ({
				linkId: { __rl: true, mode: 'id', value: klinky().links[0]?.id ?? '' },
			}),
			fill: () => {
				const { id } = klinky().addLink();
				times(THERE_BEFORE, (index) =>
					klinky().addClick(id, {
						at: new Date(Date.now() - (THERE_BEFORE - index) * 3_600_000).toISOString(),
					}),
				);
			},
			happen: (count) => times(count, () => klinky().addClick(String(klinky().links[0]?.id)).id),
			requests: [1, 1, 1, 51],
			operationId: 'listClicks',
		},
	];
}

/** What may happen to a request, and what the poll says then. */
export const TROUBLES: Array<[string, Misbehaviour, RegExp]> = [
	['a wrong key', { status: 401 }, /^K[a-z]+: /],
	['an outage', { status: 503, times: Infinity }, /^K[a-z]+[: ]/],
	['an answer that is cut off', { truncate: 'consistent' }, /JSON that is cut off/],
	[
		'a connection that closes',
		{ truncate: 'connection', times: Infinity },
		/the connection was closed before the answer/,
	],
	['a web page', { html: true }, /a web page in place of JSON/],
	[
		'another shape',
		{ raw: { body: '{"data":5}', contentType: 'application/json' } },
		/in place of/,
	],
];
