/* The events of the Klinky Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { klinky } from '../service';
import { clickRecorded } from './clickRecorded';
import { linkCreated } from './linkCreated';

export const klinkyEvents: Trigger = {
	service: klinky,
	events: [clickRecorded, linkCreated],
	notice:
		"New links and clicks are found at the next poll. Polling every minute uses 60 of Growth's 100 hourly requests.",
	waitsForLimit: true,
};
