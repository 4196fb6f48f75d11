import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { Page } from '../../../nodes/shared/http/paging';
import { findNew } from '../../../nodes/shared/polling/walk';
import {
	ChangingList,
	crashes,
	deletes,
	type Event,
	expectToEnd,
	forHistories,
	inserts,
	MANY_ROWS,
	type NewRows,
	Poller,
	reorders,
	resizes,
	RUNS_PER_SEED,
	SEEDS,
	type Total,
	troubledPolls,
	wholePolls,
} from './histories';

const PAGE = 4;

/** A poll that has no time left after its second request. */
const SHORT: Event = { kind: 'poll', isOver: 1 };

const everything = [inserts, deletes, crashes, troubledPolls('insert', 'delete')];
/** With few rows, a count that is too small may be right by chance. */
const isSmall = (total: Total) => total === 'page' || total === 'low';
const onlyMore = [inserts, crashes, troubledPolls('insert')];
const betweenPolls = [inserts, deletes, reorders, crashes, wholePolls];

describe('each row is emitted once, whatever happens', () => {
	const totals: Total[] = ['right', 'none', 'page', 'low', 'high', 'huge', 'stuck'];
	const places: NewRows[] = ['first', 'last', 'anywhere'];
	it.each(totals.flatMap((total) => places.map((newRows) => ({ total, newRows }))))(
		'while rows come and go and polls fail: %j',
		async ({ total, newRows }) => {
			const events = isSmall(total) ? onlyMore : everything;
			await forHistories(events, async (history, start) => {
				const list = new ChangingList(newRows, PAGE, total);
				list.insert(isSmall(total) ? start + PAGE : start, 0);
				const poller = new Poller(list);
				await poller.live(history);
				poller.expectEachOnce();
			});
		},
	);

	it.each(totals)('while the service changes the size of its pages: total %s', async (total) => {
		const events = isSmall(total) ? onlyMore : everything;
		await forHistories([...events, resizes], async (history, start) => {
			const list = new ChangingList('anywhere', PAGE, total);
			list.insert(isSmall(total) ? start + PAGE : start, 0);
			const poller = new Poller(list);
			await poller.live(history);
			poller.expectEachOnce();
		});
	});

	it.each(totals)('in a list whose order changes between polls: total %s', async (total) => {
		const events = isSmall(total) ? [inserts, reorders, crashes, wholePolls] : betweenPolls;
		await forHistories(events, async (history, start) => {
			const list = new ChangingList('anywhere', PAGE, total);
			list.insert(isSmall(total) ? start + PAGE : start, 0);
			const poller = new Poller(list);
			await poller.live(history);
			poller.expectEachOnce();
		});
	});
});

/** A list in pages of 100, and a poller whose first poll has remembered its rows. */
async function known(count: number, newRows: NewRows = 'first', total: Total = 'right') {
	const list = new ChangingList(newRows, 100, total);
	list.insert(count, 0);
	const poller = new Poller(list);
	expect(await poller.poll()).toEqual([]);
	return { list, poller };
}

/** @returns the requests from now on, as they are sent */
function requestsTo(list: ChangingList) {
	const asked: Array<{ offset: number; limit: number }> = [];
	const { fetch } = list;
	Object.assign(list, {
		fetch: async (offset: number, limit: number) => {
			asked.push({ offset, limit });
			return await fetch(offset, limit);
		},
	});
	return asked;
}

/** Changes the answers of a service. */
function changeAnswers(list: ChangingList, change: (page: Page, offset: number) => Page): void {
	const { fetch } = list;
	Object.assign(list, {
		fetch: async (offset: number, limit: number) => change(await fetch(offset, limit), offset),
	});
}

/** Adds rows that look alike. */
function addAlike({ rows }: ChangingList, count: number): void {
	for (let number = 0; number < count; number++) rows.push({ country: 'DE' });
}

/** @returns the whole result of a poll */
const resultOf = async (list: ChangingList, memory?: IDataObject) =>
	await findNew(list, memory, { account: 'abc', budget: list.budget });

