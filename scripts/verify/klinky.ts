import type { IDataObject } from 'n8n-workflow';

import { klinky as service } from '../../nodes/Klinky/service';
import { readRateLimit } from '../../nodes/shared/http/rateLimit';
import { AnnouncedLimiter } from '../../nodes/shared/http/pacing';
import { CannotAskError, type Client, type Seen } from './client';
import { dateHeader, rateLimitHeaders, resetUnit, window } from './headers';
import {
	asking,
	beyondEnd,
	type Cut,
	fullPages,
	type ListEvidence,
	order,
	overLists,
	pageIn,
	readList,
	standardSize,
	steadyPages,
	timeKeyOf,
	tooLargeLimit,
	total,
} from './lists';
import { NEEDS_WRITE, textOf, verifiable } from './service';
import { bySchema, confirmed, notSeen, refuted } from './verdict';

/** The Growth plan has 100 an hour ("Rate Limits"), and the owner's workflows need them. */
const MOST_REQUESTS = 20;

/** How many links to open in search of a click. */
const LINKS_TO_OPEN = 3;

const LARGEST_PAGE = 100;

interface Evidence {
	links: ListEvidence;
	clicks: ListEvidence;
	/** Clicks since a time, and since the start of that day. */
	since: { time?: Seen; day?: Seen };
	withoutKey?: Seen;
}

const byPage: Cut = {
	largest: LARGEST_PAGE,
	query: (size, from) => ({ per_page: size, page: Math.ceil(from / size) + 1 }),
};

async function explore(client: Client): Promise<Evidence> {
	const operation = 'listLinks';
	const ask = client.ask.bind(client);
	checkBudget(await ask({ operation, query: byPage.query(1, 0) }), client.now);
	const links = await readList('links', asking(ask, { operation }), byPage);
	const ids = (links.full?.rows ?? []).flatMap((row) => textOf(row, 'id') ?? []);
	if (ids[0] !== undefined) await ask({ operation: 'getLink', parts: { id: ids[0] } });
	return {
		links,
		...(await readClicks(client, ids)),
		withoutKey: await ask({ operation, withoutKey: true }),
	};
}

function checkBudget(seen: Seen | undefined, now: number): void {
	const left = seen && readRateLimit(seen.headers, now)?.remaining;
	if (left === undefined || left >= MOST_REQUESTS) return;
	throw new CannotAskError(
		`Klinky accepts fewer than ${MOST_REQUESTS} more requests in this hour, and this may need ${MOST_REQUESTS}.`,
	);
}

async function readClicks(
	client: Client,
	ids: string[],
): Promise<Pick<Evidence, 'clicks' | 'since'>> {
	const clicks: ListEvidence = { name: 'clicks', small: [] };
	const since: Evidence['since'] = {};
	for (const id of ids.slice(0, LINKS_TO_OPEN)) {
		const ask = asking(client.ask.bind(client), { operation: 'listClicks', parts: { id } });
		clicks.full = pageIn(await ask(byPage.query(LARGEST_PAGE, 0)), LARGEST_PAGE);
		const { rows = [] } = clicks.full ?? {};
		if (rows.length === 0) continue;
		for (const from of [0, 2]) {
			const page = pageIn(await ask(byPage.query(2, from)), 2, from);
			if (page) clicks.small.push(page);
		}
		const latest = latestTime(rows);
		if (latest === undefined) break;
		since.time = await ask({ ...byPage.query(2, 0), start_date: latest });
		since.day = await ask({ ...byPage.query(2, 0), start_date: latest.slice(0, 10) });
		const filtered = pageIn(since.time, 2);
		if (filtered) clicks.small.push(filtered);
		break;
	}
	return { clicks, since };
}

/** The time of the latest row, exactly as the row has it. */
function latestTime(rows: IDataObject[]): string | undefined {
	const key = timeKeyOf(rows);
	if (key === undefined) return undefined;
	const times = rows.map((row) => String(row[key]));
	return times.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

const lists = ({ links, clicks }: Evidence) => [links, clicks];

export const klinky = verifiable<Evidence>({
	id: 'klinky',
	service,
	secretField: 'apiKey',
	variables: { secret: 'KLINKY_API_KEY', address: 'KLINKY_BASE_URL' },
	needsAddress: false,
	most: MOST_REQUESTS,
	limiter: () => new AnnouncedLimiter('Klinky'),
	explore,
	checks: {
		...Object.fromEntries(
			['linkList', 'clickList', 'variant', 'validationDetail'].map((name) => [
				name,
				bySchema(name),
			]),
		),
		click: (evidence, answers) => {
			// The schema requires no key, because none is documented
			const rows = evidence.clicks.full?.rows ?? [];
			const hasBoth = rows.every((row) => 'clicked_at' in row && 'variant_label' in row);
			const verdict = bySchema('click')(evidence, answers);
			return verdict.result === 'confirmed' && !hasBoth
				? refuted('a click lacks one of them')
				: verdict;
		},
		oneDestination: ({ links }) => {
			const variants = (links.full?.rows ?? []).map((link) => link.variants);
			return variants.some((some) => Array.isArray(some) && some.length === 1)
				? confirmed('a listed link has one')
				: notSeen('no listed link has one');
		},
		dateFilter: ({ since: { time, day } }) => {
			if (!time || !day) return notSeen('no click was found');
			const refused = [time.status === 200 ? '' : 'with', day.status === 200 ? '' : 'without'];
			const words = refused.filter(Boolean).join(' and ');
			return words === ''
				? confirmed('both are taken')
				: refuted(`a date ${words} a time is refused`);
		},
		perPage: ({ links }) => standardSize(links, 20, 'per_page'),
		tooLargeLimit: ({ links }) => tooLargeLimit(links, 422),
		fullPages: (evidence) => overLists([evidence.links], fullPages),
		beyondEnd: ({ links }) => beyondEnd(links),
		total: (evidence) => overLists(lists(evidence), total),
		order: (evidence) => overLists(lists(evidence), order),
		steadyPages: (evidence) => overLists(lists(evidence), steadyPages),
		window: (_, { seen }) => window(seen),
		resetUnit: (_, { seen }) => resetUnit(seen),
		dateHeader: (_, { seen }) => dateHeader(seen),
		unauthorized: ({ withoutKey }) => {
			if (!withoutKey) return notSeen('it was not asked');
			const { status } = withoutKey;
			if (status !== 401) return refuted(`answered with ${status}`);
			const names = rateLimitHeaders([withoutKey]);
			return names.length === 0
				? confirmed('answered with 401, without them')
				: refuted(`answered with 401 and ${names.join(', ')}`);
		},
	},
	unreadable: {
		forbidden: 'this needs a key that may not do it',
		...Object.fromEntries(
			[
				...['createStatus', 'idempotencyKey', 'slugAlphabet', 'deletedSlug', 'geoDefault'],
				...['partialUpdate', 'variantsAnswer', 'deleteAnswer'],
			].map((name) => [name, NEEDS_WRITE]),
		),
	},
});
