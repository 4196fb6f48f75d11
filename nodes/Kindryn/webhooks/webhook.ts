import type { IHookFunctions, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { isRecord } from '../../shared/http/answer';
import { InputError, messageOf, toNodeError } from '../../shared/http/errors';
import { kindryn } from '../service';
import { type Attempt, Deliveries, fingerprint, type Standing } from './deliveries';
import { BODY_RULE, type Envelope, readEnvelope } from './envelope';
import { ANY, OTHER } from './events';
import { isSigned } from './signature';

/** From Kindryn's guide. Node.js gives header names in lower case. */
const SIGNATURE_HEADER = 'x-kindryn-signature';

const NO_SECRET =
	"'Webhook Secret' of the credential is empty. Fill it in: only deliveries that Kindryn has signed are accepted";

/** How long a repetition waits while n8n takes the delivery, in ms. Kindryn waits 10 s for an answer. */
const PATIENCE = 2000;

const LOOK_AGAIN = 20;

/** The deliveries to each published trigger that this process knows. */
const known = new Map<string, Deliveries>();

/**
 * Checks the set-up before n8n publishes the workflow or listens for a test event.
 *
 * @throws NodeOperationError that names the field to fill in
 */
export async function checkSetUp(context: IHookFunctions): Promise<void> {
	try {
		if ((await secretOf(context)) === '') {
			throw new InputError(
				NO_SECRET,
				'You find or choose the secret where you set up the webhook in Kindryn.',
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

/** Answers a delivery. Reads its body only if the signature is right. */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { rawBody } = context.getRequestObject();
	// n8n keeps no raw body of a form
	const body = Buffer.isBuffer(rawBody) ? rawBody : Buffer.alloc(0);
	const secret = await secretOf(context).catch((error: unknown) => {
		// An uncaught error would start the workflow
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
	if (wanted !== undefined && wanted !== envelope.event) {
		return answer(context, 200, 'The workflow does not wait for this event');
	}
	return context.getMode() === 'manual'
		? start(envelope)
		: await startOnce(context, envelope, printOf(envelope, body));
}

async function secretOf(context: IHookFunctions | IWebhookFunctions): Promise<string> {
	const { webhookSecret } = await context.getCredentials(kindryn.credentialType);
	return String(webhookSecret ?? '').trim();
}

/** @returns the name of the event to wait for; undefined stands for every event */
function wantedEvent(context: IHookFunctions | IWebhookFunctions): string | undefined {
	const event = String(context.getNodeParameter('event'));
	if (event === ANY) return undefined;
	return event === OTHER ? String(context.getNodeParameter('eventName', '')).trim() : event;
}

/** Without an ID, the bytes of the body identify a delivery. */
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
 * n8n 2.41 creates the execution (and queues it), reads `webhookResponse`, saves the static data and
 * answers, in that order (executeWebhook, LiveWebhooks). So the delivery counts as taken when n8n reads
 * `webhookResponse`: any earlier, and a crash would lose it. n8n also drops changes to the static data
 * from before the execution exists (WorkflowRunner.establishContextForPersistence).
 */
async function startOnce(
	context: IWebhookFunctions,
	envelope: Envelope,
	print: string,
): Promise<IWebhookResponseData> {
	const saved: unknown = context.getWorkflowStaticData('node');
	// An imported workflow may contain anything
	const state = isRecord(saved) ? saved : {};
	const deliveries = deliveriesTo(context);
	deliveries.learn(state.deliveries, Date.now());
	const standing = await begin(deliveries, print, () => attemptAt(context));
	if (standing === 'taken') return answer(context, 200, 'The delivery was taken before');
	// If n8n fails to take it, the next repetition starts the workflow
	if (standing === 'open') return answer(context, 503, 'The delivery is being taken');
	return start(envelope, () => {
		deliveries.take(print, Date.now());
		// All deliveries share this object, so that the last write includes every delivery taken by then
		state.deliveries = deliveries.taken;
	});
}

/** Begins to take a delivery. If n8n is taking another try, waits a while to see how that ends. */
async function begin(
	deliveries: Deliveries,
	print: string,
	attempt: () => Attempt,
): Promise<Standing> {
	const end = Date.now() + PATIENCE;
	for (;;) {
		const standing = deliveries.begin(print, attempt, Date.now());
		if (standing !== 'open' || Date.now() >= end) return standing;
		await sleep(LOOK_AGAIN);
	}
}

/** If n8n does not read `webhookResponse`, its answer says whether it took the delivery. */
function attemptAt(context: IWebhookFunctions): Attempt {
	const { headersSent, statusCode } = context.getResponseObject();
	if (headersSent === false) return 'open';
	return statusCode >= 400 ? 'failed' : 'taken';
}

/** Parallel deliveries get separate copies of the static data, so they share this instead. */
function deliveriesTo(context: IWebhookFunctions): Deliveries {
	// By name, like the static data: an ID may occur twice in a workflow that nobody made in the editor
	const address = `${context.getWorkflow().id} ${context.getNode().name}`;
	const deliveries = known.get(address) ?? new Deliveries();
	known.set(address, deliveries);
	return deliveries;
}
