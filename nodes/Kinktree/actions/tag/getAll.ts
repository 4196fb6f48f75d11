import { returnAllAndLimit, wantedRows } from '../../../shared/fields/returnAll';
import { limitRows, operation } from '../../../shared/operations/operation';
import { knownTags } from '../../tags';

export const getAll = operation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many tags',
	description: 'List the tags of your namespace',
	fields: returnAllAndLimit,
	reads: true,
	async execute({ parameters, api, run }) {
		const rows = [...(await knownTags(api, run)).values()];
		return limitRows(run, { rows, total: rows.length }, wantedRows(parameters), 'tags');
	},
});
