import type { IDataObject } from 'n8n-workflow';

import { readPages } from '../http/paging';
import type { Page } from '../http/paging';
import { compareNewest, compareSweep, knownIn, newestOf, orderOf } from './journal';
import type { PollResult, Identity, Known, Reading, SeenMemory } from './journal';

/*
 * Reading a list for a trigger: no further than needed, and no longer than a poll may take. What
 * did not fit is taken up by the next poll.
 */

/** A list that comes in pages. */
export interface PagedList {
	/** Fetches up to `limit` rows from `offset` on. */
	fetch(offset: number, limit: number): Promise<Page>;
	/** most rows of one page */
	pageSize: number;
	/** whether pages have numbers, so that only multiples of `limit` can be an offset */
	isNumbered?: boolean;
	identity: Identity;
}

/** Where a reading begins. */
export interface Place {
	at: number;
	/** rows in the whole list when this place was found, where the service tells */
	total?: number;
}

/** A reading, page by page. */
export interface PagedReading extends Reading {
	pages: Page[];
}

/** How much a poll may still do. */
export interface PollBudget {
	/** whether the time of this poll is over */
	isOver(): boolean;
	/** whether an error says that the service takes no more requests for now */
	isSpent(error: unknown): boolean;
}

/** How often one reading goes back because the list became shorter meanwhile. */
const MOST_STEPS_BACK = 3;

/**
 * Reads on from a place, page by page, until the list ends, a page ends it or time runs out. When
 * the list became shorter meanwhile, rows moved up to where it was read already: it goes back.
 */
export async function readOn(
	list: PagedList,
	from: Place,
	budget: PollBudget,
	endsWith: (page: Page) => boolean = () => false,
): Promise<PagedReading> {
	const pages: Page[] = [];
	const met = new Set<string>();
	let { total } = from;
	let step = list.pageSize;
	let stepsBack = 0;
	const read = () => ({ pages, rows: pages.flatMap(({ rows }) => rows), total });
	for (let offset = from.at; ; ) {
		const page = await list.fetch(offset, step).catch((error: unknown) => {
			if (pages.length > 0 && budget.isSpent(error)) return undefined;
			throw error;
		});
		if (!page) return { ...read(), stoppedAt: offset };

		const lost = (total ?? 0) - (page.total ?? Infinity);
		total = page.total ?? total;
		if (lost > 0 && offset > 0 && stepsBack < MOST_STEPS_BACK) {
			// Without this page: what is known behind a gap would hide the gap from the next poll
			stepsBack++;
			const back = list.isNumbered ? Math.ceil(lost / step) * step : lost;
			offset = Math.max(0, offset - back);
		} else {
			const metBefore = met.size;
			page.rows.forEach((row) => met.add(list.identity(row)));
			pages.push(page);
			const { length } = page.rows;
			// Without a total: a service that knows no pages hands out the same one again and again
			const isLast =
				total === undefined
					? length < step || met.size === metBefore
					: offset + length >= total || length === 0;
			if (isLast) return read();
			if (endsWith(page)) return { ...read(), endedEarly: true };
			// A service may hand out fewer rows for a page than it was asked for
			if (!list.isNumbered) step = Math.min(step, length);
			offset += step;
		}
		if (budget.isOver()) return { ...read(), stoppedAt: offset };
	}
}

/**
 * Reads on from an offset with pages side by side, for services whose requests are not counted.
 *
 * @param wanted most rows
 */
export async function readSideBySide(
	list: PagedList,
	{ at: from, total: counted = 0 }: Place,
	budget: PollBudget,
	wanted = Infinity,
): Promise<Reading> {
	let first: Page | undefined = await list.fetch(from, Math.min(wanted, list.pageSize));
	const lost = counted - (first.total ?? counted);
	if (lost > 0 && from > 0) {
		const place = { at: Math.max(0, from - lost), total: first.total };
		return await readSideBySide(list, place, budget, wanted);
	}
	const pages = new Map<number, Page>();
	let isCut = false;
	const fetchUnlessSpent = async (offset: number, limit: number) =>
		await list.fetch(offset, limit).catch((error: unknown) => {
			if (budget.isSpent(error)) return undefined;
			throw error;
		});
	const { rows, total } = await readPages({
		async fetch({ offset }, limit) {
			if (offset === 0 && !isCut) pages.clear();
			isCut ||= pages.size > 0 && budget.isOver();
			const page = isCut ? undefined : (first ?? (await fetchUnlessSpent(from + offset, limit)));
			if (!page) {
				isCut = true;
				return { rows: [] };
			}
			first = undefined;
			pages.set(offset, page);
			return {
				rows: page.rows,
				total: page.total === undefined ? undefined : Math.max(0, page.total - from),
			};
		},
		wanted: Math.max(0, wanted - from),
		pageSize: list.pageSize,
		atOnce: 10,
		identity: list.identity,
	});
	const reading = { rows, total: total === undefined ? undefined : total + from };
	if (!isCut) return reading;
	const withoutGap = rowsWithoutGap(pages);
	return { ...reading, rows: withoutGap, stoppedAt: from + withoutGap.length };
}

/**
 * The rows that a reading met before it was cut off. Pages arrive in any order, so some may be
 * missing before others; and behind a page that was handed out of a shorter list, rows had moved up.
 * What is known behind a gap would hide the gap from the next poll.
 */
function rowsWithoutGap(pages: Map<number, Page>): IDataObject[] {
	const { total: first = 0 } = pages.get(0) ?? {};
	const rows: IDataObject[] = [];
	for (let page = pages.get(0); page && page.rows.length > 0; page = pages.get(rows.length)) {
		const lost = first - (page.total ?? first);
		if (lost > 0) return rows.slice(0, Math.max(0, rows.length - lost));
		rows.push(...page.rows);
	}
	return rows;
}

