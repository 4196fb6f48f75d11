/*
 * What all triggers share: the panel, the test event, and a poll that saves its state only when all
 * went well.
 */
import type {
	IDataObject,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
	IPollFunctions,
	NodeHint,
} from 'n8n-workflow';

import type { Field, ValuesOf } from '../fields/field';
import type { Api } from '../http/api';
import { connect } from '../http/connection';
import { InputError, isLimit, toNodeError, ServiceError } from '../http/errors';
import { LONGEST_WAIT } from '../http/retry';
import type { Service } from '../http/service';
import { readParameters } from '../fields/parameters';
import { lookUp } from '../fields/lookUp';
import { idsIn, recall, secretFingerprint, toState } from './journal';
import type { PollResult } from './journal';
import { canonical } from './rows';
import type { PollBudget } from './walk';

/** What an event has at hand for one poll. */
export interface PollCall<P> {
	/** the event's parameters, read and checked */
	parameters: P;
	api: Api;
	/** what the last poll remembered; undefined at the first one. May be damaged: check its form. */
	memory: IDataObject | undefined;
	budget: PollBudget;
	/** fingerprint of the secret: it shows that another one is used, and nothing else */
	account: string;
	/** ms since the epoch, at the beginning of the poll */
	now: number;
	/** Tells the person who runs n8n that the service did not show everything. */
	warn(message: string): void;
}

export interface EventDescription<F extends readonly Field[]> {
	/** as the dropdown shows it: "Tag Created" */
	name: string;
	/** as a saved workflow stores it; never renamed */
	value: string;
	description: string;
	/** what there must be one of to show a sample: "a tag" */
	sampleName: string;
	/** how to make one: "open the short link once" */
	toMakeOne?: string;
	fields: F;
}

/** Something that a trigger can wait for. */
export interface TriggerEvent<P = unknown> extends EventDescription<readonly Field[]> {
	/** Looks for what is new. Nothing that it is given is changed. */
	poll(call: PollCall<P>): Promise<PollResult>;
	/** A row as the event would emit it, for "Fetch test event"; undefined when there is none. */
	sample(call: PollCall<P>): Promise<IDataObject | undefined>;
}

/** Defines an event; `parameters` has the types of its fields. */
export function triggerEvent<const F extends readonly Field[]>(
	definition: EventDescription<F> & {
		poll(call: PollCall<ValuesOf<F>>): Promise<PollResult>;
		sample(call: PollCall<ValuesOf<F>>): Promise<IDataObject | undefined>;
	},
): TriggerEvent<ValuesOf<F>> {
	return definition;
}

export interface Trigger {
	service: Service;
	events: ReadonlyArray<TriggerEvent<never>>;
	/** how soon an event is noticed and what that costs, for the panel */
	notice: string;
	/**
	 * Whether a limit of the service that is used up is waited for in silence where n8n would run the
	 * error workflow at every poll.
	 */
	waitsForLimit?: boolean;
}

/**
 * The parameters of a trigger: what it costs, "Trigger On", then the fields of each event.
 *
 * @param defaultEvent value of the event that is shown first
 */
export function triggerProperties(
	{ events, notice }: Trigger,
	defaultEvent: string,
): INodeProperties[] {
	const options: INodePropertyOptions[] = events.map(({ name, value, description }) => ({
		name,
		value,
		description,
	}));
	return [
		{ displayName: notice, name: 'pollingNotice', type: 'notice', default: '' },
		{
			displayName: 'Trigger On',
			name: 'event',
			type: 'options',
			noDataExpression: true,
			required: true,
			options: options.sort((a, b) => a.name.localeCompare(b.name)),
			default: defaultEvent,
		},
		...events.flatMap((event) =>
			event.fields.map(({ property }) => ({
				...property,
				displayOptions: { show: { event: [event.value], ...property.displayOptions?.show } },
			})),
		),
	];
}

/** What people read before they fetch a test event, and while there is none to show. */
export function triggerHints({ events, service }: Trigger): NodeHint[] {
	return events.map(({ value, sampleName, toMakeOne = `make one in ${service.wording.name}` }) => ({
		message: `Fetch Test Event shows ${sampleName}. If there is none yet, ${toMakeOne}, or set mock data.`,
		displayCondition: `={{ $parameter["event"] === "${value}" }}`,
		whenToDisplay: 'beforeExecution',
		location: 'outputPane',
	}));
}

/** What a poll may take where n8n does not say: what it says where it sets no limit, in ms. */
const USUAL_BUDGET = 300_000;

/**
 * Polls once. The state is written when all went well and only if it changed, so a poll that fails
 * leaves everything to the next one.
 *
 * @returns the new rows; null when there are none, and at the first poll
 * @throws NodeApiError, NodeOperationError worded for the person at the screen
 */
