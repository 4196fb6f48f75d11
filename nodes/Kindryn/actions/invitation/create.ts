import { collection } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { addressKey } from '../../emails';
import { email, inviteeName, role, sendWelcomeEmail } from '../../fields';

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create an invitation',
	description: 'Invite one person to the community',
	fields: [
		email,
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			inviteeName,
			role,
			sendWelcomeEmail,
		]),
	],
	targets: ({ email: address }) => [addressKey(address)],
	lookAt: 'the invitations in Kindryn',
	done: 'invitations were created',
	execute: async ({ parameters: { email: address, additionalFields }, api }) => ({
		email: address,
		...(await api.object(
			{
				method: 'POST',
				path: '/invitations',
				body: { email: address, ...additionalFields },
				subject: `invitation of "${address}"`,
			},
			'outcome',
			'id',
		)),
	}),
});
