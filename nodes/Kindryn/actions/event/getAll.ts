import { collection, text } from '../../../shared/fields/basicFields';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { operation } from '../../../shared/operations/operation';
import { spaceFilter, upcoming } from '../../fields';
import { getMany } from '../../lists';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many events',
	description: 'List the events of the community',
	fields: [
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			spaceFilter,
			text({
				displayName: 'Status',
				name: 'status',
				placeholder: 'e.g. DRAFT',
				description:
					'Enter a status as Kindryn writes it, such as DRAFT, to get only events with that status',
			}),
			upcoming,
		]),
	],
	reads: true,
	execute: async (call) => await getMany(call, { path: '/events' }),
});
