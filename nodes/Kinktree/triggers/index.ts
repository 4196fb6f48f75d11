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
		'Each poll sends one request, however many tags you have. A tag that is created and deleted between two polls is missed.',
};