/** @returns the sorted IDs that several polls emit, and the number of requests of each poll */
async function pollTimes(poller: Poller, times: number) {
	const emitted: string[] = [];
	const requests: number[] = [];
	for (let poll = 0; poll < times; poll++) {
		emitted.push(...((await poller.poll()) ?? []));
		requests.push(poller.list.requestsOfPoll);
	}
	return { emitted: emitted.sort(), requests };
}

describe('a poll', () => {
	it.each([30, 100, 250, 300, 3000])(
		'takes one request while nothing is new, with %d rows',
		async (count) => {
			const { poller } = await known(count);
			const { requests } = await pollTimes(poller, 12);
			expect(requests).toEqual(Array<number>(12).fill(1));
		},
	);

	it('checks the next page each time while nothing is new', async () => {
		const { list, poller } = await known(250);
		const asked = requestsTo(list);
		await pollTimes(poller, 6);
		expect(asked.map(({ offset }) => offset)).toEqual([0, 100, 200, 0, 100, 200]);
	});

	it('asks for whole pages again once the service returns them', async () => {
		const list = new ChangingList('first', 100);
		list.cap = 50;
		list.insert(250, 0);
		const poller = new Poller(list);
		await poller.poll();
		list.cap = Infinity;
		// Looks at each page of 50 once, to learn that pages are larger now
		await pollTimes(poller, 6);
		const asked = requestsTo(list);
		await pollTimes(poller, 3);
		expect(asked).toEqual([0, 100, 200].map((offset) => ({ offset, limit: 100 })));
	});

	it.each([
		{ what: 'at the start', newRows: 'anywhere', count: 3000, place: 0.15, requests: 7 },
		{ what: 'at the end of a full page', newRows: 'last', count: 299, place: 0, requests: 3 },
	] as const)('looks for a new row at both ends, once: $what', async (row) => {
		const { list, poller } = await known(row.count, row.newRows);
		await poller.poll();
		const due = list.insert(1, row.place);
		expect(await pollTimes(poller, 1)).toEqual({ emitted: due, requests: [row.requests] });
	});

	it.each<[NewRows, number, number[]]>([
		['first', 300, [1, 2, 2, 51]],
		['last', 300, [1, 3, 4, 54]],
		['first', MANY_ROWS, [1, 2, 2, 51]],
		['last', MANY_ROWS, [1, 3, 4, 54]],
	])(
		'takes requests for new rows, not for old ones: new rows %s, %d rows',
		async (newRows, count, most) => {
			const { list, poller } = await known(count, newRows);
			// Otherwise the next poll would begin with the page of the new rows by chance
			await poller.poll();
			const requests: number[] = [];
			for (const number of [0, 1, 100, 5000]) {
				const due = list.insert(number, 0).sort();
				expect(((await poller.poll()) ?? []).sort()).toEqual(due);
				requests.push(list.requestsOfPoll);
			}
			expect(requests.map((number, index) => number <= (most[index] ?? 0))).toEqual([
				true,
				true,
				true,
				true,
			]);
		},
	);

	it("returns the service's latest time, even if a later answer has none", async () => {
		const list = new ChangingList('first', 100);
		list.insert(250, 0);
		const times = [3, 5, undefined, undefined];
		changeAnswers(list, (page) => ({ ...page, serviceNow: times.shift() }));
		expect(await resultOf(list)).toMatchObject({ serviceNow: 5 });
	});

	it.each<[Total, number]>([
		['right', 250],
		['none', 250],
		['huge', 1e11],
	])('returns how many rows the list has: total %s', async (total, rowCount) => {
		const list = new ChangingList('first', 100, total);
		list.insert(250, 0);
		expect(await resultOf(list)).toMatchObject({ rowCount });
	});

	it('says whether it has begun its reading itself and finished it', async () => {
		const list = new ChangingList('first', 100);
		list.insert(450, 0);
		list.beginPoll({ kind: 'poll', isOver: 3 });
		const first = await resultOf(list);
		list.beginPoll({ kind: 'poll' });
		const second = await resultOf(list, first.memory);
		const third = await resultOf(list, second.memory);
		expect([first, second, third].map(({ isComplete }) => isComplete)).toEqual([
			false,
			false,
			true,
		]);
	});

	it('looks only once for rows that the service counts and does not list', async () => {
		const { list, poller } = await known(250);
		changeAnswers(list, (page) => ({ ...page, total: Number(page.total) + 1 }));
		expect((await pollTimes(poller, 3)).requests).toEqual([5, 1, 1]);
	});

	it('takes one request for each page and one for the end, if there is no count', async () => {
		const { list, poller } = await known(250, 'first', 'none');
		expect((await pollTimes(poller, 2)).requests).toEqual([4, 4]);
		const due = list.insert(3, 0).sort();
		expect(await pollTimes(poller, 2)).toEqual({ emitted: due, requests: [4, 4] });
	});

	it('takes one request for a new row in a list of one page', async () => {
		const { list, poller } = await known(30);
		const due = list.insert(1, 0);
		expect(await pollTimes(poller, 1)).toEqual({ emitted: due, requests: [1] });
	});

	it.each<[string, Total, number, (page: Page, lastRows: IDataObject[]) => Page]>([
		['repeats the last one', 'right', 4, (page, rows) => ({ ...page, rows })],
		[
			'repeats the last one, and the count is too high',
			...(['high', 8] as const),
			(page, rows) => ({ ...page, rows }),
		],
		['has no count', 'right', 4, () => ({ rows: [] })],
	])('takes one request even if a page past the end %s', async (_, total, first, pastEnd) => {
		const list = new ChangingList('first', 100, total);
		list.insert(300, 0);
		changeAnswers(list, (page, offset) =>
			offset < 300 ? page : pastEnd(page, list.rows.slice(200)),
		);
		expect((await pollTimes(new Poller(list), 4)).requests).toEqual([first, 1, 1, 1]);
	});

	it('continues a pass that was cut short, and learns that pages are smaller now', async () => {
		const list = new ChangingList('first', PAGE);
		list.insert(20, 0);
		const poller = new Poller(list);
		await poller.poll();
		const due = list.insert(24, 0).sort();
		const part = (await poller.poll({ kind: 'poll', isOver: 3 })) ?? [];
		list.cap = 2;
		const { emitted, requests } = await pollTimes(poller, 1);
		expect([...part, ...emitted].sort()).toEqual(due);
		// It asks for pages of 4 at first, so it meets some rows twice
		expect(requests).toEqual([12]);
	});

	it.each<[Total, number[]]>([
		['huge', [8, 1, 1, 1]],
		['high', [8, 3, 1, 1]],
		['stuck', [8, 1, 1, 1]],
		['page', [8, 4, 4, 4]],
		['low', [8, 4, 4, 4]],
	])('takes few requests if the count is wrong: %s', async (total, requestsOfPolls) => {
		const { list, poller } = await known(250, 'anywhere', total);
		const first = list.requests;
		const due = list.insert(3, 0.7).sort();
		const { emitted, requests } = await pollTimes(poller, 3);
		expect(emitted).toEqual(due);
		expect([first, ...requests]).toEqual(requestsOfPolls);
	});
});

