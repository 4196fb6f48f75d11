import type { IDataObject } from 'n8n-workflow';

import { credentialTest } from '../../shared/http/credential';
import { ServiceError } from '../../shared/http/errors';
import { listSearch } from '../../shared/fields/listSearch';
import type { Page } from '../../shared/http/paging';
import { pageOfLinks } from '../links';
import { klinky, ROWS_PER_PAGE, SHORT_LINKS } from '../service';

const SPENT = 'Your plan has used up its requests for this hour. Try again later';

/** GET /public/links?page=1&per_page=1: the cheapest request. */
export const testKlinkyApi = credentialTest(klinky, async (api) => {
	const { total } = await advising(`${SPENT}.`, pageOfLinks(api, 1, 1));
	const links =
		total === undefined ? '' : `: ${total} ${total === 1 ? 'link' : 'links'} in your account`;
	const { limit, remaining } = api.rateLimit ?? {};
	const budget =
		remaining === undefined
			? ''
			: `, ${remaining}${limit === undefined ? '' : ` of ${limit}`} requests left this hour`;
	return `Connection successful${links}${budget}`;
});

/**
 * The links, a page for each request. Klinky documents no search, so what was typed is looked for
 * on the page at hand: going through all of them would spend a request for each hundred links.
 */
export const searchLinks = listSearch(klinky, async (api, { filter, from }) => {
	const page = from / ROWS_PER_PAGE + 1;
	const { rows, total } = await advising(
		`${SPENT}, or enter the link's ID under 'By ID'.`,
		pageOfLinks(api, page, ROWS_PER_PAGE),
	);
	const isFull = rows.length === ROWS_PER_PAGE;
	return {
		entries: rows.filter((link) => matches(link, filter.toLowerCase())).map(toEntry),
		hasMore: rows.length > 0 && (total === undefined ? isFull : from + rows.length < total),
		read: ROWS_PER_PAGE,
	};
});

/** Operations advise an option that neither the panel nor a credential has. */
async function advising(advice: string, asked: Promise<Page>): Promise<Page> {
	return await asked.catch((error: unknown) => {
		const isLimit = error instanceof ServiceError && error.failure === 'rate-limited';
		throw isLimit ? error.advising(advice) : error;
	});
}

function matches(link: IDataObject, wanted: string): boolean {
	return [link.slug, link.name, link.id].some((text) =>
		String(text ?? '')
			.toLowerCase()
			.includes(wanted),
	);
}

function toEntry({ id, slug, name, short_url }: IDataObject) {
	const shortLink = slug ? SHORT_LINKS + encodeURIComponent(String(slug)) : undefined;
	return {
		name: [slug, name].filter(Boolean).join(' – ') || String(id),
		value: String(id),
		url: typeof short_url === 'string' ? short_url : shortLink,
	};
}
