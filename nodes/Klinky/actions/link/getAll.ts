import { returnAllAndLimit, wantedRows } from '../../../shared/fields';
import { limited } from '../../../shared/operation';
import { readByPage } from '../../../shared/paging';
import { pageOfLinks } from '../../links';
import { klinkyOperation } from '../../operation';
import { ROWS_PER_PAGE } from '../../service';

export const getAll = klinkyOperation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many links',
	description: 'List your links; up to 100 of them cost one request',
	fields: returnAllAndLimit,
	reads: true,
	async execute({ parameters, api, run }) {
		const wanted = wantedRows(parameters);
		const found = await readByPage({
			fetch: async (page, perPage) => await pageOfLinks(api, page, perPage),
			wanted,
			pageSize: ROWS_PER_PAGE,
			identity: (link) => link.id,
		});
		return limited(run, found, wanted, 'links');
	},
});
