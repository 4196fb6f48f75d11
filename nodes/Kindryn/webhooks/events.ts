import type { INodePropertyOptions } from 'n8n-workflow';

/** Values of "Trigger On" that are no event's name. */
export const ANY = 'any';
export const OTHER = 'other';

/** The events that Kindryn's guide names; `value` is the name that a delivery carries. */
const EVENTS: Array<INodePropertyOptions & { value: string }> = [
	{
		name: 'Member Joined',
		value: 'onMemberJoin',
		description: 'When somebody has become a member of the community',
	},
];

/** What "Trigger On" offers. */
export const eventOptions: INodePropertyOptions[] = [
	{ name: 'Any Event', value: ANY, description: 'Whatever Kindryn sends to the address' },
	...EVENTS,
	{ name: 'Other', value: OTHER, description: 'An event that you name yourself' },
];
