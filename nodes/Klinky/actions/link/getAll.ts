import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { pageOfLinks } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { getMany } from '../../pages';

export const getAll = klinkyOperation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many links',
	description: 'List your links. Up to 100 links cost one request.',
	fields: returnAllAndLimit,
	reads: true,
	async execute({ parameters, api, run }) {
		const fetch = async (page: number, perPage: number) => await pageOfLinks(api, page, perPage);
		return await getMany(run, parameters, fetch, 'links');
	},
});
