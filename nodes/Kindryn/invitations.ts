import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { limitRows } from '../shared/operations/operation';
import type { Run } from '../shared/operations/operation';
import { MOST_INVITATIONS } from './service';

/** Kindryn API, GET /invitations. */
export const STATUSES = ['pending', 'used', 'revoked', 'expired'] as const;

export type Status = (typeof STATUSES)[number];

/**
 * Invitations. Kindryn shows at most 200 and knows no offset: when there are more, each status is
 * asked for apart, which shows up to 200 of each.
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
	// Whether there are more is not said, and that is what n8n shows by itself
	if (wanted <= MOST_INVITATIONS) return rows.slice(0, wanted);
	if (status !== undefined && status !== 'all') {
		hintCap(run, [status]);
		return rows;
	}
	return await readApart(api, run, rows, wanted);
}

/** As many invitations of a status as Kindryn shows; undefined for every status. */
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
		`Kindryn shows at most ${MOST_INVITATIONS} invitations of a status, so there may be more that are ${statuses.join(' or ')}.`,
	);
}

/** One row for each ID; those without one are kept. */
function distinctById(rows: IDataObject[]): IDataObject[] {
	return [...new Map(rows.map((row) => [row.id ?? row, row])).values()];
}
