import { collection } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { addressKey } from '../../emails';
import { email, role, sendWelcomeEmail } from '../../fields';

export const add = operation({
	name: 'Add',
	value: 'add',
	action: 'Add a member',
	description: 'Add a person who has a Kindryn account, or invite one who has none',
	fields: [
		email,
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			role,
			sendWelcomeEmail,
		]),
	],
	targets: ({ email: address }) => [addressKey(address)],
	lookAt: 'the members and invitations in Kindryn',
	done: 'people were added',
	execute: async ({ parameters: { email: address, additionalFields }, api }) => ({
		email: address,
		...(await api.object(
			{
				method: 'POST',
				path: '/members',
				body: { email: address, ...additionalFields },
				subject: `member "${address}"`,
			},
			'outcome',
			'id',
		)),
	}),
});
