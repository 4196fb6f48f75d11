/* The events of the Kinktree Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { kinktree } from '../service';
import { tagCreated } from './tagCreated';
import { tagDeleted } from './tagDeleted';
import { tagUpdated } from './tagUpdated';

export const kinktreeEvents: Trigger = {
	service: kinktree,
	events: [tagCreated, tagDeleted, tagUpdated],
	notice:
		'Each poll sends one request and finds every change since the last poll, except tags created and deleted in between.',
};
