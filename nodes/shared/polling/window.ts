/*
 * Finds new entries of a stream, such as the clicks of a link. The service lists the entries since a
 * point in time: the window. A window is a list like any other, with a journal of its own. When it has
 * grown large, its start moves on, so that polls do not read old entries for ever.
 */
import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../http/answer';
import { isCount, pack, toJournal, unpack } from './journal';
import type { Journal, PollResult } from './journal';
import { findNew } from './walk';
import type { PagedList, PollBudget } from './walk';

/** The journal of the window, and the window itself. */
interface WindowJournal extends Journal {
	/** the start of the window, in ms since the epoch */
	start: number;
	/** entries in the window when a poll first read it in full; absent until then */
	base?: number;
}

/** How late an entry may turn up in the service's list, in ms. */
export const OVERLAP = 10 * 60_000;

/** How far n8n's clock may be ahead if the service does not send its own time, in ms. */
const CLOCK_MARGIN = 3_600_000;

/** A service's clock that is further ahead of n8n's is wrong and not used, in ms. */
const FURTHEST_AHEAD = 86_400_000;

/** Entries to remember after they have left the window, in case they come back. */
const KEPT = 1000;

function toWindowJournal(memory: IDataObject | undefined): WindowJournal | undefined {
	const { start, base = 0 } = memory ?? {};
	return isCount(start) && isCount(base) ? (toJournal(memory) as WindowJournal) : undefined;
}

/**
 * Finds the entries that are new since the last poll. The window of the first poll begins ten minutes
 * ago, because entries of that time may still turn up.
 *
 * @param since returns the list of entries since a time, in ms since the epoch
 * @param call.now n8n's time, in ms since the epoch
 */
export async function findNewSince(
	since: (start: number) => PagedList,
	memory: IDataObject | undefined,
	call: { account: string; budget: PollBudget; now: number },
): Promise<PollResult> {
	const remembered = toWindowJournal(memory);
	// An empty window shows no known row, which looks like another account. But a stream has only one.
	const known = remembered?.seen === '' ? { ...remembered, account: call.account } : remembered;
	let start = known?.start ?? call.now - OVERLAP;
	let found = await findNew(since(start), known, call);
	const { serviceNow = Infinity } = found;
	const isTold = serviceNow < call.now + FURTHEST_AHEAD;
	const recently = Math.max(0, (isTold ? serviceNow : call.now - CLOCK_MARGIN) - OVERLAP);
	if (!known && recently < start) {
		// n8n's clock is ahead: the next entries would be dated before the window
		start = recently;
		found = await findNew(since(start), undefined, call);
	}
	const { fresh, isComplete, rowCount } = found;
	const base = known?.base ?? (isComplete ? rowCount : undefined);
	const isLarge = rowCount >= 2 * (base ?? Infinity) + since(start).pageSize;
	const isMoved = isComplete && fresh.length > 0 && isLarge && recently > start;
	const journal = { ...found.memory, start, base };
	const next = isMoved ? moved(journal, rowCount, recently) : journal;
	return { fresh, memory: withoutUndefined(next) };
}

/** The journal for a window with a later start. Its count is unknown until the next poll. */
function moved(journal: WindowJournal, rowCount: number, start: number): IDataObject {
	const seen = pack(unpack(journal.seen) ?? [], rowCount + KEPT);
	return { ...journal, seen, start, base: undefined, total: undefined, next: 0 };
}
