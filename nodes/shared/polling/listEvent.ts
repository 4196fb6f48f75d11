/* An event that tells of new rows in a list that comes in pages: a new member, a new link. */
import type { IDataObject } from 'n8n-workflow';

import type { Field, ValuesOf } from '../fields/field';
import type { Api } from '../http/api';
import { timeOf } from '../http/time';
import { newestOf, oldestFirst } from './rows';
import { triggerEvent } from './trigger';
import type { EventDescription, TriggerEvent } from './trigger';
import { findNew } from './walk';
import type { PagedList } from './walk';

/** Defines such an event. */
export function listEvent<const F extends readonly Field[]>({
	listFor,
	timeNames,
	...description
}: EventDescription<F> & {
	listFor(api: Api, parameters: ValuesOf<F>): PagedList;
	/** names under which a row may tell when it came to be; without a time, rows stay as listed */
	timeNames: readonly string[];
}): TriggerEvent<ValuesOf<F>> {
	return triggerEvent<F>({
		...description,
		async poll({ api, parameters, memory, ...call }) {
			const { fresh, ...found } = await findNew(listFor(api, parameters), memory, call);
			return { ...found, fresh: oldestFirst(fresh, timeNames) };
		},
		sample: async ({ api, parameters }) => await newestRow(listFor(api, parameters), timeNames),
	});
}

/**
 * Finds the newest row of a list with one request, and another one for the last page where the oldest
 * rows come first. Without times it is the first row.
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
