import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { timeOf } from '../http/time';

/*
 * What is new since the last poll: pure functions of what a trigger remembers and what it read.
 *
 * A list that comes in pages can shift while it is read, so an entry that one reading missed is not
 * forgotten: it would be emitted a second time. A list that comes in one answer is compared as it
 * is, see pollingSnapshot.ts.
 */

/** Changes when the form of what is remembered does: a state of another form begins anew. */
const STATE_VERSION = 1;

/** A trigger's state as n8n stores it. */
export interface PollState extends IDataObject {
	version: number;
	/** what the state belongs to: event, filters, credential */
	key: string;
	memory: IDataObject;
}

/** What was found new, and what to remember. */
export interface PollResult {
	fresh: IDataObject[];
	/** the very same object when nothing has to be remembered */
	memory: IDataObject;
}

/** What one poll read of a list. */
export interface Reading {
	rows: IDataObject[];
	/** where to go on the next time; undefined when the end was reached */
	stoppedAt?: number;
	/** whether it was ended because the rest is known */
	endedEarly?: boolean;
	/** rows in the whole list, where the service tells */
	total?: number;
}

/** Tells the rows of a list apart. */
export type Identity = (row: IDataObject) => string;

/**
 * What a trigger remembers of a list that comes in pages. Everything here goes through JSON; texts
 * in place of lists, because n8n wraps every object of a state in a proxy.
 */
export interface SeenMemory extends IDataObject {
	/** fingerprints of the entries; those met last stand last */
	seen: string;
	/** whether the first reading is not complete yet; until then nothing is emitted */
	baseline?: true;
	/** a reading that was cut off: where, and how many entries at the end of `seen` it has met */
	cursor?: { at: number; met: number };
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

/** @returns the state to store */
export function toState(key: string, memory: IDataObject): PollState {
	return { version: STATE_VERSION, key, memory };
}

/** 54 bits: two of 50,000 entries share one once in ten million communities. */
export const FINGERPRINT_LENGTH = 9;

const FINGERPRINTS = new RegExp(`.{${FINGERPRINT_LENGTH}}`, 'g');

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

/** @returns JSON that does not depend on the order of keys */
export function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) =>
		isRecord(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}

/** The `id` that a row is assumed to have; without one, everything it holds. */
export function idOrContent(row: IDataObject): string {
	return hasId(row) ? String(row.id) : canonical(row);
}

/** @returns whether a row has the `id` that it is assumed to have */
export function hasId({ id }: IDataObject): boolean {
	return typeof id === 'string' || typeof id === 'number';
}

/** @returns fingerprints one after the other, in one text */
export function pack(fingerprints: readonly string[]): string {
	return fingerprints.join('');
}

/** @returns the fingerprints of a packed text; undefined when it is damaged */
export function unpack(packed: unknown): string[] | undefined {
	const isWhole =
		typeof packed === 'string' &&
		packed.length % FINGERPRINT_LENGTH === 0 &&
		/^[\w-]*$/.test(packed);
	return isWhole ? (packed.match(FINGERPRINTS) ?? []) : undefined;
}

/** @returns what is remembered of a list; undefined when there is nothing or it is damaged */
export function toSeenMemory(memory: IDataObject | undefined): SeenMemory | undefined {
	const known = unpack(memory?.seen);
	if (memory === undefined || known === undefined) return undefined;
	const { baseline, cursor } = memory;
	const isSound =
		(baseline === undefined || baseline === true) &&
		(cursor === undefined || (isRecord(cursor) && isCount(cursor.at) && isCount(cursor.met)));
	return isSound ? (memory as SeenMemory) : undefined;
}

/** @returns whether a remembered value is a whole number of at least 0 */
export function isCount(value: unknown): boolean {
	return Number.isInteger(value) && Number(value) >= 0;
}

/** Which rows a trigger has met before. */
export interface Known {
	/** whether a row was met */
	has(row: IDataObject): boolean;
	/** whether a row was met before the reading began that is not finished yet */
	hadBefore(row: IDataObject): boolean;
}

/** @returns which rows are remembered */
export function knownIn(memory: SeenMemory | undefined, identity: Identity): Known {
	const fingerprints = unpack(memory?.seen) ?? [];
	const all = new Set(fingerprints);
	const before = new Set(fingerprints.slice(0, fingerprints.length - metBy(memory)));
	return {
		has: (row) => all.has(fingerprint(identity(row))),
		hadBefore: (row) => before.has(fingerprint(identity(row))),
	};
}

function metBy(memory: SeenMemory | undefined): number {
	return memory?.cursor?.met ?? 0;
}

/** @returns how many entries are remembered at most, missing ones included */
export function mostRemembered(current: number): number {
	return 2 * current + 1000;
}

