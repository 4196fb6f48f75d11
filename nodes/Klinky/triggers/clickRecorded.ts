/* A click on one link. Klinky lists clicks from a time on, so only the latest are read. */
import type { Api } from '../../shared/http/api';
import { newestRow } from '../../shared/polling/listEvent';
import { oldestFirst } from '../../shared/polling/rows';
import { triggerEvent } from '../../shared/polling/trigger';
import type { PagedList } from '../../shared/polling/walk';
import { findNewSince } from '../../shared/polling/window';
import { watchedLinkId } from '../fields';
import { pageOfClicks } from '../links';
import { pagedList } from './pagedList';

/** Names under which a click may tell when it happened: its keys are not documented. */
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
		'When somebody has followed a link, noticed at the next poll; while nobody has, a poll takes one request',
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
