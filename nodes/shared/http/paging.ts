import type { IDataObject } from 'n8n-workflow';

import { mapConcurrently } from './concurrency';
import { ServiceError } from './errors';

/** A part of a list, as the service handed it out. */
export interface Page {
	rows: IDataObject[];
	/** rows in the whole list, where the service says so */
	total?: number;
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
}

/** More rows than this do not fit into the memory of one workflow. */
const MOST_ROWS = 250_000;

/** Twice as many pages as that many rows need; a service may hand out small pages. */
const MOST_PAGES = 5_000;

/** Rows in order, each identity once. */
class DistinctRows {
	readonly rows: IDataObject[] = [];
	/** rows received, repeated ones included */
	received = 0;
	private readonly seen = new Set<unknown>();
	private previousPage = '';

	constructor(private readonly identity: (row: IDataObject) => unknown) {}

	/** @returns how many of the rows are new */
	add(rows: IDataObject[]): number {
		const before = this.rows.length;
		const repeats = this.repeatsPreviousPage(rows);
		this.received += rows.length;
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
 * @returns at most `wanted` rows, and the service's last total
 * @throws ServiceError for a list that does not end within {@link MOST_ROWS} rows
 */
export async function readPages(list: PagedList): Promise<Page> {
	const { wanted, pageSize } = list;
	const limit = Math.min(wanted, pageSize);
	const found = new DistinctRows((row) => list.identity(row));
	const first = await list.fetch({ page: 1, offset: 0 }, limit);
	found.add(first.rows);

	let { total } = first;
	// A total that names no more rows than a full first page may count that page alone
	const isSuspect = first.rows.length === limit && (total ?? 0) <= limit;
	const hasMore = () => {
		if (found.rows.length >= wanted) return false;
		const { received, rows } = found;
		// More rows than the total: it counts something else
		return total === undefined || isSuspect || received < total || rows.length > total;
	};
	const step = first.rows.length;
	let position: Position = { page: 2, offset: step };
	let { atOnce } = list;
	let hasEnded = step === 0;

	while (!hasEnded && hasMore()) {
		const positions = nextPositions(position, step, Math.min(wanted, total ?? 0), atOnce);
		const pages = await mapConcurrently(positions.length, atOnce, async (index) => {
			const { page, offset } = positions[index] ?? position;
			// Pages are numbered by their size, so only a list that counts rows may ask for fewer
			return await list.fetch({ page, offset }, Math.min(limit, Math.max(1, wanted - offset)));
		});
		let added = 0;
		for (const [index, { rows, total: counted }] of pages.entries()) {
			added += found.add(rows);
			total = counted ?? total;
			const { page, offset } = positions[index] ?? position;
			position = { page: page + 1, offset: offset + rows.length };
			// Behind a page that is shorter than the first, rows stand where nobody has looked
			if (rows.length < step) {
				hasEnded = rows.length === 0;
				atOnce = 1;
				break;
			}
		}
		hasEnded ||= added === 0;
		if (found.rows.length > MOST_ROWS || position.page > MOST_PAGES) throw tooLong();
	}
	return { rows: found.rows.slice(0, wanted), total };
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
		`The list has more than ${MOST_ROWS.toLocaleString('en')} rows, or does not end`,
		{ description: "Turn off 'Return All' and set a 'Limit', or narrow the list with a filter." },
	);
}
