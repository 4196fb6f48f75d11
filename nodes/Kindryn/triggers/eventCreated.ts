/* A new event of the community, in all of it or in one space. */
import { triggerEvent } from '../../shared/polling/trigger';
import { spaceFilters } from './filters';
import { newestInList, newInList } from './pagedList';

const eventsOf = (query: { spaceId?: string }) => ({ path: '/events', query });

export const eventCreated = triggerEvent({
	name: 'Event Created',
	value: 'eventCreated',
	description: 'When there is a new event, draft or published, noticed at the next poll',
	sampleName: 'an event',
	fields: [spaceFilters],
	poll: async (call) => await newInList(call, eventsOf(call.parameters.filters)),
	sample: async (call) => await newestInList(call, eventsOf(call.parameters.filters)),
});
