/* Emits new members of the community, however they joined. */
import { listEvent } from '../../shared/polling/listEvent';
import { pagedList, ROW_TIMES } from './pagedList';

export const memberAdded = listEvent({
	name: 'Member Added',
	value: 'memberAdded',
	description: 'When somebody becomes a member',
	sampleName: 'a member',
	fields: [],
	listFor: (api) => pagedList(api, { path: '/members' }),
	timeNames: ROW_TIMES,
});
