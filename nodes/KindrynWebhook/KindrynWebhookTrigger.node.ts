import type {
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { testKindrynApi } from '../Kindryn/methods';
import { eventOptions, OTHER } from '../Kindryn/webhooks/events';
import { checkSetUp, receive } from '../Kindryn/webhooks/webhook';

/** In its own folder, because n8n looks up the output schema by folder. */
export class KindrynWebhookTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kindryn Webhook Trigger',
		name: 'kindrynWebhookTrigger',
		icon: {
			light: 'file:../../icons/kindryn.svg',
			dark: 'file:../../icons/kindryn.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ $parameter["event"] === "other" ? $parameter["eventName"] : $parameter["event"] }}',
		description: 'Starts the workflow as soon as your Kindryn community sends an event',
		eventTriggerDescription: 'Waiting for Kindryn to send an event to the Test URL',
		activationMessage:
			'From now on, each event that Kindryn sends to the Production URL starts the workflow once.',
		builderHint: {
			searchHint:
				'Emits the envelope, not the member: use Member → Get with payload.memberId. A person must register the Production URL in Kindryn.',
		},
		defaults: { name: 'Kindryn Webhook Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kindrynApi', required: true, testedBy: 'testKindrynApi' }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				// Without this, n8n would send its own answer and not ask the node
				responseData: '',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName:
					"In Kindryn, add a webhook with the Production URL above. Enter its signing secret in the credential as 'Webhook Secret'.",
				name: 'setUp',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'event',
				type: 'options',
				noDataExpression: true,
				required: true,
				options: eventOptions,
				default: 'onMemberJoin',
			},
			{
				displayName: 'Event Name',
				name: 'eventName',
				type: 'string',
				noDataExpression: true,
				required: true,
				default: '',
				placeholder: 'e.g. onMemberJoin',
				description:
					'Enter the name as Kindryn writes it. To see it, set Trigger On to Any Event and listen for a test event.',
				displayOptions: { show: { event: [OTHER] } },
			},
		],
	};

	methods = { credentialTest: { testKindrynApi } };

	webhookMethods = {
		default: {
			// A person sets up the webhook in Kindryn: its API has no request for that
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await checkSetUp(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive(this);
	}
}
