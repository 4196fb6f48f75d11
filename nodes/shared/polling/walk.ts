/*
 * Finds the new rows of a list that comes in pages. A row is new if no earlier poll has met it.
 *
 * A poll begins with one page, a different one each time, and compares the service's count of rows with
 * the count at the last poll. If the new rows on this page explain how much the count has grown, the
 * poll is done: an idle poll takes one request.
 *
 * Otherwise the poll makes a pass: it reads the list from the first page on. If the first pages bring
 * nothing new, it reads the last pages too. It stops as soon as the new rows explain the growth. A pass
 * that ends without that is followed by another one, until a pass brings nothing new. A poll that runs
 * out of time or requests saves its pass, and the next poll continues it. Without a count, each poll
 * makes one pass over the whole list. The first reading of a list remembers all rows and emits none.
 *
 * The place of a row only decides how many requests it takes to find it. If a pass misses a new row
 * because rows move meanwhile, a later poll finds it when it reads its page.
 */
import type { IDataObject } from 'n8n-workflow';

import { withoutUndefined } from '../http/answer';
import { ServiceError } from '../http/errors';
import type { Page } from '../http/paging';
import { MOST_REMEMBERED, newJournal, newPass, pack, toJournal, unpack } from './journal';
import type { Journal, PollResult, UnfinishedReading } from './journal';
import { MetRows } from './metRows';
import type { Findings } from './metRows';

/** A list that comes in pages. */
export interface PagedList {
	/** Fetches a page: up to `limit` rows from `offset` on, which is a multiple of `limit`. */
	fetch(offset: number, limit: number): Promise<Page>;
	/** most rows to ask for in one request; the service may return fewer */
	pageSize: number;
}

/** How much a poll may still do. */
export interface PollBudget {
	/** whether this poll has no time left */
	isOver(): boolean;
	/** whether an error means that the service takes no more requests for now */
	isSpent(error: unknown): boolean;
}

/** The result of one poll. */
export interface WalkResult extends PollResult {
	memory: Journal;
	/** whether this poll has begun its reading itself and finished it */
	isComplete: boolean;
	/** rows in the list: the service's count; if it cannot be trusted, the rows that the pass met */
	rowCount: number;
	/** the service's time, in ms since the epoch, if its answers have one */
	serviceNow?: number;
}

/** The findings on one page, and its place in the list. */
interface PageFindings extends Findings {
	/** position in the list after the last row of the page */
	end: number;
	/** whether this is the last page: not full, and its end agrees with the count */
	isLast: boolean;
	/** whether the service's count may be that of this page, not of the list */
	mayCountPage: boolean;
}

/** If rows move during a pass, only this many passes in a row without a new row end the reading. */
const QUIET_PASSES = 10;

/** Ends a poll that has no time left. */
class TimeIsOver extends Error {}

/**
 * Finds the rows of a list that are new since the last poll.
 *
 * @param memory what the last poll remembered; if it is missing or damaged, this poll remembers all
 * rows and emits none
 * @param account fingerprint of the secret
 * @throws ServiceError if the list has more rows than a trigger can remember
 */
export async function findNew(
	list: PagedList,
	memory: IDataObject | undefined,
	{ account, budget }: { account: string; budget: PollBudget },
): Promise<WalkResult> {
	const known = toJournal(memory);
	// A new secret may be that of another account, so a first reading under way starts again
	const isOtherFirst = known?.reading?.isFirst === true && known.account !== account;
	const journal = known && !isOtherFirst ? known : newJournal(account, list.pageSize);
	return await new Walk(list, journal, account, budget).run();
}

/** One poll of one list. */
class Walk {
	private readonly rows: MetRows;
	/** the current pass */
	private reading: UnfinishedReading;
	/** requests of this poll so far */
	private requests = 0;
	private serviceNow: number | undefined;

	/** the service's count of rows at the last poll; absent if that count cannot be trusted */
	private countBefore: number | undefined;
	/** the service's latest count of rows */
	private count: number | undefined;
	/** whether the count must be wrong, because rows were met past its end */
	private isWrong = false;
	/** whether rows may have moved during this pass */
	private isUnsteady = false;

	/** rows that the service returns on its first page */
	private size: number;
	/** rows that the next request of the pass asks for; smaller if a later page was smaller */
	private limit: number;
	/** position of the page that the next poll fetches first */
	private next: number;

	constructor(
		private readonly list: PagedList,
		private readonly journal: Journal,
		private readonly account: string,
		private readonly budget: PollBudget,
	) {
		this.rows = new MetRows(new Set(unpack(journal.seen)));
		this.reading = { ...(journal.reading ?? newPass(false)) };
		this.countBefore = journal.total;
		this.size = this.limit = journal.size;
		this.next = journal.next;
	}

