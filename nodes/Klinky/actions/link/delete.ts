import { deleteOnce } from '../../../shared/operations/operation';
import { linkId } from '../../fields';
import { deleteLink } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';

export const remove = klinkyOperation({
	name: 'Delete',
	value: 'delete',
	action: 'Delete a link',
	description: 'Delete a link. Its short link stops working.',
	fields: [linkId],
	targets: ({ linkId: id }) => [id],
	repeatable: () => true,
	done: 'links were deleted',
	async execute({ parameters: { linkId: id }, api, mayBeWritten }) {
		const gone = { id, deleted: true };
		return await deleteOnce({ mayBeWritten }, gone, async () => await deleteLink(api, id));
	},
});
