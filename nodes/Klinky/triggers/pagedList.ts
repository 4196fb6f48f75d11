import type { Page } from '../../shared/http/paging';
import { idOrContent } from '../../shared/polling/journal';
import type { PagedList } from '../../shared/polling/reading';
import { ROWS_PER_PAGE } from '../service';

/** A list of Klinky, from its function for one page. Every page is a request of the budget. */
export function pagedList(fetchPage: (page: number, perPage: number) => Promise<Page>): PagedList {
	return {
		fetch: async (offset, limit) => await fetchPage(Math.floor(offset / limit) + 1, limit),
		pageSize: ROWS_PER_PAGE,
		isNumbered: true,
		identity: idOrContent,
	};
}
