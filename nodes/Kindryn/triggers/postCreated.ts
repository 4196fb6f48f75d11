/* A new post, in the whole community or in one space. */
import { triggerEvent } from '../../shared/polling/trigger';
import { spaceFilters } from './filters';
import { newestInList, newInList } from './pagedList';

/** "sort (newest | oldest)" (Kindryn API, GET /posts). New posts are found sooner on the first page. */
const postsOf = ({ spaceId }: { spaceId?: string }) => ({
	path: '/posts',
	query: { spaceId, sort: 'newest' },
});

export const postCreated = triggerEvent({
	name: 'Post Created',
	value: 'postCreated',
	description: 'When there is a new post, noticed at the next poll',
	sampleName: 'a post',
	fields: [spaceFilters],
	poll: async (call) => await newInList(call, postsOf(call.parameters.filters)),
	sample: async (call) => await newestInList(call, postsOf(call.parameters.filters)),
});
