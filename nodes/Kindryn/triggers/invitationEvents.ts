import type { IDataObject } from 'n8n-workflow';

import { timeOf } from '../../shared/http/time';
import {
	compareSweep,
	FINGERPRINT_LENGTH,
	idOrContent,
	isCount,
	knownIn,
	newestOf,
	oldestFirst,
	toSeenMemory,
} from '../../shared/polling/journal';
import type { PollResult, SeenMemory } from '../../shared/polling/journal';
import { triggerEvent } from '../../shared/polling/trigger';
import { readInvitations } from '../invitations';
import { MOST_INVITATIONS } from '../service';

/** Names under which an invitation may tell when it was made or used; none is documented. */
const MADE = ['createdAt', 'created_at'] as const;
const USED = ['usedAt', 'acceptedAt', 'updatedAt'] as const;

interface InvitationsMemory extends SeenMemory {
	/**
	 * Since Kindryn does not show all: the newest time of those that were known then, in ms; 0 where
	 * none tells its time. What is older was not shown: it is not new when it comes into sight, in the
	 * place of one that is gone.
	 */
	cutAt?: number;
}

function toInvitationsMemory(memory: IDataObject | undefined): InvitationsMemory | undefined {
	return memory?.cutAt === undefined || isCount(memory.cutAt) ? toSeenMemory(memory) : undefined;
}

/** @param isCut whether Kindryn does not show all */
function newInvitations(
	known: InvitationsMemory | undefined,
	rows: IDataObject[],
	isCut: boolean,
	timeNames: readonly string[],
): PollResult & { memory: InvitationsMemory } {
	const { fresh, memory } = compareSweep(known, { rows }, idOrContent);
	const before = known ? rows.filter(knownIn(known, idOrContent).has) : rows;
	const times = before.map((row) => timeOf(row, timeNames) ?? 0);
	// Those that were forgotten are not new either when they come back
	const met = (known?.seen.length ?? 0) + fresh.length * FINGERPRINT_LENGTH;
	const isMoved = isCut && (known?.cutAt === undefined || memory.seen.length < met);
	const cutAt = isMoved ? Math.max(known?.cutAt ?? 0, ...times) : known?.cutAt;
	const isUnchanged = cutAt === undefined || (memory === known && cutAt === known.cutAt);
	return {
		fresh: fresh.filter((row) => (timeOf(row, timeNames) ?? Infinity) >= (cutAt ?? 0)),
		memory: isUnchanged ? memory : { ...memory, cutAt },
	};
}

/** Invitations come without pages: with one request, or one for each status above 200. */
function invitationEvent(
	shown: { name: string; value: string; description: string; sampleName: string },
	status: 'used' | undefined,
	timeNames: readonly string[],
) {
	const names = [...timeNames, ...MADE];
	return triggerEvent({
		...shown,
		fields: [],
		async poll({ api, memory, warn }) {
			const known = toInvitationsMemory(memory);
			const hints: string[] = [];
			const hint = (message: string) => void hints.push(message);
			const rows = await readInvitations(api, { hint }, status, Infinity);
			const found = newInvitations(known, rows, hints.length > 0, timeNames);
			// Not with every poll: it stays so
			if (known?.cutAt === undefined) hints.forEach(warn);
			return { ...found, fresh: oldestFirst(found.fresh, names) };
		},
		async sample({ api }) {
			const rows = await readInvitations(api, { hint() {} }, status, MOST_INVITATIONS);
			return newestOf(rows, names);
		},
	});
}

export const invitationCreated = invitationEvent(
	{
		name: 'Invitation Created',
		value: 'invitationCreated',
		description: 'When somebody has been invited',
		sampleName: 'an invitation',
	},
	undefined,
	MADE,
);

export const invitationAccepted = invitationEvent(
	{
		name: 'Invitation Accepted',
		value: 'invitationAccepted',
		description: 'When somebody has used their invitation',
		sampleName: 'an invitation that was used',
	},
	'used',
	USED,
);