describe('a poll that is cut short', () => {
	it.each([1, 2, 3])(
		'fails if the service fails at request %d, and emits nothing',
		async (fails) => {
			const { list, poller } = await known(250);
			await poller.poll();
			const due = list.insert(250, 0).sort();
			expect(await poller.poll({ kind: 'poll', fails })).toBeUndefined();
			expect((await pollTimes(poller, 1)).emitted).toEqual(due);
		},
	);

	it('fails at a rate limit only if it has no answer yet', async () => {
		const { list, poller } = await known(250);
		await poller.poll();
		const due = list.insert(250, 0).sort();
		expect(await poller.poll({ kind: 'poll', isSpent: 1 })).toBeUndefined();
		const part = (await poller.poll({ kind: 'poll', isSpent: 3 })) ?? [];
		expect(part.length).toBeGreaterThan(0);
		expect([...part, ...(await pollTimes(poller, 1)).emitted].sort()).toEqual(due);
	});

	it('sends nothing more when its time is up', async () => {
		const { list, poller } = await known(450);
		await poller.poll();
		list.insert(250, 0);
		for (const isOver of [1, 2]) {
			await poller.poll({ kind: 'poll', isOver });
			expect(list.requestsOfPoll).toBe(isOver);
		}
	});

	it('sends two requests of a first reading, even if its time is up', async () => {
		const list = new ChangingList('first', 100);
		list.insert(450, 0);
		const poller = new Poller(list);
		const requests: number[] = [];
		for (let poll = 0; poll < 4; poll++) {
			await poller.poll({ kind: 'poll', isOver: 1 });
			requests.push(list.requestsOfPoll);
		}
		expect(requests).toEqual([2, 2, 2, 2]);
	});

	it.each<[string, number, Event[]]>([
		[
			'while the next poll goes on',
			9,
			[
				{ ...SHORT, during: { change: 'insert', after: 1, place: 0 } },
				{ kind: 'poll', during: { change: 'delete', after: 1, place: 0 } },
			],
		],
		[
			'by more than a page',
			20,
			[SHORT, { kind: 'delete', count: 6, place: 0 }, { kind: 'insert', count: 2, place: 0 }],
		],
		[
			'and pages are smaller than before',
			12,
			[
				SHORT,
				{ kind: 'delete', count: 2, place: 0 },
				{ kind: 'insert', count: 2, place: 0 },
				{ kind: 'resize', cap: 2 },
			],
		],
	])('emits no row of its first reading that moves %s', async (_, start, history) => {
		const list = new ChangingList('last', PAGE);
		list.insert(start, 0);
		const poller = new Poller(list);
		await poller.live(history);
		poller.expectEachOnce();
	});

	it('continues its first reading until that is done', async () => {
		const list = new ChangingList('first', 100);
		list.insert(450, 0);
		const poller = new Poller(list);
		for (let poll = 0; poll < 8; poll++) {
			expect(await poller.poll({ kind: 'poll', isOver: 2 })).toEqual([]);
		}
		const due = list.insert(1, 0);
		expect(await poller.poll()).toEqual(due);
	});
});

