import fc from 'fast-check';

import { readByOffset, readByPage } from '../../../nodes/shared/http/paging';
import type { Page } from '../../../nodes/shared/http/paging';

const rowsOf = (ids: number[]) => ids.map((id) => ({ id }));
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

/** A list that may change between two requests, and a record of what was asked. */
function offsetList(ids: number[], options: { cap?: number; tellsTotal?: boolean } = {}) {
	const list = [...ids];
	const asked: Array<[offset: number, limit: number]> = [];
	const { cap = 100, tellsTotal = true } = options;
	return {
		list,
		asked,
		async fetch(offset: number, limit: number): Promise<Page> {
			asked.push([offset, limit]);
			return {
				rows: rowsOf(list.slice(offset, offset + Math.min(limit, cap))),
				...(tellsTotal ? { total: list.length } : {}),
			};
		},
	};
}

const read = async (source: { fetch(a: number, b: number): Promise<Page> }, wanted: number) =>
	await readByOffset({
		fetch: source.fetch,
		wanted,
		pageSize: 100,
		identity: ({ id }) => id,
	});

describe('reading by offset', () => {
	it('asks for 100 + 20 when 120 are wanted', async () => {
		const source = offsetList(upTo(500));
		expect((await read(source, 120)).rows).toEqual(rowsOf(upTo(120)));
		expect(source.asked).toEqual([
			[0, 100],
			[100, 20],
		]);
	});

	it('asks once when one page is enough', async () => {
		const source = offsetList(upTo(500));
		await read(source, 50);
		expect(source.asked).toEqual([[0, 50]]);
	});

	it('asks once for an empty list', async () => {
		const source = offsetList([]);
		expect(await read(source, Infinity)).toEqual({ rows: [], total: 0 });
		expect(source.asked).toHaveLength(1);
	});

	it('reads 10,000 rows in 100 requests', async () => {
		const source = offsetList(upTo(10_000));
		expect((await read(source, Infinity)).rows).toHaveLength(10_000);
		expect(source.asked).toHaveLength(100);
	});

	it('returns exactly the first rows of any list, in order, with no request too many', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(1000),
				fc.oneof(fc.integer({ min: 1, max: 1200 }), fc.constant(Infinity)),
				fc.integer({ min: 1, max: 100 }),
				async (size, wanted, cap) => {
					const source = offsetList(upTo(size), { cap });
					const { rows, total } = await read(source, wanted);
					const expected = Math.min(size, wanted);
					expect(rows).toEqual(rowsOf(upTo(expected)));
					expect(total).toBe(size);
					expect(source.asked.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(expected / cap)));
				},
			),
		);
	});

	it('reads a list to its end when no total is told', async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(500), fc.integer({ min: 1, max: 600 }), async (size, wanted) => {
				const source = offsetList(upTo(size), { tellsTotal: false });
				expect((await read(source, wanted)).rows).toEqual(rowsOf(upTo(Math.min(size, wanted))));
			}),
		);
	});

	it('emits no row twice and ends when rows come and go meanwhile', async () => {
		const change = fc.record({ insert: fc.boolean(), at: fc.nat(400) });
		await fc.assert(
			fc.asyncProperty(
				fc.nat(400),
				fc.array(change, { maxLength: 8 }),
				fc.boolean(),
				async (size, changes, tellsTotal) => {
					const source = offsetList(upTo(size), { tellsTotal });
					const pending = [...changes];
					let fresh = 1_000_000;
					const { rows } = await read(
						{
							async fetch(offset, limit) {
								const page = await source.fetch(offset, limit);
								const next = pending.shift();
								if (next?.insert) source.list.splice(next.at, 0, fresh++);
								else if (next) source.list.splice(next.at, 1);
								return page;
							},
						},
						Infinity,
					);
					const ids = rows.map(({ id }) => id);
					expect(new Set(ids).size).toBe(ids.length);
					// Without deletions nothing can be missed
					if (!changes.some(({ insert }) => !insert)) {
						const found = new Set<unknown>(ids);
						expect(upTo(size).filter((id) => !found.has(id))).toEqual([]);
					}
				},
			),
		);
	});
});

