import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { mayCountPage, readPages } from '../../../nodes/shared/http/paging';
import type { Page, PagedList, Position } from '../../../nodes/shared/http/paging';

const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const rowsOf = (ids: number[]) => ids.map((id) => ({ id }));

type Total = 'exact' | 'missing' | 'ofPage' | number;

interface Setup {
	/** whether pages have numbers and are fetched one after the other, as from Klinky */
	isNumbered?: boolean;
	/** most rows on a page */
	cap?: number;
	/** most rows on each page after the first */
	laterCap?: number;
	total?: Total;
	/** called after each request with its number, from 1 */
	change?: (list: number[], request: number) => void;
	/** pages fetched at the same time; by default ten, or one if pages have numbers */
	atOnce?: number;
	isEnough?: PagedList['isEnough'];
}

/** Fails a test whose reading does not end: Jest cannot, because such a reading never waits. */
function expectToEnd(requests: number): void {
	if (requests > 6_000) throw new Error('This reading does not end');
}

/** Reads a list of a service, and records the requests. */
async function read(size: number, wanted: number, setup: Setup = {}) {
	const { isNumbered = false, cap = 100, laterCap = cap, total = 'exact', change } = setup;
	const list = upTo(size);
	const asked: Array<[start: number, limit: number]> = [];
	let running = 0;
	let most = 0;
	const pageSize = isNumbered ? Math.min(wanted, 100) : 100;
	const found = await readPages({
		async fetch({ page, offset }: Position, limit): Promise<Page> {
			expectToEnd(asked.push(isNumbered ? [page, pageSize] : [offset, limit]));
			most = Math.max(most, ++running);
			await Promise.resolve();
			running--;
			const first = Math.min(isNumbered ? pageSize : limit, cap);
			const later = Math.min(isNumbered ? pageSize : limit, laterCap);
			const start = !isNumbered ? offset : page === 1 ? 0 : first + (page - 2) * later;
			const rows = rowsOf(list.slice(start, start + (start === 0 ? first : later)));
			const totals = { exact: list.length, missing: undefined, ofPage: rows.length };
			change?.(list, asked.length);
			return { rows, total: typeof total === 'number' ? total : totals[total] };
		},
		wanted,
		pageSize,
		atOnce: setup.atOnce ?? (isNumbered ? 1 : 10),
		identity: ({ id }) => id,
		isEnough: setup.isEnough,
	});
	const ids = found.rows.map(({ id }) => Number(id));
	return { ids, total: found.total, asked, requests: asked.length, most };
}

describe('the number of requests', () => {
	it('is 10 for 1,000 rows in numbered pages, one after the other', async () => {
		const { ids, asked, most } = await read(1000, Infinity, { isNumbered: true });
		expect(ids).toEqual(upTo(1000));
		expect(asked).toEqual(upTo(10).map((page) => [page + 1, 100]));
		expect(most).toBe(1);
	});

	it('is 100 for 10,000 rows by offset, ten at a time', async () => {
		const { ids, asked, most } = await read(10_000, Infinity);
		expect(ids).toEqual(upTo(10_000));
		expect(asked).toEqual(upTo(100).map((page) => [page * 100, 100]));
		expect(most).toBe(10);
	});

	it.each<[string, number, number, Setup, Array<[number, number]>]>([
		[
			'a limit of 120',
			500,
			120,
			{},
			[
				[0, 100],
				[100, 20],
			],
		],
		[
			'a limit of 250',
			500,
			250,
			{},
			[
				[0, 100],
				[100, 100],
				[200, 50],
			],
		],
		['a limit of 7', 500, 7, {}, [[0, 7]]],
		['a limit of 7 in numbered pages', 500, 7, { isNumbered: true }, [[1, 7]]],
		[
			'a limit of 120 in numbered pages',
			500,
			120,
			{ isNumbered: true },
			[
				[1, 100],
				[2, 100],
			],
		],
		['a limit of exactly one full page', 100, 100, {}, [[0, 100]]],
		['an empty list', 0, Infinity, {}, [[0, 100]]],
		['an empty list without a total', 0, Infinity, { total: 'missing' }, [[0, 100]]],
		['99 rows', 99, Infinity, {}, [[0, 100]]],
		[
			'exactly one full page',
			100,
			Infinity,
			{},
			[
				[0, 100],
				[100, 100],
			],
		],
		[
			'exactly one full numbered page',
			100,
			Infinity,
			{ isNumbered: true },
			[
				[1, 100],
				[2, 100],
			],
		],
		[
			'101 rows',
			101,
			Infinity,
			{},
			[
				[0, 100],
				[100, 100],
			],
		],
		[
			'exactly two full pages',
			200,
			Infinity,
			{},
			[
				[0, 100],
				[100, 100],
			],
		],
	])('is minimal for %s', async (_, size, wanted, setup, pages) => {
		const { ids, asked } = await read(size, wanted, setup);
		expect(ids).toEqual(upTo(Math.min(size, wanted)));
		expect(asked).toEqual(pages);
	});

	it.each<[string, number, Setup, number]>([
		['claims a hundred billion rows', 100, { total: 1e11 }, 11],
		['claims a hundred billion rows, and has more than one page', 1000, { total: 1e11 }, 11],
		['claims a hundred billion rows, and its last page is not full', 950, { total: 1e11 }, 12],
		['counts the unfiltered list', 30, { total: 10_000 }, 11],
		['counts the unfiltered list in numbered pages', 30, { total: 1000, isNumbered: true }, 2],
		['claims too many in numbered pages', 100, { total: 1e11, isNumbered: true }, 2],
		['sends no total', 100, { total: 'missing' }, 2],
		['sends no total, and its rows fill no page', 7, { total: 'missing' }, 2],
		['counts only the rows of each page', 950, { total: 'ofPage' }, 11],
		['counts only the rows of each numbered page', 950, { total: 'ofPage', isNumbered: true }, 11],
		['sends a total of zero', 230, { total: 0 }, 4],
		['sends a total that is too low', 430, { total: 150 }, 6],
	])('is limited if the service %s', async (_, size, setup, requests) => {
		const found = await read(size, Infinity, setup);
		expect(found.ids).toEqual(upTo(size));
		expect(found.requests).toBe(requests);
		expect(found.most).toBeLessThanOrEqual(10);
	});

	it.each<[string, Setup]>([
		['of 50 rows instead of 100', { cap: 50 }],
		['of 50 rows in numbered pages', { cap: 50, isNumbered: true }],
		['of 50 rows without a total', { cap: 50, total: 'missing' }],
		[
			'of 50 rows in numbered pages without a total',
			{ cap: 50, total: 'missing', isNumbered: true },
		],
		['that shrink after the first', { laterCap: 50 }],
		['that shrink after the first, with numbers', { laterCap: 50, isNumbered: true }],
		['that shrink after the first, without a total', { laterCap: 50, total: 'missing' }],
	])('is as low as possible for pages %s', async (_, setup) => {
		for (const [size, wanted] of [
			[230, Infinity],
			[230, 120],
			[120, Infinity],
		] as const) {
			const { ids, requests } = await read(size, wanted, setup);
			expect(ids).toEqual(upTo(Math.min(size, wanted)));
			expect(requests).toBeLessThanOrEqual(Math.ceil(size / 50) + 2);
		}
	});
});

