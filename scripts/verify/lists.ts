import type { IDataObject } from 'n8n-workflow';

import { isRecord, listIn } from '../../nodes/shared/http/answer';
import type { Question, Seen } from './client';
import { confirmed, notSeen, refuted, together, type Verdict } from './verdict';

/** Keys that may hold the list in an answer. */
const LIST_KEYS = ['data', 'items', 'tags', 'results'];

/** The size of a page that shows how a service cuts a list. */
const SMALL = 2;

const BEYOND = 1000;

/** A larger total cannot be true. */
const LARGEST_TOTAL = 1e7;

/** Statuses by which a service may refuse a page. */
const REFUSALS = [400, 404, 413, 416, 422];

/** A page of a list. */
export interface Page {
	rows: IDataObject[];
	/** The answer's `total`, if the answer is an object. */
	total?: unknown;
	/** Whether the list is in an object, which could hold a total. */
	isWrapped: boolean;
	/** The number of rows before this page. */
	from: number;
	/** The number of rows requested. */
	size: number;
}

/** The pages and answers that reading a list produced. */
export interface ListEvidence {
	/** In the plural: `members`. */
	name: string;
	/** Small pages, which show `total` and the positions of the rows. */
	small: Page[];
	/** The largest page, and the one after it. */
	full?: Page;
	next?: Page;
	/** The answer without a limit. */
	standard?: Seen;
	beyond?: Seen;
	tooLarge?: Seen;
}

/** How a service cuts a list: the query for a page of `size` rows after `from` others. */
export interface Cut {
	largest: number;
	query(size: number, from: number): IDataObject;
}

export type Ask = (query: IDataObject) => Promise<Seen | undefined>;

/** @returns the page in an answer, or nothing if there is none */
export function pageIn(seen: Seen | undefined, size: number, from = 0): Page | undefined {
	const rows = seen?.status === 200 ? listIn(seen.body, LIST_KEYS) : undefined;
	if (!rows) return undefined;
	const { body } = seen as Seen;
	return {
		rows,
		size,
		from,
		isWrapped: isRecord(body),
		...(isRecord(body) && { total: body.total }),
	};
}

/** Reads a list in the ways that show how the service cuts, orders and counts it. */
export async function readList(name: string, ask: Ask, cut: Cut): Promise<ListEvidence> {
	const page = async (size: number, from: number) =>
		pageIn(await ask(cut.query(size, from)), size, from);
	const list: ListEvidence = { name, small: [] };
	const small = async (from: number) => {
		const found = await page(SMALL, from);
		if (found) list.small.push(found);
		return found;
	};
	const head = await small(0);
	if (!head) return list;
	if (head.rows.length === SMALL) await small(SMALL);
	const total = Number.isSafeInteger(head.total) ? Number(head.total) : 0;
	// Where the last row should be
	if (total > 2 * SMALL) await small(total - (total % SMALL || SMALL));
	list.full = await page(cut.largest, 0);
	const { full } = list;
	const mayGoOn =
		full?.rows.length === cut.largest || !(full && Number(full.total) <= full.rows.length);
	if (full && full.rows.length > 0 && mayGoOn)
		list.next = await page(cut.largest, full.rows.length);
	list.standard = await ask({});
	const end = total <= LARGEST_TOTAL ? total : 0;
	list.beyond = await ask(cut.query(SMALL, end - (end % SMALL) + BEYOND));
	list.tooLarge = await ask(cut.query(cut.largest + 1, 0));
	return list;
}

/** Combines the verdicts on several lists into one. */
export function overLists(lists: ListEvidence[], check: (list: ListEvidence) => Verdict): Verdict {
	return together(lists.map((list) => ({ of: list.name, ...check(list) })));
}

const unread = notSeen('it could not be read');
const tooShort = notSeen('it has too few rows');

export function total({ small }: ListEvidence): Verdict {
	const [head] = small;
	if (!head) return unread;
	if (!head.isWrapped) return notSeen('a bare array has none');
	for (const { rows, size, from, total } of small) {
		if (total === undefined) return refuted('there is none');
		if (typeof total !== 'number') return refuted(`it is a ${typeof total}`);
		const expected = Math.max(0, Math.min(size, total - from));
		if (rows.length < expected) return refuted('it counts rows that are not shown');
		if (rows.length > expected) return refuted('it leaves out rows that are shown');
	}
	return confirmed('it fits the rows shown');
}

