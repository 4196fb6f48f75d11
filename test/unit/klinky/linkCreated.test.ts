import type { IDataObject } from 'n8n-workflow';

import { pollLinks } from '../../../nodes/Klinky/triggers/linkCreated';
import type { Page } from '../../../nodes/shared/http/paging';
import {
	idOrContent,
	isBaseline,
	toSeenMemory,
	unpack,
} from '../../../nodes/shared/polling/journal';
import {
	ChangingList,
	deletes,
	forHistories,
	inserts,
	type NewRows,
	Poller,
	reorders,
	troubledPolls,
	wholePolls,
} from '../polling/histories';

const PAGE = 4;

interface Options {
	newRows: NewRows;
	hasTotal?: boolean;
	/** whether links tell when they were made, from which the order is learned */
	hasTime?: boolean;
}

class Links extends ChangingList {
	constructor(private readonly shown: Options) {
		super(shown.newRows, PAGE, { isNumbered: true, hasTotal: shown.hasTotal });
	}

	readonly show = async (offset: number, limit: number): Promise<Page> => {
		const { rows, total } = await this.fetch(offset, limit);
		const at = ({ made }: IDataObject) => new Date(Number(made) * 1000).toISOString();
		return {
			rows: this.shown.hasTime ? rows.map((row) => ({ ...row, created_at: at(row) })) : rows,
			total,
		};
	};
}

function pollerOf(list: Links): Poller {
	const pages = { fetch: list.show, pageSize: PAGE, isNumbered: true, identity: list.identity };
	return new Poller(
		list,
		async (memory) => await pollLinks(pages, { memory, budget: list.budget, secretPrint: 'a' }),
		(memory) => isBaseline(toSeenMemory(memory)),
	);
}

describe('every link once, whatever happens', () => {
	const everything = [inserts, deletes, troubledPolls('insert', 'delete')];
	// Without a total nobody can tell that a row moved up to where the list was read already
	const withoutTotal = [inserts, deletes, troubledPolls('insert')];

	it.each<Options>(
		[true, false].flatMap((hasTotal) => [
			{ newRows: 'first', hasTotal, hasTime: true },
			{ newRows: 'last', hasTotal, hasTime: true },
			{ newRows: 'first', hasTotal },
			{ newRows: 'last', hasTotal },
			// With times, few links would show an order by chance
			{ newRows: 'anywhere', hasTotal },
		]),
	)('%j', async (options) => {
		const events = options.hasTotal ? everything : withoutTotal;
		await forHistories(events, async (history, start) => {
			const list = new Links(options);
			list.insert(start, 0);
			const poller = pollerOf(list);
			// One page with each of them
			await poller.live(history, () => 3 + list.rows.length / PAGE);
			poller.expectEachOnce();
		});
	});

	it('in a list of any order that changes between polls', async () => {
		await forHistories([inserts, deletes, reorders, wholePolls], async (history, start) => {
			const list = new Links({ newRows: 'anywhere' });
			list.insert(start, 0);
			const poller = pollerOf(list);
			// One page with each of them
			await poller.live(history, () => 3 + list.rows.length / PAGE);
			poller.expectEachOnce();
		});
	});
});

/** Links in an order that nothing tells. */
class Unordered {
	links: IDataObject[] = [];
	asked: number[] = [];
	afterRequest: () => void = () => {};
	isOver = () => false;
	memory: IDataObject | undefined;

	constructor(
		count: number,
		private readonly options: {
			hasTotal?: boolean;
			/** links that are counted and not shown, since they were deleted */
			deleted?: number;
		} = {},
	) {
		for (let number = 0; number < count; number++) this.links.push({ id: `old ${number}` });
	}

	async poll(secretPrint = 'a'): Promise<unknown[]> {
		this.asked = [];
		const { fresh, memory } = await pollLinks(
			{
				fetch: async (offset, limit) => {
					this.asked.push(offset / limit);
					const { hasTotal, deleted = 0 } = this.options;
					const rows = this.links.slice(offset, offset + limit);
					// What is behind the end may be answered without a total
					const isBehind = deleted > 0 && offset > 0 && rows.length === 0;
					const isTold = hasTotal !== false && !isBehind;
					const page = { rows, total: isTold ? this.links.length + deleted : undefined };
					this.afterRequest();
					return await Promise.resolve(structuredClone(page));
				},
				pageSize: PAGE,
				isNumbered: true,
				identity: idOrContent,
			},
			{
				memory: this.memory,
				budget: { isOver: this.isOver, isSpent: () => false },
				secretPrint,
			},
		);
		this.memory = JSON.parse(JSON.stringify(memory)) as IDataObject;
		return fresh.map(({ id }) => id);
	}

	async pollTimes(times: number): Promise<unknown[]> {
		const emitted: unknown[] = [];
		for (let poll = 0; poll < times; poll++) emitted.push(...(await this.poll()));
		return emitted;
	}
}

