import type { INodeExecutionData } from 'n8n-workflow';

import { findSecrets } from './harness';
import { type EventCase, eventCases, type PollerChanges, TROUBLES, World } from './triggerBench';
import { inVirtualTime } from './virtualTime';

let world: World;
beforeAll(async () => {
	world = await World.start();
});
beforeEach(() => world.reset());
afterEach(() => world.check());
afterAll(async () => await world.stop());

const cases = eventCases(() => world);
const named = cases.map((given) => [`${given.service}: ${given.event}`, given] as const);

const idsIn = ({ idOf }: EventCase, items: INodeExecutionData[] | null) =>
	items?.map(({ json }) => String(idOf(json))).sort() ?? null;

/** Requests of one poll. */
async function countRequests(given: EventCase, work: () => Promise<unknown>): Promise<number> {
	const { journal } = world[given.service];
	const before = journal.requests.length;
	await work();
	return journal.requests.length - before;
}

describe.each(['kinktree', 'kindryn', 'klinky'] as const)('the trigger of %s', (service) => {
	it('says what it is, and what happens when it is published', () => {
		const description = world.engine.description(`${service}Trigger`);
		expect(description).toMatchObject({
			group: ['trigger'],
			polling: true,
			inputs: [],
			activationMessage: expect.stringMatching(/remembered; .+ while it was not published\.$/),
			eventTriggerDescription: expect.stringMatching(/\w/),
			codex: { alias: expect.arrayContaining(['poll']) },
		});
		expect(description.usableAsTool).toBeUndefined();
		expect(description.properties.map(({ name }) => name)).toContain('pollTimes');
	});

	it('emits fields that the editor shows before a first run', async () => {
		const { properties } = world.engine.schema(`${service}Trigger`, '', '') ?? {};
		for (const given of cases.filter((candidate) => candidate.service === service)) {
			given.fill();
			given.happen(1);
			const items = await world.poller(given, { mode: 'manual' }).poll();
			const shown = Object.keys(properties as object);
			const emitted = Object.keys(items?.[0]?.json ?? {});
			expect(shown.filter((name) => emitted.includes(name)).length).toBeGreaterThan(2);
			if (service === 'kinktree') expect(shown).toEqual(expect.arrayContaining(emitted));
		}
	});
});

