import type { Page } from '../../shared/paging';
import { ServiceError } from '../../shared/errors';
import { idOrContent } from '../../shared/polling';
import type { PagedList } from '../../shared/pollingRead';
import { ROWS_PER_PAGE } from '../service';

/** A list of Klinky, from its function for one page. Every page is a request of the budget. */
export function pagedList(fetchPage: (page: number, perPage: number) => Promise<Page>): PagedList {
	return {
		async fetch(offset, limit) {
			const page = Math.floor(offset / limit) + 1;
			return await fetchPage(page, limit).catch((error: unknown) => {
				// What is answered for a page behind the end is not documented
				const isBehind = error instanceof ServiceError && error.status === 404 && page > 1;
				if (isBehind) return { rows: [] };
				throw error;
			});
		},
		pageSize: ROWS_PER_PAGE,
		isNumbered: true,
		identity: idOrContent,
	};
}