describe('links in an order that nothing tells', () => {
	it('cost one request while there are no new ones, at another page each time', async () => {
		const list = new Unordered(10);
		await list.poll();
		const asked: number[] = [];
		for (let poll = 0; poll < 6; poll++) {
			await list.poll();
			asked.push(...list.asked);
		}
		expect(asked).toEqual([1, 2, 0, 1, 2, 0]);
	});

	it.each([
		[3, 1],
		[6, 20],
		[4, 8],
	])('cost one request as well where %d are shown and %d more counted', async (shown, deleted) => {
		const list = new Unordered(shown, { deleted });
		await list.poll();
		for (let poll = 0; poll < 8; poll++) {
			expect(await list.poll()).toEqual([]);
			expect(list.asked).toHaveLength(1);
		}
		list.links.push({ id: 'new' });
		expect(await list.pollTimes(8)).toEqual(['new']);
	});

	it('on one page leave the state as it is while there are no new ones', async () => {
		const list = new Unordered(3);
		await list.pollTimes(2);
		const before = JSON.stringify(list.memory);
		await list.poll();
		expect(JSON.stringify(list.memory)).toBe(before);
	});

	it('are all read by each poll where the service tells no total', async () => {
		const list = new Unordered(10, { hasTotal: false });
		await list.poll();
		await list.poll();
		expect(list.asked).toEqual([0, 1, 2]);
	});

	it.each([1, 5, 9, 10])(
		'a link at %d that is made while another is deleted is found within as many polls as pages',
		async (at) => {
			const list = new Unordered(10);
			await list.poll();
			list.links.splice(3, 1);
			list.links.splice(at, 0, { id: 'new' });
			expect(await list.pollTimes(3)).toEqual(['new']);
			expect(await list.pollTimes(6)).toEqual([]);
		},
	);

	it('a link that appears where the list was read already is found by the next poll', async () => {
		const list = new Unordered(10);
		await list.poll();
		list.links.push({ id: 'new' });
		list.afterRequest = () => {
			if (list.asked.length === 3) list.links.unshift({ id: 'meanwhile' });
		};
		expect(await list.poll()).toEqual(['new']);
		list.afterRequest = () => {};
		expect(await list.poll()).toEqual(['meanwhile']);
		expect(await list.pollTimes(6)).toEqual([]);
	});

	it('a link that appears while a reading takes several polls is found after that', async () => {
		const list = new Unordered(30);
		list.isOver = () => list.asked.length >= 3;
		await list.pollTimes(6);
		list.links.push({ id: 'new' });
		const first = await list.poll();
		list.links.unshift({ id: 'meanwhile' });
		expect([...first, ...(await list.pollTimes(12))].sort()).toEqual(['meanwhile', 'new']);
		await list.poll();
		expect(list.asked).toHaveLength(1);
	});
});

describe('what is remembered of links', () => {
	/** One link that stays, and a hundred others each day that are there for a day. */
	async function live(days: number, order: 'newest' | 'oldest') {
		let made = 0;
		const linkOf = () => ({ id: made, created_at: new Date(made++ * 1000).toISOString() });
		let links = [linkOf()];
		let memory: IDataObject | undefined;
		const emitted: unknown[] = [];
		let most = 0;
		for (let day = 0; day < days; day++) {
			const fetch = async (offset: number, limit: number) => {
				const rows = order === 'newest' ? [...links].reverse() : links;
				return await Promise.resolve({
					rows: rows.slice(offset, offset + limit),
					total: links.length,
				});
			};
			const found = await pollLinks(
				{ fetch, pageSize: 100, isNumbered: true, identity: idOrContent },
				{ memory, budget: { isOver: () => false, isSpent: () => false }, secretPrint: 'a' },
			);
			emitted.push(...found.fresh.map(({ id }) => id));
			memory = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
			most = Math.max(most, unpack(memory.seen)?.length ?? 0);
			links = [...links.slice(0, 1), ...Array.from({ length: 150 }, linkOf)];
		}
		return { emitted, made: made - 150, most };
	}

	it.each(['newest', 'oldest'] as const)(
		'is bounded, and forgets none that is there (%s first)',
		async (order) => {
			const { emitted, made, most } = await live(300, order);
			expect(most).toBeLessThan(20_500);
			expect(emitted).toEqual(Array.from({ length: made - 1 }, (_, index) => index + 1));
		},
	);

	const soundness: Array<[string, IDataObject]> = [
		['a page that is none', { checkedPage: -1 }],
		['a fingerprint of the secret that is none', { secretPrint: 5 }],
		['a total that is none', { total: 'many' }],
		['an order that is none', { order: 'best' }],
	];
	it.each(soundness)('begins anew with %s', async (_, damage) => {
		const list = new Unordered(10);
		await list.poll();
		list.memory = { ...list.memory, ...damage };
		list.links.push({ id: 'new' });
		expect(await list.poll()).toEqual([]);
	});
});

describe("another account's key in the same credential", () => {
	const replace = (list: Unordered, count: number) => {
		list.links = Array.from({ length: count }, (_, number) => ({ id: `other ${number}` }));
	};

	it('begins anew', async () => {
		const list = new Unordered(10);
		await list.poll('a');
		replace(list, 20);
		expect(await list.poll('b')).toEqual([]);
		list.links.push({ id: 'new' });
		expect(await list.poll('b')).toEqual(['new']);
	});

	it('is not suspected when the list was not read to its end', async () => {
		const list = new Unordered(10);
		await list.poll('a');
		list.links = [...Array.from({ length: 20 }, (_, id) => ({ id })), ...list.links];
		list.isOver = () => list.asked.length >= 3;
		const emitted: unknown[] = [];
		for (let poll = 0; poll < 9; poll++) emitted.push(...(await list.poll('b')));
		expect(emitted).toHaveLength(20);
	});

	it.each<[string, number, number, string]>([
		['the key is the same', 10, 20, 'a'],
		['one link alone is new', 10, 1, 'b'],
		['one link alone was known', 1, 20, 'b'],
		['no link was known', 0, 20, 'b'],
	])('is not suspected when %s', async (_, before, after, secretPrint) => {
		const list = new Unordered(before);
		await list.poll('a');
		replace(list, after);
		expect(await list.poll(secretPrint)).toHaveLength(after);
	});

	it('is not suspected when a link is known', async () => {
		const list = new Unordered(10);
		await list.poll('a');
		list.links = [{ id: 'new' }, { id: 'newer' }, { id: 'old 3' }];
		expect(await list.poll('b')).toEqual(['new', 'newer']);
	});
});
