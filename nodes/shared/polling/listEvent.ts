/* An event for new rows in a list that comes in pages, such as new members or new links. */
import type { IDataObject } from 'n8n-workflow';

import type { Field, ValuesOf } from '../fields/field';
import type { Api } from '../http/api';
import { timeOf } from '../http/time';
import { newestOf, oldestFirst } from './rows';
import { triggerEvent } from './trigger';
import type { EventDescription, TriggerEvent } from './trigger';
import { findNew } from './walk';
import type { PagedList } from './walk';

/** Defines an event that emits the new rows of a list. */
export function listEvent<const F extends readonly Field[]>({
	listFor,
	timeNames,
	...description
}: EventDescription<F> & {
	listFor(api: Api, parameters: ValuesOf<F>): PagedList;
	/** fields that may hold a row's time; unless each new row has one, they keep the order of the list */
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
 * Finds the newest row of a list. This takes one request, and another one for the last page if the
 * oldest rows come first. Without times, the first row counts as the newest.
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
