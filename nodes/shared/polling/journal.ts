/*
 * What a trigger remembers. Each row that it has met leaves a fingerprint of nine characters. A row is
 * new exactly when its fingerprint is not there; neither its place nor its date decides.
 */
import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';

/** Changes when the form of what is remembered does: a state of another form begins anew. */
const STATE_VERSION = 1;

/** A trigger's state as n8n stores it. */
export interface PollState extends IDataObject {
	version: number;
	/** what the state belongs to: event, filters, credential */
	key: string;
	memory: IDataObject;
	/** the IDs that were found for the names in the parameters */
	ids?: IDataObject;
}

/** What was found new, and what to remember. */
export interface PollResult {
	fresh: IDataObject[];
	memory: IDataObject;
}

/** What a trigger remembers of a list. Texts in place of lists: n8n wraps every object in a proxy. */
export interface Journal extends IDataObject {
	/** fingerprints of the rows met, without a separator; those met last stand last */
	seen: string;
	/** fingerprint of the secret that the rows were read with */
	account: string;
	/** rows that the service counted at the last poll; absent when its count cannot be believed */
	total?: number;
	/** rows of one page, as the service hands them out */
	size: number;
	/** where the page begins that the next poll reads first */
	next: number;
	/** a reading that the next poll continues */
	reading?: UnfinishedReading;
}

/** A reading that ran out of time or requests. A reading takes one pass over the list or several. */
export interface UnfinishedReading extends IDataObject {
	/** whether this is the first reading, which emits nothing */
	isFirst: boolean;
	/** this pass has read the rows before this one */
	offset: number;
	/** rows that the service counted when this pass began */
	due?: number;
	/** passes in a row that brought nothing new, this one included */
	quiet: number;
}

/** @returns the memory of a new journal */
export function newJournal(account: string, pageSize: number): Journal {
	return { seen: '', account, total: 0, size: pageSize, next: 0, reading: newPass(true) };
}

/** @returns a pass that has read nothing */
export function newPass(isFirst: boolean, quiet = 1): UnfinishedReading {
	return { isFirst, offset: 0, quiet };
}

/** @returns what is remembered of a list; undefined when there is nothing or it is damaged */
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
 * @returns what was remembered; undefined when there is nothing, or it is damaged, of another
 * version or of another key
 */
export function recall(saved: IDataObject, key: string): IDataObject | undefined {
	const { version, key: belongsTo, memory } = saved;
	return version === STATE_VERSION && belongsTo === key && isRecord(memory) ? memory : undefined;
}

/** @returns the IDs that were found for the names in the parameters, of a state that is recalled */
export function idsIn({ ids }: IDataObject): IDataObject | undefined {
	return isRecord(ids) ? ids : undefined;
}

/** @returns the state to store */
export function toState(key: string, memory: IDataObject, ids: IDataObject = {}): PollState {
	const state = { version: STATE_VERSION, key, memory };
	return Object.keys(ids).length > 0 ? { ...state, ids } : state;
}

/** 54 bits: two of 50,000 rows share one once in ten million communities. */
const FINGERPRINT_LENGTH = 9;

/** Fingerprints that are remembered at most: 900 kB. Those that were not met for longest go. */
export const MOST_REMEMBERED = 100_000;

/** @returns the first characters of a text's SHA-256, as base64url */
export function fingerprint(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, FINGERPRINT_LENGTH);
}

/** 18 bits: four changes in a million go unnoticed, and a quarter of a million texts have each one. */
const SECRET_FINGERPRINT_LENGTH = 3;

/** A fingerprint short enough to reveal nothing: it only shows that the secret changed. */
export function secretFingerprint(secret: string): string {
	return fingerprint(secret).slice(0, SECRET_FINGERPRINT_LENGTH);
}

/** @returns the last `most` fingerprints, one after the other in one text */
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
