import {
	compareSweep,
	idOrContent,
	newestOf,
	oldestFirst,
	toSeenMemory,
} from '../../shared/polling';
import { triggerEvent } from '../../shared/trigger';
import { readInvitations } from '../invitations';
import { MOST_INVITATIONS } from '../service';

/** Names under which an invitation may tell when it was made or used; none is documented. */
const MADE = ['createdAt', 'created_at'] as const;
const USED = ['usedAt', 'acceptedAt', 'updatedAt', ...MADE] as const;

/** Invitations come without pages: with one request, or one for each status above 200. */
function invitationEvent(
	shown: { name: string; value: string; description: string; thing: string },
	status: 'used' | undefined,
	times: readonly string[],
) {
	return triggerEvent({
		...shown,
		fields: [],
		async poll({ api, memory, warn }) {
			const rows = await readInvitations(api, { hint: warn }, status, Infinity);
			const found = compareSweep(toSeenMemory(memory), { rows }, idOrContent);
			return { ...found, fresh: oldestFirst(found.fresh, times) };
		},
		async sample({ api }) {
			const rows = await readInvitations(api, { hint() {} }, status, MOST_INVITATIONS);
			return newestOf(rows, times);
		},
	});
}

export const invitationCreated = invitationEvent(
	{
		name: 'Invitation Created',
		value: 'invitationCreated',
		description: 'When somebody has been invited',
		thing: 'an invitation',
	},
	undefined,
	MADE,
);

export const invitationAccepted = invitationEvent(
	{
		name: 'Invitation Accepted',
		value: 'invitationAccepted',
		description: 'When somebody has used their invitation',
		thing: 'an invitation that was used',
	},
	'used',
	USED,
);
