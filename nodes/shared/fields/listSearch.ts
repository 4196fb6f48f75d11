import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import type { Api } from '../http/api';
import { connect } from '../http/connection';
import { isLimit, toNodeError } from '../http/errors';
import type { Service } from '../http/service';
import { plain } from './values';

/** Entries shown before the user scrolls. */
export const ENTRIES_PER_PAGE = 100;

/** The longest name of an entry; the panel shows less of it. */
const LONGEST_NAME = 300;

const WHEN_SPENT = 'Open the list again later, or enter the ID.';

/** One page of a list in the panel. */
export interface ListPage {
	entries: INodeListSearchItems[];
	/** whether there are more */
	hasMore: boolean;
	/** entries of the service's list that this page used up; {@link ENTRIES_PER_PAGE} if absent */
	read?: number;
}

type ListSearch = (
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
) => Promise<INodeListSearchResult>;

/**
 * A searchable list behind a locator's "From List".
 *
 * @param read fetches the entries that match the filter, from position `from` on
 */
export function listSearch(
	service: Service,
	read: (
		api: Api,
		search: { filter: string; from: number; context: ILoadOptionsFunctions },
	) => Promise<ListPage>,
): ListSearch {
	return async function (filter, paginationToken) {
		try {
			const api = (await connect(this, service)).impatient();
			const from = Number(paginationToken ?? 0);
			const page = await read(api, { filter: String(plain(filter) ?? ''), from, context: this });
			return {
				results: page.entries.map(({ name, ...entry }) => ({
					...entry,
					name: shownName(api, name),
				})),
				...(page.hasMore
					? { paginationToken: String(from + (page.read ?? ENTRIES_PER_PAGE)) }
					: {}),
			};
		} catch (error) {
			const worded = isLimit(error) ? error.advising(WHEN_SPENT) : error;
			const shown = toNodeError(this.getNode(), worded);
			shown.message = withLastingDashes(shown.message);
			throw shown;
		}
	};
}

/** @returns a name for a list in the panel: not too long, and without the secret */
export function shownName(api: Api, name: string): string {
	return api.redact(name.slice(0, LONGEST_NAME));
}

/**
 * The panel removes the dashes from the error message of a list, even those in a date or a host name.
 * It keeps two characters that look alike: the non-breaking hyphen and the horizontal bar.
 */
function withLastingDashes(message: string): string {
	return message.replaceAll('-', '\u2011').replace(/[–—]/g, '\u2015');
}

/** @returns the entries whose name or value contains the filter, in upper or lower case */
export function matching(entries: INodeListSearchItems[], filter: string): INodeListSearchItems[] {
	const wanted = filter.toLowerCase();
	return entries.filter(
		({ name, value }) =>
			name.toLowerCase().includes(wanted) || String(value).toLowerCase().includes(wanted),
	);
}

/** Cuts a page out of a complete list, for services that return the whole list at once. */
export function pageOf(entries: INodeListSearchItems[], filter: string, from: number): ListPage {
	const found = matching(entries, filter);
	return {
		entries: found.slice(from, from + ENTRIES_PER_PAGE),
		hasMore: found.length > from + ENTRIES_PER_PAGE,
	};
}
