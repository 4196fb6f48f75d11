/* The events of the Klinky Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { klinky } from '../service';
import { clickRecorded } from './clickRecorded';
import { linkCreated } from './linkCreated';

export const klinkyEvents: Trigger = {
	service: klinky,
	events: [clickRecorded, linkCreated],
	notice:
		'New links and clicks are noticed at the next poll. "Every Minute" uses 60 requests an hour (Growth has 100), "Every X" of 5 minutes 12.',
	waitsForLimit: true,
};
