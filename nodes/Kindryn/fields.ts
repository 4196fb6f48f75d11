import { choice, dynamicChoice, flag, requiredPlainText, text } from '../shared/fields/basicFields';
import { checked } from '../shared/fields/checks';
import { locator, optionalLocator } from '../shared/fields/locators';
import { checkEmail } from './emails';

export const email = checked(
	requiredPlainText({
		displayName: 'Email',
		name: 'email',
		placeholder: 'name@email.com',
		description: 'Enter the e-mail address of the person',
	}),
	checkEmail,
);

export const inviteeName = text({
	displayName: 'Name',
	name: 'name',
	placeholder: 'e.g. Jane Doe',
	description: 'Enter the name that the invitation shows',
});

/** The documents name the roles MEMBER and MODERATOR, but have no list of all roles. */
const roleName = {
	displayName: 'Role Name or ID',
	name: 'role',
	loadMethod: 'getRoles',
	description:
		'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
} as const;

export const role = dynamicChoice({
	...roleName,
	hint: 'Cannot be higher than the role of the person who created the API key',
});

export const roleFilter = dynamicChoice(roleName);

export const sendWelcomeEmail = flag({
	displayName: 'Send Welcome Email',
	name: 'sendWelcomeEmail',
	default: true,
	description: 'Whether Kindryn sends the person a welcome e-mail',
});

const space = {
	displayName: 'Space',
	name: 'spaceId',
	searchMethod: 'searchSpaces',
	example: 'ckspace01',
} as const;

export const spaceId = locator({ ...space, description: 'Choose the space of the event' });

export const postSpaceId = locator({
	...space,
	searchMethod: 'searchPostSpaces',
	description: 'Choose the space to post in. The list shows only spaces for discussions.',
});

export const spaceFilter = optionalLocator({
	...space,
	description: 'Choose a space to leave out all others',
});

export const eventId = locator({
	displayName: 'Event',
	name: 'eventId',
	description: 'Choose the event to get',
	searchMethod: 'searchEvents',
	example: 'ckevent01',
});

export const postId = locator({
	displayName: 'Post',
	name: 'postId',
	description: 'Choose the post to get',
	searchMethod: 'searchPosts',
	example: 'ckpost01',
});

/** The documents do not say whether "upcoming=false" selects past entries or all. */
export const upcoming = flag({
	displayName: 'Upcoming',
	name: 'upcoming',
	default: true,
	description: 'Whether to get only entries that have not started yet',
});

/** "type (DISCUSSION | COURSE | EVENT_SERIES | COACHING)" (Kindryn API, GET /spaces). */
export const SPACE_TYPES = [
	{ name: 'Coaching', value: 'COACHING' },
	{ name: 'Course', value: 'COURSE' },
	{ name: 'Discussion', value: 'DISCUSSION' },
	{ name: 'Event Series', value: 'EVENT_SERIES' },
] as const;

export const spaceType = choice({
	displayName: 'Type',
	name: 'type',
	description: 'Choose which type of space to get',
	options: SPACE_TYPES,
	default: 'DISCUSSION',
});
