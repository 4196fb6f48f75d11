import type { Trigger } from '../../shared/polling/trigger';
import { klinky } from '../service';
import { clickRecorded } from './clickRecorded';
import { linkCreated } from './linkCreated';

export const klinkyEvents: Trigger = {
	service: klinky,
	events: [clickRecorded, linkCreated],
	waitsForLimit: true,
};
