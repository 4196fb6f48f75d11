/* A list of Kindryn, as the triggers for members, posts and events read it. */
import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../../shared/http/api';
import type { PollResult } from '../../shared/polling/journal';
import { oldestFirst } from '../../shared/polling/rows';
import type { PollCall } from '../../shared/polling/trigger';
import { newestRow } from '../../shared/polling/newestRow';
import { findNew } from '../../shared/polling/walk';
import type { PagedList } from '../../shared/polling/walk';
import { readPage } from '../lists';
import type { List } from '../lists';
import { PAGE_SIZE } from '../service';

/**
 * Names under which a row may tell when it came to be. The documents show `createdAt` for the
 * community alone; without a time, rows are handed on as they are listed.
 */
const ROW_TIMES = ['joinedAt', 'createdAt', 'created_at'] as const;

function pagedList(api: Api, list: List): PagedList {
	return {
		fetch: async (offset, limit) => await readPage(api, list, offset, limit),
		pageSize: PAGE_SIZE,
	};
}

/** The rows of a list that are new since the last poll, the oldest first. */
export async function newInList(
	{
		api,
		memory,
		account,
		budget,
	}: Pick<PollCall<unknown>, 'api' | 'memory' | 'account' | 'budget'>,
	list: List,
): Promise<PollResult> {
	const found = await findNew(pagedList(api, list), memory, { account, budget });
	return { fresh: oldestFirst(found.fresh, ROW_TIMES), memory: found.memory };
}

/** The newest row of a list. */
export async function newestInList(
	{ api }: Pick<PollCall<unknown>, 'api'>,
	list: List,
): Promise<IDataObject | undefined> {
	return await newestRow(pagedList(api, list), ROW_TIMES);
}
