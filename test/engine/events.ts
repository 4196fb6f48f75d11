import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import type { Misbehaviour, ServiceName } from '../emulator';
import { findSecrets } from './harness';
import type { Poller } from './harness';
import { uncovered } from './operations';
import type { PollerChanges, Setup } from './setup';
import { inVirtualTime } from './virtualTime';

/** Rows that exist before a trigger is published: three pages. */
export const THERE_BEFORE = 250;

/** An event, and how a test makes it happen. */
export interface EventCase {
	event: string;
	parameters?: () => INodeParameters;
	/** Fills the service with rows before the trigger is published: {@link THERE_BEFORE} or `count`. */
	fill(count?: number): unknown;
	/** whether each event changes a row that existed before */
	changesRows?: boolean;
	/** Makes the event happen `count` times. @returns the IDs of the rows to emit */
	happen(count: number): string[];
	/** how many events the service can show: with more, the poll fails */
	most?: number;
	/** requests of a poll that finds 0, 1, 100 and 5,000 new rows */
	requests: [idle: number, one: number, hundred: number, fiveThousand: number];
	operationId: string;
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
	Array.from({ length: count }, (_, index) => make(index));

/** The ID of an emitted row. */
export const idOf = ({ identifier, id }: IDataObject) => String(identifier ?? id);

export const emittedBy = async (poller: Poller): Promise<IDataObject[] | undefined> =>
	(await poller.poll())?.map(({ json }) => json);

/** Helpers for the tests of one trigger: its events by name, and pollers for them. */
export function eventsOf<S extends ServiceName>(setup: Setup<S>, cases: EventCase[]) {
	const caseOf = (event: string): EventCase => {
		const found = cases.find((given) => given.event === event);
		if (!found) throw new Error(`There is no case for the event "${event}"`);
		return found;
	};
	const pollerOf = (event: string, { parameters, ...changes }: PollerChanges = {}) =>
		setup.poller(event, {
			parameters: { ...caseOf(event).parameters?.(), ...parameters },
			...changes,
		});
	return { caseOf, pollerOf, requests: () => setup.emulator().journal.requests.length };
}

/** Failures of a request, and the words of the poll about them. */
const TROUBLES: Array<[string, Misbehaviour, RegExp]> = [
	['an outage', { status: 503, times: Infinity }, /^K[a-z]+[: ]/],
	['a wrong key', { status: 401 }, /^K[a-z]+: /],
	['an answer that is cut off', { truncate: 'consistent' }, /JSON that is cut off/],
	[
		'a connection that closes',
		{ truncate: 'connection', times: Infinity },
		/the connection was closed before the answer/,
	],
	['a web page', { html: true }, /a web page instead of JSON/],
	['another shape', { raw: { body: '{"data":5}' } }, /instead of/],
];

type Damage = [string, (state: IDataObject) => IDataObject];
const DAMAGES: Damage[] = [
	['a damaged memory', (state) => ({ ...state, memory: { x: 1 } })],
	['another event', (state) => ({ ...state, key: '["other"]' })],
	['an unknown version', (state) => ({ ...state, version: 99 })],
	['something else', () => ({ lastTimeChecked: '2026-01-01' })],
];

/** Tests the rules for every event of a trigger. */
export function describeEvents<S extends ServiceName>(
	setup: Setup<S>,
	cases: EventCase[],
	/** the changes in a credential that gets a new secret */
	newSecret: () => IDataObject,
): void {
	const { engine, emulator } = setup;
	const { pollerOf, requests } = eventsOf(setup, cases);
	const idsIn = (items: INodeExecutionData[] | null) =>
		items?.map(({ json }) => idOf(json)).sort() ?? null;

	it('has a case for every event that the node offers', () => {
		const events = cases.map(({ event }) => event);
		expect(uncovered(setup, 'event', events)).toEqual([]);
	});

	it('describes itself, and says what happens when it is published', () => {
		const description = engine().description(`${setup.service}Trigger`);
		expect(description).toMatchObject({
			group: ['trigger'],
			polling: true,
			inputs: [],
			activationMessage: expect.stringMatching(/remembered\. .+ while it was unpublished\.$/),
			eventTriggerDescription: expect.stringMatching(/\w/),
			codex: { alias: expect.arrayContaining(['poll']) },
		});
		expect(description.usableAsTool).toBeUndefined();
		expect(description.properties.map(({ name }) => name)).toContain('pollTimes');
	});

	describe('the output schema', () => {
		const promised = () =>
			Object.keys((engine().schema(`${setup.service}Trigger`, '', '')?.properties ?? {}) as object);
		/** The keys of a row of each event. */
		const emitted = async (): Promise<string[][]> => {
			const keys: string[][] = [];
			for (const { event, fill, happen } of cases) {
				fill();
				happen(1);
				const [row = {}] = (await emittedBy(pollerOf(event, { mode: 'manual' }))) ?? [];
				keys.push(Object.keys(row));
			}
			return keys;
		};

		it('promises only keys that some event emits', async () => {
			const keys = (await emitted()).flat();
			expect(promised()).not.toEqual([]);
			expect(promised().filter((key) => !keys.includes(key))).toEqual([]);
		});

		it('names a key of each event that no other event emits', async () => {
			const keys = await emitted();
			const gaps = cases.flatMap(({ event }, number) => {
				const others = keys.filter((_, other) => other !== number).flat();
				const own = (keys[number] ?? []).filter((key) => !others.includes(key));
				return own.length > 0 && !own.some((key) => promised().includes(key))
					? [`The schema of ${setup.service}Trigger lacks ${own.join(', ')} of ${event}`]
					: [];
			});
			expect(gaps).toEqual([]);
		});
	});

	describe.each(cases)('$event', (given) => {
		const { event } = given;
		// The first event tests the behaviour that all events share
		const all = given === cases[0];

		it('is emitted once over many polls and restarts of n8n', async () => {
			given.fill();
			const poller = pollerOf(event);
			expect(await poller.poll()).toBeNull();
			for (const count of [1, 0, 3, 120, 0, 1]) {
				const due = count > 0 ? given.happen(count).sort() : null;
				poller.restart();
				expect(idsIn(await poller.poll())).toEqual(due);
				expect(await poller.poll()).toBeNull();
			}
			expect(findSecrets(poller.staticData, setup.secrets())).toEqual([]);
		});

		it('saves the state at the first poll and for new rows, never otherwise', async () => {
			given.fill();
			const poller = pollerOf(event);
			const saves: number[] = [];
			for (const count of [0, 0, 0, 2, 0]) {
				given.happen(count);
				await poller.poll();
				saves.push(poller.saves);
			}
			expect(saves).toEqual([1, 1, 1, 2, 2]);
		});

		it.each(all ? TROUBLES : TROUBLES.slice(0, 1))(
			'is not lost in a poll that meets %s',
			async (_name, trouble, says) => {
				// A list that loses more than half of its rows at once needs a second poll to confirm it
				given.fill(given.changesRows ? 400 : undefined);
				const poller = pollerOf(event);
				await poller.poll();
				// Enough for a second page if the list has pages: the failure happens there
				const due = given.happen(150);
				const before = poller.staticData;
				const rule = emulator().misbehave({
					match: { operationId: given.operationId },
					skip: given.requests[2] > 1 ? 1 : 0,
					...trouble,
				});
				const failure = await inVirtualTime(
					async () => await poller.poll().catch((error: unknown) => error),
				);
				expect(rule.hits).toBeGreaterThan(0);
				expect(failure).toMatchObject({
					message: expect.stringMatching(says),
					description: expect.stringMatching(/\w/),
				});
				expect(poller.staticData).toEqual(before);
				rule.cancel();
				expect(idsIn(await poller.poll())).toEqual(due.sort());
				expect(await poller.poll()).toBeNull();
			},
		);

		it('has a sample that leaves the state alone', async () => {
			given.fill();
			const [id] = given.happen(1);
			const poller = pollerOf(event, { mode: 'manual' });
			const ids = idsIn(await poller.poll());
			expect(ids).toHaveLength(1);
			// Kinktree's tags have no time, so any tag may be the sample
			if (setup.service !== 'kinktree') expect(ids).toEqual([id]);
			expect(poller.saves).toBe(0);
			expect(poller.staticData).toEqual({});
		});

		it('has no sample and no error if there are no rows, and a hint says how to get a sample', async () => {
			given.fill(0);
			expect(await pollerOf(event, { mode: 'manual' }).poll()).toBeNull();
			const { hints = [] } = setup.engine().description(`${setup.service}Trigger`);
			expect(
				hints.filter(({ displayCondition }) => displayCondition?.includes(event)),
			).toMatchObject([
				{
					whenToDisplay: 'beforeExecution',
					message: expect.stringMatching(/^Fetch Test Event shows an? .* or set mock data\.$/),
				},
			]);
		});

		it.each(all ? DAMAGES : DAMAGES.slice(0, 1))(
			'starts afresh if the state holds %s',
			async (_name, damage) => {
				given.fill();
				const first = pollerOf(event);
				await first.poll();
				const poller = pollerOf(event, { staticData: damage(first.staticData) });
				expect(await poller.poll()).toBeNull();
				expect(poller.staticData).toMatchObject({ version: 1, key: first.staticData.key });
				const due = given.happen(2).sort();
				expect(idsIn(await poller.poll())).toEqual(due);
			},
		);

		it('is emitted after the credential gets a new secret', async () => {
			given.fill();
			// A row that the new secret shows as well: otherwise it may be for another account
			given.happen(1);
			const { staticData } = await afterOnePoll(pollerOf(event));
			const due = given.happen(1);
			const credentials = setup.credentials(newSecret());
			expect(idsIn(await pollerOf(event, { staticData, credentials }).poll())).toEqual(due);
		});

		it('is emitted by one of two simultaneous polls', async () => {
			given.fill();
			const poller = await afterOnePoll(pollerOf(event));
			const due = given.happen(2).sort();
			const both = await Promise.all([poller.poll(), poller.poll()]);
			expect(both.map(idsIn).filter((ids) => ids !== null)).toEqual([due]);
		});

		it('is emitted in an n8n that gives no time limit for a poll', async () => {
			given.fill();
			const poller = await afterOnePoll(pollerOf(event, { budget: 'none' }));
			const due = given.happen(1);
			expect(idsIn(await poller.poll())).toEqual(due);
		});

		it('is emitted eventually if each poll has time for only one request', async () => {
			given.fill();
			const poller = pollerOf(event, { budget: 0 });
			for (let polls = 0; polls < 12; polls++) expect(await poller.poll()).toBeNull();
			const due = given.happen(120).sort();
			const emitted: string[] = [];
			for (let polls = 0; polls < 12; polls++) emitted.push(...(idsIn(await poller.poll()) ?? []));
			expect(emitted.sort()).toEqual(due);
			expect(await poller.poll()).toBeNull();
		});

		it(`costs ${given.requests.join(', ')} requests for 0, 1, 100 and 5,000 rows`, async () => {
			given.fill(given.changesRows ? 5200 : undefined);
			const poller = await afterOnePoll(pollerOf(event));
			const asked: number[] = [];
			for (const count of [0, 1, 100, 5000]) {
				given.happen(count);
				const before = requests();
				const polled = poller.poll();
				if (count > (given.most ?? count))
					await expect(polled).rejects.toThrow('new ones may be missing');
				else await polled;
				asked.push(requests() - before);
			}
			expect(asked).toEqual(given.requests);
		}, 60_000);
	});
}

async function afterOnePoll(poller: Poller): Promise<Poller> {
	await poller.poll();
	return poller;
}

/** Tests that samples are the newest rows, whatever the order of the list. */
export function describeSamples(
	{ caseOf, pollerOf, requests }: ReturnType<typeof eventsOf>,
	events: string[],
	readings: () => { order: 'newest' | 'oldest' },
): void {
	it.each(events)(
		'samples the newest row of %s, with one more request if the list is oldest first',
		async (event) => {
			const given = caseOf(event);
			given.fill();
			for (const [order, asked] of [
				['oldest', 2],
				['newest', 1],
			] as const) {
				const due = given.happen(1);
				readings().order = order;
				const before = requests();
				const rows = await emittedBy(pollerOf(event, { mode: 'manual' }));
				expect(rows?.map(idOf)).toEqual(due);
				expect(requests() - before).toBe(asked);
			}
		},
	);
}
