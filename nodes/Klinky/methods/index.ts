import type { IDataObject } from 'n8n-workflow';

import { credentialTest } from '../../shared/credential';
import { ENTRIES_PER_PAGE, listSearch } from '../../shared/listSearch';
import { pageOfLinks } from '../links';
import { klinky, ROWS_PER_PAGE, SHORT_LINKS } from '../service';

/** GET /public/links?page=1&per_page=1: the cheapest request. */
export const testKlinkyApi = credentialTest(klinky, async (api) => {
	const { rows, total = rows.length } = await pageOfLinks(api, 1, 1);
	const { limit, remaining } = api.rateLimit ?? {};
	const budget =
		remaining === undefined ? '' : `, ${remaining} of ${limit} requests left this hour`;
	return `Connection successful: ${total} ${total === 1 ? 'link' : 'links'} in your account${budget}`;
});

/**
 * The links, a page for each request. Klinky documents no search, so what was typed is looked for
 * on the page at hand: going through all of them would spend a request for each hundred links.
 */
export const searchLinks = listSearch(klinky, async (api, { filter, from }) => {
	const page = from / ENTRIES_PER_PAGE + 1;
	const { rows, total } = await pageOfLinks(api, page, ROWS_PER_PAGE);
	const read = from + rows.length;
	return {
		entries: rows.filter((link) => matches(link, filter.toLowerCase())).map(toEntry),
		hasMore:
			rows.length > 0 && (total === undefined ? rows.length === ROWS_PER_PAGE : read < total),
	};
});

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
