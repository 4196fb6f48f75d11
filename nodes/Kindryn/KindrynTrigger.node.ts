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
			'Members, invitations, posts and events of a Kindryn community: starts the workflow when there is a new one',
		eventTriggerDescription: 'Fetching the newest entry, to show what an event looks like',
		activationMessage:
			'From now on, Kindryn is asked at your Poll Times. The first time, what is there is remembered; what comes after that starts the workflow, also what came while it was not published.',
		builderHint: {
			searchHint:
				'Polls at the Poll Times. For new members at once, use the Kindryn Webhook Trigger.',
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