/**
 * Where to go on reading a list that may have changed since: not behind an entry that was not read
 * yet. Entries that were removed meanwhile let others move up, so the row before must be known.
 *
 * @param offset where the last reading stopped
 */
export async function takeUp(
	list: PagedList,
	offset: number,
	isKnown: (row: IDataObject) => boolean,
): Promise<Place> {
	let at = offset;
	let total: number | undefined;
	for (let back = list.pageSize; at > 0; back *= 2) {
		const { rows, total: told } = await list.fetch(at - 1, 1);
		total = told;
		if (rows[0] && isKnown(rows[0])) break;
		at = Math.max(0, at - back);
	}
	return { at: list.isNumbered ? at - (at % list.pageSize) : at, total };
}

/**
 * The newest row of a list, to show it, with as few requests as its times allow: one, and another
 * for the last row where the oldest come first. Without times it is the first row.
 */
export async function newestRow(
	list: PagedList,
	timeNames: readonly string[],
): Promise<IDataObject | undefined> {
	const { rows, total = 0 } = await list.fetch(0, list.pageSize);
	const isLast = total > rows.length && orderOf(rows, timeNames) === 'oldest';
	const [last] = isLast ? (await list.fetch(total - 1, 1)).rows : [];
	return last ?? newestOf(rows, timeNames);
}

/** What was found new in a list, and how it was read. */
export interface ListResult extends PollResult {
	memory: SeenMemory;
	reading: Reading;
	/** whether all rows of the list were read, in its order */
	isWhole: boolean;
}

/** Reads from an offset on: {@link readOn} or {@link readSideBySide}. */
type Read = (list: PagedList, from: Place, budget: PollBudget) => Promise<Reading>;

/**
 * What is new in a list whose order is not known: all of it is read, over several polls when it
 * takes longer than one may.
 */
export async function pollWhole(
	list: PagedList,
	memory: SeenMemory | undefined,
	budget: PollBudget,
	read: Read,
): Promise<ListResult> {
	const from = await takeUp(list, memory?.cursor?.at ?? 0, knownIn(memory, list.identity).has);
	const reading = await read(list, from, budget);
	const isWhole = from.at === 0 && isComplete(reading);
	return { ...compareSweep(memory, reading, list.identity), reading, isWhole };
}

/**
 * What is new in a list that shows the newest first: it is read until a page holds nothing new.
 * What the last poll left unread comes after what is new since.
 *
 * @param memory with a complete baseline
 * @param most entries that stay remembered
 */
export async function pollNewest(
	list: PagedList,
	memory: SeenMemory,
	budget: PollBudget,
	most = Infinity,
): Promise<ListResult> {
	const known = knownIn(memory, list.identity);
	const head = await readOn(list, { at: 0 }, budget, ({ rows }) => rows.every(known.has));
	const rest =
		memory.cursor && head.endedEarly
			? await readRest(list, memory.cursor.at, head, known, budget)
			: undefined;
	const reading = rest ? { ...rest, rows: [...head.rows, ...rest.rows] } : head;
	const found = compareNewest(memory, reading, list.identity, most);
	return { ...found, reading, isWhole: isComplete(head) };
}

/** @returns whether a reading went as far as the list does */
export function isComplete({ stoppedAt, endedEarly }: Reading): boolean {
	return stoppedAt === undefined && !endedEarly;
}

async function readRest(
	list: PagedList,
	stoppedAt: number,
	head: Reading,
	known: Known,
	budget: PollBudget,
): Promise<Reading> {
	const above = new Set(head.rows.filter((row) => !known.has(row)).map(list.identity));
	const from = stoppedAt + above.size;
	const isRead = (row: IDataObject) =>
		above.has(list.identity(row)) || (known.has(row) && !known.hadBefore(row));
	const goOn = async (): Promise<Reading> => {
		const place = await takeUp(list, from, isRead);
		return await readOn(list, place, budget, ({ rows }) => rows.every(known.hadBefore));
	};
	return await goOn().catch((error: unknown) => {
		if (budget.isSpent(error)) return { rows: [], stoppedAt: from };
		throw error;
	});
}

/**
 * The same list from its end on, for services that show the oldest first.
 *
 * @param list with numbered pages
 * @param count rows at the last poll, to find the last page with one request
 */
export function fromEnd(list: PagedList, count: number): PagedList {
	const { pageSize } = list;
	let pages = Math.max(1, Math.ceil(count / pageSize));
	let total = 0;
	const fetchPage = async (number: number) => await list.fetch((number - 1) * pageSize, pageSize);

	const fetchLast = async () => {
		let page = await fetchPage(pages);
		if (page.total !== undefined) {
			const now = Math.max(1, Math.ceil(page.total / pageSize));
			if (now === pages) return page;
			pages = now;
			return await fetchPage(pages);
		}
		while (page.rows.length === 0 && pages > 1) page = await fetchPage(--pages);
		while (page.rows.length === pageSize) {
			const next = await fetchPage(pages + 1);
			if (next.rows.length === 0) break;
			pages++;
			page = next;
		}
		return page;
	};

	return {
		pageSize,
		isNumbered: true,
		identity: (row) => list.identity(row),
		async fetch(offset, limit) {
			if (limit < pageSize) {
				return offset < total ? await list.fetch(total - 1 - offset, limit) : { rows: [] };
			}
			const number = pages - Math.floor(offset / pageSize);
			if (number < 1) return { rows: [], total };
			const page = offset === 0 ? await fetchLast() : await fetchPage(number);
			if (offset === 0) total = page.total ?? (pages - 1) * pageSize + page.rows.length;
			return { rows: [...page.rows].reverse(), total };
		},
	};
}
