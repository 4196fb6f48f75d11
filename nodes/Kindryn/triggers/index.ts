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
		'What is new is noticed at the next of your Poll Times. While nothing is new, a poll takes one request. One that comes while another goes may take as many polls as the list has hundreds.',
};
