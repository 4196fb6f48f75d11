/* A new member of the community, however they came in. */
import { triggerEvent } from '../../shared/polling/trigger';
import { newestInList, newInList } from './pagedList';

const MEMBERS = { path: '/members' };

export const memberAdded = triggerEvent({
	name: 'Member Added',
	value: 'memberAdded',
	description: 'When somebody has become a member, noticed at the next poll',
	sampleName: 'a member',
	fields: [],
	poll: async (call) => await newInList(call, MEMBERS),
	sample: async (call) => await newestInList(call, MEMBERS),
});
