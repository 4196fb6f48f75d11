import { compareDeleted } from '../../shared/polling/snapshot';
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { compareInNamespace, tagFields } from './comparison';

export const tagDeleted = triggerEvent({
	name: 'Tag Deleted',
	value: 'tagDeleted',
	description: 'When a tag is gone; what was known of it is handed on without its activation code',
	sampleName: 'a tag',
	fields: [],
	poll: async ({ api, memory }) =>
		compareInNamespace(memory, await listTags(api), (known, tags) =>
			compareDeleted(known, tags, tagFields),
		),
	async sample({ api }) {
		const [tag] = (await listTags(api)).slice(-1);
		const { memory } = compareDeleted(undefined, tag ? [tag] : [], tagFields);
		return compareDeleted(memory, [], tagFields).fresh[0];
	},
});
