/*
 * How a trigger reads a list that comes in pages. While nothing is new, a poll checks one page, a
 * different one each time. When the service counts more rows than before, the poll looks for them: on
 * the first pages, then from the last page backwards. It stops as soon as it has found as many new
 * rows as the count has grown by. The order of a list never matters; where a row stands only decides
 * how many requests it takes to find it.
 */
import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../http/answer';
import { ServiceError } from '../http/errors';
import type { Page } from '../http/paging';
import { timeOf } from '../http/time';
import {
	fingerprint,
	MOST_REMEMBERED,
	newJournal,
	newPass,
	pack,
	toJournal,
	unpack,
} from './journal';
import type { Journal, PollResult, UnfinishedReading } from './journal';
import { canonical, hasId, newestOf } from './rows';

/** A list that comes in pages. */
export interface PagedList {
	/** Fetches a page: up to `limit` rows from `offset` on, which is a multiple of `limit`. */
	fetch(offset: number, limit: number): Promise<Page>;
	/** most rows of one page; the service may hand out fewer */
	pageSize: number;
}

/** How much a poll may still do. */
export interface PollBudget {
	/** whether the time of this poll is over */
	isOver(): boolean;
	/** whether an error says that the service takes no more requests for now */
	isSpent(error: unknown): boolean;
}

/** What one poll found, and whether it has read all that it wanted to. */
export interface WalkResult extends PollResult {
	memory: Journal;
	isComplete: boolean;
	/** the service's clock, in ms since the epoch, where its answers tell it */
	serviceNow?: number;
}

/** A larger count is none: no poll could ever read so many rows. */
const MOST_COUNTED = 10_000_000;

/** Passes without a new row after which a list that changes its order at each request is believed. */
const QUIET_PASSES = 10;

/** The same for one that changed during each pass. */
const MOST_PASSES_WITH_GAPS = 3;

/**
 * Finds the rows of a list that are new since the last poll.
 *
 * @param memory what the last poll remembered; without it, or when it is damaged, all is remembered
 * and nothing is new
 * @param account fingerprint of the secret
 * @throws ServiceError when the list has more rows than a trigger can remember
 */
export async function findNew(
	list: PagedList,
	memory: IDataObject | undefined,
	{ account, budget }: { account: string; budget: PollBudget },
): Promise<WalkResult> {
	const known = toJournal(memory);
	const isOtherFirst = known?.reading?.isFirst === true && known.account !== account;
	const journal = known && !isOtherFirst ? known : newJournal(account, list.pageSize);
	const found = await new Walk(list, journal, account, budget).run();
	// Another account's rows: none of them is new
	if (found) return found;
	const anew = newJournal(account, list.pageSize);
	if (budget.isOver()) return { fresh: [], memory: anew, isComplete: false };
	const first = await new Walk(list, anew, account, budget).run();
	return first ?? { fresh: [], memory: anew, isComplete: false };
}

/** One page, as a place in the list and what it brought. */
interface Look {
	start: number;
	end: number;
	/** whether it held as many rows as were asked for */
	isFull: boolean;
	/** rows that were not met before in this pass */
	unmet: number;
	/** rows that were never met before */
	added: number;
	/** whether it holds rows that this poll has found new */
	hasFresh: boolean;
	/** whether its first row is one of those */
	startsNew: boolean;
	/** how much the service's count fell since the page before */
	fell: number;
}

/** One poll of one list. */
class Walk {
	private readonly seen: Set<string>;
	private readonly fresh = new Map<string, IDataObject>();
	private reading: UnfinishedReading | undefined;
	private requests = 0;
	private serviceNow: number | undefined;

	/** What this pass has met: fingerprints, and how often each row without an ID. */
	private readonly met = new Set<string>();
	private readonly copies = new Map<string, number>();
	private passTotal: number | undefined;

	/** What the service counts, how much that fell meanwhile, and whether it cannot be right. */
	private told: number | undefined;
	private falls = 0;
	private isWrong = false;
	/** Where rows may have moved up to pages that this pass has read; 0 when nowhere. */
	private gapBefore: number;

	/** Whether a row of an earlier poll was met: then it is the same account. */
	private hasMetKnown = false;
	private firstSize: number;
	private size: number;
	private next: number;
	/** rows of the list, once its end was seen */
	private end: number | undefined;

