import type { IDataObject, IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { deepCopy } from 'n8n-workflow';

import { lookUp } from '../fields/lookUp';
import { readParameters } from '../fields/parameters';
import type { Api } from '../http/api';
import { mapConcurrently } from '../http/concurrency';
import { connect } from '../http/connection';
import { CancelledError, messageOf, ServiceError, toNodeError } from '../http/errors';
import { lowBudgetHint } from '../http/rateLimit';
import { LONGEST_WAIT } from '../http/retry';
import type { Service } from '../http/service';
import { hashOf } from './journal';
import type { JournalItem, WriteJournal } from './journal';
import type { BulkOperation, Call, Failed, ItemOperation, Operation, Result } from './operation';
import { startRun } from './run';
import type { StartedRun } from './run';

/** Most writes side by side, if the operation names their targets. */
const WRITES_AT_ONCE = 5;

/** Most characters of JSON to copy for items that have the same row as an earlier item. */
const MOST_REPEATED = 32 * 1024 * 1024;

const WRITTEN_BEFORE =
	'Some items were written by an earlier try of this execution and were not sent again. Their rows come from that try.';

const GO_ON =
	'"Retry" in the list of executions goes on with the rest; "Execute step" starts over.';

const SEND_AGAIN =
	'It was not sent a second time. If it is not there, "Retry" in the list of executions sends it.';

/** One run of an operation over all input items. */
export class OperationRun {
	private readonly run: StartedRun;
	private readonly node: INode;
	private readonly signal: AbortSignal | undefined;
	/** whether the first failure ends the run (On Error → Stop) */
	private readonly stops: boolean;
	private hasStopped = false;
	/** by input item; absent until the item is done */
	private readonly results: Array<Result | undefined>;
	/** characters of each row in JSON; 0 until a second item has it */
	private readonly sizes = new Map<IDataObject, number>();
	/** characters of all copies after the first of each row */
	private repeated = 0;
	/** names of the parameters with an expression: only their values differ between items */
	private readonly varying: Set<string>;
	/** values of the other parameters, by name */
	private readonly constants = new Map<string, unknown>();
	/** by input item; absent if the item's parameters are wrong */
	private readonly remembered: JournalItem[] = [];

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly service: Service,
		private readonly chosen: Operation,
		private readonly journal: WriteJournal,
	) {
		this.run = startRun(context);
		this.node = context.getNode();
		this.signal = context.getExecutionCancelSignal?.();
		this.stops = !this.run.continuesOnError;
		this.results = context.getInputData().map(() => undefined);
		const { parameters } = this.node;
		this.varying = new Set(Object.keys(parameters).filter((key) => hasExpression(parameters[key])));
	}

	/**
	 * @returns the output
	 * @throws NodeApiError, NodeOperationError for the first failing item with On Error → Stop. After a
	 * failure no further item starts; items under way are finished and remembered.
	 */
	async rows(): Promise<INodeExecutionData[]> {
		const { chosen, service } = this;
		const api = await this.connected();
		if (api) {
			const open = await this.withIds(this.begin(api), api);
			if (isBulk(chosen)) await this.executeTogether(chosen, open, api);
			else await this.executeEach(chosen, open);
			this.throwIfStopped();
			const fewLeft = lowBudgetHint(service.wording.name, api.rateLimit, this.run.timezone);
			if (fewLeft) this.run.hint(fewLeft);
		}
		this.run.showHints(this.failedHint());
		return this.results.flatMap((result, itemIndex) => this.toItems(result, itemIndex));
	}

	private async connected(): Promise<Api | undefined> {
		try {
			return await connect(this.context, this.service);
		} catch (error) {
			if (this.stops) throw toNodeError(this.node, error);
			this.results.fill({ error });
			return undefined;
		}
	}

	/**
	 * Reads the parameters of all items, and takes over the rows that an earlier try has written. With On
	 * Error → Stop, nothing is sent if one of the items cannot be sent.
	 *
	 * @returns the items to send
	 */
	private begin(api: Api): Array<Call<never>> {
		const open: Array<Call<never>> = [];
		for (const itemIndex of this.results.keys()) {
			try {
				const call = this.callFor(itemIndex, api);
				const result = this.chosen.reads ? undefined : this.earlierResult(call);
				this.results[itemIndex] = result;
				if (!result) open.push(call);
			} catch (error) {
				this.results[itemIndex] = { error: api.withoutSecret(error) };
			}
		}
		this.hasStopped = this.stops && this.results.some((result) => result && 'error' in result);
		this.throwIfStopped();
		if (this.written().length > 0) this.run.hint(WRITTEN_BEFORE);
		return open;
	}

	private callFor(itemIndex: number, api: Api): Call<never> {
		const { chosen, run } = this;
		const read = readParameters(chosen.fields, this.valuesOf(itemIndex), run);
		const parameters = read as never;
		chosen.check?.(parameters);
		const item = this.journal.item(itemIndex, this.hashFor(read, api));
		this.remembered[itemIndex] = item;
		return {
			parameters,
			api,
			run,
			itemIndex,
			mayBeWritten: item.isInDoubt,
			requestKey: () => item.requestKey(),
		};
	}

	/**
	 * Finds the IDs for the names in the parameters. This happens before the first item is executed:
	 * otherwise an item that deletes a row could move others to a page that the search has already read.
	 *
	 * @returns the items to send
	 */
	private async withIds(open: Array<Call<never>>, api: Api): Promise<Array<Call<never>>> {
		const { chosen } = this;
		for (const { parameters, itemIndex } of open) {
			Object.assign(parameters, this.remembered[itemIndex]?.idsThen);
		}
		const all = open.map(({ parameters }) => parameters);
		const longestWait = all.reduce(
			(longest, parameters) => Math.max(longest, chosen.longestWait?.(parameters) ?? 0),
			LONGEST_WAIT,
		);
		const found = await lookUp(chosen.fields, all, api.within(longestWait));
		if (this.signal?.aborted) throw new CancelledError();
		const sent = open.filter(({ parameters, itemIndex }, position) => {
			const outcome = found[position];
			if (!outcome || 'error' in outcome) {
				this.results[itemIndex] = { error: api.withoutSecret(outcome?.error) };
				return false;
			}
			Object.assign(parameters, outcome.ids);
			this.remembered[itemIndex]?.finds(outcome.ids);
			return true;
		});
		this.hasStopped = this.stops && sent.length < open.length;
		this.throwIfStopped();
		return sent;
	}

	private valuesOf(itemIndex: number): (name: string) => unknown {
		const { context, constants, varying } = this;
		return (name) => {
			if (varying.has(name)) return context.getNodeParameter(name, itemIndex, null);
			// n8n takes long to resolve a parameter
			if (!constants.has(name))
				constants.set(name, context.getNodeParameter(name, itemIndex, null));
			return constants.get(name);
		};
	}

	/** Identifies the write and its destination. 'Options' do not count: they only say how to send it. */
	private hashFor(read: IDataObject, api: Api): string {
		const what = { ...read, options: undefined };
		const { credentials, parameters } = this.node;
		const credential = credentials?.[this.service.credentialType]?.id;
		return hashOf([parameters.resource, parameters.operation, credential, api.baseUrl, what]);
	}

	/** The result of an earlier try. A write in doubt fails again as before, because nobody has checked it yet. */
	private earlierResult({ itemIndex, parameters }: Call<never>): Result | undefined {
		const { rows, unseenDoubt } = this.remembered[itemIndex] ?? {};
		if (rows) return { rows };
		return unseenDoubt && !this.chosen.repeatable?.(parameters)
			? { error: unseenDoubt }
			: undefined;
	}

	private async executeEach(chosen: ItemOperation<never>, open: Array<Call<never>>): Promise<void> {
		const { readsAtOnce } = this.service;
		const work = async (call: Call<never>): Promise<Result> => {
			const made = await chosen.execute(call);
			return { rows: Array.isArray(made) ? made : [made] };
		};
		const atOnce = chosen.reads ? readsAtOnce : chosen.targets ? WRITES_AT_ONCE : 1;
		const turns = new Turns();
		const inTurn = async (call: Call<never> | undefined) =>
			await turns.take((call && chosen.targets?.(call.parameters)) ?? [], async () => {
				await this.attempt(call, work);
			});
		// The first write goes alone: its answer shows whether writes work, and how many requests are left
		const alone = chosen.reads ? 0 : Math.min(1, open.length);
		if (alone > 0) await inTurn(open[0]);
		await mapConcurrently(open.length - alone, atOnce, async (position) => {
			await inTurn(open[position + alone]);
		});
	}

	private async executeTogether(
		chosen: BulkOperation<never>,
		open: Array<Call<never>>,
		api: Api,
	): Promise<void> {
		if (open.length === 0) return;
		await chosen.executeAll(open, {
			api,
			run: this.run,
			settle: (itemIndex, result) => this.settle(itemIndex, result),
		});
	}

	/** Does nothing once the run has stopped. @throws CancelledError when the execution is cancelled */
	private async attempt(
		call: Call<never> | undefined,
		work: (call: Call<never>) => Promise<Result>,
	): Promise<void> {
		if (!call || this.hasStopped) return;
		if (this.signal?.aborted) throw new CancelledError();
		try {
			this.settle(call.itemIndex, await work(call));
		} catch (error) {
			this.settle(call.itemIndex, { error: this.worded(call.api.withoutSecret(error), call) });
		}
		if (this.signal?.aborted) throw new CancelledError();
	}

	/** Stores the result of an item, and remembers the rows of a write. */
	private settle(itemIndex: number, result: Result): void {
		this.results[itemIndex] = result;
		const failed = 'error' in result;
		if (failed && this.stops) this.hasStopped = true;
		if (this.chosen.reads) return;
		const item = this.remembered[itemIndex];
		if (failed) {
			const doubt = doubtIn(result.error);
			if (doubt) item?.doubted(doubt);
		} else if (!result.refused) {
			item?.written(result.rows);
		}
	}

	private worded(error: unknown, { parameters }: Call<never>): unknown {
		const { lookAt, repeatable } = this.chosen;
		if (!lookAt || !isInDoubt(error) || repeatable?.(parameters)) return error;
		return error.adding(`It may have been carried out: look at ${lookAt}`, SEND_AGAIN);
	}

	/** @throws the failure of the first item that has one */
	private throwIfStopped(): void {
		if (!this.hasStopped) return;
		const itemIndex = this.results.findIndex((result) => result && 'error' in result);
		const { error } = this.results[itemIndex] as Failed;
		throw toNodeError(this.node, error, itemIndex, this.doneBefore());
	}

	/** When a run stops, the user sees only one item's error, so its text says what was written before. */
	private doneBefore(): { sentence?: string; advice?: string } {
		const { chosen, results } = this;
		const written = this.written();
		const isUnknown = results.some(
			(result) => result && 'error' in result && isInDoubt(result.error),
		);
		if (chosen.reads || (written.length === 0 && isUnknown)) return {};
		const sentence = isBulk(chosen)
			? chosen.doneBefore?.(written)
			: `${written.length || 'None'} of ${results.length} ${chosen.done ?? 'items are done'}`;
		if (written.length > 0) return { sentence, advice: GO_ON };
		return results.length > 1 || isBulk(chosen) ? { sentence } : {};
	}

	private failedHint(): string | undefined {
		const { chosen, results, run } = this;
		const failed = results.length - this.written().length;
		if (!isBulk(chosen) || failed === 0 || run.hasErrorOutput) return undefined;
		return chosen.failedHint?.(failed, results.length);
	}

	/** @returns the items written so far */
	private written(): number[] {
		return [...this.results.entries()].flatMap(([itemIndex, result]) =>
			result && 'rows' in result && !result.refused ? [itemIndex] : [],
		);
	}

	private toItems(result: Result | undefined, itemIndex: number): INodeExecutionData[] {
		const pairedItem = { item: itemIndex };
		if (!result) return [];
		if ('error' in result) {
			const error = messageOf(this.node, result.error, itemIndex);
			return [{ json: { ...this.besideError(result, itemIndex), error }, pairedItem }];
		}
		// A later node may change this row, but not the row of another item or the remembered one
		const isShared = !this.chosen.reads || this.results.length > 1;
		return result.rows.map((json) => ({ json: isShared ? this.copyOf(json) : json, pairedItem }));
	}

	/** Copies a row. If many items have the same large row, only the first of them get their own copy. */
	private copyOf(row: IDataObject): IDataObject {
		const isRepeated = this.sizes.has(row);
		const size = this.sizes.get(row) || (isRepeated ? JSON.stringify(row).length : 0);
		this.sizes.set(row, size);
		this.repeated += size;
		return this.repeated > MOST_REPEATED ? row : deepCopy(row);
	}

	/**
	 * @returns the fields beside the error. With an error output there are none: n8n sends an item there
	 * only if it holds nothing but the error.
	 */
	private besideError({ error, row }: Failed, itemIndex: number): IDataObject | undefined {
		const { chosen, run } = this;
		if (row || run.hasErrorOutput || !isBulk(chosen)) return row;
		try {
			return chosen.failedRow?.(this.valuesOf(itemIndex), error);
		} catch {
			// An expression cannot be resolved. The error already says so.
			return undefined;
		}
	}
}

/** Runs work with a common target one after the other, in the order of arrival. */
class Turns {
	private readonly last = new Map<string, Promise<void>>();

	async take(targets: readonly string[], work: () => Promise<void>): Promise<void> {
		const before = targets.map((target) => this.last.get(target));
		const turn = Promise.all(before).then(work);
		for (const target of targets) this.last.set(target, turn);
		await turn;
	}
}

/** Whether a parameter may have an expression in it: a text that starts with "=". */
function hasExpression(parameter: unknown): boolean {
	return (JSON.stringify(parameter) ?? '').includes('"=');
}

function isBulk(chosen: Operation): chosen is BulkOperation<never> {
	return 'executeAll' in chosen;
}

function isInDoubt(error: unknown): error is ServiceError {
	return error instanceof ServiceError && error.ambiguous;
}

/** @returns the failure of a write that may have been carried out */
function doubtIn(error: unknown): ServiceError | undefined {
	if (error instanceof CancelledError) return new ServiceError(error.message);
	return isInDoubt(error) ? error : undefined;
}
