/* eslint-disable @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { ServiceError } from '../../../nodes/shared/http/errors';
import type { Page } from '../../../nodes/shared/http/paging';
import { toJournal } from '../../../nodes/shared/polling/journal';
import { findNew } from '../../../nodes/shared/polling/walk';
import type { PagedList, PollBudget } from '../../../nodes/shared/polling/walk';

/** The seeds of the random histories in each test run. */
export const SEEDS = [1, 20, 300, 4000, 50000];

/** Number of histories for each seed. POLLING_RUNS=2000 runs more of them. */
export const RUNS_PER_SEED = Number(process.env.POLLING_RUNS ?? 60);

/** Rows of a long list. A mutation run sets fewer. */
export const MANY_ROWS = Number(process.env.POLLING_ROWS ?? 50_000);

/** A step in the history of a list and its poller. A `place` is a share of the list's length. */
export type Event =
	| { kind: 'insert'; count: number; place: number }
	| { kind: 'delete'; count: number; place: number }
	| { kind: 'reorder'; seed: number }
	/** n8n crashes, and starts again with the state that it saved last */
	| { kind: 'crash' }
	/** from now on, the service returns pages of another size */
	| { kind: 'resize'; cap: number }
	/**
	 * A poll. Request number `fails` fails; from number `isSpent` on, the rate limit is used up; after
	 * number `isOver`, the time is up. `during` changes the list between two requests.
	 */
	| {
			kind: 'poll';
			fails?: number;
			isSpent?: number;
			isOver?: number;
			during?: { change: 'insert' | 'delete'; after: number; place: number };
	  };

const count = fc.integer({ min: 1, max: 9 });
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const request = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });

export const inserts = fc.record({ kind: fc.constant('insert' as const), count, place });
export const deletes = fc.record({ kind: fc.constant('delete' as const), count, place });
export const reorders = fc.record({ kind: fc.constant('reorder' as const), seed: fc.nat() });
export const crashes = fc.constant<Event>({ kind: 'crash' });
export const resizes = fc.record({
	kind: fc.constant('resize' as const),
	cap: fc.integer({ min: 2, max: 4 }),
});
/** Polls that fail or are cut short, and lists that change during a poll. */
export const troubledPolls = (...changes: Array<'insert' | 'delete'>) =>
	fc.record({
		kind: fc.constant('poll' as const),
		fails: request,
		isSpent: request,
		isOver: request,
		during: fc.option(
			fc.record({
				change: fc.constantFrom(...changes),
				after: fc.integer({ min: 1, max: 4 }),
				place,
			}),
			{ nil: undefined },
		),
	});
export const wholePolls = fc.constant<Event>({ kind: 'poll' });

/** Checks histories of every seed. A failure prints its seed and the shortest history that fails. */
export function forHistories(
	events: Array<fc.Arbitrary<Event>>,
	check: (history: Event[], start: number) => Promise<void>,
): Promise<void> {
	const histories = fc.array(fc.oneof(...events), { maxLength: 30 });
	const property = fc.asyncProperty(histories, fc.nat(40), check);
	return SEEDS.reduce<Promise<void>>(
		async (before, seed) =>
			await before.then(async () => {
				await fc.assert(property, { seed, numRuns: RUNS_PER_SEED });
			}),
		Promise.resolve(),
	);
}

export class Failure extends Error {}

/** Fails a test whose poll does not end: Jest cannot, because such a poll never waits. */
export function expectToEnd(requestsOfPoll: number, most = 20_000): void {
	if (requestsOfPoll > most) throw new Error('This poll does not end');
}

/** Where new rows appear in a list. */
export type NewRows = 'first' | 'last' | 'anywhere';

/** How a service counts its rows. */
export type Total = 'right' | 'none' | 'page' | 'low' | 'high' | 'huge' | 'stuck';

/** A service's list that changes between polls and during them. */
export class ChangingList implements PagedList {
	rows: IDataObject[] = [];
	requests = 0;
	/** the number of polls before each row was created: 2.5 if that was during the third poll */
	readonly madeBefore = new Map<string, number>();
	polls = 0;
	now: Extract<Event, { kind: 'poll' }> = { kind: 'poll' };
	/** most rows on a page, even if more were requested */
	cap = Infinity;
	/** whether each request returns the rows in another order */
	isShuffled = false;
	private made = 0;
	requestsOfPoll = 0;

	constructor(
		private readonly newRows: NewRows,
		readonly pageSize: number,
		private readonly total: Total = 'right',
	) {}

	readonly fetch = async (offset: number, limit: number): Promise<Page> => {
		this.requests++;
		expectToEnd(++this.requestsOfPoll);
		const { fails, isSpent, during } = this.now;
		if (this.requestsOfPoll === fails) throw new Failure('the service is down');
		if (isSpent !== undefined && this.requestsOfPoll >= isSpent) {
			throw new ServiceError('No more requests', { cause: 'rate-limited' });
		}
		expect(offset % limit).toBe(0);
		if (this.isShuffled) this.reorder(this.requests);
		// The service counts pages, and each page has the service's own size
		const size = Math.min(limit, this.cap);
		const from = (offset / limit) * size;
		const rows = this.rows.slice(from, from + size);
		const total = this.totalFor(rows);
		if (this.requestsOfPoll === during?.after) {
			// A row created during a poll counts as half a poll earlier
			if (during.change === 'insert') this.insert(1, during.place, this.polls - 0.5);
			else this.delete(1, during.place);
		}
		return await Promise.resolve({ rows: structuredClone(rows), total });
	};

