import { operation } from '../../../shared/operations/operation';
import { tagId } from '../../fields';
import { knownTags, noSuchTag } from '../../tags';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get a tag',
	description: 'Get one tag with its name, activation code and lock state',
	fields: [tagId],
	reads: true,
	async execute({ parameters, api, run }) {
		// Kinktree documents no request for a single tag, so it is looked up in the list
		const tag = (await knownTags(api, run)).get(parameters.tagId);
		if (!tag) throw noSuchTag(parameters.tagId);
		return tag;
	},
});
