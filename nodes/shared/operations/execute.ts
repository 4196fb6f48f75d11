import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';

import type { Api } from '../http/api';
import { mapConcurrently } from '../http/concurrency';
import { connect } from '../http/connection';
import { CancelledError, InputError, messageOf, toNodeError, withoutTags } from '../http/errors';
import { lowBudgetHint } from '../http/rateLimit';
import type { Service } from '../http/service';
import { readParameters } from '../fields/parameters';
import type {
	BulkOperation,
	Call,
	ItemOperation,
	Operation,
	Resource,
	Result,
	Run,
} from './operation';

/**
 * Runs the chosen operation over the input items.
 *
 * Reads run side by side, `service.readsAtOnce` at once; writes go one at a time, in input order.
 * The output follows the order of the input and names for each row the item it was made from. With
 * On Error → Continue a failing item leaves `{ error: <message> }` in its place.
 *
 * @throws NodeApiError, NodeOperationError for the first failing item when On Error is Stop
 */
export async function execute(
	context: IExecuteFunctions,
	service: Service,
	resources: readonly Resource[],
): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	if (items.length === 0) return [[]];
	try {
		const chosen = chosenOperation(context, resources);
		const results = await runAll(context, service, chosen, items.length);
		return [results.flatMap((result, itemIndex) => toItems(result, itemIndex))];
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

function chosenOperation(context: IExecuteFunctions, resources: readonly Resource[]): Operation {
	const resourceName = String(context.getNodeParameter('resource', 0));
	const operationName = String(context.getNodeParameter('operation', 0));
	const resource = resources.find(({ value }) => value === resourceName);
	const chosen = resource?.operations.find(({ value }) => value === operationName);
	if (!chosen) {
		throw new InputError(
			`There is no operation "${operationName}" for the resource "${resourceName}"`,
			'Pick a resource and an operation from the lists, or update the package of this node.',
		);
	}
	return chosen;
}

async function runAll(
	context: IExecuteFunctions,
	service: Service,
	chosen: Operation,
	count: number,
): Promise<Result[]> {
	const run = startRun(context);
	const continues = context.continueOnFail();
	let api: Api;
	try {
		api = await connect(context, service);
	} catch (error) {
		if (!continues) throw toNodeError(context.getNode(), error);
		return Array.from({ length: count }, () => ({ error }));
	}
	const signal = context.getExecutionCancelSignal?.();

	const attempt = async (itemIndex: number, work: () => Promise<Result>): Promise<Result> => {
		if (signal?.aborted) throw new CancelledError();
		try {
			return await work();
		} catch (caught) {
			const error = api.withoutSecret(caught);
			if (signal?.aborted || !continues) throw toNodeError(context.getNode(), error, itemIndex);
			return { error };
		}
	};
	const callFor = (itemIndex: number): Call<never> => {
		const valueOf = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
		const parameters = readParameters(chosen.fields, valueOf, run) as never;
		chosen.check?.(parameters);
		return { parameters, api, run, itemIndex };
	};
	const runEach = async (each: ItemOperation<never>) => {
		const calls = continues ? [] : readAll(context, api, count, callFor);
		const overItems = async (
			atOnce: number,
			work: (call: Call<never>) => Promise<IDataObject | IDataObject[]>,
		) =>
			await mapConcurrently(
				count,
				atOnce,
				async (itemIndex) =>
					await attempt(itemIndex, async () => {
						const made = await work(calls[itemIndex] ?? callFor(itemIndex));
						return { rows: Array.isArray(made) ? made : [made] };
					}),
			);
		if (each.prepare && !continues) {
			await overItems(service.readsAtOnce, async (call) => {
				await each.prepare?.(call);
				return [];
			});
		}
		return await overItems(each.reads ? service.readsAtOnce : 1, async (call) => {
			if (continues) await each.prepare?.(call);
			return await each.execute(call);
		});
	};

	const results = isBulk(chosen)
		? await runTogether(chosen, count, callFor, attempt, continues)
		: await runEach(chosen);
	const fewLeft = lowBudgetHint(service.wording.name, api.rateLimit);
	if (fewLeft) run.hint(fewLeft);
	return results;
}

/** With On Error → Stop nothing is sent when any item cannot be. @throws as {@link execute} does */
function readAll(
	context: IExecuteFunctions,
	api: Api,
	count: number,
	callFor: (itemIndex: number) => Call<never>,
): Array<Call<never>> {
	return Array.from({ length: count }, (_, itemIndex) => {
		try {
			return callFor(itemIndex);
		} catch (error) {
			throw toNodeError(context.getNode(), api.withoutSecret(error), itemIndex);
		}
	});
}

function isBulk(chosen: Operation): chosen is BulkOperation<never> {
	return 'executeAll' in chosen;
}

type Attempt = (itemIndex: number, work: () => Promise<Result>) => Promise<Result>;

/** Items whose parameters cannot be read fail by themselves; the others are sent together. */
async function runTogether(
	chosen: BulkOperation<never>,
	count: number,
	callFor: (itemIndex: number) => Call<never>,
	attempt: Attempt,
	continues: boolean,
): Promise<Result[]> {
	const results: Result[] = [];
	const calls: Array<Call<never>> = [];
	for (let itemIndex = 0; itemIndex < count; itemIndex++) {
		results[itemIndex] = await attempt(itemIndex, async () => {
			calls.push(callFor(itemIndex));
			return { rows: [] };
		});
	}
	const [first] = calls;
	if (!first) return results;
	const made = await chosen.executeAll(calls, first.api, first.run);
	for (const [position, result] of made.entries()) {
		const itemIndex = calls[position]?.itemIndex ?? position;
		results[itemIndex] = continues
			? result
			: await attempt(itemIndex, async () => throwIfFailed(result));
	}
	return results;
}

function throwIfFailed(result: Result): Result {
	if ('error' in result) throw result.error;
	return result;
}

function startRun(context: IExecuteFunctions): Run {
	const { id: nodeId, onError } = context.getNode();
	const memory = new Map<string, Promise<unknown>>();
	const hints = new Set<string>();
	return {
		timezone: context.getTimezone(),
		get executionKey() {
			const notes: IDataObject = context.getContext('node');
			return String((notes.executionKey ??= executionKeyOf(context)));
		},
		get notes() {
			return context.getContext('node');
		},
		nodeId,
		runIndex: runIndexOf(context),
		hasErrorOutput: onError === 'continueErrorOutput',
		continuesOnError: context.continueOnFail(),
		now: () => Date.now(),
		async once<T>(key: string, read: () => Promise<T>) {
			const known = memory.get(key) as Promise<T> | undefined;
			if (known) return await known;
			const reading = read();
			memory.set(key, reading);
			// What failed for one item is tried again for the next, unless it was answered: asking for
			// what is not there once more would find nothing either
			reading.catch((error: unknown) => {
				if (!(error instanceof InputError)) memory.delete(key);
			});
			return await reading;
		},
		hint(message) {
			if (hints.has(message)) return;
			hints.add(message);
			// n8n before 1.75 has no hints
			if (typeof context.addExecutionHints === 'function') {
				context.addExecutionHints({ message: withoutTags(message), location: 'outputPane' });
			}
		},
	};
}

/** Two n8n instances, or one that was set up anew, count their executions from 1. */
function executionKeyOf(context: IExecuteFunctions): string {
	const executionId: string | undefined = context.getExecutionId();
	// Not the address: each worker of a queue may know n8n by another one
	const instance = typeof context.getInstanceId === 'function' ? context.getInstanceId() : '';
	return [instance, context.getWorkflow().id ?? '', executionId ?? randomUUID()].join(' ');
}

function runIndexOf(context: IExecuteFunctions): number {
	const runIndex: unknown = context.getWorkflowDataProxy(0).$runIndex;
	return typeof runIndex === 'number' ? runIndex : 0;
}

function toItems(result: Result, itemIndex: number): INodeExecutionData[] {
	const pairedItem = { item: itemIndex };
	if ('error' in result) {
		return [{ json: { error: messageOf(result.error, itemIndex) }, pairedItem }];
	}
	// A copy: what was read once for several items must not be changed for all of them by a later node
	return result.rows.map((json) => ({ json: deepCopy(json), pairedItem }));
}
