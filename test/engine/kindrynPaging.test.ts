import type { IDataObject } from 'n8n-workflow';

import type { Emulator, JournalEntry, KindrynReadings } from '../emulator';
import { COMMUNITY } from './kindrynCommunity';
import { kindrynSetup, pairing, rowsOf, type Run } from './setup';
import { inVirtualTime } from './virtualTime';

const setup = kindrynSetup({ seed: COMMUNITY });
const { emulator, run } = setup;

const idsOf = (rows: IDataObject[]) => rows.map(({ id }) => String(id));
const pagesOf = (requests: JournalEntry[]) =>
	requests.map(({ query }) => [Number(query.offset), Number(query.limit)]);

/** The most requests within one second. */
function busiestSecond(requests: JournalEntry[]): number {
	return Math.max(
		...requests.map(
			({ at: start }) => requests.filter(({ at }) => at >= start && at < start + 1000).length,
		),
	);
}

async function members(on: Emulator<'kindryn'>, options: Run<'kindryn'> = {}) {
	return await run('member.getAll', {
		...options,
		on,
		parameters: { returnAll: true, ...options.parameters },
	});
}

describe('10,000 members', () => {
	it('take 100 requests, ten at once and then ten a second', async () => {
		const on = await setup.startAnother({ seed: { members: 10_000 } });
		const credential = { maxRequestsPerSecond: 10 };
		const result = await inVirtualTime(async () => await members(on, { credential }));
		const { requests } = on.journal;
		expect(new Set(idsOf(rowsOf(result))).size).toBe(10_000);
		expect(requests).toHaveLength(100);
		expect(pagesOf(requests).sort(([a = 0], [b = 0]) => a - b)).toEqual(
			Array.from({ length: 100 }, (_, index) => [index * 100, 100]),
		);
		expect(busiestSecond(requests)).toBeLessThanOrEqual(20);
		const [start, end] = [requests[0]?.at ?? 0, requests.at(-1)?.at ?? 0];
		expect(end - start).toBeGreaterThanOrEqual(9000);
		expect(end - start).toBeLessThan(10_000);
	});
});

