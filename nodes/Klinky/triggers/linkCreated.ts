/* A new short link, however it was made: in the dashboard, by the API or by this package. */
import { listEvent } from '../../shared/polling/listEvent';
import { pageOfLinks } from '../links';
import { pagedList } from './pagedList';

/** Names under which a link may tell when it was made; none is documented. */
const LINK_TIMES = ['created_at', 'createdAt'] as const;

export const linkCreated = listEvent({
	name: 'Link Created',
	value: 'linkCreated',
	description:
		'When there is a new link, noticed at the next poll; while there is none, a poll takes one request',
	sampleName: 'a link',
	fields: [],
	listFor: (api) => pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage)),
	timeNames: LINK_TIMES,
});
