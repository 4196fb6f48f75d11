import { choice, collection, requiredText, text } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { authorId, userIdOf } from '../../authors';
import { spaceId } from '../../fields';
import { paragraphs } from '../../html';

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create a post',
	description: 'Publish a post in a space on behalf of a member',
	fields: [
		spaceId,
		authorId,
		requiredText({
			displayName: 'Body',
			name: 'body',
			typeOptions: { rows: 5 },
			placeholder: 'e.g. <p>Welcome to the community!</p>',
			description: "The post itself, as HTML. For plain text, set 'Body Format' to Text.",
		}),
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			choice({
				displayName: 'Body Format',
				name: 'bodyFormat',
				description: "How 'Body' is written",
				options: [
					{ name: 'HTML', value: 'html', description: 'Sent as it is' },
					{
						name: 'Text',
						value: 'text',
						description: 'Shown as it is: blank lines separate paragraphs',
					},
				],
				default: 'html',
			}),
			text({
				displayName: 'Title',
				name: 'title',
				placeholder: 'e.g. Welcome, Jane',
				description: 'The headline of the post',
			}),
		]),
	],
	lookAt: 'the posts of the space in Kindryn',
	done: 'posts were created',
	async prepare({ parameters, api, run }) {
		await userIdOf(parameters.authorId, api, run);
	},
	async execute({ parameters, api, run }) {
		const { bodyFormat, title } = parameters.additionalFields;
		const body = bodyFormat === 'text' ? paragraphs(parameters.body) : parameters.body;
		return await api.object(
			{
				method: 'POST',
				path: '/posts',
				body: {
					spaceId: parameters.spaceId,
					title,
					body,
					authorId: await userIdOf(parameters.authorId, api, run),
				},
				...(title === undefined ? {} : { subject: `post "${title}"` }),
			},
			'id',
		);
	},
});
