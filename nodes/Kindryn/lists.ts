import type { IDataObject } from 'n8n-workflow';

import { wantedRows } from '../shared/fields/returnAll';
import { asText, withoutUndefined } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import { readPages } from '../shared/http/paging';
import type { Page } from '../shared/http/paging';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { PAGE_SIZE, PAGES_AT_ONCE } from './service';

/** Rows that the panel looks through at once, in pages side by side, where Kindryn has no search. */
export const SEARCHED_ROWS = 10 * PAGE_SIZE;

/** A list of Kindryn that is read by `limit` and `offset`. */
export interface List {
	/** below the base address */
	path: string;
	/** what is undefined is not sent */
	query?: IDataObject;
}

/** What a Get Many operation has at hand. */
interface GetMany {
	parameters: { returnAll?: boolean; limit?: number; filters?: IDataObject };
	api: Api;
	run: Run;
}

/** The rows that a Get Many asks for; its filters are named as Kindryn names them. */
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

/** Rows that came or went between two pages can be missed, and a key may not be shown all. */
function hintMissing(run: Run, { rows, total = 0 }: Page, wanted: number, path: string): void {
	if (rows.length >= Math.min(wanted, total)) return;
	run.hint(
		`Kindryn counts ${total} ${thingsAt(path)}, but showed only ${rows.length}. Some may have come or gone meanwhile: run the node again. If the numbers still differ then, Kindryn does not show all of them to this API key.`,
	);
}

/** The names under which a row may say who or what it is. */
export type IdKey = 'id' | 'userId';

/** @returns the ID of a row, where Kindryn tells it */
export function idIn(row: IDataObject, key: IdKey): string | undefined {
	return asText(row[key]);
}

/** The error for rows that lack what is needed of them: neither the address nor the key is wrong. */
export function missingKeyError(
	{ path }: List,
	key: IdKey | 'email',
	advice: string,
): ServiceError {
	return new ServiceError(`Kindryn answered ${thingsAt(path)} without "${key}"`, {
		description: advice,
	});
}

/** @returns what a list holds, in the plural: Kindryn's paths name it */
function thingsAt(path: string): string {
	return path.slice(1).replaceAll('/', ' ');
}

/**
 * Reads a list.
 *
 * @param wanted number of rows; Infinity for all
 * @param from rows to leave out at its beginning
 * @returns rows and their total without those left out
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
		identity: ({ id }) => asText(id),
	});
}

/**
 * One part of a list: `{ data, total, limit, offset }`. Events, courses and sessions are documented
 * without an answer; a bare array is read as well.
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
		throw api.unexpectedAnswer(request, `told of ${total} ${thingsAt(path)} and showed none`);
	}
	return page;
}

/** With a filter, a service may count the whole list all the same. */
function isFiltered(query: IDataObject | undefined): boolean {
	return Object.keys(withoutUndefined(query)).some((name) => name !== 'sort');
}
