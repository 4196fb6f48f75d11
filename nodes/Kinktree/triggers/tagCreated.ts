/* Emits tags that the last poll did not find. A deleted tag that comes back counts as new. */
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { findChanged, tagFields } from './tagList';

export const tagCreated = triggerEvent({
	name: 'Tag Created',
	value: 'tagCreated',
	description: 'When a tag is created',
	sampleName: 'a tag',
	fields: [],
	poll: async (call) => await findChanged(call, 'created', tagFields('nothing')),
	sample: async ({ api }) => (await listTags(api)).at(-1),
});
