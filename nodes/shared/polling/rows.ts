/*
 * What triggers read from a row: its identity and its time. The services document neither for most
 * rows, so both may be missing.
 */
import type { IDataObject } from 'n8n-workflow';

import { asId, isRecord } from '../http/answer';
import { timeOf } from '../http/time';

/** @returns JSON that does not depend on the order of keys */
export function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) =>
		isRecord(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}

/** @returns whether a row has a usable `id` */
export function hasId({ id }: IDataObject): boolean {
	return asId(id) !== undefined;
}

/** @returns the rows with the oldest first if each has a time; otherwise in their own order */
export function oldestFirst(rows: IDataObject[], timeNames: readonly string[]): IDataObject[] {
	const timed = rows.map((row) => ({ row, time: timeOf(row, timeNames) ?? NaN }));
	if (timed.some(({ time }) => Number.isNaN(time))) return rows;
	return timed.sort((a, b) => a.time - b.time).map(({ row }) => row);
}

/** @returns the newest row if each has a time; otherwise the first one */
export function newestOf(
	rows: IDataObject[],
	timeNames: readonly string[],
): IDataObject | undefined {
	const sorted = oldestFirst(rows, timeNames);
	return sorted === rows ? rows[0] : sorted.at(-1);
}
