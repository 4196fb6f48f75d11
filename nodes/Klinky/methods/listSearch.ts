import type { IDataObject, INodeListSearchItems } from 'n8n-workflow';

import { asId, asText, isWebAddress } from '../../shared/http/answer';
import { listSearch } from '../../shared/fields/listSearch';
import { mayCountPage } from '../../shared/http/paging';
import type { Page } from '../../shared/http/paging';
import { pageOfLinks } from '../links';
import { klinky, ROWS_PER_PAGE, SHORT_LINKS } from '../service';

/**
 * Lists links, one page for each request. Klinky documents no search, so the filter applies only to
 * the current page: searching all pages would cost a request for each 100 links.
 */
export const searchLinks = listSearch(klinky, async (api, { filter, from }) => {
	const page = from / ROWS_PER_PAGE + 1;
	const shown = await pageOfLinks(api, page, ROWS_PER_PAGE);
	return {
		entries: shown.rows.filter((link) => matches(link, filter.toLowerCase())).flatMap(toEntry),
		hasMore: shown.rows.length > 0 && hasMoreThan(shown, page),
		read: ROWS_PER_PAGE,
	};
});

/** @returns whether another page may follow this one, which has rows */
function hasMoreThan(shown: Page, page: number): boolean {
	const { total, rows } = shown;
	if (total === undefined || mayCountPage(shown, ROWS_PER_PAGE)) return true;
	// Pages may be smaller than requested: then each has as many rows as this one
	return (page - 1) * ROWS_PER_PAGE + rows.length !== total && page * rows.length < total;
}

function matches(link: IDataObject, wanted: string): boolean {
	return [link.slug, link.name, link.id].some((value) =>
		(asText(value) ?? '').toLowerCase().includes(wanted),
	);
}

function toEntry({ id, slug, name, short_url }: IDataObject): INodeListSearchItems[] {
	const value = asId(id);
	if (value === undefined) return [];
	const shownSlug = asText(slug);
	// encodeURIComponent throws for half of a surrogate pair
	const slugInLink = encodeURIComponent(shownSlug?.replace(/\p{Surrogate}/gu, '') ?? '');
	const shortLink = shownSlug ? SHORT_LINKS + slugInLink : undefined;
	const url = isWebAddress(short_url) ? short_url : shortLink;
	return [
		{
			name: [shownSlug, asText(name)].filter(Boolean).join(' – ') || value,
			value,
			...(url === undefined ? {} : { url }),
		},
	];
}
