import { compareUpdated } from '../../shared/polling/snapshot';
import { triggerEvent } from '../../shared/polling/trigger';
import { listTags } from '../tags';
import { compareInNamespace, tagFields } from './comparison';

export const tagUpdated = triggerEvent({
	name: 'Tag Updated',
	value: 'tagUpdated',
	description:
		'When a tag is renamed, locked or unlocked or gets another activation code; "changes" holds what changed',
	sampleName: 'a tag',
	fields: [],
	poll: async ({ api, memory }) =>
		compareInNamespace(memory, await listTags(api), (known, tags) =>
			compareUpdated(known, tags, tagFields),
		),
	async sample({ api }) {
		const [tag] = (await listTags(api)).slice(-1);
		if (!tag) return undefined;
		const before = { ...tag, locked: tag.locked !== true };
		const { memory } = compareUpdated(undefined, [before], tagFields);
		return compareUpdated(memory, [tag], tagFields).fresh[0];
	},
});