describe('paging', () => {
	it('fetches the pages after the first in parallel', async () => {
		const on = await setup.startAnother({ seed: { members: 1000 } });
		on.misbehave({ delayMs: 200, times: Infinity });
		expect(rowsOf(await members(on))).toHaveLength(1000);
		const [first, ...others] = on.journal.requests.map(({ inFlight }) => inFlight);
		expect(first).toBe(1);
		expect(Math.max(...others)).toBeGreaterThan(1);
	});

	it('adds fewer listeners to a signal than Node.js warns of, however many requests are open', async () => {
		const on = await setup.startAnother({ seed: { members: 1000 } });
		const added = jest.spyOn(EventTarget.prototype, 'addEventListener');
		await members(on, { items: [{}, {}, {}], credential: { maxRequestsPerSecond: 20 } });
		const bySignal = new Map<unknown, number>();
		for (const signal of added.mock.contexts) {
			bySignal.set(signal, (bySignal.get(signal) ?? 0) + 1);
		}
		expect(on.journal.requests).toHaveLength(30);
		expect(Math.max(...bySignal.values())).toBeLessThan(10);
	});

	it.each([
		[
			{ returnAll: false, limit: 120 },
			120,
			[
				[0, 100],
				[100, 20],
			],
		],
		[{ returnAll: false, limit: 100 }, 100, [[0, 100]]],
		[{ returnAll: false, limit: 7 }, 7, [[0, 7]]],
		[
			{ returnAll: true },
			250,
			[
				[0, 100],
				[100, 100],
				[200, 100],
			],
		],
	])('reads, with %j, %i rows in the pages %j', async (parameters, count, pages) => {
		const on = await setup.startAnother({ seed: { members: 250 } });
		const result = await members(on, { parameters });
		expect(new Set(idsOf(rowsOf(result))).size).toBe(count);
		expect(pagesOf(on.journal.requests).sort(([a = 0], [b = 0]) => a - b)).toEqual(pages);
	});

	it("says how many rows 'Limit' left out, if any", async () => {
		const on = await setup.startAnother({ seed: { members: 250 } });
		const cut = await members(on, { parameters: { returnAll: false, limit: 120 } });
		expect(cut.hints).toMatchObject([
			{ message: expect.stringContaining('120 of 250 members'), location: 'outputPane' },
		]);
		const whole = await members(on, { parameters: { returnAll: false, limit: 250 } });
		expect(whole.hints).toEqual([]);
	});

	it('emits every existing row once, even if rows are added while it reads', async () => {
		const on = await setup.startAnother({
			seed: { members: 350 },
			readings: { shiftingRows: 'insert' },
		});
		const before = idsOf(on.state.members as unknown as IDataObject[]);
		const ids = idsOf(rowsOf(await members(on)));
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids).toEqual(expect.arrayContaining(before));
	});

	it('emits no row twice and ends, even if rows are deleted after every page', async () => {
		const on = await setup.startAnother({
			seed: { members: 350 },
			readings: { shiftingRows: 'delete' },
		});
		const ids = idsOf(rowsOf(await members(on)));
		expect(new Set(ids).size).toBe(ids.length);
		expect(on.state.members.length).toBeLessThan(350);
		expect(on.journal.requests.length).toBeLessThanOrEqual(10);
	});

	it.each<Partial<KindrynReadings>>([
		{ pageCap: 30 },
		{ order: 'oldest' },
		{ undocumentedList: 'array' },
		{ undocumentedList: 'array', pageCap: 30 },
	])('reads every list to its end with the reading %j', async (readings) => {
		const on = await setup.startAnother({
			readings,
			seed: { spaces: 130, posts: 130, events: 130, courses: 130, sessions: 130, members: 130 },
		});
		for (const resource of ['coachingSession', 'course', 'event', 'post']) {
			const result = await run(`${resource}.getAll`, { on, parameters: { returnAll: true } });
			expect([resource, new Set(idsOf(rowsOf(result))).size]).toEqual([resource, 130]);
		}
	});

	it('returns no row for an empty list, and pairs the rows of the next item', async () => {
		const result = await run('member.getAll', {
			items: [{ search: 'nobody' }, { search: 'bob' }],
			parameters: { filters: { search: '={{ $json.search }}' } },
		});
		expect(pairing(result.output)).toEqual([1]);
	});

	const answer = (data: IDataObject[], total: number) => ({
		raw: { body: JSON.stringify({ data, total, limit: 100, offset: 0 }) },
	});

	it('gives a hint if Kindryn counts more rows than it returns', async () => {
		emulator().misbehave(answer([{ id: 'a' }, { id: 'b' }], 3));
		emulator().misbehave({ ...answer([], 3), times: Infinity });
		const result = await run('coachingSession.getAll', { parameters: { returnAll: true } });
		expect(idsOf(rowsOf(result))).toEqual(['a', 'b']);
		expect(result.hints).toMatchObject([
			{
				message: expect.stringContaining('counts 3 coaching sessions, but returned only 2'),
				location: 'outputPane',
			},
		]);
	});

	it('returns no row and no hint if nothing matches the filter, even if Kindryn counts all rows', async () => {
		emulator().misbehave({ ...answer([], 250), times: Infinity });
		const parameters = { filters: { search: 'nobody' } };
		const result = await run('member.getAll', { parameters });
		expect([result.status, rowsOf(result)]).toEqual(['success', []]);
		expect(result.hints).toEqual([]);
	});

	it('fails if the list is empty but its total is 250', async () => {
		emulator().misbehave({ ...answer([], 250), times: Infinity });
		const { error } = await run('member.getAll');
		expect(error?.message).toContain('counts 250 members, but returned none');
	});
});

describe('pacing', () => {
	it('is shared by nodes that use one credential at the same time', async () => {
		const on = await setup.startAnother({ seed: { members: 1000 } });
		const credential = { maxRequestsPerSecond: 5 };
		await inVirtualTime(
			async () =>
				await Promise.all([
					members(on, { credential }),
					run('member.get', {
						on,
						credential,
						items: on.state.members.slice(0, 30).map(({ id }) => ({ id })),
						parameters: { memberId: '={{ $json.id }}' },
					}),
				]),
		);
		expect(on.journal.requests).toHaveLength(40);
		expect(busiestSecond(on.journal.requests)).toBeLessThanOrEqual(10);
	});

	it('is separate for two keys', async () => {
		const on = await setup.startAnother({ seed: { members: 500 } });
		const credential = { maxRequestsPerSecond: 5 };
		await inVirtualTime(
			async () =>
				await Promise.all([
					members(on, { credential }),
					members(on, { credential: { ...credential, apiKey: on.secretOf('readonly') } }),
				]),
		);
		const [first] = on.journal.requests;
		expect(on.journal.requests.every(({ at }) => at === first?.at)).toBe(true);
	});

	it('keeps to the lowest limit that the credentials of a key had in the last ten minutes', async () => {
		const on = await setup.startAnother({ seed: { members: 1000 } });
		const seconds: number[] = [];
		await inVirtualTime(async () => {
			for (const [maxRequestsPerSecond, later] of [
				[1000, 0],
				[1, 0],
				[1000, 0],
				[1000, 601_000],
			] as const) {
				jest.setSystemTime(Date.now() + later);
				on.journal.clear();
				await members(on, { credential: { maxRequestsPerSecond } });
				const times = on.journal.requests.map(({ at }) => at);
				seconds.push(Math.round((Math.max(...times) - Math.min(...times)) / 1000));
			}
		});
		expect(seconds).toEqual([0, 9, 9, 0]);
	});

	it.each(['unix', 'seconds'] as const)(
		'keeps to a limit that Kindryn announces, even with many requests in flight: %s',
		async (rateLimitReset) => {
			const on = await setup.startAnother({
				seed: { members: 1000 },
				readings: { rateLimit: 4, rateLimitReset },
			});
			const result = await inVirtualTime(async () => await members(on));
			expect(new Set(idsOf(rowsOf(result))).size).toBe(1000);
			expect(on.journal.find({ status: 429 })).toEqual([]);
			expect(on.journal.requests).toHaveLength(10);
		},
	);

	it('says when Kindryn accepts requests again if the wait is too long', async () => {
		const resetsAt = Math.floor(Date.now() / 1000) + 600;
		emulator().misbehave({
			headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(resetsAt) },
		});
		const result = await run('member.get', {
			items: [{ id: 'm1' }, { id: 'm2' }],
			parameters: { memberId: '={{ $json.id }}' },
			credential: { apiKey: emulator().secretOf('readonly') },
			onError: 'continueRegularOutput',
		});
		const again = await run('member.get', {
			parameters: { memberId: 'm1' },
			credential: { apiKey: emulator().secretOf('readonly') },
		});
		expect(result.output).toHaveLength(2);
		expect(again.error?.message).toMatch(
			/^Kindryn takes no more requests until 20.* America\/New_York/,
		);
	});
});

