/* Emits clicks on one link. Klinky can list clicks since a given time, so polls read only the latest. */
import type { Api } from '../../shared/http/api';
import { newestRow } from '../../shared/polling/listEvent';
import { oldestFirst } from '../../shared/polling/rows';
import { triggerEvent } from '../../shared/polling/trigger';
import type { PagedList } from '../../shared/polling/walk';
import { findNewSince } from '../../shared/polling/window';
import { watchedLinkId } from '../fields';
import { pageOfClicks } from '../links';
import { pagedList } from './pagedList';

/** Keys that may hold the time of a click. The documents do not name its keys. */
const CLICK_TIMES = [
	'clicked_at',
	'created_at',
	'timestamp',
	'time',
	'occurred_at',
	'clickedAt',
	'createdAt',
	'date',
] as const;

function clicksOf(api: Api, linkId: string, start?: number): PagedList {
	const from = start === undefined ? {} : { start_date: new Date(start).toISOString() };
	return pagedList(
		async (page, perPage) => await pageOfClicks(api, linkId, { page, per_page: perPage, ...from }),
	);
}

export const clickRecorded = triggerEvent({
	name: 'Click Recorded',
	value: 'clickRecorded',
	description:
		'When somebody follows the link. A poll uses one request, or one per 100 clicks if some are new.',
	sampleName: 'a click on this link',
	toMakeOne: 'open the short link once',
	fields: [watchedLinkId],
	async poll({ api, memory, parameters, ...call }) {
		const since = (start: number) => clicksOf(api, parameters.linkId, start);
		const found = await findNewSince(since, memory, call);
		return { ...found, fresh: oldestFirst(found.fresh, CLICK_TIMES) };
	},
	sample: async ({ api, parameters }) =>
		await newestRow(clicksOf(api, parameters.linkId), CLICK_TIMES),
});
