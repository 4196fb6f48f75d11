/* eslint-disable @n8n/community-nodes/no-restricted-globals -- this rule is for code that runs inside n8n */
import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { unpack } from '../../../nodes/shared/polling/journal';
import type { PagedList, PollBudget } from '../../../nodes/shared/polling/walk';
import { findNewSince, OVERLAP } from '../../../nodes/shared/polling/window';
import { expectToEnd, Failure, RUNS_PER_SEED, SEEDS } from './histories';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 22, 10);

interface Options {
	order?: 'newest' | 'oldest';
	hasTotal?: boolean;
	/** how the service reads the start: as a time, as its whole day, or not at all */
	reads?: 'time' | 'day' | 'nothing';
	/** how far n8n's clock is ahead of the service's, in ms */
	ahead?: number;
	/** whether the service's answers have its time */
	hasDate?: boolean;
	/** most rows on a page, even if more were requested */
	cap?: number;
	pageSize?: number;
}

/** A service that lists clicks since a time, and a trigger that polls it. */
class Clicks {
	clicks: Array<{ at: number; row: IDataObject }> = [];
	/** the service's clock */
	now = START;
	requests = 0;
	memory: IDataObject | undefined;
	private saved: string | undefined;
	emitted: IDataObject[] = [];
	/** the number of the request after which this poll has no time left, and of the one that fails */
	isOver = Infinity;
	fails = Infinity;
	afterRequest: (requests: number) => void = () => {};

	constructor(private readonly options: Options = {}) {}

	/** Records a click now, or some ms ago. */
	click(row: IDataObject = {}, ago = 0): void {
		this.clicks.push({ at: this.now - ago, row });
	}

	since(start: number): PagedList {
		const { order = 'newest', hasTotal = true, reads = 'time', hasDate = true } = this.options;
		const { cap = Infinity, pageSize = 4 } = this.options;
		const day = 24 * 60 * MINUTE;
		const from = { time: start, day: start - (start % day), nothing: 0 }[reads];
		return {
			pageSize,
			fetch: async (offset, limit) => {
				expectToEnd(++this.requests);
				if (this.requests >= this.fails) throw new Failure();
				const rows = this.clicks
					.map((click, index) => ({ ...click, index }))
					.filter(({ at }) => at >= from)
					.sort((a, b) => a.at - b.at || a.index - b.index)
					.map(({ row }) => row);
				if (order === 'newest') rows.reverse();
				const size = Math.min(limit, cap);
				const first = (offset / limit) * size;
				const page = {
					rows: structuredClone(rows.slice(first, first + size)),
					...(hasTotal ? { total: rows.length } : {}),
					...(hasDate ? { serviceNow: this.now } : {}),
				};
				this.afterRequest(this.requests);
				return await Promise.resolve(page);
			},
		};
	}

	/** @returns what the poll emitted; undefined when it failed */
	async poll(): Promise<IDataObject[] | undefined> {
		this.requests = 0;
		const budget: PollBudget = {
			isOver: () => this.requests >= this.isOver,
			isSpent: () => false,
		};
		const now = this.now + (this.options.ahead ?? 0);
		const call = { account: 'abc', budget, now };
		const polling = findNewSince((start) => this.since(start), this.memory, call);
		const found = await polling.catch((error: unknown) => {
			if (error instanceof Failure) return undefined;
			throw error;
		});
		if (!found) return undefined;
		this.memory = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
		if (this.saved === undefined || found.fresh.length > 0) {
			this.saved = JSON.stringify(this.memory);
		}
		this.emitted.push(...found.fresh);
		return found.fresh;
	}

	crash(): void {
		if (this.saved !== undefined) this.memory = JSON.parse(this.saved) as IDataObject;
	}

	get start(): number {
		return Number(this.memory?.start);
	}
}

const namesOf = (rows: IDataObject[] | undefined) => rows?.map(({ name }) => name).sort();