	constructor(
		private readonly list: PagedList,
		private readonly journal: Journal,
		private readonly account: string,
		private readonly budget: PollBudget,
	) {
		this.seen = new Set(unpack(journal.seen));
		this.firstSize = this.size = journal.size;
		this.next = journal.next;
		this.reading = journal.reading && { ...journal.reading };
		this.told = this.passTotal = journal.reading?.told;
		const { isStraight = false, front = 0, back } = journal.reading ?? {};
		this.gapBefore = isStraight && back === undefined ? front : 0;
	}

	/** @returns undefined when the rows are another account's */
	async run(): Promise<WalkResult | undefined> {
		if (!this.reading && this.journal.counts) {
			const page = await this.checkOnePage();
			// Rows that are gone may hide that others came
			const isLess = (this.told ?? 0) < (this.journal.total ?? 0);
			if (isLess && page.start > 0 && !this.budget.isOver()) await this.look(0);
			if (this.isExplained) return this.finish();
			this.beginPass(page);
		}
		this.reading ??= newPass({ isFirst: false, isStraight: true });
		while (!this.isDone(this.reading)) {
			if (this.needsNewPass(this.reading)) this.beginPass();
			const isLate = this.requests > 0 && this.budget.isOver();
			const isCut = isLate || !(await this.readOn(this.reading));
			if (isCut) return this.isOther ? this.startOver() : this.cut(this.reading);
		}
		return this.isOther ? this.startOver() : this.finish();
	}

	private async checkOnePage(): Promise<Look> {
		let page = await this.look(this.journal.next);
		if (page.start > 0 && page.end === page.start) page = await this.look(0);
		const next = Math.max(page.end, page.start + this.size);
		// Behind a full last page there may be more, unless the service counts exactly what it shows
		const mayGoOn = page.isFull && this.told !== this.estimate;
		this.next = next < this.estimate || mayGoOn ? next : 0;
		return page;
	}

	/** Whether the service counts no more new rows than were found. */
	private get isExplained(): boolean {
		const { falls, isWrong, isOther, journal } = this;
		// What comes during the first reading is found after it
		const told = this.reading?.isFirst ? this.passTotal : this.told;
		if (!journal.counts || isWrong || isOther || told === undefined) return false;
		return journal.total === undefined
			? this.met.size >= told + falls
			: this.fresh.size >= told + falls - journal.total;
	}

	/** Whether another secret shows nothing that is known. */
	private get isOther(): boolean {
		return this.journal.account !== this.account && !this.hasMetKnown;
	}

	/** How many rows the list shows, as far as its count tells. */
	private get estimate(): number {
		const { told, journal } = this;
		if (told === undefined) return journal.shown;
		const { total = told, shown } = journal;
		return Math.max(0, journal.total === undefined ? told : shown + told - total);
	}

	/** The count to compare the next one with. What came during the first reading may not be met yet. */
	private get total(): number | undefined {
		const { told = 0, falls, fresh, reading, journal } = this;
		const isCounted = reading?.isFirst && quietAfter(reading) === 0;
		return isCounted ? Math.min(told, (journal.total ?? 0) + fresh.size - falls) : told;
	}

	private isDone(reading: UnfinishedReading): boolean {
		if (this.isExplained && !reading.isStraight) return true;
		if (!isOver(reading) || this.gapBefore > 0) return false;
		const { isFirst, hasGaps, quiet } = reading;
		if ((this.isExplained && !(isFirst && hasGaps)) || this.isOther) return true;
		// Without a count, the next poll reads everything again
		const isCounted = this.told !== undefined && !this.isWrong;
		if (!isFirst && !isCounted && reading.isStraight) return true;
		if (hasGaps && !isFirst && quiet < MOST_PASSES_WITH_GAPS) return false;
		return (
			quietAfter(reading) >= (reading.isShuffled ? QUIET_PASSES : 1) && !this.needsStraight(reading)
		);
	}

	private needsNewPass(reading: UnfinishedReading): boolean {
		return (isOver(reading) && this.gapBefore === 0) || this.needsStraight(reading);
	}

	/** Whether the count has turned out wrong in a pass that relies on it. */
	private needsStraight(reading: UnfinishedReading): boolean {
		return this.isWrong && !reading.isStraight;
	}

	/** @param first the first page, if it was read just now */
	private beginPass(first?: Look): void {
		const { reading } = this;
		const isRead = first?.start === 0 && !this.isWrong;
		if (!isRead) {
			this.met.clear();
			this.copies.clear();
			this.passTotal = undefined;
		}
		this.size = this.firstSize;
		this.reading = newPass({
			isFirst: reading?.isFirst ?? false,
			isStraight:
				this.isWrong ||
				!this.journal.counts ||
				reading?.hasGaps === true ||
				reading?.isFirst === true,
			quiet: reading ? quietAfter(reading) : 0,
			...(isRead ? { front: first.end, gained: first.added } : {}),
		});
	}

