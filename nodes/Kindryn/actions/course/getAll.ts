import { collection, flag } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { spaceFilter } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many courses',
	description: 'List the courses of the community',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			flag({
				displayName: 'Published',
				name: 'published',
				default: true,
				description: 'Whether to get published courses instead of unpublished ones',
			}),
			spaceFilter,
		]),
	],
	reads: true,
	execute: async (call) => await getMany(call, { path: '/courses' }),
});
