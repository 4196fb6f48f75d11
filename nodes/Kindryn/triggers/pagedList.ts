import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../../shared/http/api';
import { idOrContent, oldestFirst, toSeenMemory } from '../../shared/polling/journal';
import type { PollResult } from '../../shared/polling/journal';
import { newestRow, pollWhole, readSideBySide } from '../../shared/polling/reading';
import type { PagedList } from '../../shared/polling/reading';
import type { PollCall } from '../../shared/polling/trigger';
import { readPage } from '../lists';
import type { List } from '../lists';
import { PAGE_SIZE } from '../service';

/**
 * Names under which a row may tell when it came to be. The documents show `createdAt` for the
 * community alone; without a time, rows are handed on as they are listed.
 */
export const ROW_TIMES = ['joinedAt', 'createdAt', 'created_at'] as const;

/** A list of Kindryn, for {@link pollWhole} and {@link pollNewest}. */
export function pagedList(api: Api, list: List): PagedList {
	return {
		fetch: async (offset, limit) => await readPage(api, list, offset, limit),
		pageSize: PAGE_SIZE,
		identity: idOrContent,
	};
}

type Call = Pick<PollCall<unknown>, 'api' | 'memory' | 'budget'>;

/** What is new in a list whose order is not documented: all of it is read. */
export async function newInList({ api, memory, budget }: Call, list: List): Promise<PollResult> {
	const found = await pollWhole(pagedList(api, list), toSeenMemory(memory), budget, readSideBySide);
	return { fresh: oldestFirst(found.fresh, ROW_TIMES), memory: found.memory };
}

/** The newest row of a list. */
export async function newestInList(
	{ api }: Pick<Call, 'api'>,
	list: List,
): Promise<IDataObject | undefined> {
	return await newestRow(pagedList(api, list), ROW_TIMES);
}
