/* Finds links by their slug, or by the short link that ends with it. */
import type { IDataObject } from 'n8n-workflow';

import { quoted } from '../shared/fields/field';
import type { FindIds } from '../shared/fields/field';
import { asId, asText } from '../shared/http/answer';
import { InputError, ServiceError } from '../shared/http/errors';
import { readPages } from '../shared/http/paging';
import { pageOfLinks } from './links';
import { ROWS_PER_PAGE } from './service';

/** "https://klinky.io/" in any case, with or without the scheme and "www". */
const BEFORE_SLUG = /^(https?:\/\/)?(www\.)?klinky\.io\/+/i;

/** The slug of an existing link. It may be shorter than new slugs can be. */
const SLUG = /^[^\s/?#%\\]{1,32}$/u;

/** @returns the slug in a slug or a short link. @throws InputError for anything else */
export function slugIn(entered: string): string {
	const end = entered.replace(BEFORE_SLUG, '').split(/[?#]/, 1)[0] ?? '';
	const slug = decoded(end.replace(/^\/|\/$/g, ''));
	if (SLUG.test(slug)) return slug;
	throw new InputError(
		`'Link' must be a slug or a short link, but is ${quoted(entered)}`,
		"Enter, for example, summer-sale or https://klinky.io/summer-sale. For an ID, choose 'By ID'.",
	);
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Reads links until all slugs are found, because Klinky documents no search. Each 100 links cost a request. */
export const findLinks: FindIds = async (slugs, api) => {
	const { rows, total = 0 } = await readPages({
		fetch: async ({ page }) => await pageOfLinks(api, page, ROWS_PER_PAGE),
		wanted: Infinity,
		pageSize: ROWS_PER_PAGE,
		// Every request counts, and the next page may not be needed
		atOnce: 1,
		identity: ({ id }) => asId(id),
		isEnough: (read) => {
			const there = new Set(read.map(({ slug }) => slug));
			return slugs.every((slug) => there.has(slug));
		},
	});
	if (rows.length > 0 && rows.every(({ slug }) => asText(slug) === undefined)) {
		throw new ServiceError('Klinky returned links without "slug"', {
			description: "Pick the link from the list, or choose 'By ID'.",
		});
	}
	return (wanted) => idOf(wanted, rows, rows.length < total);
};

/** @param isIncomplete whether Klinky counts more links than it returned */
function idOf(wanted: string, rows: readonly IDataObject[], isIncomplete: boolean): string {
	const found = rows.filter(({ slug }) => asText(slug) === wanted);
	const ids = new Set(found.flatMap(({ id }) => asId(id) ?? []));
	const [id] = ids;
	if (ids.size > 1) {
		throw new InputError(
			`'Link' is not clear: ${ids.size} links have the slug ${quoted(wanted)}`,
			'Pick the link from the list.',
		);
	}
	if (id !== undefined) return id;
	const alike = rows.find(({ slug }) => asText(slug)?.toLowerCase() === wanted.toLowerCase());
	const changed = 'Links were added or deleted while the list was read: run the node again.';
	const advice = alike
		? `There is a slug ${quoted(alike.slug)}. Slugs are case-sensitive.`
		: 'Check the slug, or pick the link from the list: it may have been deleted, or belong to another account.';
	throw new InputError(
		`'Link' was not found: no link has the slug ${quoted(wanted)}`,
		isIncomplete ? changed : advice,
	);
}
