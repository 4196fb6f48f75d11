import { choice, collection } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { spaceFilter } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many posts',
	description: 'List the posts of the community or of one space',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			spaceFilter,
		]),
		collection({ displayName: 'Options', name: 'options', placeholder: 'Add Option' }, [
			choice({
				displayName: 'Sort',
				name: 'sort',
				description: 'Choose which posts come first',
				options: [
					{ name: 'Newest First', value: 'newest' },
					{ name: 'Oldest First', value: 'oldest' },
				],
				default: 'newest',
			}),
		]),
	],
	reads: true,
	execute: async (call) =>
		await getMany(call, { path: '/posts', query: { sort: call.parameters.options.sort } }),
});