	/** @returns whether the service took the request */
	private async readOn(reading: UnfinishedReading): Promise<boolean> {
		const step = async () => {
			if (this.gapBefore > 0 && this.requests > 0) await this.closeGap(reading);
			else if (reading.back === undefined) await this.readForwards(reading);
			else await this.readBackwards(reading, reading.back);
			return true;
		};
		return await step().catch((error: unknown) => {
			if (this.requests > 0 && this.budget.isSpent(error)) return false;
			throw error;
		});
	}

	private async readForwards(reading: UnfinishedReading): Promise<void> {
		// Nothing new there: new rows may stand at the end
		const isBarren = reading.front > 0 && reading.gained === 0;
		if (isBarren && this.canTurnRound(reading)) return await this.turnRound(reading);
		const page = await this.look(reading.front);
		reading.gained += page.added;
		if (page.unmet === 0 || page.end <= reading.front) {
			this.end = reading.back = reading.front;
			return;
		}
		// A service may hand out fewer rows than it was asked for
		if (!page.isFull) this.size = page.end - page.start;
		if (reading.isStraight && page.fell > 0) this.gapBefore = page.start;
		reading.front = Math.max(reading.front, page.end);
		if (!page.hasFresh && this.canTurnRound(reading)) await this.turnRound(reading);
	}

	/** Rows may have moved up to the pages before a place: those are read until one begins as known. */
	private async closeGap(reading: UnfinishedReading): Promise<void> {
		const page = await this.look(Math.max(0, this.gapBefore - this.size));
		reading.gained += page.added;
		this.gapBefore = page.startsNew ? page.start : 0;
	}

	private canTurnRound({ isStraight, front }: UnfinishedReading): boolean {
		return !isStraight && this.estimate > front;
	}

	private async turnRound(reading: UnfinishedReading): Promise<void> {
		this.size = this.firstSize;
		const last = await this.look(this.estimate - 1, reading.front, Infinity);
		if (last.end > last.start) this.end = last.end;
		if (last.isFull && last.added === 0) {
			const beyond = await this.look(last.end);
			reading.gained += beyond.added;
			reading.hasGaps ||= beyond.unmet > 0;
		}
		reading.gained += last.added;
		reading.back = Math.max(reading.front, last.start);
	}

	private async readBackwards(reading: UnfinishedReading, back: number): Promise<void> {
		const page = await this.look(back - 1, reading.front, back);
		reading.gained += page.added;
		reading.hasGaps ||= this.end !== undefined && page.end < back;
		if (page.end > page.start) this.end ??= page.end;
		reading.back = Math.max(reading.front, page.start);
	}

	/**
	 * Reads the page that holds a row.
	 *
	 * @param from and `to`: the places that this pass has not read; rows without an ID count only there
	 */
	private async look(at: number, from = at, to = Infinity): Promise<Look> {
		const limit = at === 0 ? this.list.pageSize : this.size;
		const start = at - (at % limit);
		const page = await this.list.fetch(start, limit);
		const end = start + page.rows.length;
		this.requests++;
		this.serviceNow = page.serviceNow ?? this.serviceNow;
		if (start === 0 && end > 0) this.firstSize = this.size = end;

		const fallsBefore = this.falls;
		const isSteady = this.readTotal(page, start);
		// When rows move meanwhile, one may come twice: then copies count within their page alone
		if (end > start && (!isSteady || start >= (this.told ?? 0))) this.copies.clear();
		const isFull = page.rows.length >= limit;
		const fell = this.falls - fallsBefore;
		const look = {
			start,
			end,
			isFull,
			fell,
			unmet: 0,
			added: 0,
			startsNew: false,
			hasFresh: false,
		};
		page.rows.forEach((row, index) => {
			const isDue = start + index >= from && start + index < to;
			if (isDue || hasId(row)) this.meet(row, look, isSteady && isDue);
			if (this.reading && !isSteady && !hasId(row)) this.reading.hasGaps = true;
			if (index === 0) look.startsNew = look.added > 0;
		});
		this.isWrong ||= look.unmet > 0 && this.told !== undefined && end > this.told;
		if (
			this.met.size > MOST_REMEMBERED ||
			(this.reading?.isFirst && this.seen.size > MOST_REMEMBERED)
		) {
			throw new ServiceError(
				`The list has more than ${MOST_REMEMBERED} entries, and a trigger can remember no more`,
				{ description: "Narrow the list down, where 'Filters' are offered." },
			);
		}
		// A count of the page alone is the same as that of a list that ends with it
		const isAlone = isFull && look.added > 0 && end === this.told;
		if (isAlone && !this.reading?.isStraight) await this.look(end);
		return look;
	}