	private totalFor(rows: IDataObject[]): number | undefined {
		const { length } = this.rows;
		const totals: Record<Total, number | undefined> = {
			right: length,
			none: undefined,
			page: rows.length,
			low: Math.max(0, length - 3),
			high: length + 5,
			huge: 1e11,
			stuck: 1000,
		};
		return totals[this.total];
	}

	readonly budget: PollBudget = {
		isOver: () => this.requestsOfPoll >= (this.now.isOver ?? Infinity),
		isSpent: (error) => error instanceof ServiceError && error.failure === 'rate-limited',
	};

	get pages(): number {
		return Math.ceil(this.rows.length / Math.min(this.cap, this.pageSize));
	}

	get ids(): string[] {
		return this.rows.map(({ id }) => String(id));
	}

	beginPoll(event: Extract<Event, { kind: 'poll' }>): void {
		this.now = event;
		this.requestsOfPoll = 0;
		this.polls++;
	}

	insert(number: number, at: number, before = this.polls): string[] {
		return Array.from({ length: number }, () => {
			const row = { id: `row-${++this.made}`, made: this.made };
			this.madeBefore.set(row.id, before);
			const anywhere = Math.floor(at * (this.rows.length + 1));
			const position = { first: 0, last: this.rows.length, anywhere }[this.newRows];
			this.rows.splice(position, 0, row);
			return row.id;
		});
	}

	delete(number: number, at: number): void {
		this.rows.splice(Math.floor(at * this.rows.length), number);
	}

	reorder(seed: number): void {
		this.rows.sort((a, b) => (hash(a, seed) < hash(b, seed) ? -1 : 1));
	}

	apply(event: Event): void {
		if (event.kind === 'insert') this.insert(event.count, event.place);
		if (event.kind === 'delete') this.delete(event.count, event.place);
		if (event.kind === 'reorder') this.reorder(event.seed);
		if (event.kind === 'resize') this.cap = event.cap;
	}
}

function hash({ made }: IDataObject, seed: number): number {
	return Math.imul(Number(made) ^ Math.imul(seed, 40503), 2654435761) >>> 0;
}

/** A trigger that polls a list. Its memory goes through JSON after each poll. */
export class Poller {
	emitted: string[] = [];
	account = 'abc';
	/** number of the poll that completed the first reading */
	baselineEnded?: number;
	private remembered = 'null';
	private saved = 'null';

	constructor(readonly list: ChangingList) {}

	get memory(): IDataObject | undefined {
		return (JSON.parse(this.remembered) as IDataObject | null) ?? undefined;
	}

	set memory(memory: IDataObject | undefined) {
		this.remembered = JSON.stringify(memory ?? null);
	}

	/** @returns the IDs that this poll emitted; undefined if it failed */
	async poll(event: Extract<Event, { kind: 'poll' }> = { kind: 'poll' }) {
		const { list, memory, account } = this;
		list.beginPoll(event);
		const before = JSON.stringify(memory);
		const found = await findNew(list, memory, { account, budget: list.budget }).catch(
			(error: unknown) => {
				if (error instanceof Failure || error instanceof ServiceError) return undefined;
				throw error;
			},
		);
		// The memory belongs to n8n: no poll may change it, least of all one that fails
		expect(JSON.stringify(memory)).toBe(before);
		if (!found) return undefined;
		const ids = found.fresh.map(({ id }) => String(id));
		this.emitted.push(...ids);
		this.memory = found.memory;
		// n8n saves the memory of the first poll, and of each poll that emits
		if (this.saved === 'null' || ids.length > 0) this.saved = this.remembered;
		if (!this.isFirstReading) this.baselineEnded ??= list.polls;
		return ids;
	}

	private get isFirstReading(): boolean {
		return toJournal(this.memory)?.reading?.isFirst === true;
	}

	crash(): void {
		this.remembered = this.saved;
		if (this.memory === undefined || this.isFirstReading) this.baselineEnded = undefined;
	}

	/**
	 * Goes through a history, then polls until nothing is left to find.
	 *
	 * @param polls returns how many polls that takes
	 */
	async live(history: Event[], polls = () => 3 + 2 * this.list.pages): Promise<void> {
		for (const event of history) {
			if (event.kind === 'poll') await this.poll(event);
			else if (event.kind === 'crash') this.crash();
			else this.list.apply(event);
		}
		for (let more = polls(); more > 0; more--) await this.poll();
	}

	/** Checks that each row in the list was emitted once, and no row from before the first poll. */
	expectEachOnce(): void {
		expect(this.emitted).toHaveLength(new Set(this.emitted).size);
		const { madeBefore, ids } = this.list;
		expect(this.emitted.filter((id) => madeBefore.get(id) === 0)).toEqual([]);
		// A row created during the first reading may count as an old one
		const due = ids.filter((id) => (madeBefore.get(id) ?? 0) >= (this.baselineEnded ?? Infinity));
		expect(due.filter((id) => !this.emitted.includes(id))).toEqual([]);
	}
}