export async function poll(
	context: IPollFunctions,
	trigger: Trigger,
): Promise<INodeExecutionData[][] | null> {
	try {
		return context.getMode() === 'manual'
			? await fetchSample(context, trigger)
			: await pollOnce(context, trigger);
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

async function fetchSample(
	context: IPollFunctions,
	trigger: Trigger,
): Promise<INodeExecutionData[][] | null> {
	const event = chosenEvent(context, trigger);
	const call = await prepare(context, trigger, event);
	const sample = async () => {
		const ids = await idsOf(event, call);
		return await event.sample({ ...withIds(call, ids), memory: undefined });
	};
	const row = await sample().catch((error: unknown) => {
		throw isLimit(error) ? error.advising('Fetch the test event again after that.') : error;
	});
	// Without a row the node counts as not run, so the panel goes on showing what to do
	return row ? [[{ json: row }]] : null;
}

async function pollOnce(
	context: IPollFunctions,
	trigger: Trigger,
): Promise<INodeExecutionData[][] | null> {
	const event = chosenEvent(context, trigger);
	const { key, ...call } = await prepare(context, trigger, event);
	const before = JSON.stringify(context.getWorkflowStaticData('node'));
	const saved = JSON.parse(before) as IDataObject;
	const memory = recall(saved, key);

	const known = memory && idsIn(saved);
	const found = await pollEvent(event, { ...call, memory }, known).catch((error: unknown) => {
		if (!trigger.waitsForLimit || !isLimit(error)) throw error;
		// What a later poll remembers is not saved before it emits: after a restart, what came in
		// between would be taken for old
		if (!memory) throw error.advising('Publish the workflow again after that.');
		if (waitsByItself(context)) throw error;
		return error;
	});
	if (found instanceof Error) {
		context.logger.info(`${found.message}. The next poll looks again.`);
		return null;
	}

	const state = context.getWorkflowStaticData('node');
	// A poll that takes longer than the interval overlaps the next one: the first to end wins, and
	// what the other found is found again
	if (JSON.stringify(state) !== before) return null;
	const next = toState(key, found.memory, found.ids);
	if (canonical(next) !== canonical(JSON.parse(before))) store(state, next);
	return found.fresh.length > 0 ? [found.fresh.map((json) => ({ json }))] : null;
}

/**
 * Polls with the IDs that an earlier poll has found for what the parameters name, so that finding
 * them costs a request only once. They are found anew when nothing has such an ID any more.
 *
 * @param known the IDs that were found before
 */
async function pollEvent(
	event: TriggerEvent<never>,
	call: PollCall<never>,
	known: IDataObject | undefined,
): Promise<PollResult & { ids: IDataObject }> {
	const withKnown = async (ids: IDataObject, memory: IDataObject | undefined) => ({
		...(await event.poll({ ...withIds(call, ids), memory })),
		ids,
	});
	if (!known) return await withKnown(await idsOf(event, call), call.memory);
	return await withKnown(known, call.memory).catch(async (error: unknown) => {
		if (!(error instanceof ServiceError) || error.status !== 404) throw error;
		const ids = await idsOf(event, call);
		if (JSON.stringify(ids) === JSON.stringify(known)) throw error;
		// What has the name now is another thing, of which nothing is remembered
		return await withKnown(ids, undefined);
	});
}

/** @throws InputError for a name that leads to no ID */
async function idsOf(
	event: TriggerEvent<never>,
	{ parameters, api }: Pick<PollCall<never>, 'parameters' | 'api'>,
): Promise<IDataObject> {
	const [found] = await lookUp(event.fields, [parameters], api);
	if (found && 'error' in found) throw api.withoutSecret(found.error);
	return found?.ids ?? {};
}

function withIds<C extends { parameters: never }>(call: C, ids: IDataObject): C {
	return { ...call, parameters: { ...(call.parameters as IDataObject), ...ids } };
}

/**
 * Whether n8n's scheduler runs this poll. It waits as long as an error says, and takes a poll without
 * one for a success. Only the scheduler sets a time of its own (n8n 2.41, getExecutePollFunctions).
 */
function waitsByItself(context: IPollFunctions): boolean {
	return budgetOf(context) !== USUAL_BUDGET;
}

/** @returns how long a poll may take, in ms; older n8n does not say */
function budgetOf(context: IPollFunctions): number {
	return typeof context.getPollBudgetMs === 'function' ? context.getPollBudgetMs() : USUAL_BUDGET;
}

function store(state: IDataObject, next: IDataObject): void {
	for (const name of Object.keys(state)) if (!(name in next)) delete state[name];
	Object.assign(state, next);
}

function chosenEvent(context: IPollFunctions, { events }: Trigger): TriggerEvent<never> {
	const name = String(context.getNodeParameter('event'));
	const event = events.find(({ value }) => value === name);
	if (event) return event;
	throw new InputError(
		`There is no event "${name}"`,
		"Pick one from the list 'Trigger On', or update the package of this node.",
	);
}

/** Everything that a poll needs but its memory, and the key of that. */
async function prepare(
	context: IPollFunctions,
	trigger: Trigger,
	event: TriggerEvent<never>,
): Promise<Omit<PollCall<never>, 'memory'> & { key: string }> {
	const now = Date.now();
	const budget = budgetOf(context);
	const valueOf = (name: string): unknown => context.getNodeParameter(name, null);
	const { credentialType } = trigger.service;
	const { secret } = trigger.service.settings(await context.getCredentials(credentialType));
	const api = await connect(context, trigger.service);
	const parameters = await Promise.resolve({ timezone: context.getTimezone() })
		.then((zone) => readParameters(event.fields, valueOf, zone))
		.catch((error: unknown) => {
			throw api.withoutSecret(error);
		});
	return {
		key: stateKey(context, trigger, [event.value, parameters, api.baseUrl]),
		parameters: parameters as never,
		api: api.within(Math.min(LONGEST_WAIT, budget / 2)),
		account: secretFingerprint(secret.value),
		now,
		budget: {
			isOver: () => Date.now() - now >= budget,
			isSpent: isLimit,
		},
		warn: (message) => context.logger.warn(message),
	};
}

/**
 * What a state belongs to. The credential is named by its ID, so that a new secret in the same
 * credential goes on where the old one stopped, and another credential begins anew.
 */
function stateKey(context: IPollFunctions, { service }: Trigger, watched: unknown[]): string {
	const { id = null } = context.getNode().credentials?.[service.credentialType] ?? {};
	return JSON.stringify([...watched, id]);
}
