import { apiPath } from '../../../shared/http/address';
import { operation } from '../../../shared/operations/operation';
import { eventId } from '../../fields';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get an event',
	description: 'Read one event',
	fields: [eventId],
	reads: true,
	execute: async ({ parameters, api }) =>
		await api.object(
			{
				method: 'GET',
				path: apiPath`/events/${parameters.eventId}`,
				subject: `event "${parameters.eventId}"`,
			},
			'id',
		),
});
