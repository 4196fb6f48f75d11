import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { Page } from '../../../nodes/shared/paging';
import { idOrContent } from '../../../nodes/shared/polling';
import type { Allowance } from '../../../nodes/shared/pollingRead';
import { OVERLAP, pollWindow, toWindowMemory } from '../../../nodes/shared/pollingWindow';
import { Failure, RUNS_PER_SEED, SEEDS } from './pollingHistories';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 22, 10);

/** A service's clicks, which are listed from a time on. */
class Clicks {
	clicks: IDataObject[] = [];
	now = START;
	asked: Array<{ start: number; offset: number; limit: number }> = [];
	memory: IDataObject | undefined;
	emitted: IDataObject[] = [];
	/** of this poll: requests it may make, and the one that fails */
	isOver = Infinity;
	fails = Infinity;
	afterRequest: (requests: number) => void = () => {};

	constructor(
		private readonly options: {
			order?: 'newest' | 'oldest';
			hasTotal?: boolean;
			/** a service that reads a time as its whole day */
			byDay?: boolean;
			hasTime?: boolean;
			/** how a time is shown */
			shownTime?: (ms: number) => string | number;
		} = {},
	) {}

	/** Records a click now, or some ms ago. */
	click(more: IDataObject = {}, ago = 0): void {
		this.clicks.push({ at: new Date(this.now - ago).toISOString(), ...more });
	}

	private list(start: number, offset: number, limit: number): Page {
		const { order = 'newest', hasTotal = true, byDay, hasTime = true } = this.options;
		const { shownTime = (ms: number) => new Date(ms).toISOString() } = this.options;
		const from = byDay ? start - (start % (24 * 60 * MINUTE)) : start;
		const rows = this.clicks
			.map((click, index) => ({ click, index, time: Date.parse(String(click.at)) }))
			.filter(({ time }) => time >= from)
			.sort((a, b) => a.time - b.time || a.index - b.index)
			.map(({ click: { at, ...rest } }) =>
				hasTime ? { at: shownTime(Date.parse(String(at))), ...rest } : rest,
			);
		if (order === 'newest') rows.reverse();
		const total = hasTotal ? rows.length : undefined;
		return { rows: structuredClone(rows.slice(offset, offset + limit)), total };
	}

	/** @returns what the poll emitted; undefined when it failed */
	async poll(): Promise<IDataObject[] | undefined> {
		this.asked = [];
		const allowance: Allowance = {
			isOver: () => this.asked.length >= this.isOver,
			isSpent: () => false,
		};
		const since = (start: number) => ({
			fetch: async (offset: number, limit: number) => {
				this.asked.push({ start, offset, limit });
				if (this.asked.length >= this.fails) throw new Failure();
				const from = Math.floor(offset / limit) * limit;
				const page = this.list(start, from, limit);
				this.afterRequest(this.asked.length);
				return page;
			},
			pageSize: 4,
			isNumbered: true,
			identity: idOrContent,
		});
		const stream = { since, timeNames: ['at'] };
		const polling = pollWindow(stream, toWindowMemory(this.memory), this.now, allowance);
		const found = await polling.catch((error: unknown) => {
			if (error instanceof Failure) return undefined;
			throw error;
		});
		if (!found) return undefined;
		this.memory = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
		this.emitted.push(...found.fresh);
		return found.fresh;
	}
}

const namesOf = (rows: IDataObject[] | undefined) => rows?.map(({ name }) => name);

