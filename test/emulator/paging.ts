import type { ListReadings } from './readings';

/** A list as one request sees it. */
export interface List<T> {
	/** All rows in the order of their creation. A shifting list gains or loses a row here. */
	stored: T[];
	/** The rows that the filters select. */
	selected: T[];
	/** Adds a row that the same filters select. */
	like: (row: T) => unknown;
	/** The order, if the document gives one. */
	order?: ListReadings['order'];
}

/** The page that a request asks for: its number, or the number of rows before it. */
type Place = { page: number } | { offset: number };

/** A page of a list. */
interface Page<T> {
	rows: T[];
	/** Maximum number of rows on the page. */
	size: number;
	/** Number of selected rows. */
	total: number;
	/** The total that the answer claims, according to the reading. */
	claimedTotal: unknown;
}

/** Cuts a page of at most `limit` rows out of a list. */
export function cutPage<T>(
	readings: ListReadings,
	{ stored, selected, like, order = readings.order }: List<T>,
	limit: number,
	place: Place,
): Page<T> {
	const all = ordered(selected, order);
	const total = all.length;
	const first = Math.min(limit, readings.pageCap);
	const later = Math.min(first, readings.laterPageCap);
	const pagesBefore = 'page' in place ? place.page - 1 : 0;
	const from = 'offset' in place ? place.offset : pagesBefore && first + (pagesBefore - 1) * later;
	const size = from === 0 ? first : later;
	const rows = all.slice(from, from + size);
	const totals = {
		exact: total,
		text: String(total),
		missing: undefined,
		unfiltered: stored.length,
		ofPage: rows.length,
	};
	const claimedTotal = typeof readings.total === 'number' ? readings.total : totals[readings.total];
	const [top] = all;
	if (top !== undefined && from + size < total) {
		if (readings.shiftingRows === 'insert') like(top);
		if (readings.shiftingRows === 'delete') stored.splice(stored.indexOf(top), 1);
	}
	return { rows, size, total, claimedTotal };
}

/** The rows in the wanted order. They are stored in the order of their creation. */
export function ordered<T>(rows: T[], order: ListReadings['order']): T[] {
	return order === 'oldest' ? [...rows] : [...rows].reverse();
}
