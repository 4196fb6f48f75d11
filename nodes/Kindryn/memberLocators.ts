/* Finds members by their e-mail address: people know the address, and Kindryn wants an ID. */
import type { IDataObject } from 'n8n-workflow';

import { quoted } from '../shared/fields/field';
import type { Field, FieldSettings, FindIds, Named } from '../shared/fields/field';
import { namingLocator } from '../shared/fields/locators';
import type { Api } from '../shared/http/api';
import { mapConcurrently } from '../shared/http/concurrency';
import { InputError } from '../shared/http/errors';
import { addressKey, checkEmail, searchFor } from './emails';
import { idIn, missingKeyError, readList } from './lists';
import type { IdKey } from './lists';
import { kindryn } from './service';

const MEMBERS = { path: '/members' };

/** The names that error texts use for the IDs of a member. */
const NAMES: Record<IdKey, string> = { id: 'ID', userId: 'user ID' };

export const memberId = memberLocator(
	{
		displayName: 'Member',
		name: 'memberId',
		description:
			'Choose the member to get. By ID means the ID of the member ("id"), not the user ID.',
		searchMethod: 'searchMembers',
		example: 'ckmember01',
	},
	'id',
);

export const authorId = memberLocator(
	{
		displayName: 'Author',
		name: 'authorId',
		description:
			'Choose the author of the post. By ID means the user ID ("userId"), not the ID of the member.',
		searchMethod: 'searchAuthors',
		example: 'user-id-of-the-author',
		// No ID contains an @, so expressions may return an ID or an address
		isName: (entered) => entered.includes('@'),
	},
	'userId',
);

/** @param key the ID that Kindryn wants */
function memberLocator<const N extends string>(
	settings: FieldSettings<N> & {
		searchMethod: string;
		example: string;
		isName?(entered: string): boolean;
	},
	key: IdKey,
): Field<N, string | Named> {
	const label = settings.displayName;
	return namingLocator({
		...settings,
		naming: { title: 'By Email', name: 'email', placeholder: 'e.g. jane@example.com' },
		nameIn: (entered) => checkEmail(entered, label),
		find: findMembers(label, key),
	});
}

/** Looks up each address once, even if items spell it differently. */
function findMembers(label: string, key: IdKey): FindIds {
	return async (emails, api) => {
		const bySpelling = new Map<string, string>();
		for (const email of emails) {
			const spelling = addressKey(email);
			bySpelling.set(spelling, bySpelling.get(spelling) ?? email);
		}
		const wanted = [...bySpelling];
		const found = await mapConcurrently(wanted.length, kindryn.readsAtOnce, async (index) => {
			const [spelling = '', email = ''] = wanted[index] ?? [];
			return [spelling, await outcomeOf(email, label, key, api)] as const;
		});
		const outcomes = new Map(found);
		return (email) => {
			const { id, error } = outcomes.get(addressKey(email)) ?? {};
			if (id === undefined) throw error;
			return id;
		};
	};
}

/** Returns the error, so that one missing member does not fail the other items. */
async function outcomeOf(
	email: string,
	label: string,
	key: IdKey,
	api: Api,
): Promise<{ id?: string; error?: unknown }> {
	try {
		return { id: await lookUpMember(email, label, key, api) };
	} catch (error) {
		return { error };
	}
}

/**
 * "Use GET /members to look it up by email or name" (Kindryn API, POST /posts).
 *
 * @throws InputError if no member or several members have exactly this address
 */
async function lookUpMember(wanted: string, label: string, key: IdKey, api: Api): Promise<string> {
	const spelling = addressKey(wanted);
	const found = await readList(api, { ...MEMBERS, query: { search: searchFor(wanted) } }, Infinity);
	if (found.rows.length > 0 && found.rows.every((member) => emailIn(member) === undefined)) {
		throw missingKeyError(
			MEMBERS,
			'email',
			`Pick the ${label.toLowerCase()} from the list, or choose 'By ID' and enter the ${NAMES[key]}.`,
		);
	}
	const ids = new Set(
		found.rows
			.filter((member) => emailIn(member) === spelling)
			.map((member) => requiredId(member, key)),
	);
	const [id] = ids;
	if (ids.size > 1) {
		throw new InputError(
			`'${label}' is not clear: ${ids.size} members have the address ${quoted(wanted)}`,
			`Pick the ${label.toLowerCase()} from the list.`,
		);
	}
	if (id === undefined) {
		throw new InputError(
			`'${label}' was not found: no member has the address ${quoted(wanted)}`,
			`Check the address, or pick the ${label.toLowerCase()} from the list. Invited people become members only after they join.`,
		);
	}
	return id;
}

function requiredId(member: IDataObject, key: IdKey): string {
	const id = idIn(member, key);
	if (id !== undefined) return id;
	throw missingKeyError(MEMBERS, key, `Choose 'By ID' and enter the ${NAMES[key]}.`);
}

function emailIn({ email }: IDataObject): string | undefined {
	return typeof email === 'string' ? addressKey(email) : undefined;
}