/**
 * Compares a reading of a whole list, or of a part of it when time ran out, with what is remembered.
 *
 * An entry that is missing stays remembered, unless there are far more of those than of others: then
 * those that have been missing for longest go. Until the first reading is complete nothing is
 * emitted.
 */
export function compareSweep(
	memory: SeenMemory | undefined,
	reading: Reading,
	identity: Identity,
): PollResult & { memory: SeenMemory } {
	const known = unpack(memory?.seen) ?? [];
	const isKnown = new Set(known);
	const rows = byFingerprint(reading.rows, identity);
	const fresh = [...rows].filter(([print]) => !isKnown.has(print)).map(([, row]) => row);

	const metBefore = known.length - metBy(memory);
	const isElsewhere = (print: string) => !rows.has(print);
	const others = known.slice(0, metBefore).filter(isElsewhere);
	const met = [...known.slice(metBefore).filter(isElsewhere), ...rows.keys()];
	const { stoppedAt } = reading;

	if (stoppedAt !== undefined) {
		return {
			fresh: isBaseline(memory) ? [] : fresh,
			memory: {
				seen: pack([...others, ...met]),
				...(isBaseline(memory) ? { baseline: true } : {}),
				cursor: { at: stoppedAt, met: met.length },
			},
		};
	}

	const most = reading.endedEarly ? Infinity : mostRemembered(met.length);
	const excess = Math.max(0, others.length + met.length - most);
	const seen = pack([...others.slice(excess), ...met]);
	if (isBaseline(memory)) return { fresh: [], memory: { seen } };
	const isUnchanged = fresh.length === 0 && excess === 0 && memory.cursor === undefined;
	return { fresh, memory: isUnchanged ? memory : { seen } };
}

/** @returns whether the first reading is not complete yet, so that nothing may be emitted */
export function isBaseline(
	memory: SeenMemory | undefined,
): memory is undefined | (SeenMemory & { baseline: true }) {
	return memory === undefined || memory.baseline !== undefined;
}

/**
 * Compares the beginning of a list that shows the newest first with what is remembered.
 *
 * @param reading as far as a page that held nothing new, or until time ran out
 * @param most entries that stay remembered; the oldest go
 * @returns the new rows, the oldest first
 */
export function compareNewest(
	memory: SeenMemory,
	reading: Reading,
	identity: Identity,
	most: number,
): PollResult & { memory: SeenMemory } {
	const known = unpack(memory.seen) ?? [];
	const isKnown = new Set(known);
	const fresh = [...byFingerprint(reading.rows, identity)]
		.filter(([print]) => !isKnown.has(print))
		.reverse();
	const rows = fresh.map(([, row]) => row);
	const { stoppedAt } = reading;
	if (rows.length === 0 && stoppedAt === memory.cursor?.at) return { fresh: rows, memory };

	const seen = [...known, ...fresh.map(([print]) => print)];
	if (stoppedAt === undefined) return { fresh: rows, memory: { seen: pack(seen.slice(-most)) } };
	const met = metBy(memory) + rows.length;
	return { fresh: rows, memory: { seen: pack(seen), cursor: { at: stoppedAt, met } } };
}

function byFingerprint(rows: IDataObject[], identity: Identity): Map<string, IDataObject> {
	return new Map(rows.map((row) => [fingerprint(identity(row)), row]));
}

/** @returns the rows with the oldest first when each has a time, else as they are */
export function oldestFirst(rows: IDataObject[], timeNames: readonly string[]): IDataObject[] {
	const timed = rows.map((row) => ({ row, time: timeOf(row, timeNames) ?? NaN }));
	if (timed.some(({ time }) => Number.isNaN(time))) return rows;
	return timed.sort((a, b) => a.time - b.time).map(({ row }) => row);
}

/** @returns the newest row when each has a time, else the first one */
export function newestOf(
	rows: IDataObject[],
	timeNames: readonly string[],
): IDataObject | undefined {
	const sorted = oldestFirst(rows, timeNames);
	return sorted === rows ? rows[0] : sorted.at(-1);
}

/** Which rows a list shows first. */
export type Order = 'newest' | 'oldest';

/** @returns the order that the times of rows show; undefined when they show none */
export function orderOf(rows: IDataObject[], timeNames: readonly string[]): Order | undefined {
	const times = rows.map((row) => timeOf(row, timeNames) ?? NaN);
	const steps = times.slice(1).map((time, index) => Math.sign(time - (times[index] ?? NaN)));
	const rises = steps.includes(1);
	const falls = steps.includes(-1);
	if (rises === falls || steps.some(Number.isNaN)) return undefined;
	return rises ? 'oldest' : 'newest';
}
