import { apiPath } from '../../../shared/http/address';
import { operation } from '../../../shared/operations/operation';
import { memberId } from '../../memberLocators';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get a member',
	description: 'Read the profile of one member, with social links',
	fields: [memberId],
	reads: true,
	execute: async ({ parameters, api }) =>
		await api.object(
			{
				method: 'GET',
				path: apiPath`/members/${parameters.memberId}`,
				subject: `member "${parameters.memberId}"`,
			},
			'id',
		),
});
