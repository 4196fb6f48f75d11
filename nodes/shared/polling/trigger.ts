/*
 * Everything that triggers share: the panel, the test event, and a poll that saves its state only if it
 * succeeds.
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

/** Everything that an event gets for one poll. */
export interface PollCall<P> {
	/** the event's parameters, read and checked */
	parameters: P;
	api: Api;
	/** what the last poll remembered; undefined at the first poll. It may be damaged: check its form. */
	memory: IDataObject | undefined;
	budget: PollBudget;
	/** fingerprint of the secret, which only shows that the secret has changed */
	account: string;
	/** ms since the epoch, at the beginning of the poll */
	now: number;
	/** Writes to n8n's log that the service did not show everything. */
	warn(message: string): void;
}

export interface EventDescription<F extends readonly Field[]> {
	/** its name in the dropdown: "Tag Created" */
	name: string;
	/** its name in saved workflows; never changes */
	value: string;
	description: string;
	/** what "Fetch Test Event" shows: "a tag" */
	sampleName: string;
	/** how to make one if there is none: "open the short link once" */
	toMakeOne?: string;
	fields: F;
}

/** Something that a trigger can wait for. */
export interface TriggerEvent<P = unknown> extends EventDescription<readonly Field[]> {
	/** Finds the new rows. Does not change its arguments. */
	poll(call: PollCall<P>): Promise<PollResult>;
	/** Finds a row as the event would emit it, for "Fetch Test Event"; undefined if there is none. */
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
	/** the notice in the panel: how soon an event is noticed, and what that costs */
	notice: string;
	/**
	 * Whether a poll stays silent when the service's rate limit is used up, if n8n would otherwise run the
	 * error workflow after every poll.
	 */
	waitsForLimit?: boolean;
}

/**
 * Makes the parameters of a trigger: the notice, "Trigger On", then the fields of each event.
 *
 * @param defaultEvent value of the event shown first
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

/** The hints in the output pane before a test event is fetched, and when there is none. */
export function triggerHints({ events, service }: Trigger): NodeHint[] {
	return events.map(({ value, sampleName, toMakeOne = `make one in ${service.wording.name}` }) => ({
		message: `Fetch Test Event shows ${sampleName}. If there is none yet, ${toMakeOne}, or set mock data.`,
		displayCondition: `={{ $parameter["event"] === "${value}" }}`,
		whenToDisplay: 'beforeExecution',
		location: 'outputPane',
	}));
}

/** The time for a poll if n8n sets none, in ms. n8n itself returns this number if it sets no limit. */
const USUAL_BUDGET = 300_000;

/**
 * Polls once. The state is written only if the poll succeeds and changes it, so after a failed poll the
 * next one finds everything.
 *
 * @returns the new rows; null when there are none, and at the first poll
 * @throws NodeApiError, NodeOperationError with a text for the user
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
	// With null the node counts as not run, so the panel still shows the hint
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
		// The first poll may not fail in silence. n8n saves the memory of a later poll only when it emits,
		// so after a restart the rows that came in between would count as old.
		if (!memory) throw error.advising('Publish the workflow again after that.');
		if (waitsByItself(context)) throw error;
		return error;
	});
	if (found instanceof Error) {
		context.logger.info(`${found.message}. The next poll looks again.`);
		return null;
	}

	const state = context.getWorkflowStaticData('node');
	// A poll that takes longer than the interval overlaps the next one. The first to end wins; the other
	// emits nothing, and a later poll finds its rows again.
	if (JSON.stringify(state) !== before) return null;
	const next = toState(key, found.memory, found.ids);
	if (canonical(next) !== canonical(JSON.parse(before))) store(state, next);
	return found.fresh.length > 0 ? [found.fresh.map((json) => ({ json }))] : null;
}

/**
 * Polls with the IDs that an earlier poll found for names in the parameters, so that a look-up costs a
 * request only once. After a 404 the IDs are looked up again.
 *
 * @param known the IDs from an earlier poll
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
		// The name now belongs to another thing, so the memory does not count
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
 * Whether n8n's scheduler runs this poll. After an error, the scheduler itself waits as long as the error
 * says; a poll without an error counts as a success. Only the scheduler sets another time for a poll
 * (n8n 2.41, getExecutePollFunctions).
 */
function waitsByItself(context: IPollFunctions): boolean {
	return budgetOf(context) !== USUAL_BUDGET;
}

/** @returns how long a poll may take, in ms; an older n8n sets no time */
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

/** @returns everything that a poll needs except its memory, and the key of that memory */
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
 * The key of a state. It holds the credential's ID: a new secret in the same credential continues with
 * the state, and another credential begins anew.
 */
function stateKey(context: IPollFunctions, { service }: Trigger, watched: unknown[]): string {
	const { id = null } = context.getNode().credentials?.[service.credentialType] ?? {};
	return JSON.stringify([...watched, id]);
}
