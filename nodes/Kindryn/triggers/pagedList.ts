/* A list of Kindryn, as the triggers for members, posts and events read it. */
import type { Api } from '../../shared/http/api';
import type { PagedList } from '../../shared/polling/walk';
import { readPage } from '../lists';
import type { List } from '../lists';
import { PAGE_SIZE } from '../service';

/**
 * Names under which a row may tell when it came to be. The documents show `createdAt` for the
 * community alone.
 */
export const ROW_TIMES = ['joinedAt', 'createdAt', 'created_at'] as const;

export function pagedList(api: Api, list: List): PagedList {
	return {
		fetch: async (offset, limit) => await readPage(api, list, offset, limit),
		pageSize: PAGE_SIZE,
	};
}
