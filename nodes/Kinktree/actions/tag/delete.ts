import { apiPath } from '../../../shared/http/address';
import { operation } from '../../../shared/operations/operation';
import { tagId } from '../../fields';
import { subject } from '../../tags';

export const remove = operation({
	name: 'Delete',
	value: 'delete',
	action: 'Delete a tag',
	description: 'Remove a tag for good',
	fields: [tagId],
	async execute({ parameters, api }) {
		const request = {
			method: 'DELETE',
			path: apiPath`/partners/tags/${parameters.tagId}`,
			subject: subject(parameters.tagId),
		} as const;
		const answer = await api.object(request);
		return { identifier: parameters.tagId, ...answer, deleted: true };
	},
});
