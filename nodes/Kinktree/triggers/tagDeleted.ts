/* A tag that is gone since the last poll, handed on as it was, without its activation code. */
import { withoutSecrets } from '../../shared/polling/diff';
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { findChanged, tagFields } from './tagList';

const fields = tagFields('open');

export const tagDeleted = triggerEvent({
	name: 'Tag Deleted',
	value: 'tagDeleted',
	description:
		'When a tag is gone, noticed at the next poll. When more than half of the tags are gone at once, the poll after it must confirm that.',
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
