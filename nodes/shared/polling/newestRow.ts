/* The newest row of a list, which a trigger shows as its test event. */
import type { IDataObject } from 'n8n-workflow';

import { timeOf } from '../http/time';
import { newestOf } from './rows';
import type { PagedList } from './walk';

/**
 * Finds it with one request, and another one for the last page where the oldest rows come first.
 * Without times it is the first row.
 */
export async function newestRow(
	list: PagedList,
	timeNames: readonly string[],
): Promise<IDataObject | undefined> {
	const { rows, total = 0 } = await list.fetch(0, list.pageSize);
	const { length } = rows;
	const [first, last] = [rows[0], rows.at(-1)].map((row) => row && timeOf(row, timeNames));
	const isLast = total > length && first !== undefined && last !== undefined && first < last;
	const lastPage = Math.floor((total - 1) / length) * length;
	const more = isLast ? (await list.fetch(lastPage, length)).rows : [];
	return newestOf([...rows, ...more], timeNames);
}
