import { apiPath } from '../../../shared/http/address';
import { deleteOnce, operation } from '../../../shared/operations/operation';
import { tagId } from '../../fields';
import { subject } from '../../tags';

export const remove = operation({
	name: 'Delete',
	value: 'delete',
	action: 'Delete a tag',
	description: 'Remove a tag for good',
	fields: [tagId],
	targets: ({ tagId: identifier }) => [identifier],
	repeatable: () => true,
	done: 'tags were deleted',
	async execute({ parameters: { tagId: identifier }, api, mayBeWritten }) {
		const gone = { identifier, deleted: true };
		return await deleteOnce({ mayBeWritten }, gone, async () => {
			const request = {
				method: 'DELETE',
				path: apiPath`/partners/tags/${identifier}`,
				subject: subject(identifier),
			} as const;
			return { ...(await api.object(request)), ...gone };
		});
	},
});
