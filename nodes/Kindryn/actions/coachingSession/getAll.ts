import { collection } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { spaceFilter, upcoming } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many coaching sessions',
	description: 'List the coaching sessions of the community',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			spaceFilter,
			upcoming,
		]),
	],
	reads: true,
	execute: async (call) => await getMany(call, { path: '/coaching/sessions' }),
});
