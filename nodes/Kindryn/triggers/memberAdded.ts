import { triggerEvent } from '../../shared/polling/trigger';
import { newestInList, newInList } from './pagedList';

const MEMBERS = { path: '/members' };

export const memberAdded = triggerEvent({
	name: 'Member Added',
	value: 'memberAdded',
	description:
		'When somebody has become a member; each poll reads the list of members, 100 with a request',
	sampleName: 'a member',
	fields: [],
	poll: async (call) => await newInList(call, MEMBERS),
	sample: async (call) => await newestInList(call, MEMBERS),
});