describe('invitations', () => {
	const seed = (counts: Record<string, number>) => ({
		invitations: Object.entries(counts).flatMap(([status, count]) =>
			Array.from({ length: count }, () => ({ status: status as 'pending' })),
		),
	});
	const getAll = async (on: Emulator<'kindryn'>, parameters: Run<'kindryn'>['parameters']) => {
		const result = await run('invitation.getAll', { on, parameters });
		const asked = on.journal.requests.map(({ query }) => query);
		return { result, asked, ids: new Set(idsOf(rowsOf(result))) };
	};

	it('fail if Kindryn sends another shape', async () => {
		emulator().misbehave({ raw: { body: '{"data":5}' } });
		const { error } = await run('invitation.getAll');
		expect(error?.message).toContain('returned an object instead of a list');
	});

	it('are fetched with one request if there are fewer than 200', async () => {
		const on = await setup.startAnother({ seed: seed({ pending: 100, used: 99 }) });
		const { ids, asked, result } = await getAll(on, { returnAll: true });
		expect([ids.size, asked]).toEqual([199, [{ limit: '200' }]]);
		expect(result.hints).toEqual([]);
	});

	it('are fetched by status and merged if there are more', async () => {
		const on = await setup.startAnother({
			seed: seed({ pending: 150, used: 120, expired: 30, revoked: 5 }),
		});
		const { ids, asked, result } = await getAll(on, { returnAll: true });
		expect([ids.size, result.output.length]).toEqual([305, 305]);
		expect(asked[0]).toEqual({ limit: '200' });
		expect(new Set(asked.slice(1).map(({ status }) => status))).toEqual(
			new Set(['pending', 'used', 'expired', 'revoked']),
		);
		expect(asked).toHaveLength(5);
		expect(result.hints).toEqual([]);
	});

	it('come with a hint that names the statuses that may have more', async () => {
		const on = await setup.startAnother({ seed: seed({ pending: 250, used: 10, revoked: 200 }) });
		const { ids, result } = await getAll(on, { returnAll: true });
		expect(ids.size).toBe(410);
		expect(result.hints).toMatchObject([
			{ message: expect.stringMatching(/at most 200 .* pending or revoked\.$/) },
		]);
	});

	it('come with a hint if one status alone reaches the cap', async () => {
		const on = await setup.startAnother({ seed: seed({ pending: 250 }) });
		const { ids, asked, result } = await getAll(on, {
			returnAll: true,
			filters: { status: 'pending' },
		});
		expect([ids.size, asked]).toEqual([200, [{ status: 'pending', limit: '200' }]]);
		expect(result.hints).toHaveLength(1);
	});

	it.each([
		[30, 30, 1, 0],
		[200, 200, 1, 0],
		[250, 250, 5, 1],
		[400, 305, 5, 0],
	])(
		'with a Limit of %i come as %i rows from %i requests',
		async (limit, count, requests, hints) => {
			const on = await setup.startAnother({
				seed: seed({ pending: 150, used: 120, expired: 30, revoked: 5 }),
			});
			const { ids, asked, result } = await getAll(on, { limit });
			expect([ids.size, result.output.length, asked.length]).toEqual([count, count, requests]);
			expect(result.hints).toHaveLength(hints);
		},
	);
});
