/* Emits tags with fields that changed since the last poll. `changes` holds the old and new values. */
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { findChanged, tagFields } from './tagList';

export const tagUpdated = triggerEvent({
	name: 'Tag Updated',
	value: 'tagUpdated',
	description:
		'When a tag is renamed, locked or unlocked, or gets another activation code; "changes" lists the changed fields',
	sampleName: 'a tag',
	fields: [],
	poll: async (call) => await findChanged(call, 'updated', tagFields('all')),
	async sample({ api }) {
		const tag = (await listTags(api)).at(-1);
		const isLocked = tag?.locked === true;
		return tag && { ...tag, changes: { locked: { from: !isLocked, to: isLocked } } };
	},
});
