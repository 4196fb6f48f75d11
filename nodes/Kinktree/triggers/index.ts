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
		'A change is noticed at the next of your Poll Times. Each poll takes one request, however many tags there are. A tag that comes and goes between two polls is not noticed.',
};
