/*
 * How a trigger reads a list that comes in pages. While nothing is new, a poll reads one page, a
 * different one each time. When the service counts more rows than before, the poll makes a pass: it
 * reads the list from the first row on, with a look at the last pages if the first ones bring nothing.
 * It stops as soon as it has found as many new rows as the count has grown by. A pass that finds fewer
 * is followed by another one, until one brings nothing new.
 *
 * Where a row stands only decides how many requests it takes to find it. A new row that a pass misses,
 * because rows change places meanwhile, is found when a later poll reads its page.
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

/** What one poll has found. */
export interface WalkResult extends PollResult {
	memory: Journal;
	/** whether this poll alone has read all that it wanted to */
	isComplete: boolean;
	/** rows of the list, as far as this poll can tell */
	rowCount: number;
	/** the service's clock, in ms since the epoch, where its answers tell it */
	serviceNow?: number;
}

/** What one page has brought, and where it stands. */
interface PageFindings extends Findings {
	/** position in the list after its last row */
	end: number;
	/** whether it is not full and ends where the count of rows says */
	isLast: boolean;
	/** whether the service may count the rows of this page alone */
	mayCountPage: boolean;
}

/** Passes without a new row that are enough for a list whose order changes at each request. */
const QUIET_PASSES = 10;

/** Ends a poll that has no time left. */
class TimeIsOver extends Error {}

/**
 * Finds the rows of a list that are new since the last poll.
 *
 * @param memory what the last poll remembered; without it, or when it is damaged, this poll remembers
 * all rows and emits none
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
	return await new Walk(list, journal, account, budget).run();
}

/** One poll of one list. */
class Walk {
	private readonly rows: MetRows;
	private reading: UnfinishedReading;
	private requests = 0;
	private serviceNow: number | undefined;

	/** rows that the service counted at the last poll; absent when its count cannot be believed */
	private countBefore: number | undefined;
	/** rows that it counts now, and whether that cannot be right */
	private count: number | undefined;
	private isWrong = false;
	/** whether rows may have changed places during this pass */
	private isUnsteady = false;

