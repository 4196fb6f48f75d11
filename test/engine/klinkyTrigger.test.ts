import type { IDataObject } from 'n8n-workflow';

import type { KlinkyReadings } from '../emulator';
import {
	describeEvents,
	describeSamples,
	emittedBy,
	type EventCase,
	eventsOf,
	idOf,
	THERE_BEFORE,
	times,
} from './events';
import { byId, HOUR, klinkySetup, risingClock } from './setup';
import { inVirtualTime } from './virtualTime';

const setup = klinkySetup({ now: risingClock() });
const { engine, emulator, leave } = setup;
const klinky = () => emulator().state;

const EVENTS: EventCase[] = [
	{
		event: 'linkCreated',
		fill: (count = THERE_BEFORE) => times(count, () => klinky().addLink()),
		happen: (count) => times(count, () => klinky().addLink().id),
		requests: [1, 2, 2, 51],
		operationId: 'listLinks',
	},
	{
		event: 'clickRecorded',
		parameters: () => ({ linkId: byId(klinky().links[0]?.id ?? '') }),
		fill: (count = THERE_BEFORE) => {
			const { id } = klinky().addLink();
			times(count, (index) =>
				klinky().addClick(id, {
					at: new Date(Date.now() - (count - index) * HOUR).toISOString(),
				}),
			);
		},
		happen: (count) => times(count, () => klinky().addClick(String(klinky().links[0]?.id)).id),
		requests: [1, 1, 1, 52],
		operationId: 'listClicks',
	},
];

const events = eventsOf(setup, EVENTS);
const { caseOf, pollerOf, requests } = events;

describeEvents(setup, EVENTS, () => {
	setup.useKey();
	return {};
});

describeSamples(events, ['linkCreated', 'clickRecorded'], () => emulator().readings);