describe('a new row is found', () => {
	it('by the next poll on the first page, even if more rows were deleted than added', async () => {
		const { list, poller } = await known(250);
		await poller.poll();
		list.delete(2, 0.9);
		const due = list.insert(1, 0);
		expect(await poller.poll()).toEqual(due);
	});

	it.each([0, 0.45, 0.7, 0.99])('by the next poll, wherever it stands: %d', async (place) => {
		const { list, poller } = await known(250, 'anywhere');
		await poller.poll();
		const due = list.insert(1, place);
		expect(await poller.poll()).toEqual(due);
		expect((await pollTimes(poller, 6)).emitted).toEqual([]);
	});

	it.each([0, 0.45, 0.7, 0.99])(
		'within as many polls as there are pages, if another row was deleted: %d',
		async (place) => {
			const { list, poller } = await known(250, 'anywhere');
			await poller.poll();
			list.delete(1, 0.3);
			const due = list.insert(1, place);
			expect((await pollTimes(poller, 3)).emitted).toEqual(due);
			expect((await pollTimes(poller, 6)).emitted).toEqual([]);
		},
	);

	it.each<[number, NewRows]>(
		[1, 3, 4, 5].flatMap((count) =>
			(['first', 'last', 'anywhere'] as const).map((newRows): [number, NewRows] => [
				count,
				newRows,
			]),
		),
	)(
		'in a list that outgrows its page, if the count is that of the page: %d, %s',
		async (count, newRows) => {
			const list = new ChangingList(newRows, PAGE, 'page');
			list.insert(count, 0);
			const poller = new Poller(list);
			await poller.poll();
			const due = list.insert(9, 0.5).sort();
			expect((await poller.poll())?.sort()).toEqual(due);
			expect((await pollTimes(poller, 6)).emitted).toEqual([]);
		},
	);

	it('in the middle of the list, even if each poll finds another one at the start', async () => {
		const { list, poller } = await known(350, 'anywhere');
		list.delete(1, 0.9);
		const due = list.insert(1, 0.9);
		const emitted: string[] = [];
		for (let poll = 0; poll < 4; poll++) {
			due.push(...list.insert(1, 0));
			emitted.push(...((await poller.poll()) ?? []));
		}
		// The row from the middle stood for one at the start in the count
		emitted.push(...((await poller.poll()) ?? []));
		expect(emitted.sort()).toEqual(due.sort());
	});

	it('in pages of 50, if 100 rows were requested', async () => {
		const list = new ChangingList('last', 100);
		list.cap = 50;
		list.insert(250, 0);
		const poller = new Poller(list);
		await poller.poll();
		const due = list.insert(1, 0);
		expect(await poller.poll()).toEqual(due);
		expect((await pollTimes(poller, 12)).emitted).toEqual([]);
	});

	it('within as many polls as there are pages of 50, if 100 rows were requested', async () => {
		const list = new ChangingList('anywhere', 100);
		list.cap = 50;
		list.insert(250, 0);
		const poller = new Poller(list);
		await poller.poll();
		list.delete(1, 0.3);
		const due = list.insert(1, 0.9);
		expect((await pollTimes(poller, 5)).emitted).toEqual(due);
	});

	it.each<NewRows>(['first', 'last'])(
		'if the count is that of the page, and pages have become smaller: new rows %s',
		async (newRows) => {
			const list = new ChangingList(newRows, PAGE, 'page');
			list.insert(4, 0);
			const poller = new Poller(list);
			await poller.poll();
			const due = list.insert(3, 0).sort();
			list.cap = 2;
			expect((await pollTimes(poller, 2)).emitted).toEqual(due);
		},
	);

	it('if the count is that of the page, and pages are smaller than requested', async () => {
		const list = new ChangingList('last', 100, 'page');
		list.cap = 50;
		list.insert(120, 0);
		const poller = new Poller(list);
		await poller.poll();
		const due = list.insert(1, 0);
		expect((await pollTimes(poller, 2)).emitted).toEqual(due);
	});

	it('if the count is far too large, after polls have gone through the whole list', async () => {
		const { list, poller } = await known(250, 'first', 'huge');
		await pollTimes(poller, 5);
		const due = list.insert(1, 0);
		expect((await pollTimes(poller, 4)).emitted).toEqual(due);
	});

	it('in a list that comes in another order at each request', async () => {
		const list = new ChangingList('anywhere', 100);
		list.isShuffled = true;
		list.insert(250, 0);
		const poller = new Poller(list);
		expect((await pollTimes(poller, 6)).emitted).toEqual([]);
		const due = list.insert(2, 0.5).sort();
		expect((await poller.poll())?.sort()).toEqual(due);
		expect((await pollTimes(poller, 6)).emitted).toEqual([]);
	});

	it('after an answer that was empty by mistake, and no old row is emitted', async () => {
		const { list, poller } = await known(250);
		const { rows } = list;
		list.rows = [];
		await poller.poll();
		list.rows = rows;
		const due = list.insert(1, 0);
		expect((await pollTimes(poller, 4)).emitted).toEqual(due);
	});

	it('if it has no ID and looks like other rows', async () => {
		const list = new ChangingList('last', 4);
		const poller = new Poller(list);
		addAlike(list, 9);
		await poller.poll();
		const emitted: number[] = [];
		for (const count of [1, 0, 2, 7, 0, 0]) {
			addAlike(list, count);
			emitted.push((await poller.poll())?.length ?? -1);
		}
		expect(emitted).toEqual([1, 0, 2, 7, 0, 0]);
	});
});

