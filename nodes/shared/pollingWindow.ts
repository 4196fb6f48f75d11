import type { IDataObject } from 'n8n-workflow';

import {
	canonical,
	fingerprint,
	FINGERPRINT_LENGTH,
	hasId,
	isCount,
	momentOf,
	oldestFirst,
} from './polling';
import type { Found, Identity } from './polling';
import { readOn, takeUp } from './pollingRead';
import type { Allowance, PagedList, PagedReading } from './pollingRead';
import { isRecord } from './shape';

/*
 * What is new since the last poll, in a stream of which only a window is read: from the time of the
 * newest entry on, less an overlap for those that arrive late.
 */

/** What is remembered of a stream. */
export interface WindowMemory extends IDataObject {
	/** where the window begins, in ms since the epoch */
	start: number;
	/** each entry of the window: its fingerprint, then its time in ms, in base 36 */
	known: string;
	/** whether the first reading is not complete yet; until then nothing is emitted */
	baseline?: true;
	/** where a reading was cut off, and the newest time that its first part met, in ms */
	cursor?: { at: number; newest: number };
}

/** How the entries of a stream are read and told apart. */
export interface Stream {
	/** The entries from a time on, in ms since the epoch. */
	since(start: number): PagedList;
	/** names under which an entry may hold its time */
	timeNames: readonly string[];
}

/** How much later than others an entry may turn up, in ms. */
export const OVERLAP = 10 * 60_000;

/** An overlap is not made shorter than this, in ms. */
const SHORTEST_OVERLAP = 60_000;

const TIME_LENGTH = 9;
const ENTRY_LENGTH = FINGERPRINT_LENGTH + TIME_LENGTH;

/** The last time that fits: in the year 5188. */
const LAST_TIME = 36 ** TIME_LENGTH - 1;

/** @returns what is remembered; undefined when there is nothing or it is damaged */
export function toWindowMemory(memory: IDataObject | undefined): WindowMemory | undefined {
	if (memory === undefined) return undefined;
	const { start, known, baseline, cursor } = memory;
	const isSound =
		isCount(start) &&
		typeof known === 'string' &&
		known.length % ENTRY_LENGTH === 0 &&
		(baseline === undefined || baseline === true) &&
		(cursor === undefined || (isRecord(cursor) && isCount(cursor.at) && isCount(cursor.newest)));
	return isSound ? (memory as WindowMemory) : undefined;
}

/** Times at which entries of one fingerprint happened: without an ID, two may look alike. */
type Entries = Map<string, number[]>;

function unpackEntries(known: string): Entries {
	const entries: Entries = new Map();
	for (let at = 0; at < known.length; at += ENTRY_LENGTH) {
		const print = known.slice(at, at + FINGERPRINT_LENGTH);
		const time = parseInt(known.slice(at + FINGERPRINT_LENGTH, at + ENTRY_LENGTH), 36);
		entries.set(print, [...(entries.get(print) ?? []), time]);
	}
	return entries;
}

function packEntries(entries: Entries): string {
	return [...entries]
		.flatMap(([print, times]) =>
			times.map(
				(time) => print + Math.min(time, LAST_TIME).toString(36).padStart(TIME_LENGTH, '0'),
			),
		)
		.join('');
}

/** The first poll remembers what happened within the overlap, since some of it may still turn up. */
function openWindow(now: number): WindowMemory {
	return { start: Math.max(0, now - OVERLAP), known: '', baseline: true };
}

/**
 * What is new in a stream. One request is enough when the service counts as many entries in the
 * window as are remembered.
 *
 * @param now ms since the epoch
 */
export async function pollWindow(
	stream: Stream,
	remembered: WindowMemory | undefined,
	now: number,
	allowance: Allowance,
): Promise<Found & { memory: WindowMemory }> {
	const memory = remembered ?? openWindow(now);
	const list = stream.since(memory.start);
	const known = unpackEntries(memory.known);
	const count = memory.known.length / ENTRY_LENGTH;
	const isKnown = (row: IDataObject) => known.has(fingerprint(list.identity(row)));
	const from = await takeUp(list, memory.cursor?.at ?? 0, isKnown);
	const reading = await readOn(
		list,
		from,
		allowance,
		({ rows, total }) => from.at === 0 && total === count && rows.every(isKnown),
	);
	return compareWindow(memory, reading, now, { ...stream, ...list });
}

