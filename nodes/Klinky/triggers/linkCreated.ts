import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../../shared/api';
import { isBaseline, knownIn, oldestFirst, orderOf, toSeenMemory } from '../../shared/polling';
import type { Order, SeenMemory } from '../../shared/polling';
import { fromEnd, newestRow, pollNewest, pollWhole, readOn } from '../../shared/pollingRead';
import type { Allowance, ListFound, PagedList } from '../../shared/pollingRead';
import { triggerEvent } from '../../shared/trigger';
import { pageOfLinks } from '../links';
import { pagedList } from './lists';

/** Names under which a link may tell when it was made; none is documented. */
const TIMES = ['created_at', 'createdAt'] as const;

/** What is remembered of the links, besides which they are. */
interface LinksMemory extends SeenMemory {
	/** the order of the list, which is not documented: learned from the times of the links */
	order?: Order;
	/** how many there were */
	total?: number;
}

function linksOf(api: Api): PagedList {
	return pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage));
}

export const linkCreated = triggerEvent({
	name: 'Link Created',
	value: 'linkCreated',
	description: 'When there is a new link; while there is none, a poll costs one request',
	thing: 'a link',
	fields: [],
	async poll({ api, memory, allowance }) {
		const known = toLinksMemory(memory);
		const found = await newLinks(api, known, allowance);
		const order = learnOrder(known, found);
		const total = found.reading.total ?? (found.isWhole ? found.reading.rows.length : known?.total);
		const isUnchanged = found.memory === known && order === known.order && total === known.total;
		return {
			fresh: oldestFirst(found.fresh, TIMES),
			memory: isUnchanged ? known : withoutGaps({ ...found.memory, order, total }),
		};
	},
	sample: async ({ api }) => await newestRow(linksOf(api), TIMES),
});

/** Reads all links, or those alone that are new once it is known where they appear. */
async function newLinks(
	api: Api,
	known: LinksMemory | undefined,
	allowance: Allowance,
): Promise<ListFound> {
	const list = linksOf(api);
	const order = knownOrder(known);
	if (known && order) {
		return await pollNewest(
			order === 'newest' ? list : fromEnd(list, known.total ?? 0),
			known,
			allowance,
		);
	}
	const { has } = knownIn(known, list.identity);
	const mayBeIdle = known && !isBaseline(known) && !known.cursor;
	return await pollWhole(list, known, allowance, async (_, from) => {
		const counted = mayBeIdle ? known.total : undefined;
		return await readOn(
			list,
			from,
			allowance,
			({ rows, total }) => total !== undefined && total === counted && rows.every(has),
		);
	});
}

/** The order, once all links have been read. */
function knownOrder(known: LinksMemory | undefined): Order | undefined {
	return isBaseline(known) ? undefined : known?.order;
}

function learnOrder(
	known: LinksMemory | undefined,
	{ reading, isWhole }: ListFound,
): Order | undefined {
	const shown = orderOf(reading.rows, TIMES);
	if (isWhole && knownOrder(known) === 'oldest') {
		// Read from its end on, so the other way round
		return shown && (shown === 'newest' ? 'oldest' : 'newest');
	}
	if (isWhole || known === undefined) return shown;
	// Of a first reading that takes several polls, each part must show the same order
	const isAgreed = !isBaseline(known) || shown === known.order || reading.rows.length < 2;
	return isAgreed ? known.order : undefined;
}

function toLinksMemory(memory: IDataObject | undefined): LinksMemory | undefined {
	const { order, total } = memory ?? {};
	const isSound =
		(order === undefined || order === 'newest' || order === 'oldest') &&
		(total === undefined || Number.isInteger(total));
	return isSound ? toSeenMemory(memory) : undefined;
}

/** JSON knows no undefined. */
function withoutGaps(memory: LinksMemory): LinksMemory {
	return JSON.parse(JSON.stringify(memory)) as LinksMemory;
}
