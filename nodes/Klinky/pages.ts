import type { IDataObject } from 'n8n-workflow';

import { asId } from '../shared/http/answer';
import { readPages } from '../shared/http/paging';
import type { Page } from '../shared/http/paging';
import { wantedRows } from '../shared/fields/returnAll';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { ROWS_PER_PAGE } from './service';

/**
 * Fetches the rows for Return All or Limit, and adds a hint if some may be missing.
 *
 * @param fetch fetches a page, numbered from 1
 * @param things a plural that names the rows: "links"
 * @param isFiltered whether the service may count rows that the filter leaves out
 */
export async function getMany(
	run: Run,
	parameters: { returnAll?: boolean; limit?: number },
	fetch: (page: number, perPage: number) => Promise<Page>,
	things: string,
	isFiltered = false,
): Promise<IDataObject[]> {
	const wanted = wantedRows(parameters);
	// Page numbers depend on the page size, so every request uses the same size
	const perPage = Math.min(wanted, ROWS_PER_PAGE);
	const found = await readPages({
		fetch: async ({ page }) => await fetch(page, perPage),
		wanted,
		pageSize: perPage,
		// Every request counts, and the next page may not be needed
		atOnce: 1,
		identity: ({ id }) => asId(id),
	});
	const { rows, total = 0 } = found;
	if (!isFiltered && rows.length < Math.min(wanted, total)) {
		run.hint(
			`Klinky counts ${total} ${things}, but returned only ${rows.length}. Run the node again. If the numbers still differ, Klinky does not return all.`,
		);
	}
	return limitRows(run, found, wanted, things);
}