describe('rows without an ID that look alike', () => {
	it('are counted if one is added while a pass that was cut short goes on', async () => {
		const list = new ChangingList('last', PAGE);
		const poller = new Poller(list);
		const emitted: number[] = [];
		for (const [count, isSpent] of [[1], [4], [1, 2], [1], [2], [0], [0]] as const) {
			addAlike(list, count);
			emitted.push((await poller.poll({ kind: 'poll', isSpent }))?.length ?? 0);
		}
		expect(emitted.reduce((sum, count) => sum + count)).toBe(8);
	});

	it('do not keep short polls from the end of a list without a count', async () => {
		const list = new ChangingList('last', PAGE, 'none');
		list.insert(8, 0);
		list.rows.push({ country: 'DE' }, { country: 'DE' });
		list.insert(10, 0);
		const poller = new Poller(list);
		const SOME: Event = { kind: 'poll', isOver: 3 };
		for (let poll = 0; poll < 9; poll++) await poller.poll(SOME);
		const due = list.insert(1, 0);
		for (let poll = 0; poll < 9; poll++) await poller.poll(SOME);
		expect(poller.emitted).toEqual(due);
	});

	it('are not counted twice if they move to another page meanwhile', async () => {
		const list = new ChangingList('anywhere', PAGE);
		const germans = Array.from({ length: 4 }, () => ({ country: 'DE' }));
		list.rows = [...germans, ...germans.map(() => ({ country: 'FR' }))];
		const poller = new Poller(list);
		await poller.poll();
		list.insert(1, 0);
		list.insert(1, 0.99);
		await poller.poll({ kind: 'poll', during: { change: 'insert', after: 1, place: 0 } });
		await pollTimes(poller, 6);
		expect(poller.emitted.sort()).toEqual(['row-1', 'row-2', 'row-3']);
	});

	const polls = fc.array(fc.tuple(fc.nat(9), fc.option(fc.integer({ min: 1, max: 4 }))), {
		maxLength: 12,
	});

	it.each(SEEDS)('are counted, even by polls that are cut short (seed %d)', async (seed) => {
		const property = fc.asyncProperty(polls, fc.nat(20), async (history, start) => {
			const list = new ChangingList('last', PAGE);
			const poller = new Poller(list);
			let emitted = 0;
			addAlike(list, start);
			await poller.poll();
			for (const [count, isSpent] of [...history, [0, null], [0, null]] as typeof history) {
				addAlike(list, count);
				emitted +=
					(await poller.poll({ kind: 'poll', isSpent: isSpent ?? undefined }))?.length ?? 0;
			}
			expect(emitted).toBe(list.rows.length - start);
		});
		await fc.assert(property, { seed, numRuns: RUNS_PER_SEED });
	});
});