	async run(): Promise<WalkResult> {
		const isCut = await this.search().then(
			() => false,
			(error: unknown) => {
				// After the first answer, a rate limit only cuts the poll short
				const isSpent = this.requests > 0 && this.budget.isSpent(error);
				if (!isSpent && !(error instanceof TimeIsOver)) throw error;
				return true;
			},
		);
		if (this.isOther) this.beginAnew();
		return this.result(isCut);
	}

	/** Reads pages until no new row is missing. */
	private async search(): Promise<void> {
		const { journal, countBefore } = this;
		if (!journal.reading && countBefore !== undefined && journal.next > 0) {
			await this.look(journal.next);
			// Deleted rows may hide new ones in the count, so the first page is read as well
			if (this.isExplained && !this.hasShrunk) return;
		}
		// Rows may have moved since the last poll
		if (this.reading.isFirst) await this.goBack();
		await this.pass();
		while (!this.isDone()) {
			this.reading = newPass(this.reading.isFirst, this.reading.quiet + 1);
			this.rows.beginPass();
			this.isUnsteady = false;
			this.limit = this.size;
			await this.pass();
		}
	}

	/**
	 * When rows may have moved to pages that this pass has read before: goes back, page by page, to one
	 * that begins with a known row, and notes the rows on the way. A poll cut off meanwhile makes the next
	 * one begin the pass again.
	 */
	private async goBack(): Promise<void> {
		const { reading, size } = this;
		let at = reading.offset;
		reading.offset = 0;
		while (at > 0) {
			const end = at;
			at = Math.max(0, at - size);
			const page = await this.look(at);
			if (page.startsNew) continue;
			reading.offset = Math.min(end, page.end);
			return;
		}
	}

	/** Continues the pass, until no new row is missing or the list ends. */
	private async pass(): Promise<void> {
		const { reading } = this;
		const { isFirst } = reading;
		let mayStandLast = !isFirst;
		for (;;) {
			const { count = 0 } = this;
			const before = this.rows.fresh.size;
			const page = await this.look(reading.offset, true);
			if (this.rows.fresh.size > before) reading.quiet = 0;
			// The page is empty or only repeats rows of this pass, so the list has ended
			if (page.unmet === 0) return;
			const isLess = this.hasCount && (this.count ?? 0) < count;
			if (isFirst && isLess) await this.goBack();
			reading.offset = page.end;
			if (page.isLast) return;
			if (!isFirst && this.isExplained && !page.mayCountPage) return;
			if (page.fresh > 0 || !mayStandLast || !this.hasCount) continue;
			mayStandLast = false;
			await this.lookAtEnd();
			if (this.isExplained && !page.mayCountPage) return;
		}
	}

	/** Reads the last pages, backwards, as long as each has new rows: some services list them last. */
	private async lookAtEnd(): Promise<void> {
		const { count = 0, size } = this;
		let at = Math.floor((count - 1) / size) * size;
		while (at >= this.reading.offset && (await this.look(at)).fresh > 0) {
			if (this.isExplained) return;
			at -= size;
		}
	}

	/**
	 * Fetches one page, and notes its rows from a position on.
	 *
	 * @param at position of the first row that counts
	 * @param isPass whether the page continues the pass; otherwise the pass still has to read it
	 */
	private async look(at: number, isPass = false): Promise<PageFindings> {
		// The first request is always sent. A first reading that continues begins with an old page, see
		// goBack, so it gets a second one.
		const isLate = this.requests >= (this.reading.isFirst ? 2 : 1);
		if (isLate && this.budget.isOver()) throw new TimeIsOver();
		const limit = at === 0 ? this.list.pageSize : isPass ? this.limit : this.size;
		const start = at - (at % limit);
		const page = await this.list.fetch(start, limit);
		const { length } = page.rows;
		this.requests++;
		this.serviceNow = page.serviceNow ?? this.serviceNow;
		this.learnSize(start, length, isPass);
		this.readTotal(start, page);
		if (this.requests === 1 && !this.journal.reading) this.chooseNext(start, length);

		const { count = Infinity, reading } = this;
		const isSteady = count === reading.due;
		const pageRows = page.rows.slice(at - start);
		const findings = isPass ? this.rows.meet(pageRows, isSteady) : this.rows.peek(pageRows);
		const { unmet } = findings;
		const end = start + length;
		this.isWrong ||= unmet > 0 && end > count;
		const isRepeating = unmet > 0 && unmet < pageRows.length;
		this.isUnsteady ||= isRepeating || (this.hasCount && !isSteady);
		const { countInPass, seen, fresh: found } = this.rows;
		const remembered = reading.isFirst ? seen.size : found.size;
		if (Math.max(countInPass, remembered) > MOST_REMEMBERED) throw tooMany();
		const isFull = length >= limit;
		const isLast = !isFull && start > 0 && end === count;
		// The count of a page shrinks with the page, so a smaller count proves nothing
		const mayCountPage = end === count && ((isFull && findings.fresh > 0) || this.hasShrunk);
		return { ...findings, end, isLast, mayCountPage };
	}