it('reads no further when the rows so far are enough', async () => {
	const isEnough: PagedList['isEnough'] = (rows) => rows.some(({ id }) => id === 130);
	const { ids, requests } = await read(500, Infinity, { atOnce: 1, isEnough });
	expect([ids.length, requests]).toEqual([200, 2]);
});

describe('any list', () => {
	const anyWanted = fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constant(Infinity));
	const anyCap = fc.integer({ min: 1, max: 100 });
	/** how many rows the total is too high */
	const anyExcess = fc.oneof(
		fc.constant(0),
		fc.nat(2000),
		fc.constant(1e11),
		fc.constant('missing'),
	);

	it('is read to its end, each row once and in order, with at most one extra round of requests', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(600),
				anyWanted,
				anyCap,
				anyExcess,
				fc.boolean(),
				async (size, wanted, cap, excess, isNumbered) => {
					const total = typeof excess === 'number' ? size + excess : 'missing';
					const { ids, requests } = await read(size, wanted, { isNumbered, cap, total });
					const expected = Math.min(size, wanted);
					expect(ids).toEqual(upTo(expected));
					const pages = Math.max(1, Math.ceil(expected / Math.min(cap, wanted, 100)));
					expect(requests).toBeLessThanOrEqual(pages + (isNumbered ? 1 : 10));
					if (excess === 0) expect(requests).toBeLessThanOrEqual(pages + 1);
				},
			),
		);
	});

	it('ends, and holds no row twice, whatever rows come and go meanwhile', async () => {
		const anyChange = fc.record({ by: fc.integer({ min: -60, max: 60 }), at: fc.nat(600) });
		await fc.assert(
			fc.asyncProperty(
				fc.nat(600),
				fc.array(anyChange, { maxLength: 12 }),
				anyCap,
				fc.constantFrom<Total>('exact', 'missing', 'ofPage', 0, 1e11),
				fc.boolean(),
				async (size, changes, cap, total, isNumbered) => {
					let fresh = 10_000;
					const { ids, requests } = await read(size, Infinity, {
						isNumbered,
						cap,
						total,
						change(list, request) {
							const { by = 0, at = 0 } = changes[request - 1] ?? {};
							const news = Array.from({ length: Math.max(0, by) }, () => fresh++);
							list.splice(at % (list.length + 1), Math.max(0, -by), ...news);
						},
					});
					expect(new Set(ids).size).toBe(ids.length);
					expect(requests).toBeLessThanOrEqual((size + 12 * 60) / cap + 24);
				},
			),
		);
	});

	it('keeps each row that was there, even if new rows come above it', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(600),
				fc.array(fc.nat(60), { maxLength: 8 }),
				fc.boolean(),
				async (size, arrivals, isNumbered) => {
					let fresh = 10_000;
					const { ids } = await read(size, Infinity, {
						isNumbered,
						change(list, request) {
							const count = arrivals[request - 1] ?? 0;
							list.unshift(...Array.from({ length: count }, () => fresh++));
						},
					});
					const found = new Set(ids);
					expect(upTo(size).filter((id) => !found.has(id))).toEqual([]);
				},
			),
		);
	});

	it('is read on after a repeated row, with only the missing rows', async () => {
		const { ids, asked } = await read(500, 200, {
			atOnce: 1,
			change: (list, request) => (request === 1 ? list.unshift(1000) : undefined),
		});
		expect(ids).toEqual(upTo(200));
		expect(asked).toEqual([
			[0, 100],
			[100, 100],
			[200, 1],
		]);
	});

	it('is read to its end if its pages grow after the first', async () => {
		expect((await read(2000, Infinity, { cap: 50, laterCap: 100 })).ids).toEqual(upTo(2000));
	});

	it('that grows meanwhile has its highest total', async () => {
		const { ids, total } = await read(250, Infinity, {
			change: (list, request) => (request === 1 ? list.push(250) : undefined),
		});
		expect([ids.length, total]).toEqual([251, 251]);
	});

	it('that shrinks meanwhile has fewer rows than its highest total', async () => {
		const { ids, total } = await read(250, Infinity, {
			change: (list, request) => (request === 1 ? list.shift() : undefined),
		});
		expect([ids.length, total]).toEqual([249, 250]);
	});
});

