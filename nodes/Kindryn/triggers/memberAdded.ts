/* A new member of the community, however they came in. */
import { listEvent } from '../../shared/polling/listEvent';
import { pagedList, ROW_TIMES } from './pagedList';

export const memberAdded = listEvent({
	name: 'Member Added',
	value: 'memberAdded',
	description: 'When somebody has become a member, noticed at the next poll',
	sampleName: 'a member',
	fields: [],
	listFor: (api) => pagedList(api, { path: '/members' }),
	timeNames: ROW_TIMES,
});
