import { operation } from '../../../shared/operation';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get the community',
	description: 'Read the profile of the community: name, description and branding',
	fields: [],
	reads: true,
	async execute({ api, run }) {
		const read = async () => await api.object({ method: 'GET', path: '/community' });
		return { ...(await run.once('community', read)) };
	},
});
