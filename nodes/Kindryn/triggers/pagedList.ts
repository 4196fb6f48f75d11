/* Lets the triggers for members, posts and events read a list of Kindryn. */
import type { Api } from '../../shared/http/api';
import type { PagedList } from '../../shared/polling/walk';
import { readPage } from '../lists';
import type { List } from '../lists';
import { PAGE_SIZE } from '../service';

/**
 * Keys that may hold the time a row was created. The documents show `createdAt` only for the
 * community.
 */
export const ROW_TIMES = ['joinedAt', 'createdAt', 'created_at'] as const;

export function pagedList(api: Api, list: List): PagedList {
	return {
		fetch: async (offset, limit) => await readPage(api, list, offset, limit),
		pageSize: PAGE_SIZE,
	};
}
