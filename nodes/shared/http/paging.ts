import type { IDataObject } from 'n8n-workflow';

import { mapConcurrently } from './concurrency';

/** A part of a list, as the service handed it out. */
export interface Page {
	rows: IDataObject[];
	/** rows in the whole list, where the service tells */
	total?: number;
	/** the service's clock, in ms since the epoch, from the `Date` header of its answer */
	serviceNow?: number;
}

/** Pages fetched side by side; the credential's pacing decides how fast they leave. */
const PAGES_AT_ONCE = 10;

/** Ends the reading of a list that never does: ten million rows at 100 a page. */
const MOST_PAGES = 100_000;

/** Collects rows in order, each identity once. */
class Rows {
	readonly rows: IDataObject[] = [];
	private readonly seen = new Set<unknown>();

	/** whether each row had an identity, so that one that is read again is known */
	areIdentified = true;

	constructor(private readonly identity: (row: IDataObject) => unknown) {}

	/** the last page, if its rows have no identity */
	private lastPage = '';

	/** @returns how many of them are new */
	add(rows: IDataObject[]): number {
		const before = this.rows.length;
		if (this.repeatsLastPage(rows)) return 0;
		for (const row of rows) {
			const id = this.identity(row) ?? row;
			this.areIdentified &&= id !== row;
			if (this.seen.has(id)) continue;
			this.seen.add(id);
			this.rows.push(row);
		}
		return this.rows.length - before;
	}

	/** Rows without an identity may be alike; a whole page that is means that the service has no pages. */
	private repeatsLastPage(rows: IDataObject[]): boolean {
		const isIdentified = rows.some((row) => this.identity(row) !== undefined);
		const page = isIdentified ? '' : JSON.stringify(rows);
		const repeats = page !== '' && page === this.lastPage;
		this.lastPage = page;
		return repeats;
	}
}

export interface ReadByOffset {
	/** Fetches up to `limit` rows from `offset` on. */
	fetch(offset: number, limit: number): Promise<Page>;
	/** how many rows are wanted; Infinity for all */
	wanted: number;
	/** most rows of one page */
	pageSize: number;
	/** tells rows apart, so that one that shifts between pages comes once */
	identity(row: IDataObject): unknown;
}

/**
 * Reads a list by offset. The first page tells how many there are; the others are fetched side by
 * side, the last one no larger than needed. Rows that shifted to a later page are dropped there, and
 * what was missed for that reason is read from the end on. When the list became shorter meanwhile,
 * rows may have shifted to a page that was read before: then it is read a second time.
 *
 * @returns at most `wanted` rows, and the service's total where it tells
 */
export async function readByOffset(list: ReadByOffset): Promise<Page> {
	const found = new Rows((row) => list.identity(row));
	const first = await readThrough(list, found);
	const isCertain = !first.shrank || found.rows.length >= list.wanted || !found.areIdentified;
	const { total } = isCertain ? first : await readThrough(list, found);
	return { rows: found.rows.slice(0, list.wanted), total };
}

/** Reads a list from beginning to end. @returns its total, and whether that fell meanwhile */
async function readThrough(
	list: ReadByOffset,
	found: Rows,
): Promise<{ total?: number; shrank: boolean }> {
	const { wanted, pageSize } = list;
	const first = await list.fetch(0, Math.min(wanted, pageSize));
	let { total } = first;
	let shrank = false;
	const take = (page: Page) => {
		total = page.total ?? total;
		shrank ||= (total ?? 0) < (first.total ?? 0);
		return found.add(page.rows);
	};
	take(first);

	// A service may hand out fewer rows for a page than it was asked for
	const step = first.rows.length;
	let offset = step;
	const known = Math.min(wanted, total ?? 0);
	if (step > 0 && offset < known) {
		const offsets = range(offset, known, step);
		const pages = await mapConcurrently(offsets.length, PAGES_AT_ONCE, async (index) => {
			const start = offsets[index] ?? 0;
			return await list.fetch(start, Math.min(step, known - start));
		});
		pages.forEach(take);
		offset = known;
	}

	// Where no total was told, or the list changed meanwhile: on until there is nothing new
	for (let pages = 0; pages < MOST_PAGES && step > 0; pages++) {
		const missing = wanted - found.rows.length;
		if (missing <= 0 || (total !== undefined && offset >= total)) break;
		const page = await list.fetch(offset, Math.min(missing, step));
		offset += page.rows.length;
		const added = take(page);
		if (page.rows.length === 0 || (added === 0 && total === undefined)) break;
	}
	return { total, shrank };
}

