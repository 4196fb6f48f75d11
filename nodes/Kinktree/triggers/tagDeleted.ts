/* Emits tags that are gone since the last poll, as they were, without their activation codes. */
import { withoutSecrets } from '../../shared/polling/diff';
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { findChanged, tagFields } from './tagList';

const fields = tagFields('open');

export const tagDeleted = triggerEvent({
	name: 'Tag Deleted',
	value: 'tagDeleted',
	description:
		'When a tag is deleted. If more than half of the tags disappear at once, the next poll must confirm it.',
	sampleName: 'a tag',
	fields: [],
	async poll(call) {
		const found = await findChanged(call, 'deleted', fields);
		return { ...found, fresh: found.fresh.map((tag) => ({ ...tag, deleted: true })) };
	},
	async sample({ api }) {
		const tag = (await listTags(api)).at(-1);
		return tag && { ...withoutSecrets(tag, fields), deleted: true };
	},
});
