/* The events of the Kindryn Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { kindryn } from '../service';
import { eventCreated } from './eventCreated';
import { invitationAccepted, invitationCreated } from './invitationEvents';
import { memberAdded } from './memberAdded';
import { postCreated } from './postCreated';

export const kindrynEvents: Trigger = {
	service: kindryn,
	events: [eventCreated, invitationAccepted, invitationCreated, memberAdded, postCreated],
	notice:
		'New entries are found at the next poll, or a few polls later if others are deleted. With nothing new, a poll sends one request.',
};
