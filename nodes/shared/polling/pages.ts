/*
 * Reads single pages for a poll: which of their rows were met before, and whether the service's count
 * of rows can be right. Which page to read next is decided in walk.ts.
 */
import type { IDataObject } from 'n8n-workflow';

import { ServiceError } from '../http/errors';
import type { Page } from '../http/paging';
import { timeOf } from '../http/time';
import { fingerprint, MOST_REMEMBERED, unpack } from './journal';
import type { Journal } from './journal';
import { canonical, hasId, newestOf } from './rows';

/** A list that comes in pages. */
export interface PagedList {
	/** Fetches a page: up to `limit` rows from `offset` on, which is a multiple of `limit`. */
	fetch(offset: number, limit: number): Promise<Page>;
	/** most rows of one page; the service may hand out fewer */
	pageSize: number;
}

/** One page, as a place in the list and what it brought. */
export interface Look {
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
	/** whether a row of it stands elsewhere too, although the count has not changed */
	isShuffled: boolean;
	/** whether rows without an ID could not be counted, because the count changed meanwhile */
	isUncounted: boolean;
	/** whether its first row was never met before */
	startsNew: boolean;
	/** how much the service's count fell since the page before */
	fell: number;
}

/** A larger count is none: no poll could ever read so many rows. */
const MOST_COUNTED = 10_000_000;

/** The pages of one list in one poll. */
export class Pages {
	/** fingerprints of all rows met, in this poll or before; those met last stand last */
	readonly seen: Set<string>;
	/** rows that this poll has met and none before it, by fingerprint */
	readonly fresh = new Map<string, IDataObject>();
	/** fingerprints that this pass has met in this poll */
	readonly met = new Set<string>();
	/** whether a row of an earlier poll was met: then it is the same account */
	hasMetKnown = false;
	requests = 0;
	/** the service's clock, where its answers tell it */
	serviceNow: number | undefined;

	/** what the service counts, and what it counted when this pass began */
	told: number | undefined;
	passTotal: number | undefined;
	/** how much its count fell in this poll: rows that were met may be gone */
	falls = 0;
	/** whether its count cannot be right */
	isWrong = false;

	/** rows of the first page, and of those that this pass asks for */
	firstSize: number;
	size: number;
	/** how often this pass has met each row without an ID */
	private readonly copies = new Map<string, number>();

	constructor(
		private readonly list: PagedList,
		journal: Journal,
	) {
		this.seen = new Set(unpack(journal.seen));
		this.firstSize = this.size = journal.size;
		this.told = this.passTotal = journal.reading?.told;
	}

	/** Forgets what the last pass has met. */
	beginPass(): void {
		this.met.clear();
		this.copies.clear();
		this.passTotal = undefined;
		this.size = this.firstSize;
	}

	/**
	 * Reads the page that holds a row.
	 *
	 * @param from and `to`: the places that this pass has not read; rows without an ID count only there
	 * @throws ServiceError when the list has more rows than a trigger can remember
	 */
	async look(at: number, from = at, to = Infinity): Promise<Look> {
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
		const brought = {
			unmet: 0,
			added: 0,
			hasFresh: false,
			startsNew: false,
			isShuffled: false,
			isUncounted: false,
		};
		const look: Look = { start, end, isFull, fell, ...brought };
		page.rows.forEach((row, index) => {
			const isDue = start + index >= from && start + index < to;
			if (isDue || hasId(row)) this.meet(row, look, isSteady && isDue);
			if (index === 0) look.startsNew = look.added > 0;
			look.isUncounted ||= !isSteady && this.told !== undefined && !hasId(row);
		});
		this.isWrong ||= look.unmet > 0 && this.told !== undefined && end > this.told;
		if (this.met.size > MOST_REMEMBERED) throw tooMany();
		return look;
	}

	private meet(row: IDataObject, look: Look, isOnce: boolean): void {
		const print = this.printOf(row);
		look.hasFresh ||= this.fresh.has(print);
		if (this.met.has(print)) {
			look.isShuffled ||= isOnce;
			return;
		}
		this.met.add(print);
		look.unmet++;
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
}

/** @returns the error for a list of which not every row can be remembered */
export function tooMany(): ServiceError {
	return new ServiceError(
		`The list has more than ${MOST_REMEMBERED} entries, and a trigger can remember no more`,
		{ description: "Narrow the list down, where 'Filters' are offered." },
	);
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
