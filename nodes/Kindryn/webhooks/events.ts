import type { INodePropertyOptions } from 'n8n-workflow';

/** Values of "Trigger On" that are not the name of an event. */
export const ANY = 'any';
export const OTHER = 'other';

/** The events in Kindryn's guide; `value` is the name in the delivery. */
const EVENTS: Array<INodePropertyOptions & { value: string }> = [
	{
		name: 'Member Joined',
		value: 'onMemberJoin',
		description: 'When someone joins the community',
	},
];

/** The options of "Trigger On". */
export const eventOptions: INodePropertyOptions[] = [
	{ name: 'Any Event', value: ANY, description: 'Every event that Kindryn sends to this trigger' },
	...EVENTS,
	{ name: 'Other', value: OTHER, description: 'An event whose name you enter' },
];
