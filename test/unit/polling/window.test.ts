import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { Page } from '../../../nodes/shared/http/paging';
import { idOrContent } from '../../../nodes/shared/polling/journal';
import type { PollBudget } from '../../../nodes/shared/polling/reading';
import { OVERLAP, pollWindow, toWindowMemory } from '../../../nodes/shared/polling/window';
import { Failure, RUNS_PER_SEED, SEEDS } from './histories';

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
			formatTime?: (ms: number) => string | number;
			/** how far n8n's clock is ahead of the service's, in ms */
			ahead?: number;
		} = {},
	) {}

	/** Records a click now, or some ms ago. */
	click(more: IDataObject = {}, ago = 0): void {
		const { ahead = 0 } = this.options;
		this.clicks.push({ at: new Date(this.now - ahead - ago).toISOString(), ...more });
	}

	private list(start: number, offset: number, limit: number): Page {
		const { order = 'newest', hasTotal = true, byDay, hasTime = true } = this.options;
		const { formatTime = (ms: number) => new Date(ms).toISOString() } = this.options;
		const from = byDay ? start - (start % (24 * 60 * MINUTE)) : start;
		const rows = this.clicks
			.map((click, index) => ({ click, index, time: Date.parse(String(click.at)) }))
			.filter(({ time }) => time >= from)
			.sort((a, b) => a.time - b.time || a.index - b.index)
			.map(({ click: { at, ...rest } }) =>
				hasTime ? { at: formatTime(Date.parse(String(at))), ...rest } : rest,
			);
		if (order === 'newest') rows.reverse();
		const total = hasTotal ? rows.length : undefined;
		return { rows: structuredClone(rows.slice(offset, offset + limit)), total };
	}

	/** @returns what the poll emitted; undefined when it failed */
	async poll(): Promise<IDataObject[] | undefined> {
		this.asked = [];
		const budget: PollBudget = {
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
		const polling = pollWindow(stream, toWindowMemory(this.memory), this.now, budget);
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
		expect(source.asked).toEqual([{ start: 0, offset: 0, limit: 4 }]);
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

	it('asks once at first, however many there are', async () => {
		for (const apart of [MINUTE, 60 * MINUTE]) {
			const source = new Clicks();
			for (let number = 0; number < 200; number++) source.click({ number }, number * apart);
			await source.poll();
			expect(source.asked).toHaveLength(apart === MINUTE ? 4 : 1);
			expect(await source.poll()).toEqual([]);
			expect(source.asked).toHaveLength(1);
		}
	});

	it('begins its window by its own clock where the oldest come first', async () => {
		const source = new Clicks({ order: 'oldest' });
		for (let number = 0; number < 200; number++) source.click({ number }, number * 60 * MINUTE);
		await source.poll();
		expect(source.asked).toEqual([
			{ start: 0, offset: 0, limit: 4 },
			{ start: START - OVERLAP, offset: 0, limit: 4 },
		]);
		source.click({ name: 'new' });
		expect(namesOf(await source.poll())).toEqual(['new']);
	});

	it.each([0, 1, 3, 50])(
		"loses nothing when n8n's clock is ahead, after %d entries",
		async (before) => {
			const source = new Clicks({ ahead: 20 * MINUTE });
			for (let number = 0; number < before; number++) source.click({}, (number + 1) * MINUTE);
			await source.poll();
			for (let name = 0; name < 10; name++) {
				source.now += 2 * MINUTE;
				source.click({ name }, 500);
				expect(namesOf(await source.poll())).toEqual([name]);
			}
		},
	);

	it('asks once while nothing is new, also where a time is read as its whole day', async () => {
		const source = new Clicks({ byDay: true });
		for (let number = 0; number < 500; number++) source.click({ number }, number * 3 * MINUTE);
		await source.poll();
		await source.poll();
		expect(source.asked).toHaveLength(1);
		source.click({ name: 'late' }, MINUTE);
		source.click({ name: 'new' });
		expect(namesOf(await source.poll())).toEqual(['late', 'new']);
		await source.poll();
		expect(source.asked).toHaveLength(1);
	});

	it('goes on telling entries that nothing tells apart', async () => {
		const source = new Clicks({ hasTime: false });
		await source.poll();
		const emitted: unknown[] = [];
		for (let number = 0; number < 40; number++) {
			source.now += 4 * MINUTE;
			source.click({ country: 'DE' });
			emitted.push(...((await source.poll()) ?? []));
			expect(source.asked.length).toBeLessThanOrEqual(2);
		}
		// What comes right after the window moved is missed, once in a page; none is told twice
		expect(emitted.length).toBeGreaterThanOrEqual(40 - Math.ceil(40 / 3));
		expect(emitted.length).toBeLessThanOrEqual(40);
	});

	it.each(['newest', 'oldest'] as const)(
		'tells none twice of more than a page whose times are days (%s first)',
		async (order) => {
			const formatTime = (ms: number) => new Date(ms).toISOString().slice(0, 10);
			const source = new Clicks({ order, byDay: true, formatTime });
			for (let id = 0; id < 10; id++) source.click({ id }, id * 1000);
			for (let poll = 0; poll < 6; poll++) {
				expect(await source.poll()).toEqual([]);
				expect(source.asked.length).toBe(poll === 0 ? source.asked.length : 1);
				source.now += 5 * MINUTE;
			}
			source.click({ id: 'new' });
			expect((await source.poll())?.map(({ id }) => id)).toEqual(['new']);
			source.now += 5 * MINUTE;
			expect(await source.poll()).toEqual([]);
		},
	);

	it('tells entries without an ID or a time again when they come again', async () => {
		const source = new Clicks({ hasTime: false });
		await source.poll();
		const countries = ['US', 'DE', 'FR', 'IT', 'ES'];
		for (const country of [...countries, ...countries, ...countries]) {
			source.click({ country });
			source.now += 1000;
			expect(await source.poll()).toEqual([{ country }]);
			source.now += 5 * MINUTE;
			expect(await source.poll()).toEqual([]);
		}
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
	])('remembers what it read when times are %s', async (_, formatTime) => {
		const source = new Clicks({ formatTime });
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

/** @returns how many entries there have been since the first poll; `before` are older */
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
	const histories = fc.array(fc.oneof(...steps), { maxLength: 25 });
	const kinds = (['newest', 'oldest'] as const).flatMap((order) =>
		[true, false].flatMap((hasTotal) =>
			[true, false].flatMap((identified) =>
				[true, false].map((byDay) => ({ order, hasTotal, identified, byDay })),
			),
		),
	);

	it.each([-20, -5, 5, 20])('%d minutes between the clocks lose nothing', async (minutes) => {
		for (const seed of SEEDS) {
			await fc.assert(
				fc.asyncProperty(histories, fc.nat(30), async (history, before) => {
					const source = new Clicks({ ahead: minutes * MINUTE });
					const made = await walk(source, history, true, before);
					expect(source.emitted).toHaveLength(made);
					expect(new Set(source.emitted.map(({ id }) => id)).size).toBe(made);
				}),
				{ seed, numRuns: RUNS_PER_SEED },
			);
		}
	});

	it.each(kinds)('each entry is emitted once (%j)', async ({ identified, ...options }) => {
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
	});
});
