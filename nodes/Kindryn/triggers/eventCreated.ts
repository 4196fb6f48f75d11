/* Emits new events of the whole community or of one space. */
import { listEvent } from '../../shared/polling/listEvent';
import { spaceFilters } from './filters';
import { pagedList, ROW_TIMES } from './pagedList';

export const eventCreated = listEvent({
	name: 'Event Created',
	value: 'eventCreated',
	description: 'When an event is created, as a draft or published',
	sampleName: 'an event',
	fields: [spaceFilters],
	listFor: (api, { filters }) => pagedList(api, { path: '/events', query: filters }),
	timeNames: ROW_TIMES,
});
