import type { Api } from '../../shared/http/api';
import { newestRow } from '../../shared/polling/reading';
import { pollWindow, toWindowMemory } from '../../shared/polling/window';
import type { Stream } from '../../shared/polling/window';
import { triggerEvent } from '../../shared/polling/trigger';
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

function clicksOf(api: Api, linkId: string): Stream {
	return {
		since: (start) =>
			pagedList(
				async (page, perPage) =>
					await pageOfClicks(api, linkId, {
						page,
						per_page: perPage,
						...(start > 0 ? { start_date: new Date(start).toISOString() } : {}),
					}),
			),
		timeNames: CLICK_TIMES,
	};
}

export const clickRecorded = triggerEvent({
	name: 'Click Recorded',
	value: 'clickRecorded',
	description: 'When somebody has followed a link; while nobody has, a poll costs one request',
	sampleName: 'a click on this link',
	fields: [watchedLinkId],
	poll: async ({ api, memory, budget, now, parameters }) =>
		await pollWindow(clicksOf(api, parameters.linkId), toWindowMemory(memory), now, budget),
	sample: async ({ api, parameters }) =>
		await newestRow(clicksOf(api, parameters.linkId).since(0), CLICK_TIMES),
});
