import type { Api } from '../../shared/http/api';
import { isBaseline, toSeenMemory } from '../../shared/polling/journal';
import { pollNewest, pollWhole, readSideBySide } from '../../shared/polling/reading';
import type { PagedList } from '../../shared/polling/reading';
import { triggerEvent } from '../../shared/polling/trigger';
import { spaceFilters } from './filters';
import { pagedList } from './pagedList';

/**
 * How many of the newest posts the first poll remembers. When some of the newest are deleted, older
 * ones take their places on the first page: those must be known.
 */
const FIRST_REMEMBERED = 10_000;

const MOST_REMEMBERED = 2 * FIRST_REMEMBERED;

/** "sort (newest | oldest)" (Kindryn API, GET /posts). */
function newestPosts(api: Api, { spaceId }: { spaceId?: string }): PagedList {
	return pagedList(api, { path: '/posts', query: { spaceId, sort: 'newest' } });
}

export const postCreated = triggerEvent({
	name: 'Post Created',
	value: 'postCreated',
	description: 'When there is a new post',
	sampleName: 'a post',
	fields: [spaceFilters],
	async poll({ api, memory, budget, parameters }) {
		const list = newestPosts(api, parameters.filters);
		const known = toSeenMemory(memory);
		if (!isBaseline(known)) {
			return await pollNewest(list, known, budget, MOST_REMEMBERED);
		}
		return await pollWhole(list, known, budget, async (_, from) => {
			const reading = await readSideBySide(list, from, budget, FIRST_REMEMBERED);
			// What is remembered begins with the oldest, which are forgotten first
			return { ...reading, rows: reading.rows.reverse() };
		});
	},
	async sample({ api, parameters }) {
		const { rows } = await newestPosts(api, parameters.filters).fetch(0, 1);
		return rows[0];
	},
});