describe('the trigger', () => {
	const links = caseOf('linkCreated');
	const clicks = caseOf('clickRecorded');
	const nextHour = () => {
		// Opens the next window of the same key
		emulator().state.windows.clear();
	};

	it.each<[string, Partial<KlinkyReadings>, number]>([
		['the oldest first', { order: 'oldest' }, 1],
		// Without a total, the poll reads the whole list and one more page to find its end
		['without a total', { listShape: 'array' }, 4],
		['without a total, the oldest first', { listShape: 'array', order: 'oldest' }, 4],
		['in a list that gains a row after each page', { shiftingRows: 'insert' }, 1],
	])(
		'emits links once if Klinky lists them %s, with as few idle requests as possible',
		async (_, readings, idle) => {
			const { shiftingRows = 'none', ...always } = readings;
			Object.assign(emulator().readings, always);
			links.fill();
			const poller = pollerOf(links.event);
			await poller.poll();
			const before = requests();
			expect(await poller.poll()).toBeNull();
			expect(requests() - before).toBe(idle);
			emulator().readings.shiftingRows = shiftingRows;
			const due = links.happen(230);
			const emitted = ((await emittedBy(poller)) ?? []).map(idOf);
			emulator().readings.shiftingRows = 'none';
			emitted.push(...((await emittedBy(poller)) ?? []).map(idOf));
			expect(emitted).toHaveLength(new Set(emitted).size);
			expect(emitted).toEqual(expect.arrayContaining(due));
		},
	);

	it('emits links without a time, and sends one request if nothing is new', async () => {
		emulator().misbehave({
			match: { operationId: 'listLinks' },
			times: Infinity,
			rewrite: (body) => ({
				...(body as IDataObject),
				items: (body as { items: IDataObject[] }).items.map((link) => ({
					...link,
					created_at: undefined,
				})),
			}),
		});
		links.fill();
		const poller = pollerOf(links.event);
		await poller.poll();
		const before = requests();
		expect(await poller.poll()).toBeNull();
		expect(requests() - before).toBe(1);
		const due = links.happen(3);
		emulator().state.links.splice(0, 2);
		expect((await emittedBy(poller))?.map(idOf).sort()).toEqual(due.sort());
	});

	it("remembers links afresh after the credential gets another account's key", async () => {
		links.fill();
		const before = pollerOf(links.event);
		await before.poll();
		emulator().state.links.length = 0;
		links.fill();
		setup.useKey();
		const after = pollerOf(links.event, { staticData: before.staticData });
		expect(await after.poll()).toBeNull();
		const due = links.happen(1);
		expect((await emittedBy(after))?.map(idOf)).toEqual(due);
	});

	it.each(['clicked_at', 'timestamp'] as const)(
		'asks for clicks since shortly before the first poll, if their time is under "%s"',
		async (clickKeys) => {
			emulator().readings.clickKeys = clickKeys;
			clicks.fill();
			const poller = pollerOf(clicks.event);
			const published = Date.now();
			await poller.poll();
			const due = clicks.happen(2);
			expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
			const asked = Date.parse(String(emulator().journal.requests.at(-1)?.query.start_date));
			expect(Math.abs(published - 10 * 60_000 - asked)).toBeLessThan(5000);
		},
	);

	it('fails with a clear error if the link of the clicks is gone', async () => {
		clicks.fill();
		const poller = pollerOf(clicks.event);
		await poller.poll();
		emulator().state.links.length = 0;
		await expect(poller.poll()).rejects.toMatchObject({
			message: expect.stringMatching(/^Klinky: Link not found\. \(link ".+"\)$/),
			httpCode: '404',
		});
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])('waits without requests and errors while the budget is used up: %s', async (_, given) => {
		given.fill();
		const poller = pollerOf(given.event);
		await poller.poll();
		const due = given.happen(2);
		leave(0);
		const { staticData } = poller;
		const logged = engine().logs.length;
		expect(await poller.poll()).toBeNull();
		const before = requests();
		for (let polls = 0; polls < 5; polls++) expect(await poller.poll()).toBeNull();
		expect(requests()).toBe(before);
		expect(poller.staticData).toEqual(staticData);
		const said = engine()
			.logs.slice(logged)
			.map(({ level, message }) => [level, message]);
		expect(said).toContainEqual(['info', expect.stringMatching(/The next poll looks again\.$/)]);

		nextHour();
		const opened = Date.now() + HOUR;
		jest.spyOn(Date, 'now').mockImplementation(() => opened);
		const emitted = (await emittedBy(poller))?.map(idOf);
		jest.restoreAllMocks();
		expect(emitted?.sort()).toEqual(due.sort());
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		'cannot be published while the budget is used up, says when it can, and then loses nothing: %s',
		async (_, given) => {
			given.fill();
			leave(0);
			const poller = pollerOf(given.event);
			// n8n would not save the state of a later poll, so a restart would miss new rows
			await expect(poller.poll()).rejects.toMatchObject({
				message: expect.stringMatching(/Requests are accepted again at \d{4}-.+ America\/New_York/),
				description: 'Publish the workflow again after that.',
			});
			await expect(poller.poll()).rejects.toMatchObject({
				message: expect.stringMatching(/takes no more requests until \d{4}-.+ America\/New_York/),
			});
			expect(poller.staticData).toEqual({});
			const later = Date.now() + HOUR;
			jest.spyOn(Date, 'now').mockImplementation(() => later);
			expect(await poller.poll()).toBeNull();
			const due = given.happen(1);
			poller.restart();
			expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
		},
	);

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])("tells n8n's scheduler when to poll again if the budget is used up: %s", async (_, given) => {
		given.fill();
		const poller = pollerOf(given.event, { budget: 36_000 });
		await poller.poll();
		const due = given.happen(2);
		leave(0);
		const { staticData } = poller;
		for (let polls = 0; polls < 2; polls++) {
			const failure: unknown = await poller.poll().catch((error: unknown) => error);
			expect(failure).toMatchObject({
				name: 'NodeApiError',
				failure: { cause: 'rate-limited', retryAfterMs: expect.any(Number) },
			});
			const { retryAfterMs } = (failure as { failure: { retryAfterMs: number } }).failure;
			expect(retryAfterMs).toBeGreaterThan(0);
			expect(retryAfterMs).toBeLessThanOrEqual(HOUR);
		}
		expect(poller.staticData).toEqual(staticData);
		nextHour();
		const opened = Date.now() + HOUR;
		jest.spyOn(Date, 'now').mockImplementation(() => opened);
		expect((await emittedBy(poller))?.map(idOf).sort()).toEqual(due.sort());
	});

	it('starts with n8n while the budget is used up if it was published before', async () => {
		links.fill();
		const poller = pollerOf(links.event);
		await poller.poll();
		const due = links.happen(1);
		leave(0);
		poller.restart();
		expect(await poller.poll()).toBeNull();
		nextHour();
		const later = Date.now() + HOUR;
		jest.spyOn(Date, 'now').mockImplementation(() => later);
		expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
	});

	it('says in the editor that the budget is used up', async () => {
		links.fill();
		leave(0);
		await expect(pollerOf(links.event, { mode: 'manual' }).poll()).rejects.toMatchObject({
			message: expect.stringContaining('Rate limit exceeded'),
			description: 'Fetch the test event again after that.',
		});
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		'emits 5,000 new rows over several windows of a small budget, each once: %s',
		async (_, given) => {
			given.fill();
			const poller = pollerOf(given.event);
			await poller.poll();
			const due = given.happen(5000);
			const emitted: unknown[] = [];
			let windows = 0;
			let now = Date.now();
			for (; windows < 10; windows++) {
				nextHour();
				now += HOUR;
				jest.spyOn(Date, 'now').mockImplementation(() => now);
				leave(20);
				emitted.push(...((await emittedBy(poller)) ?? []).map(idOf));
				jest.restoreAllMocks();
				if (emitted.length >= due.length) break;
			}
			expect(windows).toBeGreaterThan(1);
			expect(emitted.sort()).toEqual([...due].sort());
		},
		60_000,
	);

	it('waits out a short refusal', async () => {
		links.fill();
		const poller = pollerOf(links.event);
		await poller.poll();
		const due = links.happen(1);
		emulator().misbehave({ status: 429, headers: { 'retry-after': '2' } });
		const rows = await inVirtualTime(async () => await emittedBy(poller));
		expect(rows?.map(idOf)).toEqual(due);
	});
});
