/*
 * A new invitation, and one that was used. Kindryn shows at most 200 invitations and has no further
 * pages. When there are more, each status is read apart. When there are more than 200 of one status,
 * new ones are seen only if Kindryn shows the newest first; else the poll fails and says why.
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

/** Names under which an invitation may tell when it was made or used; none is documented. */
const MADE = ['createdAt', 'created_at'] as const;
const USED = ['usedAt', 'acceptedAt', 'updatedAt'] as const;

interface InvitationsMemory extends IDataObject {
	/** fingerprints of the invitations met; those met last stand last */
	seen: string;
	account: string;
	/**
	 * Set once Kindryn no longer shows all: the newest time of an invitation known at that moment, in
	 * ms. An older one may come into sight when another one is gone. Nobody has made it just now.
	 */
	cutAt?: number;
}

function toInvitationsMemory(memory: IDataObject | undefined): InvitationsMemory | undefined {
	const { seen, account, cutAt = 0 } = memory ?? {};
	const isSound = unpack(seen) !== undefined && typeof account === 'string' && isCount(cutAt);
	return isSound ? (memory as InvitationsMemory) : undefined;
}

/** The invitations that Kindryn shows, and the statuses that may have more. */
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

/** @param orders names of times by which a list may show the newest first */
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
			`Kindryn shows ${MOST_INVITATIONS} invitations that are ${unclear.status} and no more, and nothing tells whether the new ones are among them`,
			{
				description: `This trigger sees each new invitation as long as there are fewer than ${MOST_INVITATIONS} that are ${unclear.status}. Remove those that nobody needs, or unpublish the workflow.`,
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
			`Kindryn shows at most ${MOST_INVITATIONS} invitations of a status: when more are new at once, the others are found once they are shown.`,
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
		description: 'When somebody has been invited, noticed at the next poll',
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
		description: 'When somebody has used their invitation, noticed at the next poll',
		sampleName: 'an invitation that was used',
	},
	'used',
	USED,
	USED,
);