/**
 * Compares what was read of a window with what is remembered, and moves the window on.
 *
 * @param now ms since the epoch; stands in for the time of entries that have none
 * @returns the new entries, the oldest first
 */
export function compareWindow(
	memory: WindowMemory,
	reading: PagedReading,
	now: number,
	{
		identity,
		timeNames,
		pageSize,
	}: Pick<PagedList, 'identity' | 'pageSize'> & Pick<Stream, 'timeNames'>,
): Found & { memory: WindowMemory } {
	const known = unpackEntries(memory.known);
	const fresh: IDataObject[] = [];
	let newest = 0;
	for (const [print, { row, times }] of entriesIn(reading, identity)) {
		const time = momentOf(row, timeNames) ?? now;
		// A service may read a time as its whole day
		if (time < memory.start) continue;
		// Clocks differ a little; an entry from further in the future would hide all others
		newest = Math.max(newest, time > now + OVERLAP ? now : time);
		const before = known.get(print)?.length ?? 0;
		for (let copy = before; copy < times; copy++) fresh.push(row);
		known.set(
			print,
			Array.from({ length: Math.max(before, times) }, () => time),
		);
	}

	const inBaseline = memory.baseline === true;
	const { stoppedAt } = reading;
	// While a reading went on over several polls, entries may have turned up where it had been
	newest = memory.cursor?.newest ?? newest;
	const start = stoppedAt === undefined ? startOf(memory, known, newest, pageSize) : memory.start;
	for (const [print, [time = 0]] of known) if (time < start) known.delete(print);
	const next: WindowMemory = {
		start,
		known: packEntries(known),
		...(inBaseline && stoppedAt !== undefined ? { baseline: true } : {}),
		...(stoppedAt === undefined ? {} : { cursor: { at: stoppedAt, newest } }),
	};
	return {
		fresh: inBaseline ? [] : oldestFirst(fresh, timeNames),
		memory: canonical(next) === canonical(memory) ? memory : next,
	};
}

/**
 * Where the window begins that the next poll reads: the overlap before the newest entry, or less of
 * it when many entries would be read again with each poll.
 */
function startOf(memory: WindowMemory, known: Entries, newest: number, pageSize: number): number {
	const times = [...known.values()].flat().sort((a, b) => b - a);
	const firstOfPage = times[pageSize - 2] ?? 0;
	const start = Math.max(newest - OVERLAP, firstOfPage);
	return Math.max(memory.start, Math.min(start, newest - SHORTEST_OVERLAP));
}

/**
 * The entries of a reading by fingerprint, and how many times each is there. When the list changed
 * while it was read, one may have come twice because it shifted to the next page: then those that
 * stand on one page count.
 */
function entriesIn(
	{ pages }: PagedReading,
	identity: Identity,
): Map<string, { row: IDataObject; times: number }> {
	const [first] = pages;
	const isSteady = first?.total !== undefined && pages.every(({ total }) => total === first.total);
	const entries = new Map<string, { row: IDataObject; times: number }>();
	for (const { rows } of pages) {
		const onPage = new Map<string, number>();
		for (const row of rows) {
			const print = fingerprint(identity(row));
			const times = hasId(row) ? 1 : (onPage.get(print) ?? 0) + 1;
			onPage.set(print, times);
			entries.set(print, { row, times: entries.get(print)?.times ?? 0 });
		}
		for (const [print, times] of onPage) {
			const entry = entries.get(print);
			if (!entry) continue;
			entry.times =
				isSteady && !hasId(entry.row) ? entry.times + times : Math.max(entry.times, times);
		}
	}
	return entries;
}
