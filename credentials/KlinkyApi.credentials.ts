import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { klinky } from '../nodes/Klinky/service';
import { authenticateWith } from '../nodes/shared/http/credential';

export class KlinkyApi implements ICredentialType {
	name = 'klinkyApi';

	displayName = 'Klinky API';

	icon: Icon = { light: 'file:../icons/klinky.svg', dark: 'file:../icons/klinky.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-kinktree-kindryn-klinky/n8n-nodes-kinktree-kindryn-klinky#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			hint: 'Klinky dashboard: Settings → API Keys → Create New Key. It is shown only once.',
			description: 'API access comes with the Growth and Scale plans',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://klinky-api.fly.dev/api/v1',
			description: 'The address of the API. Change it only if Klinky asks you to.',
		},
	];

	authenticate = authenticateWith(klinky);
}