describe('a trigger whose key may have changed', () => {
	const replace = (list: ChangingList, count: number) => {
		list.rows = [];
		list.insert(count, 0);
	};

	it.each([
		[150, 150],
		[10, 250],
		[250, 10],
		[150, 1],
		[1, 150],
		[0, 150],
	])(
		'emits nothing if the list is that of another account: %d rows before, %d now',
		async (before, now) => {
			const { list, poller } = await known(before);
			await poller.poll();
			poller.account = 'other';
			replace(list, now);
			expect((await pollTimes(poller, 3)).emitted).toEqual([]);
			const due = list.insert(1, 0);
			expect((await pollTimes(poller, 3)).emitted).toEqual(due);
		},
	);

	it.each([1, 2, 3])(
		'emits nothing of another account after %d requests of a first reading',
		async (isSpent) => {
			const list = new ChangingList('first', 100);
			list.insert(250, 0);
			const poller = new Poller(list);
			await poller.poll({ kind: 'poll', isSpent: isSpent + 1 });
			poller.account = 'other';
			replace(list, 150);
			expect((await pollTimes(poller, 4)).emitted).toEqual([]);
			const due = list.insert(1, 0);
			expect((await pollTimes(poller, 3)).emitted).toEqual(due);
		},
	);

	it('emits nothing of another account in random order after a part of a first reading', async () => {
		const list = new ChangingList('first', PAGE);
		list.insert(40, 0);
		const poller = new Poller(list);
		await poller.poll({ kind: 'poll', isSpent: 9 });
		poller.account = 'other';
		replace(list, 20);
		list.isShuffled = true;
		expect((await pollTimes(poller, 12)).emitted).toEqual([]);
	});

	it('emits nothing of another account while each poll has time for one request', async () => {
		const { list, poller } = await known(250);
		poller.account = 'other';
		replace(list, 150);
		for (let poll = 0; poll < 12; poll++) {
			expect(await poller.poll({ kind: 'poll', isOver: 1 })).toEqual([]);
		}
		const due = list.insert(1, 0);
		expect((await pollTimes(poller, 3)).emitted).toEqual(due);
	});

	it('emits the new rows if a known row shows the same account', async () => {
		const { list, poller } = await known(250);
		poller.account = 'other';
		const due = list.insert(120, 0).sort();
		expect((await pollTimes(poller, 3)).emitted).toEqual(due);
	});

	it('emits all rows of a replaced list if the key is the same', async () => {
		const { list, poller } = await known(10);
		replace(list, 20);
		expect((await pollTimes(poller, 3)).emitted).toHaveLength(20);
	});

	it('emits all rows of a replaced list if the key was changed before', async () => {
		const { list, poller } = await known(10);
		poller.account = 'other';
		await poller.poll();
		replace(list, 20);
		expect((await pollTimes(poller, 3)).emitted).toHaveLength(20);
	});

	it('emits the first row of another account that was empty', async () => {
		const { list, poller } = await known(10);
		poller.account = 'other';
		list.rows = [];
		await poller.poll();
		const due = list.insert(1, 0);
		expect((await pollTimes(poller, 3)).emitted).toEqual(due);
	});

	it('reads the list of another account once', async () => {
		const { list, poller } = await known(250);
		poller.account = 'other';
		replace(list, 350);
		expect((await pollTimes(poller, 3)).requests).toEqual([4, 1, 1]);
	});

	it('emits no old row after it found the list empty with another key', async () => {
		const { list, poller } = await known(10);
		const { rows } = list;
		poller.account = 'other';
		list.rows = [];
		await poller.poll();
		list.rows = rows;
		expect((await pollTimes(poller, 3)).emitted).toEqual([]);
	});
});