describe('a list whose rows have no identity', () => {
	const read = async (
		wanted: number,
		fetch: (offset: number, limit: number) => Array<{ name: string }>,
	) => {
		let requests = 0;
		const { rows } = await readByOffset({
			async fetch(offset, limit) {
				if (++requests > 20) throw new Error('does not end');
				return { rows: fetch(offset, limit) };
			},
			...{ wanted, pageSize: 100, identity: () => undefined },
		});
		return { names: rows.map(({ name }) => name), requests };
	};

	it.each([50, Infinity])('ends when the service has no pages (%d wanted)', async (wanted) => {
		const all = ['a', 'b', 'b'].map((name) => ({ name }));
		expect(await read(wanted, () => all)).toEqual({ names: ['a', 'b', 'b'], requests: 2 });
	});

	it('keeps rows that are alike', async () => {
		const all = Array.from({ length: 250 }, (_, number) => ({ name: number < 120 ? 'x' : 'y' }));
		const { names } = await read(Infinity, (offset, limit) => all.slice(offset, offset + limit));
		expect(names).toEqual(all.map(({ name }) => name));
	});
});

describe('a list that becomes shorter while it is read', () => {
	/** Rows go at the given requests, the first of a page each time: the ones after it move up. */
	async function readWhileRowsGo(size: number, goneAt: number[], identified = true) {
		const source = offsetList(upTo(size));
		const { rows } = await readByOffset({
			async fetch(offset, limit) {
				const page = await source.fetch(offset, limit);
				if (goneAt.includes(source.asked.length)) source.list.splice(offset, 1);
				return page;
			},
			wanted: Infinity,
			pageSize: 100,
			identity: ({ id }) => (identified ? id : undefined),
		});
		return { ids: rows.map(({ id }) => id), ...source };
	}

	it('is read a second time, so that no row that stayed is missed', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 101, max: 600 }),
				fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
				async (size, gone) => {
					const pages = Math.ceil(size / 100);
					const { ids, list, asked } = await readWhileRowsGo(
						size,
						gone.filter((request) => request < pages),
					);
					const found = new Set<unknown>(ids);
					expect(list.filter((id) => !found.has(id))).toEqual([]);
					expect(found.size).toBe(ids.length);
					expect(asked.length).toBeLessThanOrEqual(2 * pages);
				},
			),
		);
	});

	it('is read once where rows cannot be told apart', async () => {
		const { ids, asked } = await readWhileRowsGo(250, [1], false);
		expect([ids.length, asked.length]).toEqual([249, 3]);
	});
});

it('a page of nothing but rows that moved does not end the reading', async () => {
	const source = offsetList(upTo(250));
	const { rows } = await readByOffset({
		async fetch(offset, limit) {
			const page = await source.fetch(offset, limit);
			const fresh = upTo(150).map((id) => id + 1000);
			if (source.asked.length === 1) source.list.unshift(...fresh);
			return page;
		},
		wanted: Infinity,
		pageSize: 100,
		identity: ({ id }) => id,
	});
	expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(upTo(250)));
});

