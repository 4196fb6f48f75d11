import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { ServiceError } from '../http/errors';

/** Which run of which node in which execution. */
export interface Place {
	/** ID of the execution; a person who retries it starts one with another ID */
	executionId: string;
	/** tells the node in its execution from all others, those of other n8n instances too */
	origin: string;
	/** number of the node's run within the execution, from 0: loops and agents run it several times */
	runIndex: number;
	/** whether the node is the tool of an agent, for which each try may be a run of its own */
	isTool: boolean;
	/** how often n8n runs the node by itself; 1 without "Retry On Fail" */
	maxTries: number;
}

/** A write that may have been carried out although no answer says so. */
interface Doubt {
	/** the execution that sent it */
	executionId: string;
	message: string;
	description?: string;
	/** HTTP status */
	status?: number;
	/** the Idempotency-Key that was sent */
	key?: string;
	/** the IDs that were found for the names in its parameters */
	ids?: IDataObject;
}

/** What is remembered of an item; `hash` stands for what was to be written, and where. */
type Entry = { hash: string } & ({ rows: IDataObject[] } | { doubt: Doubt });

/** What is remembered of one run of the node. */
interface RunNotes {
	/** the execution of the latest try, and how often it has tried by now */
	executionId: string;
	tries: number;
	/** by number of the input item */
	items: Record<string, Entry>;
}

/**
 * What an execution has written. n8n may run a node again with all its items: by "Retry On Fail", or
 * because a person retries the execution. The journal then gives back what was written before.
 *
 * It is JSON in the node's context, which n8n keeps with the execution's data, and holds what a
 * further run can need, so nothing once the node has succeeded.
 */
export class WriteJournal {
	private readonly runs: Record<string, RunNotes>;
	private readonly run: RunNotes;

	/** @param notes the node's context */
	constructor(
		private readonly notes: IDataObject,
		private readonly place: Place,
	) {
		const { executionId, runIndex } = place;
		this.runs = (isRecord(notes.writes) ? notes.writes : {}) as Record<string, RunNotes>;
		const { executionId: before, tries = 0, items = {} } = this.runs[runIndex] ?? {};
		this.run = { executionId, tries: before === executionId ? tries + 1 : 1, items };
		this.runs[runIndex] = this.run;
		this.notes.writes = this.runs as IDataObject;
	}

	/** @param hash stands for what is to be written, and where: see {@link hashOf} */
	item(itemIndex: number, hash: string): JournalItem {
		const { items } = this.run;
		if (items[itemIndex]?.hash !== hash) {
			const entry = this.takeFromOtherRun(hash);
			if (entry) items[itemIndex] = entry;
		}
		return new JournalItem(items, itemIndex, hash, this.place);
	}

	/** The node threw. n8n may run it again, or a person may. */
	threw(): void {
		this.forgetIfEmpty(this.hasTriesLeft());
	}

	/** The node returned. @param firstRow the first row of its first output */
	returned(firstRow: IDataObject | undefined): void {
		// n8n takes such a row for a failed try, whatever On Error says
		const runsAgain = firstRow?.error !== undefined && this.hasTriesLeft();
		const { items } = this.run;
		for (const [itemIndex, entry] of Object.entries(items)) {
			if (!runsAgain && !this.concernsOtherRuns(entry)) delete items[itemIndex];
		}
		this.forgetIfEmpty(runsAgain);
	}

	private hasTriesLeft(): boolean {
		return this.run.tries < this.place.maxTries;
	}

	/** @param runsAgain whether the tries count; those of a tool may be runs of their own */
	private forgetIfEmpty(runsAgain: boolean): void {
		const isEmpty = Object.keys(this.run.items).length === 0;
		if (!isEmpty || (runsAgain && !this.place.isTool)) return;
		delete this.runs[this.place.runIndex];
		if (Object.keys(this.runs).length === 0) delete this.notes.writes;
	}