	private meet(row: IDataObject, look: Look, isOnce: boolean): void {
		const print = this.printOf(row);
		look.hasFresh ||= this.fresh.has(print);
		if (this.met.has(print)) {
			if (isOnce && this.reading) this.reading.isShuffled = true;
			return;
		}
		this.met.add(print);
		look.unmet++;
		// Those met last stand last
		if (this.seen.delete(print)) {
			this.hasMetKnown ||= !this.fresh.has(print);
		} else {
			this.fresh.set(print, row);
			look.added++;
			look.hasFresh = true;
		}
		this.seen.add(print);
	}

	/** The ID; without one, what the row holds and how many like it came before. */
	private printOf(row: IDataObject): string {
		if (hasId(row)) return fingerprint(String(row.id));
		const content = canonical(row);
		const copy = (this.copies.get(content) ?? 0) + 1;
		this.copies.set(content, copy);
		return fingerprint(copy === 1 ? content : `${content} ${copy}`);
	}

	/** @returns whether the service counts as many rows as at the beginning of this pass */
	private readTotal({ rows, total }: Page, start: number): boolean {
		if (total === undefined || total > MOST_COUNTED) {
			// A page behind the end may be answered without a count
			this.isWrong ||= rows.length > 0 || start === 0;
			return false;
		}
		this.falls += Math.max(0, (this.told ?? total) - total);
		this.told = total;
		this.passTotal ??= total;
		return total === this.passTotal;
	}

	/** @returns undefined when rows were met, else what was there before: an empty list tells nothing */
	private startOver(): WalkResult | undefined {
		if (this.fresh.size > 0) return undefined;
		return { fresh: [], memory: this.journal, isComplete: false, serviceNow: this.serviceNow };
	}

	private finish(): WalkResult {
		const counts = !this.isWrong && this.told !== undefined;
		const shown = this.end ?? this.estimate;
		return this.result(true, {
			seen: pack(this.seen),
			account: this.account,
			counts,
			total: counts ? this.total : undefined,
			shown,
			size: this.firstSize,
			next: this.next,
		});
	}

	/** The next poll goes on where this one stops. */
	private cut(reading: UnfinishedReading): WalkResult {
		const { journal, told } = this;
		if (this.gapBefore > 0) reading.hasGaps = true;
		if (this.needsStraight(reading)) this.beginPass();
		const explained = this.fresh.size - this.falls;
		return this.result(false, {
			...journal,
			seen: pack(this.seen),
			account: this.account,
			counts: journal.counts && !this.isWrong,
			total: journal.total === undefined ? undefined : journal.total + explained,
			shown: Math.max(0, journal.shown + explained),
			size: this.firstSize,
			next: this.next,
			reading: withoutUndefined({ ...this.reading, told }) as UnfinishedReading,
		});
	}

	private result(isComplete: boolean, journal: IDataObject): WalkResult {
		const next = withoutUndefined(journal) as Journal;
		const { seen } = next;
		const isSame =
			seen === this.journal.seen &&
			canonical({ ...this.journal, seen: '' }) === canonical({ ...next, seen: '' });
		return {
			fresh: this.reading?.isFirst ? [] : [...this.fresh.values()],
			memory: isSame ? this.journal : next,
			isComplete,
			serviceNow: this.serviceNow,
		};
	}
}

/** @returns whether a pass has read the whole list */
function isOver({ front, back }: UnfinishedReading): boolean {
	return back !== undefined && back <= front;
}

function quietAfter({ gained, quiet }: UnfinishedReading): number {
	return gained === 0 ? quiet + 1 : 0;
}

/**
 * The newest row of a list, to show it: with one request, and another one for the last page where the
 * oldest come first. Without times it is the first row.
 */
export async function newestRow(
	list: PagedList,
	timeNames: readonly string[],
): Promise<IDataObject | undefined> {
	const { rows, total = 0 } = await list.fetch(0, list.pageSize);
	const { length } = rows;
	const [first, last] = [rows[0], rows.at(-1)].map((row) => row && timeOf(row, timeNames));
	const isLast = total > length && first !== undefined && last !== undefined && first < last;
	const lastPage = Math.floor((total - 1) / length) * length;
	const more = isLast ? (await list.fetch(lastPage, length)).rows : [];
	return newestOf([...rows, ...more], timeNames);
}
