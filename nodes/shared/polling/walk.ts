/*
 * How a trigger reads a list that comes in pages. While nothing is new, a poll checks one page, a
 * different one each time. When the service counts more rows than before, the poll looks for them: on
 * the first pages, then from the last page backwards. It stops as soon as it has found as many new
 * rows as the count has grown by. The order of a list never matters; where a row stands only decides
 * how many requests it takes to find it.
 *
 * The first reading, and every reading of a list without a count that can be believed, goes straight
 * from the first row to the last.
 */
import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../http/answer';
import { MOST_REMEMBERED, newJournal, newPass, pack, toJournal } from './journal';
import type { Journal, PollResult, UnfinishedReading } from './journal';
import { Pages, tooMany } from './pages';
import type { Look, PagedList } from './pages';
import { canonical } from './rows';

/** How much a poll may still do. */
export interface PollBudget {
	/** whether the time of this poll is over */
	isOver(): boolean;
	/** whether an error says that the service takes no more requests for now */
	isSpent(error: unknown): boolean;
}

/** What one poll found, and whether it has read all that it wanted to, by itself. */
export interface WalkResult extends PollResult {
	memory: Journal;
	isComplete: boolean;
	/** the service's clock, in ms since the epoch, where its answers tell it */
	serviceNow?: number;
}

/** Passes without a new row after which a list is believed that changes its order at each request. */
const QUIET_WHEN_SHUFFLED = 10;

/** The same for one whose rows moved during the pass. */
const QUIET_WHEN_MOVED = 2;

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

/** One poll of one list. */
class Walk {
	private readonly pages: Pages;
	private reading: UnfinishedReading | undefined;
	private next: number;
	/** rows of the list, once its end was seen */
	private end: number | undefined;
	/** where rows may have moved up to pages that a straight pass has read; 0 when nowhere */
	private gapBefore: number;

	constructor(
		list: PagedList,
		private readonly journal: Journal,
		private readonly account: string,
		private readonly budget: PollBudget,
	) {
		this.pages = new Pages(list, journal);
		this.next = journal.next;
		const { isStraight = false, hasGaps = false, front = 0, back } = journal.reading ?? {};
		// Since the last poll, rows may have moved to pages that this pass has read
		this.reading = journal.reading && { ...journal.reading, hasGaps: hasGaps || !isStraight };
		this.gapBefore = isStraight && back === undefined ? front : 0;
	}

	/** @returns undefined when the rows are another account's */
	async run(): Promise<WalkResult | undefined> {
		const { pages, budget, journal } = this;
		if (!this.reading && journal.counts) {
			const page = await this.checkOnePage();
			if (this.isExplained) return this.finish();
			this.beginPass(page);
		}
		this.reading ??= newPass({ isFirst: false, isStraight: true });
		while (!this.isDone(this.reading)) {
			if (this.isPassOver(this.reading) || this.needsStraight(this.reading)) this.beginPass();
			const isLate = pages.requests > 0 && budget.isOver();
			const isCut = isLate || !(await this.readOn(this.reading));
			if (isCut) return this.isOther ? this.startOver() : this.cut(this.reading);
		}
		return this.isOther ? this.startOver() : this.finish();
	}

	private async checkOnePage(): Promise<Look> {
		const { pages, journal } = this;
		let page = await pages.look(journal.next);
		if (page.start > 0 && page.end === page.start) page = await pages.look(0);
		const next = Math.max(page.end, page.start + pages.size);
		// Behind a full last page there may be more, unless the service counts exactly what it shows
		const mayGoOn = page.isFull && pages.told !== this.estimate;
		this.next = next < this.estimate || mayGoOn ? next : 0;
		// Rows that are gone may hide that others came
		const isLess = (pages.told ?? 0) < (journal.total ?? 0);
		if (isLess && page.start > 0 && !this.budget.isOver()) await pages.look(0);
		await this.checkCount(page);
		return page;
	}

	/** A count of the page alone is the same as that of a list that ends with it. */
	private async checkCount({ isFull, added, end }: Look): Promise<void> {
		if (isFull && added > 0 && end === this.pages.told) await this.pages.look(end);
	}