	/** Notes how many rows the service returns: it may be fewer than requested. */
	private learnSize(start: number, length: number, isPass: boolean): void {
		if (length === 0) return;
		if (start === 0) this.size = this.limit = length;
		else if (isPass || this.reading.isFirst) this.limit = Math.min(this.limit, length);
	}

	/** Notes the service's count, and how many rows the pass must account for. */
	private readTotal(start: number, { rows, total }: Page): void {
		this.reading.due ??= total;
		// A page past the end may have no count. If it counts no rows, each page counts only its own.
		if (start > 0 && rows.length === 0 && total === 0) this.isWrong = true;
		else this.count = total ?? this.count;
	}

	/** The next poll starts one page after the first page of this poll; after the last page, at the first. */
	private chooseNext(start: number, length: number): void {
		const next = start + this.size;
		this.next = length > 0 && next < (this.count ?? 0) ? next : 0;
	}

	/** Whether the service's count can be compared with the one before. */
	private get hasCount(): boolean {
		return this.countBefore !== undefined && this.count !== undefined && !this.isWrong;
	}

	/** Whether the service counts fewer rows than at the last poll. */
	private get hasShrunk(): boolean {
		return this.hasCount && (this.count ?? 0) < (this.countBefore ?? 0);
	}

	/** The count at the last poll, plus the new rows found since. */
	private get accountedFor(): number {
		return (this.countBefore ?? 0) + this.rows.fresh.size;
	}

	/** Whether the new rows explain the count at the beginning of the pass, so that none is missing. */
	private get isExplained(): boolean {
		const { due = Infinity } = this.reading;
		return this.hasCount && !this.isOther && this.accountedFor >= due;
	}

	/** Whether no further pass is needed after the one that has ended. */
	private isDone(): boolean {
		if (this.isOther) this.beginAnew();
		const { isFirst, quiet } = this.reading;
		// Without a count, one pass is enough: the next poll reads everything again
		if (this.isExplained || (!isFirst && !this.hasCount)) return true;
		return quiet >= (this.isUnsteady ? QUIET_PASSES : 1);
	}

	/** Whether the list is that of another account: the secret has changed, and no row is known. */
	private get isOther(): boolean {
		const { journal, account, rows, reading } = this;
		return journal.account !== account && !rows.hasMetKnown && !reading.isFirst;
	}

	/** Begins a new journal with the rows of another account. An empty list may be a mistake. */
	private beginAnew(): void {
		if (this.rows.fresh.size === 0) return;
		this.rows.beginAnew();
		this.countBefore = 0;
		this.reading.isFirst = true;
	}

	/** @param isCut whether the poll was cut short, so that the next one continues its pass */
	private result(isCut: boolean): WalkResult {
		const { rows, reading, journal, account } = this;
		const memory: Journal = {
			seen: pack(rows.seen),
			account,
			size: this.size,
			next: this.next,
			...withoutUndefined(isCut ? this.unfinished() : { total: this.totalAfter() }),
		};
		return {
			fresh: reading.isFirst ? [] : [...rows.fresh.values()],
			memory,
			isComplete: !isCut && !journal.reading,
			rowCount: this.hasCount ? (this.count ?? 0) : rows.countInPass,
			serviceNow: this.serviceNow,
		};
	}

	/**
	 * The count to remember. It leaves out rows that came during the pass and may have been missed: so the
	 * next poll sees the count grow, and looks for them.
	 */
	private totalAfter(): number | undefined {
		const { count, isWrong, accountedFor } = this;
		const { due = 0 } = this.reading;
		return count === undefined || isWrong
			? undefined
			: Math.min(count, Math.max(due, accountedFor));
	}

	/** What to remember of a poll that was cut short. */
	private unfinished(): Partial<Journal> {
		const { reading, rows, count, accountedFor, hasCount } = this;
		// Equal rows without an ID can only be counted in one uninterrupted pass, so it starts again
		const isAnew = count !== undefined && rows.hasAlike;
		return {
			total: hasCount ? accountedFor : undefined,
			reading: isAnew ? newPass(reading.isFirst) : reading,
		};
	}
}

/** The error for a list that is longer than a trigger's memory. */
function tooMany(): ServiceError {
	return new ServiceError(
		`The list has more than ${MOST_REMEMBERED.toLocaleString('en')} entries, which is more than a trigger can remember`,
		{ description: "Use 'Filters' to narrow the list, if this event has them." },
	);
}
