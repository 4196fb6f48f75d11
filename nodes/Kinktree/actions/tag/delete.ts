import { at } from '../../../shared/address';
import { operation } from '../../../shared/operation';
import { isRecord } from '../../../shared/shape';
import { tagId } from '../../fields';
import { subject } from '../../tags';

export const remove = operation({
	name: 'Delete',
	value: 'delete',
	action: 'Delete a tag',
	description: 'Remove a tag for good',
	fields: [tagId],
	async execute({ parameters, api }) {
		const { body } = await api.send({
			method: 'DELETE',
			path: at`/partners/tags/${parameters.tagId}`,
			subject: subject(parameters.tagId),
		});
		return { identifier: parameters.tagId, ...(isRecord(body) ? body : {}), deleted: true };
	},
});
