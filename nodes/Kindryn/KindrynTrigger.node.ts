import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { poll, triggerHints, triggerProperties } from '../shared/polling/trigger';
import { listSearch, testKindrynApi } from './methods';
import { kindrynEvents } from './triggers';

export class KindrynTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kindryn Trigger',
		name: 'kindrynTrigger',
		icon: { light: 'file:../../icons/kindryn.svg', dark: 'file:../../icons/kindryn.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] }}',
		description:
			'Starts the workflow for new members, posts, events, and new or accepted invitations',
		eventTriggerDescription: 'Fetching the newest entry as a sample event',
		activationMessage:
			'Existing entries are remembered. New ones start the workflow, even if added while it was unpublished.',
		builderHint: {
			searchHint:
				'Polls at the Poll Times. To start as soon as a member joins, use the Kindryn Webhook Trigger.',
		},
		defaults: { name: 'Kindryn Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kindrynApi', required: true, testedBy: 'testKindrynApi' }],
		hints: triggerHints(kindrynEvents),
		properties: triggerProperties(kindrynEvents, 'memberAdded'),
	};

	methods = {
		credentialTest: { testKindrynApi },
		listSearch,
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this, kindrynEvents);
	}
}
