import { returnAllAndLimit } from '../../../shared/fields/fields';
import { pageOfLinks } from '../../links';
import { klinkyOperation } from '../../operation';
import { readRows } from '../../pages';

export const getAll = klinkyOperation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many links',
	description: 'List your links; up to 100 of them cost one request',
	fields: returnAllAndLimit,
	reads: true,
	async execute({ parameters, api, run }) {
		const fetch = async (page: number, perPage: number) => await pageOfLinks(api, page, perPage);
		return await readRows(run, parameters, fetch, 'links');
	},
});
