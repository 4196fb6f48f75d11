/* A tag that was not there at the last poll. One that was deleted and comes back is new again. */
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { findChanged, tagFields } from './tagList';

export const tagCreated = triggerEvent({
	name: 'Tag Created',
	value: 'tagCreated',
	description: 'When there is a tag that was not there before, noticed at the next poll',
	sampleName: 'a tag',
	fields: [],
	poll: async (call) => await findChanged(call, 'created', tagFields('nothing')),
	sample: async ({ api }) => (await listTags(api)).at(-1),
});
