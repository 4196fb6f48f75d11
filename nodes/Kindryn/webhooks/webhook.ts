import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { InputError, messageOf, toNodeError } from '../../shared/http/errors';
import { kindryn } from '../service';
import { Deliveries, fingerprint } from './deliveries';
import { BODY_RULE, type Envelope, readEnvelope } from './envelope';
import { ANY, OTHER } from './events';
import { isSigned } from './signature';

/** Kindryn's guide, headers of a delivery. Node.js writes their names in lower case. */
const SIGNATURE_HEADER = 'x-kindryn-signature';

const NO_SECRET =
	"'Webhook Secret' of the credential is empty: fill it in, since a delivery is only taken when Kindryn has signed it";

/** What this process knows of the deliveries to each published trigger. */
const known = new Map<string, Deliveries>();

/**
 * What n8n asks before it publishes a workflow or listens for a test event.
 *
 * @throws NodeOperationError that names the field to fill in
 */
export async function checkSetUp(context: IHookFunctions): Promise<void> {
	try {
		if ((await secretOf(context)) === '') {
			throw new InputError(
				NO_SECRET,
				'You find the secret, or choose it, where the webhook is set up in Kindryn.',
			);
		}
		if (wantedEvent(context) === '') {
			throw new InputError(
				"'Event Name' is empty",
				"Enter the name that Kindryn gives the event, or set 'Trigger On' to Any Event.",
			);
		}
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

/** Answers a delivery. Nothing of its body is read unless Kindryn has signed it. */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { rawBody } = context.getRequestObject();
	// n8n keeps no bytes of a form
	const body = Buffer.isBuffer(rawBody) ? rawBody : Buffer.alloc(0);
	const secret = await secretOf(context).catch((error: unknown) => {
		// An error that leaves this function would start the workflow
		context.logger.error(`A delivery could not be checked: ${messageOf(context.getNode(), error)}`);
		return undefined;
	});
	if (secret === undefined) return answer(context, 503, 'The signature cannot be checked now');
	if (secret === '') context.logger.warn(`A delivery was refused: ${NO_SECRET}`);
	if (!isSigned(body, context.getHeaderData()[SIGNATURE_HEADER], secret)) {
		return answer(context, 401, 'The signature is missing or wrong');
	}
	const envelope = readEnvelope(body);
	if (envelope === undefined) return answer(context, 400, BODY_RULE);
	const wanted = wantedEvent(context);
	if (wanted !== ANY && wanted !== envelope.event) {
		return answer(context, 200, 'The workflow does not wait for this event');
	}
	return context.getMode() === 'manual'
		? start(envelope)
		: startOnce(context, envelope, printOf(envelope, body));
}

async function secretOf(context: IHookFunctions | IWebhookFunctions): Promise<string> {
	const { webhookSecret } = await context.getCredentials(kindryn.credentialType);
	return String(webhookSecret ?? '').trim();
}

/** The name of the event to wait for, or {@link ANY}. */
function wantedEvent(context: IHookFunctions | IWebhookFunctions): string {
	const event = String(context.getNodeParameter('event'));
	return event === OTHER ? String(context.getNodeParameter('eventName', '')).trim() : event;
}

/** Without an ID, a delivery is recognised by its bytes, which a repetition should share. */
function printOf({ deliveryId }: Envelope, body: Buffer): string {
	return fingerprint(typeof deliveryId === 'string' && deliveryId !== '' ? deliveryId : body);
}

function answer(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

function start(envelope: Envelope, taken = () => {}): IWebhookResponseData {
	return {
		workflowData: [[{ json: envelope }]],
		get webhookResponse() {
			taken();
			return { message: 'The workflow was started' };
		},
	};
}

/**
 * Starts the workflow unless the delivery was taken before.
 *
 * n8n makes the execution, reads `webhookResponse`, saves the static data and answers, in that order
 * (n8n 2.41, executeWebhook and LiveWebhooks). A delivery counts as taken once that is read: before
 * that, a crash would lose it. n8n also forgets changes that were made to the static data before it
 * makes the execution (2.41, WorkflowRunner.establishContextForPersistence).
 */
function startOnce(
	context: IWebhookFunctions,
	envelope: Envelope,
	print: string,
): IWebhookResponseData {
	const state = context.getWorkflowStaticData('node');
	const deliveries = deliveriesTo(context);
	deliveries.learn(state.deliveries, Date.now());
	const response = context.getResponseObject();
	const standing = deliveries.begin(print, () => response.headersSent);
	if (standing === 'taken') return answer(context, 200, 'The delivery was taken before');
	// Nobody knows yet whether n8n takes it: if it fails, the next repetition starts the workflow
	if (standing === 'open') return answer(context, 503, 'The delivery is being taken');
	return start(envelope, () => {
		deliveries.take(print, Date.now());
		// Other deliveries may join before n8n writes it: it is the object that all of them share, so
		// that the last write is never short of one
		(state as IDataObject).deliveries = deliveries.taken;
	});
}

/** n8n hands every delivery what the database held when it came: parallel ones meet here. */
function deliveriesTo(context: IWebhookFunctions): Deliveries {
	const address = `${context.getWorkflow().id} ${context.getNode().id}`;
	const deliveries = known.get(address) ?? new Deliveries();
	known.set(address, deliveries);
	return deliveries;
}
