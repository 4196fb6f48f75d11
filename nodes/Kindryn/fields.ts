import { choice, dynamicChoice, flag, requiredText, text } from '../shared/fields/basicFields';
import { checked } from '../shared/fields/checks';
import { quoted } from '../shared/fields/field';
import type { Field } from '../shared/fields/field';
import { locator, optionalLocator } from '../shared/fields/locators';
import { checkId } from '../shared/http/address';
import { InputError } from '../shared/http/errors';

/** @returns an e-mail address without white space around it. @throws InputError for anything else */
export function checkEmail(entered: string, label: string): string {
	const address = entered.trim();
	if (/^[^\s@]+@[^\s@]+$/.test(address)) return address;
	throw new InputError(
		`'${label}' must be an e-mail address, but is ${quoted(entered)}`,
		'Write the address alone, such as jane@example.com, or check the expression.',
	);
}

/** No ID or role of Kindryn has white space around it; what is copied from elsewhere often has. */
export function trimmedId<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
): Field<N, T> {
	return checked(field, (entered, label) => checkId(entered.trim(), label) as NonNullable<T>);
}

export const email = checked(
	requiredText({
		displayName: 'Email',
		name: 'email',
		placeholder: 'name@email.com',
		description: 'The address of the person',
	}),
	checkEmail,
);

export const inviteeName = text({
	displayName: 'Name',
	name: 'name',
	placeholder: 'e.g. Jane Doe',
	description: 'The name of the person, shown in the invitation',
});

/** Roles are not listed in the documents, which name MEMBER and MODERATOR. */
const roleName = {
	displayName: 'Role Name or ID',
	name: 'role',
	loadMethod: 'getRoles',
	description:
		'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
} as const;

export const role = trimmedId(
	dynamicChoice({ ...roleName, hint: 'At most the role of the person who created the API key' }),
);

export const roleFilter = trimmedId(dynamicChoice(roleName));

export const sendWelcomeEmail = flag({
	displayName: 'Send Welcome Email',
	name: 'sendWelcomeEmail',
	default: true,
	description: 'Whether Kindryn sends an e-mail to the person',
});

const space = {
	displayName: 'Space',
	name: 'spaceId',
	searchMethod: 'searchSpaces',
	example: 'ckspace01',
} as const;

export const spaceId = trimmedId(locator({ ...space, description: 'The space to create it in' }));

export const spaceFilter = trimmedId(
	optionalLocator({ ...space, description: 'Only what is in this space' }),
);

export const eventId = trimmedId(
	locator({
		displayName: 'Event',
		name: 'eventId',
		description: 'The event to get',
		searchMethod: 'searchEvents',
		example: 'ckevent01',
	}),
);

export const memberId = trimmedId(
	locator({
		displayName: 'Member',
		name: 'memberId',
		description: 'The member to get. By ID means the ID of the member ("id"), not the user ID.',
		searchMethod: 'searchMembers',
		example: 'ckmember01',
	}),
);

export const postId = trimmedId(
	locator({
		displayName: 'Post',
		name: 'postId',
		description: 'The post to get',
		searchMethod: 'searchPosts',
		example: 'ckpost01',
	}),
);

/** What "upcoming=false" selects is not documented: the past, or everything. */
export const upcoming = flag({
	displayName: 'Upcoming',
	name: 'upcoming',
	default: true,
	description: 'Whether to get only what has not begun yet',
});

export const spaceType = choice({
	displayName: 'Type',
	name: 'type',
	description: 'Only spaces of this type',
	options: [
		{ name: 'Coaching', value: 'COACHING' },
		{ name: 'Course', value: 'COURSE' },
		{ name: 'Discussion', value: 'DISCUSSION' },
		{ name: 'Event Series', value: 'EVENT_SERIES' },
	],
	default: 'DISCUSSION',
});
