import type { Trigger } from '../../shared/polling/trigger';
import { kindryn } from '../service';
import { eventCreated } from './eventCreated';
import { invitationAccepted, invitationCreated } from './invitationEvents';
import { memberAdded } from './memberAdded';
import { postCreated } from './postCreated';

export const kindrynEvents: Trigger = {
	service: kindryn,
	events: [eventCreated, invitationAccepted, invitationCreated, memberAdded, postCreated],
};
