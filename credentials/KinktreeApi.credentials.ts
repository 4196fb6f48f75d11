import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { kinktree } from '../nodes/Kinktree/service';
import { authenticateWith } from '../nodes/shared/http/credential';

export class KinktreeApi implements ICredentialType {
	name = 'kinktreeApi';

	displayName = 'Kinktree API';

	icon: Icon = { light: 'file:../icons/kinktree.svg', dark: 'file:../icons/kinktree.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-kinktree-kindryn-klinky/n8n-nodes-kinktree-kindryn-klinky#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Secret',
			name: 'apiSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			hint: 'Your Kinktree partner representative gives it to you. Enter it unchanged, without "Bearer".',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.kinktr.ee/v1',
			description: 'The address of the partner API. Change it only if Kinktree asks you to.',
		},
	];

	authenticate = authenticateWith(kinktree);
}