function range(from: number, to: number, step: number): number[] {
	return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}

export interface ReadByPage {
	/** Fetches a page, numbered from 1. */
	fetch(page: number, perPage: number): Promise<Page>;
	/** how many rows are wanted; Infinity for all */
	wanted: number;
	/** most rows of one page */
	pageSize: number;
	/** tells rows apart, so that one that shifts between pages comes once */
	identity(row: IDataObject): unknown;
}

/** Places in a list, from the first up to but not including the second. */
type Stretch = [from: number, to: number];

/**
 * Reads a list page by page, one after the other, and no page more than needed.
 *
 * When the list becomes shorter meanwhile, rows may move to a page that was read before. Which places
 * may hold such a row is known from the totals, so only the pages with these are read again: as a
 * rule one for each time that the list became shorter.
 *
 * @returns at most `wanted` rows, the service's total where it tells, and whether rows may be
 * missing all the same
 */
export async function readByPage(list: ReadByPage): Promise<Page & { hasGaps: boolean }> {
	const { wanted } = list;
	const perPage = Math.min(wanted, list.pageSize);
	const found = new Rows((row) => list.identity(row));
	let total: number | undefined;
	let step = 0;
	let falls = 0;
	let lastTold: number | undefined;
	let hasChanged = false;
	let unseen: Stretch[] = [[0, Infinity]];

	const read = async (page: number) => {
		const { rows, total: told } = await list.fetch(page, perPage);
		step ||= rows.length;
		const start = (page - 1) * step;
		const before = total;
		// A page behind the end that tells nothing: the list became shorter, or fewer are shown than
		// counted. The former is seen by the page before
		const isBehind = told === undefined && rows.length === 0 && before !== undefined;
		total = told ?? (isBehind ? Math.min(before, Math.max(start, before - step)) : before);
		const change = (total ?? 0) - (before ?? total ?? 0);
		if (change < 0) falls++;
		hasChanged ||= (told ?? lastTold) !== (lastTold ?? told);
		lastTold = told ?? lastTold;
		unseen = without(moved(unseen, change), start, start + step);
		return { count: rows.length, added: found.add(rows) };
	};

	let pages = 0;
	let isEnd: boolean;
	let added: number;
	do {
		const page = await read(++pages);
		({ added } = page);
		const isLast =
			total === undefined ? added === 0 || page.count < perPage : pages * step >= total;
		isEnd = isLast || page.count === 0;
	} while (!isEnd && added > 0 && found.rows.length < wanted && pages < MOST_PAGES);
	if (isEnd) unseen.pop();

	// A service that shows the same again whatever page it is asked for has no pages
	if (!isEnd && added === 0 && !hasChanged) unseen = [];
	// One page for each time, and more only while that helps: a service may count in a way of its own
	let left = Math.min(falls, pages);
	for (let again = 0; again < pages && left > 0 && found.rows.length < wanted; again++) {
		const [gap] = unseen;
		if (!gap || !found.areIdentified) break;
		({ added } = await read(Math.floor(gap[0] / step) + 1));
		if (added === 0) left--;
	}
	const hasGaps = hasChanged && found.rows.length < wanted && unseen.length > 0;
	return { rows: found.rows.slice(0, wanted), total, hasGaps };
}

/** Where the unseen rows may be after the list became longer (above 0) or shorter (below 0). */
function moved(unseen: readonly Stretch[], by: number): Stretch[] {
	return unseen.map(([from, to]) => [Math.max(0, from + Math.min(by, 0)), to + Math.max(by, 0)]);
}

function without(unseen: readonly Stretch[], start: number, end: number): Stretch[] {
	return unseen
		.flatMap(([from, to]): Stretch[] => [
			[from, Math.min(to, start)],
			[Math.max(from, end), to],
		])
		.filter(([from, to]) => from < to);
}