describe('reading by page', () => {
	/** Counts requests: each one is taken from an hourly budget. */
	function pagedList(size: number, options: { cap?: number; tellsTotal?: boolean } = {}) {
		const { cap = 100, tellsTotal = true } = options;
		const asked: Array<[page: number, perPage: number]> = [];
		return {
			asked,
			async fetch(page: number, perPage: number): Promise<Page> {
				asked.push([page, perPage]);
				const step = Math.min(perPage, cap);
				const ids = upTo(size).slice((page - 1) * step, page * step);
				return { rows: rowsOf(ids), ...(tellsTotal ? { total: size } : {}) };
			},
		};
	}
	const readPages = async (source: ReturnType<typeof pagedList>, wanted: number) =>
		await readByPage({ fetch: source.fetch, wanted, pageSize: 100, identity: ({ id }) => id });

	it('reads 1,000 rows in 10 requests', async () => {
		const source = pagedList(1000);
		expect((await readPages(source, Infinity)).rows).toHaveLength(1000);
		expect(source.asked).toHaveLength(10);
	});

	it('asks for no more than is wanted', async () => {
		const source = pagedList(1000);
		expect((await readPages(source, 7)).rows).toHaveLength(7);
		expect(source.asked).toEqual([[1, 7]]);
	});

	it('returns exactly the first rows of any list with no page too many', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(1000),
				fc.oneof(fc.integer({ min: 1, max: 1200 }), fc.constant(Infinity)),
				fc.integer({ min: 1, max: 100 }),
				async (size, wanted, cap) => {
					const source = pagedList(size, { cap });
					const { rows } = await readPages(source, wanted);
					const expected = Math.min(size, wanted);
					expect(rows).toEqual(rowsOf(upTo(expected)));
					const perPage = Math.min(wanted, 100, cap);
					expect(source.asked.length).toBe(Math.max(1, Math.ceil(expected / perPage)));
				},
			),
		);
	});

	it('says that nothing is missing where the list stays as it is', async () => {
		expect(await readPages(pagedList(250), Infinity)).toMatchObject({ hasGaps: false, total: 250 });
	});

	it('spends one request more where no total is told and the last page is full', async () => {
		const source = pagedList(200, { tellsTotal: false });
		expect((await readPages(source, Infinity)).rows).toHaveLength(200);
		expect(source.asked).toHaveLength(3);
	});
});

