import { choice, collection, requiredText, text } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { postSpaceId } from '../../fields';
import { paragraphs } from '../../html';
import { authorId } from '../../memberLocators';

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create a post',
	description: 'Publish a post in a space on behalf of a member',
	fields: [
		postSpaceId,
		authorId,
		choice({
			displayName: 'Body Format',
			name: 'bodyFormat',
			description: "Choose how 'Body' is written",
			options: [
				{ name: 'HTML', value: 'html', description: 'Sent unchanged' },
				{
					name: 'Text',
					value: 'text',
					description: 'Shown as written: blank lines separate paragraphs',
				},
			],
			default: 'text',
		}),
		requiredText({
			displayName: 'Body',
			name: 'body',
			typeOptions: { rows: 5 },
			placeholder: 'e.g. Welcome to the community!',
			description: "Write the text of the post. For HTML, set 'Body Format' to HTML.",
		}),
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			text({
				displayName: 'Title',
				name: 'title',
				placeholder: 'e.g. Welcome, Jane',
				description: 'Write the headline of the post',
			}),
		]),
	],
	lookAt: 'the posts of the space in Kindryn',
	done: 'posts were created',
	async execute({ parameters, api }) {
		const { bodyFormat, additionalFields } = parameters;
		const { title } = additionalFields;
		const body = bodyFormat === 'text' ? paragraphs(parameters.body) : parameters.body;
		return await api.object(
			{
				method: 'POST',
				path: '/posts',
				body: {
					spaceId: parameters.spaceId,
					title,
					body,
					authorId: parameters.authorId,
				},
				...(title === undefined ? {} : { subject: `post "${title}"` }),
				mentions: { space: parameters.spaceId, author: parameters.authorId },
			},
			'id',
		);
	},
});
