/* The events of the Klinky Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { klinky } from '../service';
import { clickRecorded } from './clickRecorded';
import { linkCreated } from './linkCreated';

export const klinkyEvents: Trigger = {
	service: klinky,
	events: [clickRecorded, linkCreated],
	notice:
		'New links and clicks are noticed at the next poll. "Every Minute" uses, for example, 60 of Growth\'s 100 hourly requests; "Every X" with 5 minutes uses 12.',
	waitsForLimit: true,
};
