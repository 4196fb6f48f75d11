import { apiPath } from '../../../shared/http/address';
import { operation } from '../../../shared/operations/operation';
import { postId } from '../../fields';

export const get = operation({
	name: 'Get',
	value: 'get',
	action: 'Get a post',
	description: 'Read one post with up to 100 comments',
	fields: [postId],
	reads: true,
	execute: async ({ parameters, api }) =>
		await api.object(
			{
				method: 'GET',
				path: apiPath`/posts/${parameters.postId}`,
				subject: `post "${parameters.postId}"`,
			},
			'id',
		),
});
