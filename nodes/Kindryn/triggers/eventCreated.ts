/* A new event of the community, in all of it or in one space. */
import { listEvent } from '../../shared/polling/listEvent';
import { spaceFilters } from './filters';
import { pagedList, ROW_TIMES } from './pagedList';

export const eventCreated = listEvent({
	name: 'Event Created',
	value: 'eventCreated',
	description: 'When there is a new event, draft or published, noticed at the next poll',
	sampleName: 'an event',
	fields: [spaceFilters],
	listFor: (api, { filters }) => pagedList(api, { path: '/events', query: filters }),
	timeNames: ROW_TIMES,
});
