import { apiPath } from '../../../shared/http/address';
import { deleteOnce, operation } from '../../../shared/operations/operation';
import { isRecord } from '../../../shared/http/answer';
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
	async execute({ parameters: { tagId: identifier }, api, mayBeWritten }) {
		const gone = { identifier, deleted: true };
		return await deleteOnce({ mayBeWritten }, gone, async () => {
			const request = {
				method: 'DELETE',
				path: apiPath`/partners/tags/${identifier}`,
				subject: subject(identifier),
			} as const;
			const { body } = await api.send(request);
			const answer = body === '' ? {} : (body ?? {});
			if (!isRecord(answer) || answer.deleted === false || 'error' in answer) {
				throw api.unexpectedAnswer(request, 'did not say that the tag is deleted');
			}
			return { identifier, ...answer, deleted: true };
		});
	},
});