describe('a list of pages that becomes shorter while it is read', () => {
	/** What happens to the list after a request. */
	interface Change {
		/** how many rows come (above 0) or go (below 0) */
		by: number;
		/** where */
		at: number;
	}

	async function readWhile(
		size: number,
		changes: Change[],
		{ wanted = Infinity, identified = true, behindTheEnd = 'total' } = {},
	) {
		const list = upTo(size);
		const asked: number[] = [];
		const pending = [...changes];
		let fresh = size;
		const result = await readByPage({
			async fetch(page, perPage) {
				asked.push(page);
				const rows = rowsOf(list.slice((page - 1) * perPage, page * perPage));
				const isSilent = rows.length === 0 && behindTheEnd === 'silence';
				const answer: Page = isSilent ? { rows } : { rows, total: list.length };
				const { by = 0, at = 0 } = pending.shift() ?? {};
				const news = Array.from({ length: Math.max(0, by) }, () => fresh++);
				list.splice(at % (list.length + 1), Math.max(0, -by), ...news);
				return answer;
			},
			wanted,
			pageSize: 100,
			identity: ({ id }) => (identified ? id : undefined),
		});
		const ids = result.rows.map(({ id }) => Number(id));
		const seen = new Set(ids);
		expect(seen.size).toBe(ids.length);
		const missing = list.filter((id) => id < size && !seen.has(id));
		return { ids, missing, asked, hasGaps: result.hasGaps };
	}
	const goes = (by: number, at = 0): Change => ({ by: -by, at });
	const stays: Change = { by: 0, at: 0 };
	const change = (min: number, max: number) =>
		fc.record({ by: fc.integer({ min, max }), at: fc.nat(600) });

	it.each<[string, Change[], number[]]>([
		['after the first page', [goes(1)], [1, 2, 3, 1]],
		['after the second page', [stays, goes(1)], [1, 2, 3, 2]],
		['after each page', [goes(1), goes(1)], [1, 2, 3, 1, 2]],
		['after each request', Array<Change>(9).fill(goes(1)), [1, 2, 3, 1, 2]],
		['after the last page', [stays, stays, goes(1)], [1, 2, 3]],
		['a hundred at once', [goes(100)], [1, 2, 1]],
		['more than a page at once', [stays, goes(120)], [1, 2, 3, 1, 2]],
		['and longer', [goes(1), { by: 1, at: 0 }], [1, 2, 3, 1, 2]],
	])('is read again only where a row may have moved: %s', async (_, changes, pages) => {
		const { missing, asked, hasGaps } = await readWhile(250, changes);
		expect({ missing, asked, hasGaps }).toEqual({ missing: [], asked: pages, hasGaps: false });
	});

	it('so that its last page is gone, is read again where that page tells no total', async () => {
		const { missing, asked } = await readWhile(101, [goes(1)], { behindTheEnd: 'silence' });
		expect({ missing, asked }).toEqual({ missing: [], asked: [1, 2, 1] });
	});

	it('is not read again when what was found is enough', async () => {
		const { ids, asked, hasGaps } = await readWhile(300, [goes(1)], { wanted: 150 });
		expect({ found: ids.length, asked, hasGaps }).toEqual({
			found: 150,
			asked: [1, 2],
			hasGaps: false,
		});
	});

	it('says that rows may be missing where they cannot be told apart', async () => {
		const { asked, hasGaps } = await readWhile(250, [goes(1)], { identified: false });
		expect({ asked, hasGaps }).toEqual({ asked: [1, 2, 3], hasGaps: true });
	});

	it('misses no row, with at most one more request for each page', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 101, max: 600 }),
				fc.array(change(-12, 0), { maxLength: 8 }),
				async (size, changes) => {
					const { missing, asked, hasGaps } = await readWhile(size, changes);
					expect({ missing, hasGaps }).toEqual({ missing: [], hasGaps: false });
					const forward = Math.max(...asked);
					const falls = changes.slice(0, forward - 1).filter(({ by }) => by < 0);
					expect(asked.length).toBeLessThanOrEqual(forward + falls.length);
				},
			),
		);
	});

	it('misses no row unless it says so, whatever comes and goes', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 600 }),
				fc.oneof(
					fc.tuple(fc.constant('total'), fc.array(change(-150, 150), { maxLength: 12 })),
					fc.tuple(fc.constant('silence'), fc.array(change(-150, 0), { maxLength: 12 })),
				),
				async (size, [behindTheEnd, changes]) => {
					const { missing, asked, hasGaps } = await readWhile(size, changes, { behindTheEnd });
					if (!hasGaps) expect(missing).toEqual([]);
					expect(asked.length).toBeLessThanOrEqual(2 * Math.max(...asked));
				},
			),
			{ numRuns: 500 },
		);
	});

	/** 950 rows that nobody changes, of which the service counts what it likes. */
	async function readCounted(
		countOf: (request: number) => number,
		behindTheEnd: 'silence' | 'total' | 'last page' | 'always the first' = 'silence',
	) {
		const asked: number[] = [];
		const { rows, hasGaps } = await readByPage({
			async fetch(page) {
				asked.push(page);
				const shown = { silence: page, total: page, 'last page': 10, 'always the first': 1 };
				const at = page > 10 || behindTheEnd === 'always the first' ? shown[behindTheEnd] : page;
				const found = rowsOf(upTo(950).slice((at - 1) * 100, at * 100));
				const isSilent = found.length === 0 && behindTheEnd === 'silence';
				return isSilent ? { rows: found } : { rows: found, total: countOf(asked.length) };
			},
			wanted: Infinity,
			pageSize: 100,
			identity: ({ id }) => id,
		});
		return { found: rows.length, requests: asked.length, hasGaps };
	}

	it.each([
		['as many as there are', 950, 'silence', 950, 10],
		['deleted ones as well', 2000, 'silence', 950, 12],
		['a few deleted ones as well', 1003, 'silence', 950, 12],
		['deleted ones as well, also behind the end', 2000, 'total', 950, 11],
		['deleted ones as well, and repeats its last page', 2000, 'last page', 950, 11],
		['as many as there are, and has no pages', 950, 'always the first', 100, 2],
	] as const)(
		'asks at most once more where the service counts %s',
		async (_, count, behindTheEnd, found, requests) => {
			expect(await readCounted(() => count, behindTheEnd)).toEqual({
				found,
				requests,
				hasGaps: false,
			});
		},
	);

	it('asks at most once more for each time that the count falls', async () => {
		const { found, requests } = await readCounted((request) => (request % 2 ? 950 : 900));
		expect(found).toBe(950);
		expect(requests).toBeLessThanOrEqual(15);
	});

	it('ends even when the service counts in a way of its own', async () => {
		const asked: number[] = [];
		await readByPage({
			async fetch(page) {
				asked.push(page);
				return { rows: rowsOf(upTo(100).map((id) => id + page * 100)), total: 1000 - page * 100 };
			},
			wanted: Infinity,
			pageSize: 100,
			identity: ({ id }) => id,
		});
		expect(asked.length).toBeLessThanOrEqual(10);
	});
});
