import { collection } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { spaceType } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many spaces',
	description: 'List the spaces of the community',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [spaceType]),
	],
	reads: true,
	execute: async (call) => await getMany(call, { path: '/spaces' }),
});
