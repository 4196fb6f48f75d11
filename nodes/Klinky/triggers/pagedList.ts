/* Lets the triggers read a list of Klinky. Every page costs a request of the plan. */
import type { Page } from '../../shared/http/paging';
import type { PagedList } from '../../shared/polling/walk';
import { ROWS_PER_PAGE } from '../service';

export function pagedList(fetchPage: (page: number, perPage: number) => Promise<Page>): PagedList {
	return {
		fetch: async (offset, limit) => await fetchPage(offset / limit + 1, limit),
		pageSize: ROWS_PER_PAGE,
	};
}
