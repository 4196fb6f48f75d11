import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { momentOf } from '../http/time';
import {
	canonical,
	fingerprint,
	FINGERPRINT_LENGTH,
	hasId,
	isCount,
	oldestFirst,
	orderOf,
} from './journal';
import type { Identity, PollResult } from './journal';
import { isComplete, readOn, takeUp } from './reading';
import type { PagedList, PagedReading, PollBudget } from './reading';

/*
 * What is new since the last poll, in a stream of which only a window is read: from the time of the
 * newest entry on, less an overlap for those that arrive late.
 */

/** What is remembered of a stream. */
export interface WindowMemory extends IDataObject {
	/** where the window begins, in ms since the epoch; 0 for the whole stream */
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
	/** The entries from a time on, in ms since the epoch; from 0 on, all of them. */
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

/**
 * What is new in a stream. One request is enough when the service counts as many entries in the
 * window as are remembered.
 *
 * @param now ms since the epoch
 */
export async function pollWindow(
	stream: Stream,
	memory: WindowMemory | undefined,
	now: number,
	budget: PollBudget,
): Promise<PollResult & { memory: WindowMemory }> {
	return memory
		? await readWindow(stream, memory, now, budget)
		: await openWindow(stream, now, budget);
}

/**
 * The first poll remembers what happened within the overlap, since some of it may still turn up. Its
 * window begins before the newest entry of all: where n8n's clock is ahead of the service's, what
 * happens next would be before a window that begins by it.
 *
 * One request is enough when all entries are on the first page, or the newest of more than an
 * overlap. Where others come first the newest is not known: a second request reads a window that
 * begins by n8n's clock.
 */
async function openWindow(
	stream: Stream,
	now: number,
	budget: PollBudget,
): Promise<PollResult & { memory: WindowMemory }> {
	const list = stream.since(0);
	const page = await list.fetch(0, list.pageSize);
	const { rows, total } = page;
	const isAll = total === undefined ? rows.length < list.pageSize : rows.length >= total;
	const newest = newestTime(rows, now, stream.timeNames);
	const start = isAll ? 0 : Math.max(0, (newest ?? now) - OVERLAP);
	const memory: WindowMemory = { start, known: '', baseline: true };
	return isAll || reachesBack(rows, start, stream.timeNames)
		? compareWindow(memory, { pages: [page], rows, total }, now, { ...stream, ...list })
		: await readWindow(stream, memory, now, budget);
}

/** @returns the time of the first row when the newest come first */
function newestTime(
	rows: IDataObject[],
	now: number,
	timeNames: readonly string[],
): number | undefined {
	const [first] = rows;
	const time =
		first && orderOf(rows, timeNames) === 'newest' ? momentOf(first, timeNames) : undefined;
	return time === undefined ? undefined : notAfter(now, time);
}

/** Clocks differ a little; an entry from further in the future would hide all others. */
function notAfter(now: number, time: number): number {
	return time > now + OVERLAP ? now : time;
}

/** @returns whether rows with the newest first go back beyond a time, so that the rest is older */
function reachesBack(rows: IDataObject[], start: number, timeNames: readonly string[]): boolean {
	return (
		orderOf(rows, timeNames) === 'newest' &&
		rows.some((row) => (momentOf(row, timeNames) ?? start) < start)
	);
}

async function readWindow(
	stream: Stream,
	memory: WindowMemory,
	now: number,
	budget: PollBudget,
): Promise<PollResult & { memory: WindowMemory }> {
	const list = stream.since(memory.start);
	const known = unpackEntries(memory.known);
	const count = memory.known.length / ENTRY_LENGTH;
	const isKnown = (row: IDataObject) => known.has(fingerprint(list.identity(row)));
	const from = await takeUp(list, memory.cursor?.at ?? 0, isKnown);
	const reading = await readOn(
		list,
		from,
		budget,
		({ rows, total }) =>
			(from.at === 0 && total === count && rows.every(isKnown)) ||
			// A service may read a time as its whole day
			reachesBack(rows, memory.start, stream.timeNames),
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
): PollResult & { memory: WindowMemory } {
	const known = unpackEntries(memory.known);
	const isOnePage =
		reading.pages.length === 1 &&
		reading.rows.length < pageSize &&
		isComplete(reading) &&
		memory.cursor === undefined;
	const fresh: IDataObject[] = [];
	let newest = 0;
	let areCounted = false;
	let areUntimed = false;
	const shown = entriesIn(reading, identity);
	for (const [print, { row, times }] of shown) {
		const told = momentOf(row, timeNames);
		areUntimed ||= told === undefined;
		const time = told ?? now;
		// A service may read a time as its whole day
		if (time < memory.start) continue;
		newest = Math.max(newest, notAfter(now, time));
		const before = known.get(print)?.length ?? 0;
		for (let copy = before; copy < times; copy++) fresh.push(row);
		const isCounted = told === undefined && !hasId(row);
		areCounted ||= isCounted;
		const copies = isCounted && isOnePage ? times : Math.max(before, times);
		known.set(
			print,
			Array.from({ length: copies }, () => time),
		);
	}

	if (areCounted && isOnePage) {
		// Those that are gone would be taken for the next ones that look alike
		for (const print of known.keys()) if (!shown.has(print)) known.delete(print);
	}

	const inBaseline = memory.baseline === true;
	const { stoppedAt } = reading;
	// While a reading went on over several polls, entries may have turned up where it had been
	newest = memory.cursor?.newest ?? newest;
	// Entries with neither ID nor time are told apart by their number alone, which can be compared
	// while the window begins where it did: it is moved when it is more than a page, and what comes
	// until the next poll is then taken for what it held. Where entries have no time, those that were not
	// read again would seem to be older than those that were
	const areUnread = areUntimed && reading.endedEarly === true;
	const stays = stoppedAt !== undefined || (areCounted && isOnePage) || areUnread;
	const start = stays ? memory.start : startOf(memory, known, newest, pageSize);
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