describe('a stream', () => {
	it('emits nothing at first, then each entry once', async () => {
		const source = new Clicks();
		source.click({ name: 'before' }, MINUTE);
		expect(await source.poll()).toEqual([]);
		source.now += MINUTE;
		source.click({ name: 'b' });
		source.click({ name: 'a' }, 1000);
		expect(namesOf(await source.poll())).toEqual(['a', 'b']);
		expect(await source.poll()).toEqual([]);
	});

	it('emits an entry that turns up late', async () => {
		const source = new Clicks();
		await source.poll();
		for (let round = 0; round < 20; round++) {
			source.now += 20 * MINUTE;
			for (let name = 0; name < 6; name++) source.click({ name, round });
			expect(await source.poll()).toHaveLength(6);
			source.click({ name: 'late', round }, OVERLAP - 1);
			expect(namesOf(await source.poll())).toEqual(['late']);
		}
	});

	it('takes one request while nothing is new, however many entries there were', async () => {
		const source = new Clicks();
		await source.poll();
		for (let number = 0; number < 30; number++) source.click({ number });
		expect(await source.poll()).toHaveLength(30);
		source.now += 60 * MINUTE;
		source.click({ number: 'last' });
		await source.poll();
		for (let poll = 0; poll < 20; poll++) {
			expect(await source.poll()).toEqual([]);
			expect(source.requests).toBe(1);
		}
	});

	it('takes one request at first, and while nothing is new on a day with many entries', async () => {
		const source = new Clicks({ reads: 'day' });
		await source.poll();
		expect(source.requests).toBe(1);
		await source.poll();
		for (let number = 0; number < 30; number++) source.click({ number });
		expect(await source.poll()).toHaveLength(30);
		for (let poll = 0; poll < 5; poll++) {
			expect(await source.poll()).toEqual([]);
			expect(source.requests).toBe(1);
			source.now += 60 * MINUTE;
		}
	});

	it('moves its window when it holds twice its first entries and a page', async () => {
		const source = new Clicks({ pageSize: 4 });
		for (let number = 0; number < 2; number++) source.click({ number });
		await source.poll();
		await source.poll();
		const first = source.start;
		const hasMoved: boolean[] = [];
		for (let number = 2; number < 8; number++) {
			source.now += 20 * MINUTE;
			source.click({ number });
			await source.poll();
			hasMoved.push(source.start !== first);
		}
		expect(hasMoved).toEqual([false, false, false, false, false, true]);
		expect(source.start).toBe(source.now - OVERLAP);
	});

	it('emits no entry from before its window if the service stops sending its time', async () => {
		const options: Options = {};
		const source = new Clicks(options);
		source.click({ name: 'before' }, 30 * MINUTE);
		await source.poll();
		await source.poll();
		options.hasDate = false;
		for (let name = 0; name < 6; name++) source.click({ name });
		expect(await source.poll()).toHaveLength(6);
		expect(await source.poll()).toEqual([]);
	});

	it('moves its window on, so that its memory stays small', async () => {
		const source = new Clicks();
		await source.poll();
		for (let number = 0; number < 1500; number++) {
			source.now += MINUTE;
			source.click({ number });
			expect(await source.poll()).toEqual([{ number }]);
			expect(source.requests).toBeLessThanOrEqual(12);
		}
		expect(source.now - source.start).toBeLessThan(60 * MINUTE);
		expect(unpack(source.memory?.seen)?.length).toBeLessThan(1200);
	});

	it.each(['day', 'nothing'] as const)(
		'takes few requests if the service reads a time as: %s',
		async (reads) => {
			const source = new Clicks({ reads });
			for (let number = 0; number < 40; number++) source.click({ number }, number * MINUTE);
			await source.poll();
			let requests = 0;
			for (let number = 100; number < 200; number++) {
				source.now += MINUTE;
				source.click({ number });
				expect(await source.poll()).toEqual([{ number }]);
				requests += source.requests;
			}
			expect(requests).toBeLessThan(500);
		},
	);

	it.each([
		[0, true],
		[15, true],
		[60, true],
		[-60, true],
		[15, false],
		[60, false],
		[-60, false],
	])(
		"loses nothing if n8n's clock is %d minutes ahead (the service sends its time: %s)",
		async (minutes, hasDate) => {
			for (const before of [0, 1, 50]) {
				const source = new Clicks({ ahead: minutes * MINUTE, hasDate });
				for (let number = 0; number < before; number++) source.click({}, (number + 1) * MINUTE);
				await source.poll();
				for (let name = 0; name < 150; name++) {
					source.now += 2 * MINUTE;
					source.click({ name }, 500);
					expect(namesOf(await source.poll())).toEqual([name]);
				}
			}
		},
	);

	it("ignores a service's clock that is years ahead", async () => {
		const source = new Clicks({ cap: 2 });
		const since = source.since.bind(source);
		source.since = (start) => ({
			...since(start),
			fetch: async (offset, limit) => ({
				...(await since(start).fetch(offset, limit)),
				serviceNow: Date.UTC(2100, 0),
			}),
		});
		await source.poll();
		for (let name = 0; name < 30; name++) {
			source.now += 30 * MINUTE;
			source.click({ name });
			expect(namesOf(await source.poll())).toEqual([name]);
		}
	});

	it.each(['oldest', 'newest'] as const)(
		'emits a backlog over several polls, with the %s entries first',
		async (order) => {
			const source = new Clicks({ order, pageSize: 10 });
			await source.poll();
			await source.poll();
			source.isOver = 3;
			let requests = 0;
			source.now += 140 * MINUTE;
			for (let name = 0; name < 140; name++) source.click({ name }, name * MINUTE);
			for (let poll = 0; poll < 12; poll++) {
				await source.poll();
				requests += source.requests;
			}
			expect(source.emitted).toHaveLength(140);
			expect(requests).toBeLessThan(36);
			source.click({ name: 'new' });
			expect(namesOf(await source.poll())).toEqual(['new']);
		},
	);

	it('emits all of 160 entries in pages of 50, if 100 were requested', async () => {
		const source = new Clicks({ cap: 50, pageSize: 100 });
		await source.poll();
		for (let name = 0; name < 160; name++) source.click({ name });
		expect(await source.poll()).toHaveLength(160);
		expect(await source.poll()).toEqual([]);
	});

	it('counts 40,000 equal entries within the time of a test', async () => {
		const source = new Clicks({ pageSize: 100 });
		await source.poll();
		const page = Array.from({ length: 100 }, () => ({ country: 'DE' }));
		source.since = () => ({
			pageSize: 100,
			async fetch(offset) {
				// Jest ends a test that takes too long only between turns of the event loop
				await new Promise((resolve) => setImmediate(resolve));
				return { rows: offset < 40_000 ? page : [], total: 40_000 };
			},
		});
		expect(await source.poll()).toHaveLength(40_000);
	});

	it('emits two equal entries as two', async () => {
		const source = new Clicks();
		await source.poll();
		const emitted: number[] = [];
		for (const count of [2, 1, 0, 30, 0, 1]) {
			source.now += MINUTE;
			for (let number = 0; number < count; number++) source.click({ country: 'DE' });
			emitted.push((await source.poll())?.length ?? -1);
		}
		expect(emitted).toEqual([2, 1, 0, 30, 0, 1]);
	});

	it('continues with another key while the window is empty', async () => {
		const source = new Clicks();
		await source.poll();
		source.memory = { ...source.memory, account: 'old' };
		source.click({ name: 'new' });
		expect(namesOf(await source.poll())).toEqual(['new']);
	});

	it.each<[string, IDataObject]>([
		['no start', { start: undefined }],
		['an invalid start', { start: -1 }],
		['an invalid base', { base: 'x' }],
		['a damaged journal', { seen: 'abc' }],
	])('begins anew if its memory has %s', async (_, damage) => {
		const source = new Clicks();
		await source.poll();
		source.memory = { ...source.memory, ...damage };
		source.click({ name: 'old' });
		expect(await source.poll()).toEqual([]);
	});
});

