import type { IDataObject } from 'n8n-workflow';

import { readByOffset } from './paging';
import type { Page } from './paging';
import { compareNewest, compareSweep, knownIn } from './polling';
import type { Found, Identity, Known, Reading, SeenMemory } from './polling';

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

/** A reading, page by page. */
export interface PagedReading extends Reading {
	pages: Page[];
}

/** How much a poll may still do. */
export interface Allowance {
	/** whether the time of this poll is over */
	isOver(): boolean;
	/** whether an error says that the service takes no more requests for now */
	isSpent(error: unknown): boolean;
}

/** Reads on from an offset, page by page, until the list ends, a page ends it or time runs out. */
export async function readOn(
	list: PagedList,
	from: number,
	allowance: Allowance,
	endsWith: (page: Page) => boolean = () => false,
): Promise<PagedReading> {
	const pages: Page[] = [];
	const met = new Set<string>();
	let step = list.pageSize;
	let total: number | undefined;
	const read = () => ({ pages, rows: pages.flatMap(({ rows }) => rows), total });
	for (let offset = from; ; offset += step) {
		if (offset > from && allowance.isOver()) return { ...read(), stoppedAt: offset };
		const page = await list.fetch(offset, step).catch((error: unknown) => {
			if (offset > from && allowance.isSpent(error)) return undefined;
			throw error;
		});
		if (!page) return { ...read(), stoppedAt: offset };

		const metBefore = met.size;
		page.rows.forEach((row) => met.add(list.identity(row)));
		pages.push(page);
		total = page.total ?? total;
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
	}
}

/**
 * Reads on from an offset with pages side by side, for services whose requests are not counted.
 *
 * @param wanted most rows
 */
export async function readSideBySide(
	list: PagedList,
	from: number,
	allowance: Allowance,
	wanted = Infinity,
): Promise<Reading> {
	const pages = new Map<number, number>();
	let isCut = false;
	const { rows, total } = await readByOffset({
		async fetch(offset, limit) {
			if (offset === 0 && !isCut) pages.clear();
			if (isCut || (pages.size > 0 && allowance.isOver())) {
				isCut = true;
				return { rows: [] };
			}
			const page = await list.fetch(from + offset, limit);
			pages.set(offset, page.rows.length);
			return {
				rows: page.rows,
				total: page.total === undefined ? undefined : Math.max(0, page.total - from),
			};
		},
		wanted: Math.max(0, wanted - from),
		pageSize: list.pageSize,
		identity: list.identity,
	});
	const counted = total === undefined ? undefined : total + from;
	if (!isCut) return { rows, total: counted };
	// Pages arrive in any order: the next poll goes on after the last one without a gap before it
	let read = 0;
	for (let length = pages.get(0); length; length = pages.get(read)) read += length;
	return { rows, total: counted, stoppedAt: from + read };
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
): Promise<number> {
	let at = offset;
	for (let back = list.pageSize; at > 0; back *= 2) {
		const { rows } = await list.fetch(at - 1, 1);
		if (rows[0] && isKnown(rows[0])) break;
		at = Math.max(0, at - back);
	}
	return at;
}

/** What was found new in a list, and how it was read. */
export interface ListFound extends Found {
	memory: SeenMemory;
	reading: Reading;
	/** whether all rows of the list were read, in its order */
	isWhole: boolean;
}

/** Reads from an offset on: {@link readOn} or {@link readSideBySide}. */
type Read = (list: PagedList, from: number, allowance: Allowance) => Promise<Reading>;

/**
 * What is new in a list whose order is not known: all of it is read, over several polls when it
 * takes longer than one may.
 */
export async function pollWhole(
	list: PagedList,
	memory: SeenMemory | undefined,
	allowance: Allowance,
	read: Read,
): Promise<ListFound> {
	const from = await takeUp(list, memory?.cursor?.at ?? 0, knownIn(memory, list.identity).has);
	const reading = await read(list, from, allowance);
	const isWhole = from === 0 && isComplete(reading);
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
	allowance: Allowance,
	most = Infinity,
): Promise<ListFound> {
	const known = knownIn(memory, list.identity);
	const head = await readOn(list, 0, allowance, ({ rows }) => rows.every(known.has));
	const rest =
		memory.cursor && head.endedEarly
			? await readRest(list, memory.cursor.at, head, known, allowance)
			: undefined;
	const reading = rest ? { ...rest, rows: [...head.rows, ...rest.rows] } : head;
	const found = compareNewest(memory, reading, list.identity, most);
	return { ...found, reading, isWhole: isComplete(head) };
}

function isComplete({ stoppedAt, endedEarly }: Reading): boolean {
	return stoppedAt === undefined && !endedEarly;
}

async function readRest(
	list: PagedList,
	stoppedAt: number,
	head: Reading,
	known: Known,
	allowance: Allowance,
): Promise<Reading> {
	const above = new Set(head.rows.filter((row) => !known.has(row)).map(list.identity));
	const from = stoppedAt + above.size;
	const isRead = (row: IDataObject) => known.has(row) || above.has(list.identity(row));
	const goOn = async (): Promise<Reading> => {
		const at = await takeUp(list, from, isRead);
		const aligned = at - (list.isNumbered ? at % list.pageSize : 0);
		return await readOn(list, aligned, allowance, ({ rows }) => rows.every(known.hadBefore));
	};
	return await goOn().catch((error: unknown) => {
		if (allowance.isSpent(error)) return { rows: [], stoppedAt: from };
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
		...list,
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