	/**
	 * A loop's rounds write apart. But people lead what failed back to the node, and each try of a tool
	 * may be a run: what may have been carried out there is asked for with the same key, or, by a tool,
	 * not at all.
	 */
	private concernsOtherRuns(entry: Entry): boolean {
		return 'doubt' in entry && (entry.doubt.key !== undefined || this.place.isTool);
	}

	/** Taken, so that of two items that are alike only one is the other run's. */
	private takeFromOtherRun(hash: string): Entry | undefined {
		for (const [runIndex, { items }] of Object.entries(this.runs)) {
			if (items === this.run.items) continue;
			const found = Object.entries(items).find(
				([, entry]) => entry.hash === hash && this.concernsOtherRuns(entry),
			);
			if (!found) continue;
			const [itemIndex, entry] = found;
			delete items[itemIndex];
			if (Object.keys(items).length === 0) delete this.runs[runIndex];
			return entry;
		}
		return undefined;
	}
}

/** What the journal knows of one item. */
export class JournalItem {
	private key?: string;
	private ids?: IDataObject;

	constructor(
		private readonly items: Record<string, Entry>,
		private readonly itemIndex: number,
		private readonly hash: string,
		private readonly place: Place,
	) {}

	/** The rows that came back when the item was written. */
	get rows(): IDataObject[] | undefined {
		const { entry } = this;
		return entry && 'rows' in entry ? entry.rows : undefined;
	}

	/** Whether an earlier try may have been carried out. */
	get isInDoubt(): boolean {
		return this.doubt !== undefined;
	}

	/** The failure of an earlier try of this execution that may have been carried out: nobody has looked. */
	get unseenDoubt(): ServiceError | undefined {
		const { doubt } = this;
		if (doubt?.executionId !== this.place.executionId) return undefined;
		const { message, description, status } = doubt;
		return new ServiceError(message, { description, status, ambiguous: true });
	}

	/**
	 * The IDs that an earlier try found for the names in the parameters: what it may have deleted or
	 * renamed is not found by its name any more.
	 */
	get idsThen(): IDataObject | undefined {
		return this.doubt?.ids;
	}

	/** Hears which IDs were found for the names in the parameters. */
	finds(ids: IDataObject): void {
		this.ids = Object.keys(ids).length > 0 ? ids : this.idsThen;
	}

	/** An Idempotency-Key: the same whenever this item is sent again. In the form of a UUID. */
	requestKey(): string {
		const { origin, runIndex } = this.place;
		this.key ??=
			this.doubt?.key ?? asUuid(sha256([origin, runIndex, this.itemIndex]).toString('hex'));
		return this.key;
	}

	written(rows: IDataObject[]): void {
		this.items[this.itemIndex] = { hash: this.hash, rows };
	}

	/** Nobody knows whether the item is written. @param error holds no secret */
	doubted({ message, description, status }: ServiceError): void {
		const { executionId } = this.place;
		const { key, ids } = this;
		const doubt: Doubt = { executionId, message, description, status, key, ids };
		this.items[this.itemIndex] = { hash: this.hash, doubt };
	}

	private get entry(): Entry | undefined {
		const entry = this.items[this.itemIndex];
		return entry?.hash === this.hash ? entry : undefined;
	}

	private get doubt(): Doubt | undefined {
		const { entry } = this;
		return entry && 'doubt' in entry ? entry.doubt : undefined;
	}
}

/** @returns the same for values that are the same, in whatever order their fields stand */
export function hashOf(value: unknown): string {
	return sha256(value).toString('base64url').slice(0, 16);
}

function sha256(value: unknown): Buffer {
	const json = JSON.stringify(value, (_, inner: unknown) =>
		isRecord(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);
	return createHash('sha256').update(json).digest();
}

function asUuid(hex: string): string {
	const ends = [8, 12, 16, 20, 32];
	return ends.map((end, index) => hex.slice(ends[index - 1] ?? 0, end)).join('-');
}
