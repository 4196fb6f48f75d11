import type { IDataObject } from 'n8n-workflow';

import { wantedRows } from '../shared/fields/returnAll';
import { asId, withoutUndefined } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import { readPages } from '../shared/http/paging';
import type { Page } from '../shared/http/paging';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { PAGE_SIZE, PAGES_AT_ONCE } from './service';

/** Most rows that the panel reads at once, side by side, to search a list that Kindryn cannot search. */
export const SEARCHED_ROWS = 10 * PAGE_SIZE;

/** A list of Kindryn, with pages by `limit` and `offset`. */
export interface List {
	/** below the base URL */
	path: string;
	/** undefined values are not sent */
	query?: IDataObject;
}

/** The parts of a call that a Get Many operation needs. */
interface GetMany {
	parameters: { returnAll?: boolean; limit?: number; filters?: IDataObject };
	api: Api;
	run: Run;
}

/** Fetches the rows for a Get Many operation. Kindryn uses the same names for its filters. */
export async function getMany(
	{ parameters, api, run }: GetMany,
	{ path, query }: List,
): Promise<IDataObject[]> {
	const wanted = wantedRows(parameters);
	const list = { path, query: { ...parameters.filters, ...query } };
	const found = await readList(api, list, wanted);
	if (!isFiltered(list.query)) hintMissing(run, found, wanted, path);
	return limitRows(run, found, wanted, thingsAt(path));
}

/** Rows may be missing because some were added or deleted meanwhile, or because the key cannot see all. */
function hintMissing(run: Run, { rows, total = 0 }: Page, wanted: number, path: string): void {
	if (rows.length >= Math.min(wanted, total)) return;
	run.hint(
		`Kindryn counts ${total} ${thingsAt(path)}, but returned only ${rows.length}. Run the node again. If the numbers still differ, the key cannot see all.`,
	);
}

/** Keys that may hold the ID of a row. */
export type IdKey = 'id' | 'userId';

/** @returns the ID of a row, if it has one */
export function idIn(row: IDataObject, key: IdKey): string | undefined {
	return asId(row[key]);
}

/** @returns the error for rows that lack a key. The credential is right, so the advice is not about it. */
export function missingKeyError(
	{ path }: List,
	key: IdKey | 'email',
	advice: string,
): ServiceError {
	return new ServiceError(`Kindryn returned ${thingsAt(path)} without "${key}"`, {
		description: advice,
	});
}

/** @returns a plural that names the rows, from the path: "coaching sessions" */
function thingsAt(path: string): string {
	return path.slice(1).replaceAll('/', ' ');
}

/**
 * Reads a list.
 *
 * @param wanted number of rows; Infinity for all
 * @param from number of rows to skip
 * @returns the rows and their total, without the skipped ones
 */
export async function readList(api: Api, list: List, wanted: number, from = 0): Promise<Page> {
	return await readPages({
		async fetch({ offset }, limit) {
			const page = await readPage(api, list, from + offset, limit);
			const { total } = page;
			return { ...page, total: total === undefined ? undefined : Math.max(0, total - from) };
		},
		wanted,
		pageSize: PAGE_SIZE,
		atOnce: PAGES_AT_ONCE,
		identity: ({ id }) => asId(id),
	});
}

/**
 * Fetches one page of a list: `{ data, total, limit, offset }`. The documents show no answer for events,
 * courses and sessions, so a bare array is accepted too.
 */
export async function readPage(
	api: Api,
	{ path, query }: List,
	offset: number,
	limit: number,
): Promise<Page> {
	const request = {
		method: 'GET' as const,
		path,
		query: { ...withoutUndefined(query), limit, offset },
	};
	const page = await api.page(request, ['data']);
	const { rows, total } = page;
	if (offset === 0 && rows.length === 0 && total && !isFiltered(query)) {
		throw api.unexpectedAnswer(request, `counts ${total} ${thingsAt(path)}, but returned none`);
	}
	return page;
}

/** With a filter, Kindryn may still count the whole list. */
function isFiltered(query: IDataObject | undefined): boolean {
	return Object.keys(withoutUndefined(query)).some((name) => name !== 'sort');
}
