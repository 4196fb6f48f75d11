import type { IDataObject } from 'n8n-workflow';

import { asId, withoutUndefined } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { MOST_INVITATIONS } from './service';

/** Kindryn API, GET /invitations. */
export const STATUSES = ['pending', 'used', 'revoked', 'expired'] as const;

export type Status = (typeof STATUSES)[number];

/**
 * Fetches invitations. Kindryn returns at most 200 and has no offset. If there may be more, a request
 * for each status returns up to 200 of each.
 *
 * @param status undefined or "all" for every status
 * @param wanted number of rows; Infinity for all
 */
export async function readInvitations(
	api: Api,
	run: Pick<Run, 'hint'>,
	status: Status | 'all' | undefined,
	wanted: number,
): Promise<IDataObject[]> {
	const limit = Math.min(wanted, MOST_INVITATIONS);
	const rows = await list(api, { status, limit });
	if (rows.length < limit) return rows;
	// Kindryn gives no total, so a hint would say no more than the row count that n8n shows
	if (wanted <= MOST_INVITATIONS) return rows.slice(0, wanted);
	if (status !== undefined && status !== 'all') {
		hintCap(run, [status]);
		return rows;
	}
	return await readApart(api, run, rows, wanted);
}

/** Fetches as many invitations as one request returns. @param status undefined for every status */
export async function shownInvitations(api: Api, status?: Status): Promise<IDataObject[]> {
	return await list(api, { status, limit: MOST_INVITATIONS });
}

async function list(api: Api, query: { status?: string; limit: number }): Promise<IDataObject[]> {
	const request = { method: 'GET' as const, path: '/invitations', query: withoutUndefined(query) };
	return await api.list(request, ['data']);
}

async function readApart(
	api: Api,
	run: Pick<Run, 'hint'>,
	first: IDataObject[],
	wanted: number,
): Promise<IDataObject[]> {
	const parts = await Promise.all(
		STATUSES.map(async (status) => await list(api, { status, limit: MOST_INVITATIONS })),
	);
	const rows = distinctById([first, ...parts].flat());
	const atCap = STATUSES.filter((_, index) => (parts[index]?.length ?? 0) >= MOST_INVITATIONS);
	if (atCap.length > 0 && rows.length <= wanted) hintCap(run, atCap);
	return limitRows(run, { rows }, wanted, 'invitations');
}

function hintCap(run: Pick<Run, 'hint'>, statuses: readonly Status[]): void {
	run.hint(
		`Kindryn returns at most ${MOST_INVITATIONS} invitations of each status, so there may be more that are ${statuses.join(' or ')}.`,
	);
}

/** @returns one row for each ID, and all rows without an ID */
function distinctById(rows: IDataObject[]): IDataObject[] {
	return [...new Map(rows.map((row) => [asId(row.id) ?? row, row])).values()];
}
