import type { IDataObject } from 'n8n-workflow';

import { mapConcurrently } from './concurrency';
import { ServiceError } from './errors';

/** One page of a list, as the service returned it. */
export interface Page {
	rows: IDataObject[];
	/** the service's count of rows in the whole list */
	total?: number;
	/** the service's clock at its answer, in ms since the epoch */
	serviceNow?: number;
}

/** Where a page starts. Some services count pages, others rows. */
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
	/** identifies a row, e.g. by its ID; undefined for a row without one */
	identity(row: IDataObject): unknown;
	/** how many rows to read; Infinity for all */
	wanted: number;
	/** Whether the rows so far are enough, so that no further page is fetched. */
	isEnough?(rows: readonly IDataObject[]): boolean;
}

/** Most rows of a list: more do not fit into the memory of one workflow. */
const MOST_ROWS = 250_000;

/** Most pages of a list: twice what {@link MOST_ROWS} needs, because pages may be small. */
const MOST_PAGES = 5_000;

/** Collects rows in order, each identity once. */
class DistinctRows {
	readonly rows: IDataObject[] = [];
	private readonly seen = new Set<unknown>();
	private previousPage = '';

	constructor(private readonly identity: (row: IDataObject) => unknown) {}

	/** @returns how many of the rows are new */
	add(rows: IDataObject[]): number {
		const before = this.rows.length;
		const ids = rows.map((row) => this.identity(row));
		const repeats = this.repeatsPreviousPage(ids.includes(undefined) ? JSON.stringify(rows) : '');
		for (const [index, row] of rows.entries()) {
			const id = ids[index];
			if (id === undefined ? repeats : this.seen.has(id)) continue;
			this.seen.add(id);
			this.rows.push(row);
		}
		return this.rows.length - before;
	}

	/**
	 * Rows without an identity may be alike. But if a page repeats the one before, there are no pages.
	 *
	 * @param page its rows as text; empty if each row has an identity, so that the result does not count
	 */
	private repeatsPreviousPage(page: string): boolean {
		const repeats = page === this.previousPage;
		this.previousPage = page;
		return repeats;
	}
}

/**
 * Reads a list page by page to the end of its rows. `total` only limits how many pages are fetched
 * side by side, so a wrong one costs at most one round of requests. Repeated rows are dropped. Pages
 * may be smaller than requested.
 *
 * @returns at most `wanted` rows, and the highest total that the service named. When a list shrinks
 * during the reading, rows may move to pages that were read before.
 * @throws ServiceError for a list that does not end within {@link MOST_ROWS} rows
 */
export async function readPages(list: PagedList): Promise<Page> {
	const { wanted, pageSize } = list;
	const limit = Math.min(wanted, pageSize);
	const found = new DistinctRows((row) => list.identity(row));
	const first = await list.fetch({ page: 1, offset: 0 }, limit);
	found.add(first.rows);

	let { total } = first;
	let highestTotal = total;
	const isSuspect = mayCountPage(first, limit);
	const step = first.rows.length;
	let position: Position = { page: 2, offset: step };
	let { atOnce } = list;
	let hasEnded = step === 0;
	const hasMore = () => {
		const { length } = found.rows;
		if (hasEnded || length >= wanted || list.isEnough?.(found.rows)) return false;
		// With more rows than its total, the service counts something else
		return total === undefined || isSuspect || position.offset < total || length > total;
	};

	while (hasMore()) {
		const missing = wanted - found.rows.length;
		const positions = nextPositions(position, step, Math.min(wanted, total ?? 0), atOnce);
		const pages = await mapConcurrently(positions.length, atOnce, async (index) => {
			const from = positions[index] ?? position;
			// Page numbers depend on the page size, so only the last rows may be asked for in a smaller page
			const left = from.offset < wanted ? wanted - from.offset : missing;
			return await list.fetch(from, Math.min(limit, left));
		});
		let added = 0;
		for (const [index, page] of pages.entries()) {
			const { length } = page.rows;
			added += found.add(page.rows);
			total = page.total ?? total;
			highestTotal = Math.max(highestTotal ?? 0, total ?? 0) || total;
			const from = positions[index] ?? position;
			position = { page: from.page + 1, offset: from.offset + length };
			// After a short page, the next pages started too late: read on from here, one by one
			if (length < step) {
				hasEnded = length === 0;
				atOnce = 1;
				break;
			}
		}
		hasEnded ||= added === 0;
		if (found.rows.length > MOST_ROWS || position.page > MOST_PAGES) throw tooLong();
	}
	return { rows: found.rows.slice(0, wanted), total: highestTotal };
}

/** @returns whether `total` may count only this page: the page is full, and `total` is no larger */
export function mayCountPage({ rows, total }: Page, limit: number): boolean {
	return (total ?? Infinity) <= limit && rows.length >= limit;
}

/** @returns where the next pages start: at least one, at most `atOnce` */
function nextPositions(from: Position, step: number, end: number, atOnce: number): Position[] {
	const positions = [from];
	for (let count = 1; count < atOnce && from.offset + count * step < end; count++) {
		positions.push({ page: from.page + count, offset: from.offset + count * step });
	}
	return positions;
}

function tooLong(): ServiceError {
	return new ServiceError(
		`The list has more than ${MOST_ROWS.toLocaleString('en')} rows, or it does not end`,
		{ description: "Turn off 'Return All' and set a 'Limit', or narrow the list with a filter." },
	);
}
