/* Emits new posts of the whole community or of one space. */
import { listEvent } from '../../shared/polling/listEvent';
import { spaceFilters } from './filters';
import { pagedList, ROW_TIMES } from './pagedList';

export const postCreated = listEvent({
	name: 'Post Created',
	value: 'postCreated',
	description: 'When a post is created',
	sampleName: 'a post',
	fields: [spaceFilters],
	// "sort (newest | oldest)" (Kindryn API, GET /posts): new posts are found sooner on the first page
	listFor: (api, { filters }) =>
		pagedList(api, { path: '/posts', query: { ...filters, sort: 'newest' } }),
	timeNames: ROW_TIMES,
});
