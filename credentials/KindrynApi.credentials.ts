import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { kindryn, REQUESTS_PER_SECOND } from '../nodes/Kindryn/service';
import { authenticateWith } from '../nodes/shared/http/credential';

export class KindrynApi implements ICredentialType {
	name = 'kindrynApi';

	displayName = 'Kindryn API';

	icon: Icon = { light: 'file:../icons/kindryn.svg', dark: 'file:../icons/kindryn.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-kinktree-kindryn-klinky/n8n-nodes-kinktree-kindryn-klinky#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://community.example.com',
			hint: 'The address of your community, as the browser shows it',
			description: 'You can leave out https:// and /api/public/v1',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. kak_…',
			hint: 'An admin creates it in Kindryn: sidebar → API Keys → New API key. It is shown only once.',
		},
		{
			displayName: 'Max Requests Per Second',
			name: 'maxRequestsPerSecond',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: REQUESTS_PER_SECOND,
			description:
				'The most requests per second with this credential from one n8n process. Kindryn asks you to stay below about ten.',
		},
		{
			displayName: 'Allow Insecure HTTP',
			name: 'allowInsecureHttp',
			type: 'boolean',
			default: false,
			description:
				'Whether to send the key unencrypted to an http:// address on another machine. Only for a Kindryn in your own network.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			hint: 'The signing secret of the webhook, from the settings of your community',
			description: 'Only the Kindryn Webhook Trigger needs it',
		},
	];

	authenticate = authenticateWith(kindryn);
}
