import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { poll, triggerHints, triggerProperties } from '../shared/polling/trigger';
import { testKinktreeApi } from './methods';
import { kinktreeEvents } from './triggers';

export class KinktreeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kinktree Trigger',
		name: 'kinktreeTrigger',
		icon: { light: 'file:../../icons/kinktree.svg', dark: 'file:../../icons/kinktree.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] }}',
		description: 'Starts the workflow when a Kinktree partner tag is created, changed or deleted',
		eventTriggerDescription: 'Fetching one of your tags as a sample event',
		activationMessage:
			'Existing tags are remembered. Later changes start the workflow, even if made while it was unpublished.',
		builderHint: {
			searchHint:
				'Polls at the Poll Times. Its rows are tags; a row of tagUpdated lists the changed fields in changes.',
		},
		defaults: { name: 'Kinktree Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kinktreeApi', required: true, testedBy: 'testKinktreeApi' }],
		hints: triggerHints(kinktreeEvents),
		properties: triggerProperties(kinktreeEvents, 'tagCreated'),
	};

	methods = {
		credentialTest: { testKinktreeApi },
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this, kinktreeEvents);
	}
}
