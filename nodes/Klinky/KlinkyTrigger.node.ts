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
		description:
			'Short links and their clicks: starts the workflow when a link is created or clicked',
		eventTriggerDescription: 'Fetching your newest link or click as a sample event',
		activationMessage:
			'Klinky is now polled at your Poll Times. The first time, existing links and clicks are remembered; later ones start the workflow, even those that came while it was not published.',
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
