/*
 * New entries of a stream that is asked for from a point in time, such as the clicks of a link. The
 * entries since then are a list like any other, with a journal of its own. When they have become
 * many, the time moves on, so that what is long known is not read for ever.
 */
import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../http/answer';
import { isCount, pack, toJournal, unpack } from './journal';
import type { Journal, PollResult } from './journal';
import { findNew } from './walk';
import type { PagedList, PollBudget } from './walk';

/** What is remembered of a stream, besides its journal. */
interface WindowJournal extends Journal {
	/** where the window begins, in ms since the epoch */
	start: number;
	/** entries that it held when it was first read in full; absent until then */
	base?: number;
}

/** How much later than others an entry may turn up, in ms. */
export const OVERLAP = 10 * 60_000;

/** How far n8n's clock may be ahead where the service does not tell its own, in ms. */
const CLOCK_MARGIN = 3_600_000;

/** No service's clock is as far ahead, in ms: its proxy tells nonsense. */
const FURTHEST_AHEAD = 86_400_000;

/** Entries that stay remembered after they left the window, in case they come back. */
const KEPT = 1000;

function toWindowJournal(memory: IDataObject | undefined): WindowJournal | undefined {
	const { start, base = 0 } = memory ?? {};
	return isCount(start) && isCount(base) ? (toJournal(memory) as WindowJournal) : undefined;
}

/**
 * Finds the entries that are new since the last poll. The first poll remembers those of the last ten
 * minutes, since some of that time may still turn up.
 *
 * @param since the entries from a time on, in ms since the epoch
 * @param call with n8n's clock, in ms since the epoch
 */
export async function findNewSince(
	since: (start: number) => PagedList,
	memory: IDataObject | undefined,
	call: { account: string; budget: PollBudget; now: number },
): Promise<PollResult> {
	const remembered = toWindowJournal(memory);
	// An empty window does not say whose it is; the stream belongs to one account
	const known = remembered?.seen === '' ? { ...remembered, account: call.account } : remembered;
	let start = known?.start ?? call.now - OVERLAP;
	let found = await findNew(since(start), known, call);
	const { serviceNow = Infinity } = found;
	const isTold = serviceNow < call.now + FURTHEST_AHEAD;
	const recently = Math.max(0, (isTold ? serviceNow : call.now - CLOCK_MARGIN) - OVERLAP);
	if (!known && recently < start) {
		// n8n's clock is ahead: what happens next would be before the window
		start = recently;
		found = await findNew(since(start), undefined, call);
	}
	const { fresh, isComplete, rowCount } = found;
	const base = known?.base ?? (isComplete ? rowCount : undefined);
	const isLarge = base !== undefined && rowCount >= 2 * base + since(start).pageSize;
	const isMoved = isComplete && fresh.length > 0 && isLarge && recently > start;
	const journal = { ...found.memory, start, base };
	const next = isMoved ? moved(journal, rowCount, recently) : journal;
	return { fresh, memory: withoutUndefined(next) };
}

/** The service has not counted the entries of the new window yet. */
function moved(journal: WindowJournal, rowCount: number, start: number): IDataObject {
	const seen = pack(unpack(journal.seen) ?? [], rowCount + KEPT);
	return { ...journal, seen, start, base: undefined, total: undefined, next: 0 };
}
