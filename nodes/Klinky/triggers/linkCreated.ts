import type { IDataObject } from 'n8n-workflow';

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
import type { Found, Identity, Order, Reading, SeenMemory } from '../../shared/polling/journal';
import {
	fromEnd,
	isComplete,
	newestRow,
	pollNewest,
	pollWhole,
	readOn,
} from '../../shared/polling/reading';
import type { Allowance, ListFound, PagedList } from '../../shared/polling/reading';
import { triggerEvent } from '../../shared/polling/trigger';
import type { PollCall } from '../../shared/polling/trigger';
import { pageOfLinks } from '../links';
import { pagedList } from './lists';

/** Names under which a link may tell when it was made; none is documented. */
const TIMES = ['created_at', 'createdAt'] as const;

/** What is remembered of the links, besides which they are. */
interface LinksMemory extends SeenMemory {
	/** the order of the list, which is not documented: learned from the times of the links */
	order?: Order;
	/** how many there were at the last poll; where the order is not known, when it began to read all */
	total?: number;
	/** where the order is not known: the page that the last poll looked at, from 0 */
	looked?: number;
	/** whose links they are, see {@link PollCall} */
	account?: string;
}

/** What was found new, and how many links there are to remember where the service tells. */
type LinksFound = ListFound & { told?: number };

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
	thing: 'a link',
	fields: [],
	poll: async (call) => await pollLinks(linksOf(call.api), call),
	sample: async ({ api }) => await newestRow(linksOf(api), TIMES),
});

function linksOf(api: Api): PagedList {
	return pagedList(async (page, perPage) => await pageOfLinks(api, page, perPage));
}

/** What is new in the list of links. */
export async function pollLinks(
	list: PagedList,
	{ memory, allowance, account }: Pick<PollCall<unknown>, 'memory' | 'allowance' | 'account'>,
): Promise<Found> {
	const known = toLinksMemory(memory);
	const looked = known && (await lookAtOnePage(list, known));
	if (looked) {
		return { fresh: [], memory: looked.account === account ? looked : { ...looked, account } };
	}

	const found = await newLinks(list, known, allowance);
	const { rows } = found.reading;
	const isOther =
		known?.account !== undefined &&
		known.account !== account &&
		isForeign(known, found.reading, list.identity);
	const order = learnOrder(known, found);
	const counted = found.isWhole ? rows.length : known?.total;
	const total = found.told ?? (order ? counted : undefined);
	const isUnchanged =
		found.memory === known &&
		order === known.order &&
		total === known.total &&
		account === known.account;
	return {
		fresh: isOther ? [] : oldestFirst(found.fresh, TIMES),
		memory: isUnchanged
			? known
			: withoutGaps({
					...found.memory,
					order,
					total,
					looked: known?.looked,
					account,
				}),
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
	const looked = ((known.looked ?? 0) + 1) % pages;
	const page = await list.fetch(looked * list.pageSize, list.pageSize);
	// Deleted links may be counted, so there may be fewer pages; what is behind them tells no total
	const told = page.total ?? (page.rows.length === 0 ? total : undefined);
	const isAsBefore = told === total && page.rows.every(knownIn(known, list.identity).has);
	if (!isAsBefore) return undefined;
	return looked === known.looked ? known : { ...known, looked };
}

/** Reads all links, or those alone that are new once it is known where they appear. */
async function newLinks(
	links: PagedList,
	known: LinksMemory | undefined,
	allowance: Allowance,
): Promise<LinksFound> {
	const order = knownOrder(known);
	const list = order === 'oldest' ? fromEnd(links, known?.total ?? 0) : links;
	if (!known || !order || remembersTooMany(known)) return await allLinks(list, known, allowance);
	const found = await pollNewest(list, known, allowance);
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
	allowance: Allowance,
): Promise<LinksFound> {
	// That of the beginning: with a link that appears where it was read already there are more than
	// that, so the next poll reads all again
	let told = known?.total;
	const found = await pollWhole(list, known, allowance, async (_, from) => {
		const reading = await readOn(list, from, allowance);
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
	const { order, total, looked, account } = memory ?? {};
	const isSound =
		(order === undefined || order === 'newest' || order === 'oldest') &&
		(total === undefined || isCount(total)) &&
		(looked === undefined || isCount(looked)) &&
		(account === undefined || typeof account === 'string');
	return isSound ? toSeenMemory(memory) : undefined;
}

/** JSON knows no undefined. */
function withoutGaps(memory: LinksMemory): LinksMemory {
	return JSON.parse(JSON.stringify(memory)) as LinksMemory;
}