describe('a stream', () => {
	it('emits nothing at first, then each entry once with the oldest first', async () => {
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
		source.now += 20 * MINUTE;
		source.click({ name: 'in time' });
		await source.poll();
		source.click({ name: 'late' }, OVERLAP - 1);
		expect(namesOf(await source.poll())).toEqual(['late']);
	});

	it('emits two entries that look alike as two', async () => {
		const source = new Clicks();
		await source.poll();
		source.click({ country: 'DE' });
		source.click({ country: 'DE' });
		expect(await source.poll()).toHaveLength(2);
		source.click({ country: 'DE' });
		expect(await source.poll()).toHaveLength(1);
		expect(await source.poll()).toEqual([]);
	});

	it('emits one entry once that two pages show because others came meanwhile', async () => {
		const source = new Clicks();
		await source.poll();
		for (const name of ['a', 'b', 'c', 'd', 'e']) source.click({ name });
		source.afterRequest = (requests) => {
			if (requests === 1) source.click({ name: 'f' });
		};
		expect(namesOf(await source.poll())?.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(namesOf(await source.poll())).toEqual(['f']);
	});

	it('asks from the newest entry on, less the overlap', async () => {
		const source = new Clicks();
		await source.poll();
		expect(source.asked).toEqual([{ start: START - OVERLAP, offset: 0, limit: 4 }]);
		source.now += 60 * MINUTE;
		source.click();
		await source.poll();
		source.now += 60 * MINUTE;
		await source.poll();
		expect(source.asked).toEqual([{ start: START + 60 * MINUTE - OVERLAP, offset: 0, limit: 4 }]);
	});

	it('asks once while nothing is new, however many there were', async () => {
		const source = new Clicks();
		await source.poll();
		for (let number = 0; number < 30; number++) source.click({ number });
		expect(await source.poll()).toHaveLength(30);
		const { memory } = source;
		await source.poll();
		expect(source.asked).toHaveLength(1);
		expect(source.memory).toEqual(memory);
	});

	it('makes the overlap shorter when it would take more than a page, but not too short', async () => {
		const source = new Clicks();
		await source.poll();
		for (let number = 0; number < 30; number++) source.click({ number }, number * 20_000);
		await source.poll();
		expect(source.memory?.start).toBe(START - MINUTE);
	});

	it('drops what a service adds from before the window', async () => {
		const source = new Clicks({ byDay: true });
		source.click({ name: 'this morning' }, 3 * 60 * MINUTE);
		await source.poll();
		source.click({ name: 'now' });
		expect(namesOf(await source.poll())).toEqual(['now']);
		expect(await source.poll()).toEqual([]);
	});

	it('is not led astray by an entry of the future', async () => {
		const source = new Clicks();
		await source.poll();
		source.click({ name: 'tomorrow' }, -24 * 60 * MINUTE);
		expect(namesOf(await source.poll())).toEqual(['tomorrow']);
		source.click({ name: 'now' });
		expect(namesOf(await source.poll())).toEqual(['now']);
	});

	it('goes by the time of the polls where entries have none', async () => {
		const source = new Clicks({ hasTime: false });
		await source.poll();
		source.click({ id: 1 });
		expect(await source.poll()).toEqual([{ id: 1 }]);
		source.now += 5 * MINUTE;
		source.click({ id: 2 });
		expect(await source.poll()).toEqual([{ id: 2 }]);
		source.now += 11 * MINUTE;
		expect(await source.poll()).toEqual([]);
		source.click({ id: 3 });
		expect(await source.poll()).toEqual([{ id: 3 }]);
	});

	it.each<[string, (ms: number) => string | number]>([
		['seconds with fractions', (ms) => (ms + 0.5) / 1000],
		['ms with fractions', (ms) => ms + 0.25],
		['microseconds', (ms) => ms * 1000 + 1],
		['days alone', (ms) => new Date(ms).toISOString().slice(0, 10)],
		['years that are far away', () => '9999-12-31T23:59:59Z'],
	])('remembers what it read when times are %s', async (_, shownTime) => {
		const source = new Clicks({ shownTime });
		await source.poll();
		for (let id = 0; id < 10; id++) {
			source.now += 5 * MINUTE;
			source.click({ id });
			expect((await source.poll())?.map((row) => row.id)).toEqual([id]);
			expect(toWindowMemory(source.memory)).toBeDefined();
			expect(await source.poll()).toEqual([]);
		}
	});

	it.each<[string, IDataObject]>([
		['no window', { known: '' }],
		['a window that is none', { start: -1, known: '' }],
		['no entries', { start: 1 }],
		['entries that are cut off', { start: 1, known: 'abc' }],
		['a cursor that is none', { start: 1, known: '', cursor: { at: 1 } }],
		['an unknown mark of the baseline', { start: 1, known: '', baseline: 1 }],
	])('begins anew when %s is remembered', (_, memory) => {
		expect(toWindowMemory(memory)).toBeUndefined();
	});
});

type Step =
	| { kind: 'click'; count: number; ago: number; looks: string }
	| { kind: 'wait'; minutes: number }
	| { kind: 'poll'; isOver?: number; fails?: number; during: boolean };

const steps: fc.Arbitrary<Step>[] = [
	fc.record({
		kind: fc.constant('click' as const),
		count: fc.integer({ min: 1, max: 6 }),
		// Within the shortest overlap
		ago: fc.integer({ min: 0, max: 50_000 }),
		looks: fc.constantFrom('a', 'b'),
	}),
	fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 30 }) }),
	fc.record({
		kind: fc.constant('poll' as const),
		isOver: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
		fails: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
		during: fc.boolean(),
	}),
];

async function walk(source: Clicks, history: Step[], identified: boolean): Promise<number> {
	let made = 0;
	const click = (looks: string, ago = 0) => {
		made++;
		source.click(identified ? { id: made, looks } : { looks, number: made }, ago);
	};
	await source.poll();
	for (const step of history) {
		if (step.kind === 'wait') source.now += step.minutes * MINUTE;
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
	for (let more = 0; more < 3; more++) await source.poll();
	return made;
}

describe('over any history', () => {
	const kinds = (['newest', 'oldest'] as const).flatMap((order) =>
		[true, false].flatMap((hasTotal) =>
			[true, false].map((identified) => ({ order, hasTotal, identified })),
		),
	);

	it.each(kinds)('each entry is emitted once (%j)', async ({ identified, ...options }) => {
		for (const seed of SEEDS) {
			await fc.assert(
				fc.asyncProperty(fc.array(fc.oneof(...steps), { maxLength: 25 }), async (history) => {
					const source = new Clicks(options);
					const made = await walk(source, history, identified);
					const names = source.emitted.map(({ id, number }) => Number(id ?? number));
					expect(names.sort((a, b) => a - b)).toEqual(
						Array.from({ length: made }, (_, index) => index + 1),
					);
				}),
				{ seed, numRuns: RUNS_PER_SEED },
			);
		}
	});
});
