/*
 * Emits new invitations, and used ones. Kindryn returns at most 200 invitations and has no pages. If
 * there are more, each status gets its own request. If one status has more than 200, new ones are found
 * only if Kindryn returns the newest first; otherwise the poll fails and says why.
 */
import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../../shared/http/api';
import { withoutUndefined } from '../../shared/http/answer';
import { ServiceError } from '../../shared/http/errors';
import { timeOf } from '../../shared/http/time';
import { fingerprint, isCount, pack, unpack } from '../../shared/polling/journal';
import type { PollResult } from '../../shared/polling/journal';
import { canonical, hasId, newestOf, oldestFirst } from '../../shared/polling/rows';
import { triggerEvent } from '../../shared/polling/trigger';
import type { PollCall } from '../../shared/polling/trigger';
import { shownInvitations, STATUSES } from '../invitations';
import type { Status } from '../invitations';
import { MOST_INVITATIONS } from '../service';

/** Keys that may hold the time an invitation was created or used. The documents name no such keys. */
const MADE = ['createdAt', 'created_at'] as const;
const USED = ['usedAt', 'acceptedAt', 'updatedAt'] as const;

interface InvitationsMemory extends IDataObject {
	/** fingerprints of the invitations seen; the latest are last */
	seen: string;
	account: string;
	/**
	 * Set once Kindryn no longer returns all: the newest time of an invitation known at that moment, in
	 * ms. An older one may appear when another is gone, but it is not new.
	 */
	cutAt?: number;
}

function toInvitationsMemory(memory: IDataObject | undefined): InvitationsMemory | undefined {
	const { seen, account, cutAt = 0 } = memory ?? {};
	const isSound = unpack(seen) !== undefined && typeof account === 'string' && isCount(cutAt);
	return isSound ? (memory as InvitationsMemory) : undefined;
}

/** Fetches the invitations that Kindryn returns. `cut` lists the statuses that may have more. */
async function readShown(api: Api, status: Status | undefined) {
	const rows = await shownInvitations(api, status);
	if (rows.length < MOST_INVITATIONS) return { rows, cut: [] };
	if (status) return { rows, cut: [{ status, rows }] };
	const parts = await Promise.all(
		STATUSES.map(async (each) => ({ status: each, rows: await shownInvitations(api, each) })),
	);
	const cut = parts.filter((part) => part.rows.length >= MOST_INVITATIONS);
	return { rows: [rows, ...parts.map((part) => part.rows)].flat(), cut };
}

function isNewestFirst(rows: IDataObject[], timeNames: readonly string[]): boolean {
	return timeNames.some((name) => {
		const times = rows.map((row) => timeOf(row, [name]) ?? NaN);
		const falls = times.slice(1).every((time, index) => time <= (times[index] ?? NaN));
		return falls && times.at(-1) !== times[0];
	});
}

/** @param orders keys of times that may put the newest first in a list */
async function findInvitations(
	{ api, memory, account, warn }: Omit<PollCall<unknown>, 'parameters'>,
	status: Status | undefined,
	timeNames: readonly string[],
	orders: readonly string[],
): Promise<PollResult> {
	const { rows, cut } = await readShown(api, status);
	const unclear = cut.find((part) => !isNewestFirst(part.rows, orders));
	if (unclear) {
		throw new ServiceError(
			`Kindryn returns only ${MOST_INVITATIONS} invitations that are ${unclear.status}, so new ones may be missing`,
			{
				description: `This trigger notices every new invitation while fewer than ${MOST_INVITATIONS} are ${unclear.status}. Remove invitations that nobody needs, or unpublish the workflow.`,
			},
		);
	}

	const shown = new Map(
		rows.map((row) => [fingerprint(hasId(row) ? String(row.id) : canonical(row)), row]),
	);
	const known = toInvitationsMemory(memory);
	const seen = new Set(unpack(known?.seen));
	const met = [...shown].filter(([print]) => seen.has(print)).map(([, row]) => row);
	const isOther = known?.account !== account && rows.length > 0 && met.length === 0;
	const before = isOther ? undefined : known;
	let cutAt = before?.cutAt;
	if (cutAt === undefined && cut.length > 0) {
		const times = (before ? met : rows).map((row) => timeOf(row, timeNames) ?? 0);
		cutAt = Math.max(0, ...times);
		warn(
			`Kindryn returns at most ${MOST_INVITATIONS} invitations of each status. If more are new at once, the others are found as soon as Kindryn returns them.`,
		);
	}

	const unseen = before ? [...shown].filter(([print]) => !seen.has(print)) : [];
	const fresh = unseen
		.map(([, row]) => row)
		.filter((row) => (timeOf(row, timeNames) ?? Infinity) >= (cutAt ?? 0));
	const gone = before ? [...seen].filter((print) => !shown.has(print)) : [];
	const next = withoutUndefined({
		seen: pack([...gone, ...shown.keys()]),
		account: rows.length > 0 ? account : (known?.account ?? account),
		cutAt,
	});
	return { fresh: oldestFirst(fresh, [...timeNames, ...MADE]), memory: next };
}

function invitationEvent(
	shown: { name: string; value: string; description: string; sampleName: string },
	status: Status | undefined,
	timeNames: readonly string[],
	orders: readonly string[],
) {
	return triggerEvent({
		...shown,
		fields: [],
		poll: async (call) => await findInvitations(call, status, timeNames, orders),
		sample: async ({ api }) =>
			newestOf(await shownInvitations(api, status), [...timeNames, ...MADE]),
	});
}

export const invitationCreated = invitationEvent(
	{
		name: 'Invitation Created',
		value: 'invitationCreated',
		description: 'When somebody is invited',
		sampleName: 'an invitation',
	},
	undefined,
	MADE,
	[...MADE, ...USED],
);

export const invitationAccepted = invitationEvent(
	{
		name: 'Invitation Accepted',
		value: 'invitationAccepted',
		description: 'When somebody accepts their invitation',
		sampleName: 'a used invitation',
	},
	'used',
	USED,
	USED,
);