	/** Whether the service counts no more new rows than were found. */
	private get isExplained(): boolean {
		const { journal, pages, reading } = this;
		// What comes during the first reading is found after it
		const told = reading?.isFirst ? pages.passTotal : pages.told;
		if (!journal.counts || pages.isWrong || this.isOther || told === undefined) return false;
		return journal.total === undefined
			? pages.met.size >= told + pages.falls
			: pages.fresh.size >= told + pages.falls - journal.total;
	}

	/** Whether another secret shows nothing that is known. */
	private get isOther(): boolean {
		return this.journal.account !== this.account && !this.pages.hasMetKnown;
	}

	/** How many rows the list shows, as far as its count tells. */
	private get estimate(): number {
		const { journal, pages } = this;
		const { told = journal.total ?? journal.shown } = pages;
		return journal.total === undefined ? told : Math.max(0, journal.shown + told - journal.total);
	}

	private isDone(reading: UnfinishedReading): boolean {
		const { isFirst, isStraight, isShuffled, hasGaps } = reading;
		const { told, isWrong } = this.pages;
		if (this.isExplained && !isStraight) return true;
		if (!this.isPassOver(reading)) return false;
		if (this.isOther || (this.isExplained && !hasGaps)) return true;
		if (this.needsStraight(reading) || (hasGaps && !isStraight)) return false;
		// Without a count, the next poll reads everything again
		if (!isFirst && (isWrong || told === undefined)) return true;
		const enough = isShuffled ? QUIET_WHEN_SHUFFLED : hasGaps ? QUIET_WHEN_MOVED : 1;
		return quietAfter(reading) >= enough;
	}

	private isPassOver({ front, back }: UnfinishedReading): boolean {
		return back !== undefined && back <= front && this.gapBefore === 0;
	}

	/** Whether the count has turned out wrong in a pass that relies on it. */
	private needsStraight(reading: UnfinishedReading): boolean {
		return this.pages.isWrong && !reading.isStraight;
	}

	/** @param first the first page, if it was read just now */
	private beginPass(first?: Look): void {
		const { journal, pages, reading } = this;
		const isRead = first?.start === 0 && !pages.isWrong;
		if (!isRead) pages.beginPass();
		const { isFirst = false, hasGaps = false } = reading ?? {};
		this.reading = newPass({
			isFirst,
			isStraight: isFirst || hasGaps || pages.isWrong || !journal.counts,
			quiet: reading ? quietAfter(reading) : 0,
			...(isRead ? { front: first.end, gained: first.added } : {}),
		});
	}

	/** @returns whether the service took the request */
	private async readOn(reading: UnfinishedReading): Promise<boolean> {
		const step = async () => {
			if (this.gapBefore > 0 && this.pages.requests > 0) await this.closeGap(reading);
			else if (reading.back === undefined) await this.readForwards(reading);
			else await this.readBackwards(reading, reading.back);
			return true;
		};
		return await step().catch((error: unknown) => {
			if (this.pages.requests > 0 && this.budget.isSpent(error)) return false;
			throw error;
		});
	}

	/** Reads the pages before a place until one begins with a row that is known. */
	private async closeGap(reading: UnfinishedReading): Promise<void> {
		const page = await this.read(reading, Math.max(0, this.gapBefore - this.pages.size));
		this.gapBefore = page.startsNew ? page.start : 0;
		// Once more, since they moved meanwhile
		reading.hasGaps ||= page.fell > 0;
	}

	private async readForwards(reading: UnfinishedReading): Promise<void> {
		const { front, isStraight } = reading;
		// Where nothing is new on the first pages, new rows may stand on the last ones
		const isBarren = front > 0 && reading.gained === 0;
		if (isBarren && !isStraight && this.estimate > front) return await this.turnRound(reading);
		const page = await this.read(reading, front);
		if (page.unmet === 0 || page.end <= front) {
			this.end = reading.back = front;
			return;
		}
		// A service may hand out fewer rows than it was asked for
		if (!page.isFull) this.pages.size = page.end - page.start;
		if (isStraight && page.fell > 0) this.gapBefore = page.start;
		reading.front = page.end;
		const isAtLast = page.hasFresh || this.estimate <= page.end;
		if (!isStraight && !isAtLast) await this.turnRound(reading);
	}

