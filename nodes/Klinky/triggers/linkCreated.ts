import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../../shared/http/answer';
import type { Api } from '../../shared/http/api';
import {
	FINGERPRINT_LENGTH,
	isBaseline,
	isCount,
	knownIn,
	mostRemembered,
	oldestFirst,
	orderOf,
	toSeenMemory,
} from '../../shared/polling/journal';
import type {
	PollResult,
	Identity,
	Order,
	Reading,
	SeenMemory,
} from '../../shared/polling/journal';
import {
	fromEnd,
	isComplete,
	newestRow,
	pollNewest,
	pollWhole,
	readOn,
} from '../../shared/polling/reading';
import type { PollBudget, ListResult, PagedList } from '../../shared/polling/reading';
import { triggerEvent } from '../../shared/polling/trigger';
import type { PollCall } from '../../shared/polling/trigger';
import { pageOfLinks } from '../links';
import { pagedList } from './pagedList';

/** Names under which a link may tell when it was made; none is documented. */
const LINK_TIMES = ['created_at', 'createdAt'] as const;

/** What is remembered of the links, besides which they are. */
interface LinksMemory extends SeenMemory {
	/** the order of the list, which is not documented: learned from the times of the links */
	order?: Order;
	/** how many there were at the last poll; where the order is not known, when it began to read all */
	total?: number;
	/** where the order is not known: the page that the last poll checked, from 0 */
	checkedPage?: number;
	secretPrint?: string;
}

/** What was found new, and how many links there are to remember where the service tells. */
type LinksResult = ListResult & { told?: number };

/**
 * Links that are remembered, those that are gone included, before all are read to forget those: at
 * 100 new links a day, one such reading in half a year.
 */
const ALWAYS_REMEMBERED = 20_000;

/** Fewer links may all be new without being another account's. */
const FEWEST_OF_AN_ACCOUNT = 2;

export const linkCreated = triggerEvent({
	name: 'Link Created',
	value: 'linkCreated',
	description: 'When there is a new link; while there is none, a poll costs one request',
	sampleName: 'a link',
	fields: [],
	poll: async (call) => await pollLinks(linksOf(call.api), call),
	sample: async ({ api }) => await newestRow(linksOf(api), LINK_TIMES),
});

function linksOf(api: Api): PagedList {
	return pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage));
}

/** What is new in the list of links. */
export async function pollLinks(
	list: PagedList,
	{ memory, budget, secretPrint }: Pick<PollCall<unknown>, 'memory' | 'budget' | 'secretPrint'>,
): Promise<PollResult> {
	const known = toLinksMemory(memory);
	const checked = known && (await lookAtOnePage(list, known));
	if (checked) {
		return {
			fresh: [],
			memory: checked.secretPrint === secretPrint ? checked : { ...checked, secretPrint },
		};
	}

	const found = await newLinks(list, known, budget);
	const { rows } = found.reading;
	const isOther =
		known !== undefined &&
		known.secretPrint !== secretPrint &&
		isForeign(known, found.reading, list.identity);
	const order = learnOrder(known, found);
	const counted = found.isWhole ? rows.length : known?.total;
	const total = found.told ?? (order ? counted : undefined);
	const isUnchanged =
		found.memory === known &&
		order === known.order &&
		total === known.total &&
		secretPrint === known.secretPrint;
	return {
		fresh: isOther ? [] : oldestFirst(found.fresh, LINK_TIMES),
		memory: isUnchanged
			? known
			: (withoutUndefined({
					...found.memory,
					order,
					total,
					checkedPage: known?.checkedPage,
					secretPrint,
				}) as LinksMemory),
	};
}

/**
 * Looks at one page of a list whose order is not known, at another one with each poll. A new link
 * shows in the total; one that was made while another was deleted does not, and may stand on any
 * page. So a poll costs one request and not one for each page, and such a link is told as many polls
 * later as there are pages, at most.
 *
 * @returns what to remember when nothing is new there; undefined when all must be read
 */
async function lookAtOnePage(
	list: PagedList,
	known: LinksMemory,
): Promise<LinksMemory | undefined> {
	const { total = 0 } = known;
	const pages = Math.ceil(total / list.pageSize);
	if (pages < 1 || knownOrder(known) || isBaseline(known) || known.cursor) return undefined;
	const checkedPage = ((known.checkedPage ?? 0) + 1) % pages;
	const page = await list.fetch(checkedPage * list.pageSize, list.pageSize);
	// Deleted links may be counted, so there may be fewer pages; what is behind them tells no total
	const told = page.total ?? (page.rows.length === 0 ? total : undefined);
	const isAsBefore = told === total && page.rows.every(knownIn(known, list.identity).has);
	if (!isAsBefore) return undefined;
	return checkedPage === known.checkedPage ? known : { ...known, checkedPage };
}

/** Reads all links, or those alone that are new once it is known where they appear. */
async function newLinks(
	links: PagedList,
	known: LinksMemory | undefined,
	budget: PollBudget,
): Promise<LinksResult> {
	const order = knownOrder(known);
	const list = order === 'oldest' ? fromEnd(links, known?.total ?? 0) : links;
	if (!known || !order || remembersTooMany(known)) return await allLinks(list, known, budget);
	const found = await pollNewest(list, known, budget);
	return { ...found, told: found.reading.total };
}

/** Those that are gone are forgotten when all that are there have been read: none of these may be. */
function remembersTooMany({ seen, total = 0, cursor }: LinksMemory): boolean {
	const most = Math.max(ALWAYS_REMEMBERED, mostRemembered(total));
	return cursor === undefined && seen.length > most * FINGERPRINT_LENGTH;
}

async function allLinks(
	list: PagedList,
	known: LinksMemory | undefined,
	budget: PollBudget,
): Promise<LinksResult> {
	// That of the beginning: with a link that appears where it was read already there are more than
	// that, so the next poll reads all again
	let told = known?.total;
	const found = await pollWhole(list, known, budget, async (_, from) => {
		const reading = await readOn(list, from, budget);
		if (from.at === 0) told = reading.pages[0]?.total;
		return reading;
	});
	return { ...found, told };
}

/**
 * Whether nothing that was read to its end is known: with another secret in the same credential, it
 * is another account's, and nothing of it is new. In the same account, all known links would have to
 * be deleted and several be made between the last poll with the old key and the first with the new.
 */
function isForeign(known: SeenMemory, reading: Reading, identity: Identity): boolean {
	return (
		isComplete(reading) &&
		reading.rows.length >= FEWEST_OF_AN_ACCOUNT &&
		known.seen.length >= FEWEST_OF_AN_ACCOUNT * FINGERPRINT_LENGTH &&
		!reading.rows.some(knownIn(known, identity).has)
	);
}

/** The order, once all links have been read. */
function knownOrder(known: LinksMemory | undefined): Order | undefined {
	return isBaseline(known) ? undefined : known?.order;
}

function learnOrder(
	known: LinksMemory | undefined,
	{ reading, isWhole }: ListResult,
): Order | undefined {
	const shown = orderOf(reading.rows, LINK_TIMES);
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
	const { order, total, checkedPage, secretPrint } = memory ?? {};
	const isSound =
		(order === undefined || order === 'newest' || order === 'oldest') &&
		(total === undefined || isCount(total)) &&
		(checkedPage === undefined || isCount(checkedPage)) &&
		(secretPrint === undefined || typeof secretPrint === 'string');
	return isSound ? toSeenMemory(memory) : undefined;
}
