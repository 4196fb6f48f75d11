import type { ListReadings } from './readings';

/** A list as one request sees it. */
export interface List<T> {
	/** All rows in the order they were made; a shifting list gains or loses one here. */
	stored: T[];
	/** The rows that the filters select. */
	selected: T[];
	/** Adds a row that the same filters select. */
	like: (row: T) => unknown;
	/** The order, where the document gives one. */
	order?: ListReadings['order'];
}

/** Cuts one page of at most `limit` rows out of a list; `from` counts the rows before a page of `size`. */
export function cutPage<T>(
	readings: ListReadings,
	{ stored, selected, like, order = readings.order }: List<T>,
	limit: number,
	from: (size: number) => number,
): { rows: T[]; size: number; total: number } {
	const all = ordered(selected, order);
	const total = all.length;
	const size = Math.min(limit, readings.pageCap);
	const end = from(size) + size;
	const [first] = all;
	if (first !== undefined && end < total) {
		if (readings.shiftingRows === 'insert') like(first);
		if (readings.shiftingRows === 'delete') stored.splice(stored.indexOf(first), 1);
	}
	return { rows: all.slice(from(size), end), size, total };
}

/** The rows in the wanted order; rows are stored in the order they were made. */
export function ordered<T>(rows: T[], order: ListReadings['order']): T[] {
	return order === 'oldest' ? [...rows] : [...rows].reverse();
}