describe('rows without an identity', () => {
	const alike = async (rows: IDataObject[], atOnce: number, hasPages: boolean) => {
		let requests = 0;
		const found = await readPages({
			async fetch({ offset }, limit) {
				requests++;
				return { rows: hasPages ? rows.slice(offset, offset + limit) : rows };
			},
			wanted: Infinity,
			pageSize: 100,
			atOnce,
			identity: () => undefined,
		});
		return { rows: found.rows, requests };
	};
	const rows = upTo(250).map((number) => ({ name: number < 120 ? 'x' : 'y' }));

	it('are kept even if some are equal', async () => {
		expect(await alike(rows, 1, true)).toEqual({ rows, requests: 4 });
	});

	it.each([1, 10])(
		'end at a repeated page if the service does not paginate (%d at a time)',
		async (atOnce) => {
			expect(await alike(rows, atOnce, false)).toEqual({ rows, requests: 2 });
		},
	);
});

describe('an endless list', () => {
	const endless = (pageOf: (request: number) => Page, atOnce: number) => {
		let requests = 0;
		const reading = readPages({
			async fetch() {
				expectToEnd(requests);
				return pageOf(requests++);
			},
			wanted: Infinity,
			pageSize: 100,
			atOnce,
			identity: ({ id }) => id,
		});
		return { reading, count: () => requests };
	};
	const fresh = (size: number) => (request: number) => ({
		rows: rowsOf(upTo(size).map((id) => request * size + id)),
		total: Number.MAX_SAFE_INTEGER,
	});

	it.each([
		['of full pages', 100, 10, 2520],
		['of full pages, one after the other', 100, 1, 2510],
		['of pages with one row each', 1, 10, 5010],
	])('%s causes a clear error', async (_, size, atOnce, most) => {
		const { reading, count } = endless(fresh(size), atOnce);
		await expect(reading).rejects.toMatchObject({
			message: 'The list has more than 250,000 rows, or it does not end',
			description: expect.stringContaining("set a 'Limit'"),
		});
		expect(count()).toBeLessThanOrEqual(most);
	});

	it.each<[string, number, number]>([
		['250,000 rows', 250_000, 50_000],
		['4,999 pages', 4_999, 1],
	])('may also end after %s', async (_, size, pageSize) => {
		const rows = rowsOf(upTo(size));
		const found = await readPages({
			fetch: async ({ offset }, limit) => ({
				rows: rows.slice(offset, offset + limit),
				total: size,
			}),
			wanted: Infinity,
			pageSize,
			atOnce: 1,
			identity: ({ id }) => id,
		});
		expect([found.rows.length, found.total]).toEqual([size, size]);
	});

	it('ends when it repeats itself', async () => {
		const { reading, count } = endless(() => fresh(100)(0), 10);
		expect((await reading).rows).toHaveLength(100);
		expect(count()).toBe(11);
	});
});

describe('a total', () => {
	it.each<[Page, boolean]>([
		[{ rows: rowsOf(upTo(100)), total: 100 }, true],
		[{ rows: rowsOf(upTo(100)), total: 0 }, true],
		[{ rows: rowsOf(upTo(100)), total: 101 }, false],
		[{ rows: rowsOf(upTo(99)), total: 99 }, false],
		[{ rows: rowsOf(upTo(100)) }, false],
	])('may count only the rows of a page if that page is full (%#)', (page, may) => {
		expect(mayCountPage(page, 100)).toBe(may);
	});
});
