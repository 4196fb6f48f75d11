import { collection, text } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { roleFilter } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many members',
	description: 'List or search the members of the community',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			roleFilter,
			text({
				displayName: 'Search',
				name: 'search',
				placeholder: 'e.g. jane',
				description: 'Only members whom Kindryn finds with this name or address',
			}),
		]),
	],
	reads: true,
	execute: async (call) => await getMany(call, { path: '/members' }),
});
