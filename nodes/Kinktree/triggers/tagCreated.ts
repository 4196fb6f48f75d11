import { compareCreated } from '../../shared/polling/snapshot';
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { compareInNamespace, tagFields } from './comparison';

export const tagCreated = triggerEvent({
	name: 'Tag Created',
	value: 'tagCreated',
	description: 'When there is a tag that was not there before',
	sampleName: 'a tag',
	fields: [],
	poll: async ({ api, memory }) =>
		compareInNamespace(memory, await listTags(api), (known, tags) =>
			compareCreated(known, tags, tagFields.identity),
		),
	sample: async ({ api }) => (await listTags(api)).at(-1),
});
