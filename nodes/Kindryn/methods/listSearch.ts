import type { IDataObject, INodeListSearchItems } from 'n8n-workflow';

import type { Api } from '../../shared/http/api';
import { isWebAddress } from '../../shared/http/answer';
import { ENTRIES_PER_PAGE, listSearch, matching, pageOf } from '../../shared/fields/listSearch';
import type { ListPage } from '../../shared/fields/listSearch';
import { mayCountPage } from '../../shared/http/paging';
import { SPACE_TYPES } from '../fields';
import { excerpt } from '../html';
import { idIn, missingKeyError, readPage, readList, SEARCHED_ROWS } from '../lists';
import type { IdKey, List } from '../lists';
import { kindryn } from '../service';

const LONGEST_NAME = 60;

/** Characters of a post's body to read for its name. */
const LONGEST_BODY = 2_000;

export const searchSpaces = spaceSearch(() => true);

/** Leaves out the types named for something else: the documents do not say which types accept posts. */
export const searchPostSpaces = spaceSearch(({ type }) => {
	const known = SPACE_TYPES.map(({ value }) => value as unknown);
	return type === 'DISCUSSION' || !known.includes(type);
});

export const searchMembers = memberSearch('id');

/** "The authorId must be a userId of an existing community member" (Kindryn API, POST /posts). */
export const searchAuthors = memberSearch('userId');

export const searchPosts = listSearch(kindryn, async (api, { filter, from }) => {
	const list = { path: '/posts', query: { sort: 'newest' } };
	return await lookThrough(api, list, filter, from, nameOfPost);
});

export const searchEvents = listSearch(
	kindryn,
	async (api, { filter, from }) =>
		await lookThrough(api, { path: '/events' }, filter, from, nameOfEvent),
);

type NameOf = (row: IDataObject) => string;

/** Communities have few spaces, so this reads all of them and sorts them by name. */
function spaceSearch(isOffered: (space: IDataObject) => boolean) {
	return listSearch(kindryn, async (api, { filter, from }) => {
		const list = { path: '/spaces' };
		const { rows } = await readList(api, list, Infinity);
		const entries = entriesOf(list, rows, 'id', nameOfSpace, isOffered).sort((a, b) =>
			a.name.localeCompare(b.name),
		);
		return pageOf(entries, filter, from);
	});
}

/** Kindryn itself searches the members. */
function memberSearch(key: IdKey) {
	return listSearch(kindryn, async (api, { filter, from }) => {
		const list = { path: '/members', query: { search: filter === '' ? undefined : filter } };
		const page = await readPage(api, list, from, ENTRIES_PER_PAGE);
		const { rows, total = Infinity } = page;
		const isEnd = total <= from + rows.length && !mayCountPage(page, ENTRIES_PER_PAGE);
		return {
			entries: entriesOf(list, rows, key, nameOfMember),
			// Pages may be smaller than requested
			read: rows.length,
			hasMore: rows.length > 0 && !isEnd,
		};
	});
}

/** Fetches a page of a list; with a filter, the matches among the next thousand rows. */
async function lookThrough(
	api: Api,
	list: List,
	filter: string,
	from: number,
	nameOf: NameOf,
): Promise<ListPage> {
	const read = filter === '' ? ENTRIES_PER_PAGE : SEARCHED_ROWS;
	const found = await readList(api, list, read, from);
	const { rows, total = Infinity } = found;
	const entries = matching(entriesOf(list, rows, 'id', nameOf), filter);
	const isEnd = total <= read && !mayCountPage(found, ENTRIES_PER_PAGE);
	return { entries, read, hasMore: rows.length >= read && !isEnd };
}

/** @throws ServiceError if there are rows, but none has an ID */
function entriesOf(
	list: List,
	rows: IDataObject[],
	key: IdKey,
	nameOf: NameOf,
	isOffered: (row: IDataObject) => boolean = () => true,
): INodeListSearchItems[] {
	const offered = rows.filter(isOffered);
	const entries = offered.flatMap((row) => {
		const value = idIn(row, key);
		if (value === undefined) return [];
		return [{ name: nameOf(row) || value, value, ...linkOf(row) }];
	});
	if (offered.length > 0 && entries.length === 0) {
		throw missingKeyError(
			list,
			key,
			`Choose 'By ID' instead of 'From List', and enter the "${key}".`,
		);
	}
	return entries;
}

/** @returns the web address of an entry, if Kindryn sends one. The documents do not mention any. */
function linkOf({ url }: IDataObject): { url?: string } {
	return isWebAddress(url) ? { url } : {};
}

function nameOfSpace({ name, type }: IDataObject): string {
	const shown = SPACE_TYPES.find(({ value }) => value === type)?.name ?? words(type);
	return shown === '' ? words(name) : `${words(name)} (${shown})`;
}

function nameOfMember({ name, email }: IDataObject): string {
	return [words(name), words(email)].filter((part) => part !== '').join(' – ');
}

function nameOfPost({ title, body, createdAt }: IDataObject): string {
	return [words(title) || excerpt(words(body).slice(0, LONGEST_BODY), LONGEST_NAME), day(createdAt)]
		.filter((part) => part !== '')
		.join(' – ');
}

function nameOfEvent({ title, startsAt, status }: IDataObject): string {
	const name = [words(title), day(startsAt)].filter((part) => part !== '').join(' – ');
	return status === 'DRAFT' ? `${name} (draft)` : name;
}

function words(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

/** @returns the day of an ISO date */
function day(value: unknown): string {
	return words(value).slice(0, 10);
}
