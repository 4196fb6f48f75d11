import { collection, text } from '../../../shared/fields/basicFields';
import { quoted } from '../../../shared/fields/field';
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
				description: 'Enter part of a name or e-mail address to get only matching members',
			}),
		]),
	],
	reads: true,
	async execute(call) {
		const members = await getMany(call, { path: '/members' });
		const { role, search } = call.parameters.filters;
		if (members.length === 0 && role !== undefined) {
			const found = search === undefined ? '' : ` and matches ${quoted(search)}`;
			call.run.hint(`No member has the role ${quoted(role)}${found}.`);
		}
		return members;
	},
});
