/* Emits new short links, whether created in the dashboard, by the API or by this package. */
import { listEvent } from '../../shared/polling/listEvent';
import { pageOfLinks } from '../links';
import { pagedList } from './pagedList';

/** Keys that may hold the time a link was created. The documents do not name any. */
const LINK_TIMES = ['created_at', 'createdAt'] as const;

export const linkCreated = listEvent({
	name: 'Link Created',
	value: 'linkCreated',
	description:
		'When a link is created. A poll uses one request, or one per 100 links if some are new.',
	sampleName: 'a link',
	fields: [],
	listFor: (api) => pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage)),
	timeNames: LINK_TIMES,
});
