import { linkId } from '../../fields';
import { deleteLink } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';

export const remove = klinkyOperation({
	name: 'Delete',
	value: 'delete',
	action: 'Delete a link',
	description: 'Take a link out of service; its short address leads nowhere any more',
	fields: [linkId],
	async execute({ parameters, api }) {
		return await deleteLink(api, parameters.linkId);
	},
});