describe.each(named)('%s', (_, given) => {
	const published = (changes?: PollerChanges) => world.poller(given, changes);

	it('is offered by the node', () => {
		const { properties } = world.engine.description(`${given.service}Trigger`);
		const { options } = properties.find(({ name }) => name === 'event') ?? {};
		expect(options).toContainEqual(expect.objectContaining({ value: given.event }));
	});

	it('is emitted once, over many polls and restarts of n8n', async () => {
		given.fill();
		const poller = published();
		expect(await poller.poll()).toBeNull();
		for (const count of [1, 0, 3, 120, 0, 1]) {
			const due = count > 0 ? given.happen(count).sort() : null;
			poller.restart();
			expect(idsIn(given, await poller.poll())).toEqual(due);
			expect(await poller.poll()).toBeNull();
		}
		expect(findSecrets(poller.staticData, world.secrets)).toEqual([]);
	});

	it('saves the state at the first poll and when something is new, never else', async () => {
		given.fill();
		const poller = published();
		await poller.poll();
		expect(poller.saves).toBe(1);
		await poller.poll();
		await poller.poll();
		expect(poller.saves).toBe(1);
		given.happen(2);
		await poller.poll();
		expect(poller.saves).toBe(2);
		await poller.poll();
		expect(poller.saves).toBe(2);
	});

	it.each(TROUBLES)('loses nothing to %s', async (_name, trouble, says) => {
		// A list that loses more than half of its rows at once is another matter
		given.fill(given.changesRows ? 400 : undefined);
		const poller = published();
		await poller.poll();
		// Enough for a second page where there are pages, which is where it happens
		const due = given.happen(150);
		const before = poller.staticData;
		const requests = given.requests[2];
		const rule = world[given.service].misbehave({
			match: { operationId: given.operationId },
			skip: requests > 1 ? 1 : 0,
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
		expect(idsIn(given, await poller.poll())).toEqual(due.sort());
		expect(await poller.poll()).toBeNull();
	});

	it('shows a sample, and leaves the state alone', async () => {
		given.fill();
		const [id] = given.happen(1);
		const poller = published({ mode: 'manual' });
		const items = await poller.poll();
		expect(items).toHaveLength(1);
		if (given.service !== 'kinktree') expect(idsIn(given, items)).toEqual([id]);
		expect(poller.saves).toBe(0);
		expect(poller.staticData).toEqual({});
	});

	it('says that there is no sample when there is nothing', async () => {
		if (given.event === 'clickRecorded') world.klinky.state.addLink();
		await expect(published({ mode: 'manual' }).poll()).rejects.toMatchObject({
			message: expect.stringMatching(/^There is no data to show: K[a-z]+ has not got an? /),
			description: expect.stringContaining('fetch the test event again'),
		});
	});

	it.each([
		['another event', (state: Record<string, unknown>) => ({ ...state, key: '["other"]' })],
		['an unknown version', (state: Record<string, unknown>) => ({ ...state, version: 99 })],
		['a damaged memory', (state: Record<string, unknown>) => ({ ...state, memory: { x: 1 } })],
		['a state of something else', () => ({ lastTimeChecked: '2026-01-01' })],
	])('begins anew with the state of %s', async (_name, damage) => {
		given.fill();
		const first = published();
		await first.poll();
		const poller = published({ staticData: damage(first.staticData) as never });
		expect(await poller.poll()).toBeNull();
		expect(poller.staticData).toMatchObject({ version: 1, key: first.staticData.key });
		const due = given.happen(2).sort();
		expect(idsIn(given, await poller.poll())).toEqual(due);
	});

	it('goes on with a new secret in the same credential', async () => {
		given.fill();
		const first = published();
		await first.poll();
		const due = given.happen(1);
		if (given.service === 'klinky') world.useNewKey();
		const poller = published({ staticData: first.staticData });
		expect(idsIn(given, await poller.poll())).toEqual(due);
	});

	it('emits what two polls at once find one time', async () => {
		given.fill();
		const poller = published();
		await poller.poll();
		const due = given.happen(2).sort();
		const both = await Promise.all([poller.poll(), poller.poll()]);
		expect(both.map((items) => idsIn(given, items)).filter((ids) => ids !== null)).toEqual([due]);
	});

	it('works in an n8n that gives no time for a poll', async () => {
		given.fill();
		const poller = published({ budget: 'none' });
		await poller.poll();
		const due = given.happen(1);
		expect(idsIn(given, await poller.poll())).toEqual(due);
	});

	it('delivers everything in the end when each poll has time for one request', async () => {
		given.fill();
		const poller = published({ budget: 0 });
		for (let polls = 0; polls < 12; polls++) expect(await poller.poll()).toBeNull();
		const due = given.happen(120).sort();
		const emitted: string[] = [];
		for (let polls = 0; polls < 12; polls++) {
			emitted.push(...(idsIn(given, await poller.poll()) ?? []));
		}
		expect(emitted.sort()).toEqual(due);
		expect(await poller.poll()).toBeNull();
	});

	it(`asks ${given.requests.join(', ')} times for 0, 1, 100 and 5,000 new rows`, async () => {
		given.fill(given.changesRows ? 5200 : undefined);
		const poller = published();
		await poller.poll();
		const asked: number[] = [];
		for (const count of [0, 1, 100, 5000]) {
			given.happen(count);
			const poll = async () => await poller.poll();
			const isShown = count <= (given.most ?? count);
			const polled = async () =>
				isShown ? await poll() : await expect(poll()).rejects.toThrow('and no more');
			asked.push(await countRequests(given, polled));
		}
		expect(asked).toEqual(given.requests);
	}, 60_000);
});
