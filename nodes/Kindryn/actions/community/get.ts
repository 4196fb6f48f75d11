import { operation } from '../../../shared/operations/operation';
import { readCommunity } from '../../community';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get the community',
	description: 'Read the profile of the community: name, description and branding',
	fields: [],
	reads: true,
	execute: async ({ api, run }) =>
		await run.once('community', async () => await readCommunity(api)),
});
