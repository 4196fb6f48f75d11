import { linkId } from '../../fields';
import { getLink } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';

export const get = klinkyOperation({
	name: 'Get',
	value: 'get',
	action: 'Get a link',
	description: 'Read one link with its variants and their weights',
	fields: [linkId],
	reads: true,
	async execute({ parameters, api }) {
		return await getLink(api, parameters.linkId);
	},
});
