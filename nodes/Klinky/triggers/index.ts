/* The events of the Klinky Trigger. */
import type { Trigger } from '../../shared/polling/trigger';
import { klinky } from '../service';
import { clickRecorded } from './clickRecorded';
import { linkCreated } from './linkCreated';

export const klinkyEvents: Trigger = {
	service: klinky,
	events: [clickRecorded, linkCreated],
	notice:
		'A link or a click is noticed at the next of your Poll Times. "Every Minute" spends, for example, 60 of Growth\'s 100 requests an hour. Choose "Every X" → 5 minutes: 12. A poll that finds something takes more, one for each 100 links or clicks.',
	waitsForLimit: true,
};
