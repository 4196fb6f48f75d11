import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { ServiceError } from '../http/errors';

/** The place of one run of a node: its execution, its node and its number. */
export interface Place {
	/** ID of the execution; a retry by a person has another ID */
	executionId: string;
	/** identifies node and execution, also across n8n instances */
	origin: string;
	/** number of the run within the execution, from 0; loops and agents run a node several times */
	runIndex: number;
	/** whether the node is an agent's tool, where each try may count as another run */
	isTool: boolean;
	/** most tries that n8n makes by itself; 1 without "Retry On Fail" */
	maxTries: number;
}

/** A write with an unknown outcome: it may have been carried out. */
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

/** The entry of one item; `hash` identifies the write and its destination. */
type Entry = { hash: string } & ({ rows: IDataObject[] } | { doubt: Doubt });

/** The entries of one run of the node. */
interface RunNotes {
	/** the execution of the latest try, and its number of tries so far */
	executionId: string;
	tries: number;
	/** by number of the input item */
	items: Record<string, Entry>;
}

/**
 * Remembers the writes of an execution. n8n may run a node again with all its items: by "Retry On
 * Fail", or because a person retries the execution. The journal then returns the earlier rows.
 *
 * It is JSON in the node's context, which n8n keeps with the execution's data. It only holds entries
 * that a further run can need, so it is empty once the node has succeeded.
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

	/** @param hash identifies the write and its destination: see {@link hashOf} */
	item(itemIndex: number, hash: string): JournalItem {
		const { items } = this.run;
		if (items[itemIndex]?.hash !== hash) {
			const entry = this.takeFromOtherRun(hash);
			if (entry) items[itemIndex] = entry;
		}
		return new JournalItem(items, itemIndex, hash, this.place);
	}

	/** The node threw. n8n or a person may run it again. */
	threw(): void {
		this.forgetIfEmpty(this.hasTriesLeft());
	}

	/** The node returned. @param firstRow the first row of its first output */
	returned(firstRow: IDataObject | undefined): void {
		// With such a first row n8n counts the try as failed, whatever On Error says
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

	/** @param runsAgain whether tries must be counted; a tool's tries may be separate runs */
	private forgetIfEmpty(runsAgain: boolean): void {
		const isEmpty = Object.keys(this.run.items).length === 0;
		if (!isEmpty || (runsAgain && !this.place.isTool)) return;
		delete this.runs[this.place.runIndex];
		if (Object.keys(this.runs).length === 0) delete this.notes.writes;
	}

	/**
	 * The rounds of a loop are separate writes. Two cases concern other runs: people lead failed items
	 * back to the node, so an unknown outcome keeps its Idempotency-Key. And each try of a tool may be
	 * another run, so its unknown outcome must not be sent again.
	 */
	private concernsOtherRuns(entry: Entry): boolean {
		return 'doubt' in entry && (entry.doubt.key !== undefined || this.place.isTool);
	}

	/** Moves the entry, so that of two equal items only one takes it. */
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

/** One item in the journal. */
export class JournalItem {
	private key?: string;
	private ids?: IDataObject;

	constructor(
		private readonly items: Record<string, Entry>,
		private readonly itemIndex: number,
		private readonly hash: string,
		private readonly place: Place,
	) {}

	/** The rows of the earlier write. */
	get rows(): IDataObject[] | undefined {
		const { entry } = this;
		return entry && 'rows' in entry ? entry.rows : undefined;
	}

	/** Whether an earlier try may have been carried out. */
	get isInDoubt(): boolean {
		return this.doubt !== undefined;
	}

	/** An unknown outcome from this same execution: no person has checked it yet. */
	get unseenDoubt(): ServiceError | undefined {
		const { doubt } = this;
		if (doubt?.executionId !== this.place.executionId) return undefined;
		const { message, description, status } = doubt;
		return new ServiceError(message, { description, status, ambiguous: true });
	}

	/**
	 * The IDs that an earlier try found for names in the parameters. That try may have deleted or renamed
	 * the thing, so its name no longer leads to it.
	 */
	get idsThen(): IDataObject | undefined {
		return this.doubt?.ids;
	}

	/** Notes the IDs found for names in the parameters. */
	finds(ids: IDataObject): void {
		this.ids = Object.keys(ids).length > 0 ? ids : this.idsThen;
	}

	/** @returns an Idempotency-Key in the form of a UUID: the same each time this item is sent */
	requestKey(): string {
		const { origin, runIndex } = this.place;
		this.key ??=
			this.doubt?.key ?? asUuid(sha256([origin, runIndex, this.itemIndex]).toString('hex'));
		return this.key;
	}

	written(rows: IDataObject[]): void {
		this.items[this.itemIndex] = { hash: this.hash, rows };
	}

	/** Notes an unknown outcome. @param error holds no secret */
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

/** @returns the same hash for equal values, whatever the order of their keys */
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
