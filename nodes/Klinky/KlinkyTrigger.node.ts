import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { poll, triggerHints, triggerProperties } from '../shared/polling/trigger';
import { listSearch, testKlinkyApi } from './methods';
import { klinkyEvents } from './triggers';

export class KlinkyTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Klinky Trigger',
		name: 'klinkyTrigger',
		icon: { light: 'file:../../icons/klinky.svg', dark: 'file:../../icons/klinky.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] }}',
		description: 'Starts the workflow when a Klinky short link is created or clicked',
		eventTriggerDescription: 'Fetching your newest link or click as a sample event',
		activationMessage:
			'Existing links and clicks are remembered. New ones start the workflow, even if they came while it was unpublished.',
		builderHint: {
			searchHint:
				'Polls at the Poll Times. Each poll costs at least one of the hourly requests: prefer every 5 minutes. Klinky has no webhooks.',
		},
		defaults: { name: 'Klinky Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'klinkyApi', required: true, testedBy: 'testKlinkyApi' }],
		hints: triggerHints(klinkyEvents),
		properties: triggerProperties(klinkyEvents, 'linkCreated'),
	};

	methods = {
		credentialTest: { testKlinkyApi },
		listSearch,
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this, klinkyEvents);
	}
}