type Step =
	| { kind: 'click'; count: number; ago: number; looks: string }
	| { kind: 'wait'; minutes: number }
	| { kind: 'crash' }
	| { kind: 'poll'; isOver?: number; fails?: number; during: boolean };

const steps: fc.Arbitrary<Step>[] = [
	fc.record({
		kind: fc.constant('click' as const),
		count: fc.integer({ min: 1, max: 6 }),
		ago: fc.integer({ min: 0, max: OVERLAP - 1 }),
		looks: fc.constantFrom('a', 'b'),
	}),
	fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 30 }) }),
	fc.constant<Step>({ kind: 'crash' }),
	fc.record({
		kind: fc.constant('poll' as const),
		isOver: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
		fails: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
		during: fc.boolean(),
	}),
];

/**
 * Goes through a history.
 *
 * @param before number of entries before the first poll
 * @returns number of entries since then
 */
async function walk(
	source: Clicks,
	history: Step[],
	identified: boolean,
	before: number,
): Promise<number> {
	for (let id = -1; id >= -before; id--) source.click({ id }, -id * MINUTE);
	let made = 0;
	const click = (looks: string, ago = 0) => {
		made++;
		source.click(identified ? { id: made, looks } : { looks, number: made }, ago);
	};
	await source.poll();
	for (const step of history) {
		if (step.kind === 'wait') source.now += step.minutes * MINUTE;
		else if (step.kind === 'crash') source.crash();
		else if (step.kind === 'click') {
			for (let index = 0; index < step.count; index++) click(step.looks, step.ago);
		} else {
			source.isOver = step.isOver ?? Infinity;
			source.fails = step.fails ?? Infinity;
			source.afterRequest = (requests) => {
				if (step.during && requests === 1) click('during');
			};
			await source.poll();
			source.isOver = source.fails = Infinity;
			source.afterRequest = () => {};
		}
	}
	for (let more = 0; more < 4; more++) await source.poll();
	return made;
}

describe('a stream over any history', () => {
	const histories = fc.array(fc.oneof(...steps), { maxLength: 25 });
	const kinds = (['newest', 'oldest'] as const).flatMap((order) =>
		[true, false].flatMap((hasTotal) =>
			[true, false].flatMap((identified) =>
				(['time', 'day'] as const).map((reads) => ({ order, hasTotal, identified, reads })),
			),
		),
	);
	const skews = [-60, -5, 15, 60].flatMap((minutes) =>
		[true, false].map((hasDate) => ({ identified: true, ahead: minutes * MINUTE, hasDate })),
	);

	it.each([...kinds, ...skews])(
		'emits each entry once (%j)',
		async ({ identified, ...options }) => {
			for (const seed of SEEDS) {
				await fc.assert(
					fc.asyncProperty(histories, fc.nat(30), async (history, before) => {
						const source = new Clicks(options);
						const made = await walk(source, history, identified, before);
						const names = source.emitted.map(({ id, number }) => Number(id ?? number));
						expect(names.sort((a, b) => a - b)).toEqual(
							Array.from({ length: made }, (_, index) => index + 1),
						);
					}),
					{ seed, numRuns: RUNS_PER_SEED },
				);
			}
		},
	);
});