	/** rows of the first page, and rows that the next request of this pass asks for */
	private size: number;
	private limit: number;
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
				const isSpent = this.requests > 0 && this.budget.isSpent(error);
				if (!isSpent && !(error instanceof TimeIsOver)) throw error;
				return true;
			},
		);
		if (this.isOther) this.beginAnew();
		return this.result(isCut);
	}

	private async search(): Promise<void> {
		const { journal, countBefore } = this;
		const isIdle =
			!journal.reading && countBefore !== undefined && journal.account === this.account;
		if (isIdle && journal.next > 0) {
			await this.look(journal.next);
			// Rows that are gone may hide that others came
			const isLess = (this.count ?? 0) < countBefore;
			if (this.isExplained && !isLess) return;
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
	 * Where rows may have moved to pages that this pass has read, goes back to one that begins as it did.
	 * Cut off meanwhile, the pass begins anew: what was met behind such a row tells nothing of it.
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

	/** Reads on to the end of the list, or until no new row is missing. */
	private async pass(): Promise<void> {
		const { reading } = this;
		const { isFirst } = reading;
		let mayStandLast = !isFirst;
		for (;;) {
			const { count = 0 } = this;
			const before = this.rows.fresh.size;
			const page = await this.look(reading.offset, true);
			if (this.rows.fresh.size > before) reading.quiet = 0;
			if (page.unmet === 0) return;
			const isLess = this.hasCount && (this.count ?? 0) < count;
			if (isFirst && isLess) {
				const { offset } = reading;
				await this.goBack();
				if (reading.offset < offset) {
					this.rows.beginPass();
					continue;
				}
			}
			reading.offset = page.end;
			if (page.isLast) return;
			if (!isFirst && this.isExplained && !page.mayCountPage) return;
			if (page.fresh > 0 || !mayStandLast || !this.hasCount) continue;
			mayStandLast = false;
			await this.lookAtEnd();
			if (this.isExplained) return;
		}
	}

	/** New rows may stand last: reads the last pages backwards as long as each brings some. */
	private async lookAtEnd(): Promise<void> {
		const { count = 0, size } = this;
		let at = Math.floor((count - 1) / size) * size;
		while (at >= this.reading.offset && (await this.look(at)).fresh > 0) {
			if (this.isExplained) return;
			at -= size;
		}
	}

	/** Reads a page from one row on. */
	private async look(at: number, isPass = false): Promise<PageFindings> {
		// A first reading that goes on begins with a page that it has read before
		const isLate = this.requests >= (this.reading.isFirst ? 2 : 1);
		if (isLate && this.budget.isOver()) throw new TimeIsOver();
		const limit = at === 0 ? this.list.pageSize : isPass ? this.limit : this.size;
		const start = at - (at % limit);
		const page = await this.list.fetch(start, limit);
		const { length } = page.rows;
		this.requests++;
		this.serviceNow = page.serviceNow ?? this.serviceNow;
		this.learnSize(start, length, isPass);
		this.readTotal(page);
		if (this.requests === 1 && !this.journal.reading) this.chooseNext(start, length);

		const { count = Infinity, reading } = this;
		const isSteady = count === reading.due;
		const due = page.rows.slice(at - start);
		const findings = isPass ? this.rows.meet(due, isSteady) : this.rows.peek(due);
		const { unmet, fresh } = findings;
		const end = start + length;
		this.isWrong ||= unmet > 0 && end > count;
		const isRepeating = unmet > 0 && unmet < due.length;
		this.isUnsteady ||= isRepeating || (this.hasCount && !isSteady);
		const { countInPass, seen, fresh: found } = this.rows;
		const remembered = reading.isFirst ? seen.size : found.size;
		if (Math.max(countInPass, remembered) > MOST_REMEMBERED) throw tooMany();
		const isFull = length >= limit;
		const isLast = !isFull && start > 0 && end === count;
		const mayCountPage = isFull && fresh > 0 && end === count;
		return { ...findings, end, isLast, mayCountPage };
	}

	/** A service may hand out fewer rows than it was asked for. */
	private learnSize(start: number, length: number, isPass: boolean): void {
		if (length === 0) return;
		if (start === 0) this.size = this.limit = length;
		else if (isPass || this.reading.isFirst) this.limit = Math.min(this.limit, length);
	}

	private readTotal({ rows, total }: Page): void {
		this.reading.due ??= total;
		// A page behind the end may be answered without a count
		if (total !== undefined || rows.length > 0) this.count = total;
	}

	/** The next poll checks the page after the one that this poll has read first. */
	private chooseNext(start: number, length: number): void {
		const next = start + this.size;
		this.next = length > 0 && next < (this.count ?? 0) ? next : 0;
	}

	/** Whether the service's count of rows can be believed. */
	private get hasCount(): boolean {
		return this.countBefore !== undefined && this.count !== undefined && !this.isWrong;
	}

	/** Rows that the service counted before, and those found since. */
	private get accountedFor(): number {
		return (this.countBefore ?? 0) + this.rows.fresh.size;
	}

	/** Whether no new row is missing of those that were there when the pass began. */
	private get isExplained(): boolean {
		const { due = Infinity } = this.reading;
		return this.hasCount && !this.isOther && this.accountedFor >= due;
	}

	/** Whether the pass that has ended is the last one. */
	private isDone(): boolean {
		if (this.isOther) this.beginAnew();
		const { isFirst, quiet } = this.reading;
		// Without a count, the next poll reads everything again
		if (this.isExplained || (!isFirst && !this.hasCount)) return true;
		return quiet >= (this.isUnsteady ? QUIET_PASSES : 1);
	}

	/** Whether another secret shows nothing that is known. */
	private get isOther(): boolean {
		const { journal, account, rows, reading } = this;
		return journal.account !== account && !rows.hasMetKnown && !reading.isFirst;
	}

	/** Another account's rows are the first ones of a new journal. An empty list does not say whose it is. */
	private beginAnew(): void {
		if (this.rows.fresh.size === 0) return;
		this.rows.beginAnew();
		this.countBefore = 0;
		this.reading.isFirst = true;
	}

	private result(isCut: boolean): WalkResult {
		const { rows, reading, journal, account } = this;
		const isEmpty = rows.fresh.size === 0 && !rows.hasMetKnown;
		const memory: Journal = {
			seen: pack(rows.seen),
			account: isEmpty ? journal.account : account,
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

	/** A pass may miss what comes meanwhile: the next poll must see the count grow by that. */
	private totalAfter(): number | undefined {
		const { count, isWrong, accountedFor } = this;
		const { due = 0 } = this.reading;
		return count === undefined || isWrong
			? undefined
			: Math.min(count, Math.max(due, accountedFor));
	}

	private unfinished(): Partial<Journal> {
		const { reading, rows, count, accountedFor, hasCount } = this;
		// Rows without an ID that look alike can only be counted in one go
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
		`The list has more than ${MOST_REMEMBERED} entries, and a trigger can remember no more`,
		{ description: "Narrow the list down, where 'Filters' are offered." },
	);
}