describe('the memory', () => {
	it('of 50,000 rows is less than a megabyte, even if all were replaced', async () => {
		const { list, poller } = await known(MANY_ROWS);
		const sizes = [JSON.stringify(poller.memory).length];
		for (let round = 0; round < 2; round++) {
			list.delete(MANY_ROWS - 1000, 0);
			list.insert(MANY_ROWS - 1000, 0);
			await pollTimes(poller, 20);
			sizes.push(JSON.stringify(poller.memory).length);
		}
		expect(Math.max(...sizes)).toBeLessThan(1_000_000);
	}, 60_000);

	it('does not change while nothing is new on a single page', async () => {
		const { poller } = await known(30);
		const before = JSON.stringify(poller.memory);
		await poller.poll();
		expect(JSON.stringify(poller.memory)).toBe(before);
	});

	it.each([Infinity, 100])(
		'stays below a megabyte if the list does not end (%d requests a poll)',
		async (isOver) => {
			let made = 0;
			const list = new ChangingList('first', 100, 'none');
			list.rows = [];
			const endless = new Poller(
				Object.assign(list, {
					fetch: async () => {
						expectToEnd(++list.requestsOfPoll, 1001);
						const rows = Array.from({ length: 100 }, () => ({ id: made++ }));
						return await Promise.resolve({ rows, total: 1e11 });
					},
				}),
			);
			for (let poll = 0; poll < 12; poll++) {
				const emitted = await endless.poll({ kind: 'poll', isOver });
				expect(emitted ?? []).toEqual([]);
			}
			// By now, the list has more rows than a trigger can remember
			list.beginPoll({ kind: 'poll', isOver });
			await expect(resultOf(list, endless.memory)).rejects.toMatchObject({
				message:
					'The list has more than 100,000 entries, which is more than a trigger can remember',
				description: "Use 'Filters' to narrow the list, if this event has them.",
			});
			expect(JSON.stringify(endless.memory ?? {}).length).toBeLessThan(1_000_000);
		},
		60_000,
	);

	it('begins anew if it is damaged', async () => {
		const { list, poller } = await known(10);
		poller.memory = { ...poller.memory, seen: 'abcdefgh' };
		list.insert(1, 0);
		expect(await poller.poll()).toEqual([]);
		const due = list.insert(1, 0);
		expect(await poller.poll()).toEqual(due);
	});
});
