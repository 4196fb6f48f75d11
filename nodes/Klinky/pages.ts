import type { IDataObject } from 'n8n-workflow';

import { wantedRows } from '../shared/fields/returnAll';
import { readByPage } from '../shared/http/paging';
import type { Page } from '../shared/http/paging';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { ROWS_PER_PAGE } from './service';

/**
 * The rows that Return All and Limit ask for; a hint says when there may be more.
 *
 * @param fetch fetches a page, numbered from 1
 * @param things what the rows are, in the plural: "links"
 */
export async function readPages(
	run: Run,
	parameters: { returnAll?: boolean; limit?: number },
	fetch: (page: number, perPage: number) => Promise<Page>,
	things: string,
): Promise<IDataObject[]> {
	const wanted = wantedRows(parameters);
	const identity = ({ id }: IDataObject) => id;
	const found = await readByPage({ fetch, wanted, pageSize: ROWS_PER_PAGE, identity });
	if (found.hasGaps) {
		run.hint(
			`Klinky's list became shorter while it was read, so some ${things} may be missing. Run this once more to get all of them.`,
		);
	}
	return limitRows(run, found, wanted, things);
}
