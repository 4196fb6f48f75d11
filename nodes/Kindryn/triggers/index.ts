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
		'New entries are noticed at the next poll, or some polls later if others are deleted. While nothing is new, a poll sends one request.',
};
