import type { IDataObject } from 'n8n-workflow';

import { quoted } from '../shared/fields/field';
import type { Field } from '../shared/fields/field';
import { locator } from '../shared/fields/locators';
import { isRecord } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { InputError } from '../shared/http/errors';
import type { Run } from '../shared/operations/operation';
import { addressKey, checkEmail, searchFor } from './emails';
import { idIn, missingKeyError, readList } from './lists';

/** Who a post is attributed to: Kindryn wants the user ID, people know the address. */
export type Author = { userId: string } | { email: string };

const LABEL = 'Author';

const MEMBERS = { path: '/members' };

const { property, read } = locator({
	displayName: LABEL,
	name: 'authorId',
	description:
		'The member that the post is attributed to. By ID means the user ID ("userId"), not the ID of the member.',
	searchMethod: 'searchAuthors',
	example: 'user-id-of-the-author',
	modes: [
		{
			displayName: 'By Email',
			name: 'email',
			type: 'string',
			placeholder: 'e.g. jane@example.com',
		},
	],
});

export const authorId: Field<'authorId', Author> = {
	property,
	read(value, context) {
		const entered = read(value, context);
		// No ID holds an @, so an expression may hand over either
		const isEmail = entered.includes('@') || (isRecord(value) && value.mode === 'email');
		return isEmail ? { email: checkEmail(entered, LABEL) } : { userId: entered };
	},
};

/**
 * The user ID of an author. An address is looked up once for all items.
 *
 * @throws InputError when no member, or several, have exactly this address
 */
export async function userIdOf(author: Author, api: Api, run: Run): Promise<string> {
	if ('userId' in author) return author.userId;
	const { email } = author;
	return await run.once(`author ${addressKey(email)}`, async () => await lookUp(api, email));
}

/** "Use GET /members to look it up by email or name" (Kindryn API, POST /posts). */
async function lookUp(api: Api, wanted: string): Promise<string> {
	const key = addressKey(wanted);
	const found = await readList(api, { ...MEMBERS, query: { search: searchFor(wanted) } }, Infinity);
	if (found.rows.length > 0 && found.rows.every((member) => emailIn(member) === undefined)) {
		throw missingKeyError(MEMBERS, 'email', 'Pick the author from the list, or enter the user ID.');
	}
	const members = found.rows.filter((member) => emailIn(member) === key);
	const userIds = new Set(members.map(requiredUserId));
	const [userId] = userIds;
	if (userIds.size > 1) {
		throw new InputError(
			`'${LABEL}' is not clear: ${userIds.size} members have the address ${quoted(wanted)}`,
			'Pick the author from the list.',
		);
	}
	if (userId === undefined) {
		throw new InputError(
			`'${LABEL}' was not found: no member has the address ${quoted(wanted)}`,
			'Check the address, or pick the author from the list. A person who was invited is a member only after joining.',
		);
	}
	return userId;
}

function requiredUserId(member: IDataObject): string {
	const userId = idIn(member, 'userId');
	if (userId !== undefined) return userId;
	throw missingKeyError(MEMBERS, 'userId', "Choose 'By ID' and enter the user ID.");
}

function emailIn({ email }: IDataObject): string | undefined {
	return typeof email === 'string' ? addressKey(email) : undefined;
}
