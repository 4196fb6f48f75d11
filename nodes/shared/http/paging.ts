import type { IDataObject } from 'n8n-workflow';

import { mapConcurrently } from './concurrency';
import { ServiceError } from './errors';

/** A part of a list, as the service handed it out. */
export interface Page {
	rows: IDataObject[];
	/** rows in the whole list, where the service says so */
	total?: number;
	/** the service's clock when it answered, in ms since the epoch */
	serviceNow?: number;
	/** how large the answer was */
	bytes?: number;
}

/** Which part of a list to fetch: services count either pages or rows. */
export interface Position {
	/** number of the page, from 1 */
	page: number;
	/** rows before the page */
	offset: number;
}

export interface PagedList {
	/** Fetches up to `limit` rows from a position on. */
	fetch(position: Position, limit: number): Promise<Page>;
	/** the most rows to ask for in one request */
	pageSize: number;
	/** pages fetched at the same time; 1 where requests are counted */
	atOnce: number;
	/** what makes a row that row, e.g. its ID; undefined for a row that has no identity */
	identity(row: IDataObject): unknown;
	/** the number of rows that are wanted; Infinity for all */
	wanted: number;
	/** Whether these rows hold all that is looked for, so that no further page is read. */
	isEnough?(rows: readonly IDataObject[]): boolean;
}

/** More rows than this do not fit into the memory of one workflow. */
const MOST_ROWS = 250_000;

/** Twice as many pages as that many rows need; a service may hand out small pages. */
const MOST_PAGES = 5_000;

/** Nor do more bytes of answers. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Rows in order, each identity once. */
class DistinctRows {
	readonly rows: IDataObject[] = [];
	private readonly seen = new Set<unknown>();
	private previousPage = '';

	constructor(private readonly identity: (row: IDataObject) => unknown) {}

	/** @returns how many of the rows are new */
	add(rows: IDataObject[]): number {
		const before = this.rows.length;
		const repeats = this.repeatsPreviousPage(rows);
		for (const row of rows) {
			const id = this.identity(row);
			if (id === undefined ? repeats : this.seen.has(id)) continue;
			if (id !== undefined) this.seen.add(id);
			this.rows.push(row);
		}
		return this.rows.length - before;
	}

	/** Rows without an identity may be alike. A whole page that repeats means that there are no pages. */
	private repeatsPreviousPage(rows: IDataObject[]): boolean {
		const isIdentified = rows.every((row) => this.identity(row) !== undefined);
		const page = isIdentified ? '' : JSON.stringify(rows);
		const repeats = page !== '' && page === this.previousPage;
		this.previousPage = page;
		return repeats;
	}
}

/**
 * Reads a list page by page to the end of its rows. A `total` only says how far pages may be fetched
 * side by side: one that is wrong costs at most one round of requests. Rows that a page repeats are
 * dropped. Pages may be smaller than asked for.
 *
 * @returns at most `wanted` rows, and the highest total that the service named: where a list became
 * shorter meanwhile, rows may have moved to where it was read already
 * @throws ServiceError for a list that does not end within {@link MOST_ROWS} rows
 */
export async function readPages(list: PagedList): Promise<Page> {
	const { wanted, pageSize } = list;
	const limit = Math.min(wanted, pageSize);
	const found = new DistinctRows((row) => list.identity(row));
	const first = await list.fetch({ page: 1, offset: 0 }, limit);
	found.add(first.rows);

	let { total, bytes = 0 } = first;
	let highestTotal = total;
	const isSuspect = mayCountPage(first, limit);
	const step = first.rows.length;
	let position: Position = { page: 2, offset: step };
	let { atOnce } = list;
	let hasEnded = step === 0;
	const hasMore = () => {
		const { length } = found.rows;
		if (hasEnded || length >= wanted || list.isEnough?.(found.rows)) return false;
		// More rows than the total: it counts something else
		return total === undefined || isSuspect || position.offset < total || length > total;
	};

	while (hasMore()) {
		const missing = wanted - found.rows.length;
		const positions = nextPositions(position, step, Math.min(wanted, total ?? 0), atOnce);
		const pages = await mapConcurrently(positions.length, atOnce, async (index) => {
			const from = positions[index] ?? position;
			// Pages are numbered by their size, so only a list that counts rows may ask for fewer
			const left = from.offset < wanted ? wanted - from.offset : missing;
			return await list.fetch(from, Math.min(limit, left));
		});
		let added = 0;
		for (const [index, page] of pages.entries()) {
			const { length } = page.rows;
			added += found.add(page.rows);
			total = page.total ?? total;
			highestTotal = Math.max(highestTotal ?? 0, total ?? 0) || total;
			bytes += page.bytes ?? 0;
			const from = positions[index] ?? position;
			position = { page: from.page + 1, offset: from.offset + length };
			// Behind a page that is shorter than the first, rows stand where nobody has looked
			if (length < step) {
				hasEnded = length === 0;
				atOnce = 1;
				break;
			}
		}
		hasEnded ||= added === 0;
		const isTooLong = found.rows.length > MOST_ROWS || position.page > MOST_PAGES;
		if (isTooLong || bytes > MOST_BYTES) throw tooLong();
	}
	return { rows: found.rows.slice(0, wanted), total: highestTotal };
}

/** @returns whether the total may be that of the page: it names no more rows than a full page holds */
export function mayCountPage({ rows, total }: Page, limit: number): boolean {
	return total !== undefined && total <= limit && rows.length >= limit;
}

/** @returns where up to `atOnce` pages begin, at least one */
function nextPositions(from: Position, step: number, end: number, atOnce: number): Position[] {
	const positions = [from];
	for (let count = 1; count < atOnce && from.offset + count * step < end; count++) {
		positions.push({ page: from.page + count, offset: from.offset + count * step });
	}
	return positions;
}

function tooLong(): ServiceError {
	return new ServiceError(
		`The list has more than ${MOST_ROWS.toLocaleString('en')} rows or ${MOST_BYTES / 1024 / 1024} MB, or it does not end`,
		{ description: "Turn off 'Return All' and set a 'Limit', or narrow the list with a filter." },
	);
}