export function fullPages(list: ListEvidence): Verdict {
	const { full, next } = list;
	if (!full) return unread;
	const { rows, size } = full;
	if (rows.length > size) return refuted(`more than ${size} rows`);
	if (rows.length < size) {
		return next && next.rows.length > 0
			? refuted(`fewer than ${size} rows although there are more`)
			: tooShort;
	}
	// Only a correct total says how many rows the second page should have
	const left = total(list).result === 'confirmed' ? Number(next?.total) - size : 0;
	if (next && next.rows.length < Math.min(size, left)) {
		return refuted(`${size} rows on the first page, fewer on the second although there are more`);
	}
	return confirmed(`${size} rows on a page`);
}

export function steadyPages({ small, full }: ListEvidence): Verdict {
	const [head, second] = small;
	if (!head || !full) return unread;
	if (!second || second.from !== SMALL || second.rows.length === 0) return tooShort;
	const idsOf = (pages: Page[]) => pages.flatMap(({ rows }) => rows.map(({ id }) => id));
	const first = idsOf([head, second]);
	if (new Set(first).size < first.length) return refuted('a row stood on two pages');
	const again = idsOf([full]).slice(0, first.length);
	return again.every((id, place) => id === first[place])
		? confirmed('each row stood at one place')
		: refuted('rows stood elsewhere when it was read again');
}

const CREATION = /^(create|join|click|publish|timestamp)/i;
const ISO_TIME = /^\d{4}-\d\d-\d\dT/;

/** @returns the key of the rows' time, preferably of their creation */
export function timeKeyOf(rows: IDataObject[]): string | undefined {
	const isTime = (key: string) =>
		rows.every((row) => typeof row[key] === 'string' && ISO_TIME.test(row[key]));
	const keys = Object.keys(rows[0] ?? {}).filter(isTime);
	return keys.find((key) => CREATION.test(key)) ?? keys[0];
}

/** How rows are ordered by their time. */
export function orderOf(rows: IDataObject[]): { order: string; by?: string } {
	const by = timeKeyOf(rows);
	if (by === undefined) return { order: 'unknown' };
	const times = rows.map((row) => Date.parse(String(row[by])));
	const steps = times.slice(1).map((time, index) => Math.sign(time - (times[index] ?? time)));
	const up = steps.includes(1);
	const down = steps.includes(-1);
	return { by, order: up && down ? 'none' : up ? 'oldest' : down ? 'newest' : 'unknown' };
}

export function order({ full }: ListEvidence): Verdict {
	if (!full) return unread;
	const { order: found, by } = orderOf(full.rows);
	if (by === undefined) return notSeen('no row has a time');
	if (found === 'unknown') return notSeen(`all rows have the same ${by}`);
	if (found === 'newest') return confirmed(`newest first by ${by}`);
	return refuted(found === 'oldest' ? `oldest first by ${by}` : `in no order of ${by}`);
}

export function beyondEnd({ beyond }: ListEvidence): Verdict {
	if (!beyond) return unread;
	const page = pageIn(beyond, SMALL);
	if (page) return page.rows.length === 0 ? confirmed('empty') : refuted('it holds rows');
	const verdict = REFUSALS.includes(beyond.status) ? refuted : notSeen;
	return verdict(`answered with ${beyond.status}`);
}

/** @param refusal the status that should refuse a limit that is too large */
export function tooLargeLimit({ tooLarge }: ListEvidence, refusal: number): Verdict {
	if (!tooLarge) return unread;
	const { status } = tooLarge;
	if (status === refusal) return confirmed(`refused with ${status}`);
	if (REFUSALS.includes(status)) return refuted(`refused with ${status}`);
	if (status !== 200) return notSeen(`answered with ${status}`);
	return refuted('taken without an error');
}

/**
 * @param rows the number of rows that a list should have without a limit
 * @param key the key under which the answer repeats that number
 */
export function standardSize({ standard }: ListEvidence, rows: number, key: string): Verdict {
	const page = pageIn(standard, rows);
	if (!standard || !page) return unread;
	const said = isRecord(standard.body) ? standard.body[key] : undefined;
	if (typeof said === 'number') {
		return said === rows ? confirmed(`"${key}" says so`) : refuted(`"${key}" says otherwise`);
	}
	const isMore = typeof page.total === 'number' && page.total > page.rows.length;
	if (page.rows.length === rows && isMore) return confirmed('so many rows, with more to come');
	return page.rows.length > rows || (isMore && page.rows.length !== rows)
		? refuted(`more or fewer than ${rows} rows`)
		: tooShort;
}

/** Repeats a question for each page of a list. */
export function asking(
	ask: (question: Question) => Promise<Seen | undefined>,
	question: Question,
): Ask {
	return async (query) => await ask({ ...question, query: { ...question.query, ...query } });
}
