/*
 * What a trigger remembers. It keeps a fingerprint of nine characters of each row that it has met. A
 * row is new if its fingerprint is missing. Its place in the list and its date do not matter.
 */
import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';

/** Raise it when the form of the state changes: a trigger then drops an older state and begins anew. */
const STATE_VERSION = 1;

/** A trigger's state as n8n stores it. */
export interface PollState extends IDataObject {
	version: number;
	/** what the state belongs to: event, filters, credential */
	key: string;
	memory: IDataObject;
	/** the IDs found for names in the parameters */
	ids?: IDataObject;
}

/** The new rows, and what to remember. */
export interface PollResult {
	fresh: IDataObject[];
	memory: IDataObject;
}

/** What a trigger remembers of a list. `seen` is no list, because n8n wraps each object in a proxy. */
export interface Journal extends IDataObject {
	/** fingerprints of all rows met, without a separator; the rows met last come last */
	seen: string;
	/** fingerprint of the secret that the rows were read with */
	account: string;
	/** rows that the service counted at the last poll; absent if this count cannot be trusted */
	total?: number;
	/** rows on one page, as the service returns them */
	size: number;
	/** position of the page that the next poll fetches first */
	next: number;
	/** a reading that the next poll continues */
	reading?: UnfinishedReading;
}

/** A reading that ran out of time or requests. A reading is one or more passes over the list. */
export interface UnfinishedReading extends IDataObject {
	/** whether this is the first reading, which emits nothing */
	isFirst: boolean;
	/** position in the list up to which this pass has read */
	offset: number;
	/** rows that the service counted when this pass began */
	due?: number;
	/** number of passes in a row without a new row, this one included */
	quiet: number;
}

/** @returns the memory of a new journal */
export function newJournal(account: string, pageSize: number): Journal {
	return { seen: '', account, total: 0, size: pageSize, next: 0, reading: newPass(true) };
}

/** @returns a pass that has read nothing yet */
export function newPass(isFirst: boolean, quiet = 1): UnfinishedReading {
	return { isFirst, offset: 0, quiet };
}

/** Checks a memory. @returns the journal; undefined if there is none or it is damaged */
export function toJournal(memory: IDataObject | undefined): Journal | undefined {
	const { seen, account, total = 0, size, next, reading } = memory ?? {};
	const isSound =
		unpack(seen) !== undefined &&
		typeof account === 'string' &&
		[total, size, next].every(isCount) &&
		size !== 0 &&
		(reading === undefined || isReading(reading));
	return isSound ? (memory as Journal) : undefined;
}

function isReading(reading: unknown): boolean {
	if (!isRecord(reading)) return false;
	const { isFirst, offset, due = 0, quiet } = reading;
	return typeof isFirst === 'boolean' && [offset, due, quiet].every(isCount);
}

/** @returns whether a remembered value is a whole number of at least 0 */
export function isCount(value: unknown): boolean {
	return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * @param key what the state must belong to
 * @returns the memory in a state; undefined if it is missing or damaged, or the state has another
 * version or key
 */
export function recall(saved: IDataObject, key: string): IDataObject | undefined {
	const { version, key: belongsTo, memory } = saved;
	return version === STATE_VERSION && belongsTo === key && isRecord(memory) ? memory : undefined;
}

/** @returns the IDs in a state, which an earlier poll found for names in the parameters */
export function idsIn({ ids }: IDataObject): IDataObject | undefined {
	return isRecord(ids) ? ids : undefined;
}

/** @returns the state to store */
export function toState(key: string, memory: IDataObject, ids: IDataObject = {}): PollState {
	const state = { version: STATE_VERSION, key, memory };
	return Object.keys(ids).length > 0 ? { ...state, ids } : state;
}

/** Characters of a fingerprint. These 54 bits rarely clash: in one of ten million lists of 50,000 rows. */
const FINGERPRINT_LENGTH = 9;

/** Most fingerprints to remember: 900 kB. Those of rows not met for longest are dropped. */
export const MOST_REMEMBERED = 100_000;

/** @returns the first characters of a text's SHA-256, as base64url */
export function fingerprint(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, FINGERPRINT_LENGTH);
}

/** 18 bits: it misses four changes in a million, and one text in 262,144 has the same fingerprint. */
const SECRET_FINGERPRINT_LENGTH = 3;

/** A fingerprint short enough to reveal nothing: it only shows that the secret changed. */
export function secretFingerprint(secret: string): string {
	return fingerprint(secret).slice(0, SECRET_FINGERPRINT_LENGTH);
}

/** @returns the last `most` fingerprints, joined to one text */
export function pack(fingerprints: Iterable<string>, most = MOST_REMEMBERED): string {
	const text = [...fingerprints].join('');
	return text.slice(Math.max(0, text.length - most * FINGERPRINT_LENGTH));
}

/** @returns the fingerprints of a packed text; undefined when it is damaged */
export function unpack(packed: unknown): string[] | undefined {
	if (typeof packed !== 'string' || packed.length % FINGERPRINT_LENGTH !== 0) return undefined;
	if (!/^[\w-]*$/.test(packed)) return undefined;
	return packed.match(/.{9}/g) ?? [];
}
