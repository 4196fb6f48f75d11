import { choice, collection } from '../../../shared/fields/basicFields';
import { returnAllAndLimit, wantedRows } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { readInvitations } from '../../invitations';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many invitations',
	description: 'List invitations with their status and link',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			choice({
				displayName: 'Status',
				name: 'status',
				description: 'Choose which invitations to get',
				options: [
					{ name: 'All', value: 'all' },
					{ name: 'Expired', value: 'expired' },
					{ name: 'Pending', value: 'pending' },
					{ name: 'Revoked', value: 'revoked' },
					{ name: 'Used', value: 'used' },
				],
				default: 'all',
			}),
		]),
	],
	reads: true,
	execute: async ({ parameters, api, run }) =>
		await readInvitations(api, run, parameters.filters.status, wantedRows(parameters)),
});