	private async turnRound(reading: UnfinishedReading): Promise<void> {
		this.pages.size = this.pages.firstSize;
		const last = await this.read(reading, this.estimate - 1, reading.front);
		this.goBackTo(reading, last, Infinity);
		if (!last.isFull) return;
		const beyond = await this.read(reading, last.end);
		reading.hasGaps ||= beyond.unmet > 0;
	}

	private async readBackwards(reading: UnfinishedReading, back: number): Promise<void> {
		this.goBackTo(reading, await this.read(reading, back - 1, reading.front, back), back);
	}

	/** An empty page shows that the count is of no use: the next pass goes straight. */
	private goBackTo(reading: UnfinishedReading, { start, end }: Look, back: number): void {
		const isEmpty = end === start;
		if (!isEmpty && back === Infinity) this.end = end;
		reading.hasGaps ||= isEmpty || (end < back && back < Infinity);
		reading.back = isEmpty ? reading.front : Math.max(reading.front, start);
	}

	private async read(
		reading: UnfinishedReading,
		at: number,
		from = at,
		to = Infinity,
	): Promise<Look> {
		const page = await this.pages.look(at, from, to);
		reading.gained += page.added;
		reading.isShuffled ||= page.isShuffled;
		reading.hasGaps ||= page.isUncounted;
		if (!reading.isStraight) await this.checkCount(page);
		if (reading.isFirst && this.pages.seen.size > MOST_REMEMBERED) throw tooMany();
		return page;
	}

	/** @returns undefined when rows were met, else what was there before: an empty list tells nothing */
	private startOver(): WalkResult | undefined {
		const { fresh, serviceNow } = this.pages;
		if (fresh.size > 0) return undefined;
		return { fresh: [], memory: this.journal, isComplete: false, serviceNow };
	}

	private finish(): WalkResult {
		const { told, isWrong } = this.pages;
		const counts = !isWrong && told !== undefined;
		// A reading of several polls may have missed what came where it had been
		return this.result(this.journal.reading === undefined, {
			counts,
			total: counts ? this.totalAfter(told) : undefined,
			shown: this.end ?? this.estimate,
		});
	}

	/** What came during the first reading may not be met yet: the next poll must see that count grow. */
	private totalAfter(told: number): number {
		const { fresh, falls } = this.pages;
		const isCounted = this.reading?.isFirst === true && quietAfter(this.reading) === 0;
		return isCounted ? Math.min(told, (this.journal.total ?? 0) + fresh.size - falls) : told;
	}

	/** The next poll goes on where this one stops. */
	private cut(reading: UnfinishedReading): WalkResult {
		const { journal, pages } = this;
		reading.hasGaps ||= this.gapBefore > 0;
		if (this.needsStraight(reading)) this.beginPass();
		const explained = pages.fresh.size - pages.falls;
		const { counts, total, shown } = journal;
		return this.result(false, {
			counts: counts && !pages.isWrong,
			total: total === undefined ? undefined : total + explained,
			shown: Math.max(0, shown + explained),
			reading: withoutUndefined({ ...this.reading, told: pages.told }),
		});
	}

	private result(isComplete: boolean, changes: IDataObject): WalkResult {
		const { account, next, pages, journal } = this;
		const seen = pack(pages.seen);
		const memory = withoutUndefined({ seen, account, size: pages.firstSize, next, ...changes });
		const isSame =
			seen === journal.seen &&
			canonical({ ...memory, seen: '' }) === canonical({ ...journal, seen: '' });
		return {
			fresh: this.reading?.isFirst ? [] : [...pages.fresh.values()],
			memory: isSame ? journal : (memory as Journal),
			isComplete,
			serviceNow: pages.serviceNow,
		};
	}
}

/** @returns passes in a row that brought nothing new, once this one is over */
function quietAfter({ gained, quiet }: UnfinishedReading): number {
	return gained === 0 ? quiet + 1 : 0;
}
