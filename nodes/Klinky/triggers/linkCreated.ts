/* A new short link, however it was made: in the dashboard, by the API or by this package. */
import type { Api } from '../../shared/http/api';
import { oldestFirst } from '../../shared/polling/rows';
import { triggerEvent } from '../../shared/polling/trigger';
import { newestRow } from '../../shared/polling/newestRow';
import { findNew } from '../../shared/polling/walk';
import type { PagedList } from '../../shared/polling/walk';
import { pageOfLinks } from '../links';
import { pagedList } from './pagedList';

/** Names under which a link may tell when it was made; none is documented. */
const LINK_TIMES = ['created_at', 'createdAt'] as const;

function linksOf(api: Api): PagedList {
	return pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage));
}

export const linkCreated = triggerEvent({
	name: 'Link Created',
	value: 'linkCreated',
	description:
		'When there is a new link, noticed at the next poll; while there is none, a poll takes one request',
	sampleName: 'a link',
	fields: [],
	async poll({ api, memory, ...call }) {
		const found = await findNew(linksOf(api), memory, call);
		return { ...found, fresh: oldestFirst(found.fresh, LINK_TIMES) };
	},
	sample: async ({ api }) => await newestRow(linksOf(api), LINK_TIMES),
});
