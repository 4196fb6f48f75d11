import type { IDataObject } from 'n8n-workflow';

import {
	invitationAccepted,
	invitationCreated,
} from '../../../nodes/Kindryn/triggers/invitationEvents';
import type { Api } from '../../../nodes/shared/http/api';

/** Most invitations of one status that Kindryn shows. */
const CAP = 200;

const hour = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString();

/** A community's invitations. Each answer shows as many as the request's limit. */
class Invitations {
	rows: IDataObject[] = [];
	memory: IDataObject | undefined;
	account = 'a';
	/** which invitations each answer shows first */
	order: 'newest' | 'oldest' = 'newest';
	warnings: string[] = [];
	private made = 0;

	constructor(
		private readonly event: typeof invitationCreated | typeof invitationAccepted,
		/** fields that no answer shows */
		private readonly hidden: string[] = [],
	) {}

	/** @param more other fields, e.g. a status; without one they are pending */
	add(count: number, more: IDataObject = {}): string[] {
		return Array.from({ length: count }, () => {
			const id = `i${this.made}`;
			this.rows.push({ id, status: 'pending', createdAt: hour(this.made++), ...more });
			return id;
		});
	}

	/** Gives some invitations another status, and records the time. */
	change(which: (row: IDataObject) => boolean, status: string): void {
		for (const row of this.rows.filter(which)) {
			Object.assign(row, { status, updatedAt: hour(this.made++) });
		}
	}

	async poll(): Promise<unknown[]> {
		const api = {
			list: async ({ query }: { query: { status?: string; limit: number } }) =>
				await Promise.resolve(
					this.rows
						.filter(({ status }) => query.status === undefined || status === query.status)
						.sort((a, b) => (this.order === 'newest' ? 1 : -1) * (timeOf(b) - timeOf(a)))
						.slice(0, query.limit)
						.map((row) =>
							Object.fromEntries(
								Object.entries(row).filter(([name]) => !this.hidden.includes(name)),
							),
						),
				),
		};
		const found = await this.event.poll({
			api: api as unknown as Api,
			parameters: {},
			memory: this.memory,
			budget: { isOver: () => false, isSpent: () => false },
			account: this.account,
			now: 0,
			warn: (message) => this.warnings.push(message),
		});
		this.memory = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
		return found.fresh.map(({ id }) => id);
	}
}

function timeOf({ createdAt, updatedAt }: IDataObject): number {
	return Date.parse(String(updatedAt ?? createdAt));
}

const isOneOf = (ids: string[]) => (row: IDataObject) => ids.includes(String(row.id));

describe('invitations', () => {
	it.each([invitationCreated, invitationAccepted])('are emitted once (%#)', async (event) => {
		const list = new Invitations(event);
		list.add(50, { status: 'used' });
		expect(await list.poll()).toEqual([]);
		for (const count of [1, 0, 3, 100, 0]) {
			const due = list.add(count, { status: 'used' });
			expect(await list.poll()).toEqual(due);
			expect(await list.poll()).toEqual([]);
		}
		expect(list.warnings).toEqual([]);
	});

	it('are emitted once in any order, even if they are missing for a while', async () => {
		const list = new Invitations(invitationCreated);
		list.add(50);
		await list.poll();
		list.order = 'oldest';
		const { rows } = list;
		list.rows = [];
		expect(await list.poll()).toEqual([]);
		list.rows = rows;
		const due = list.add(2);
		expect(await list.poll()).toEqual(due);
	});

	it.each([
		[150, 150],
		[20, 1],
		[1, 20],
	])('of another account are not emitted: %d before, %d now', async (before, now) => {
		const list = new Invitations(invitationCreated);
		list.add(before);
		await list.poll();
		list.rows = [];
		list.account = 'b';
		expect(await list.poll()).toEqual([]);
		list.add(now);
		expect(await list.poll()).toEqual([]);
		const due = list.add(1);
		expect(await list.poll()).toEqual(due);
	});
});

describe('a partial list of invitations', () => {
	it('emits a new invitation, but no old one that moves into the list', async () => {
		const list = new Invitations(invitationCreated);
		const ids = list.add(260);
		expect(await list.poll()).toEqual([]);
		list.change(isOneOf(ids.slice(-3)), 'used');
		expect(await list.poll()).toEqual([]);
		list.change(isOneOf(ids.slice(-9, -6)), 'revoked');
		expect([await list.add(1), await list.poll()]).toEqual([['i266'], ['i266']]);
	});

	it('emits a newly used invitation of any age, but no old one that moves into the list', async () => {
		const list = new Invitations(invitationAccepted);
		const pending = list.add(3);
		list.add(CAP + 60);
		list.change(({ status, id }) => status === 'pending' && !isOneOf(pending)({ id }), 'used');
		expect(await list.poll()).toEqual([]);
		list.rows.splice(-5);
		expect(await list.poll()).toEqual([]);
		list.change(isOneOf(pending), 'used');
		expect(await list.poll()).toEqual(pending);
	});

	it('emits invitations late when more come at once than it shows', async () => {
		const list = new Invitations(invitationCreated);
		list.add(100);
		await list.poll();
		const due = list.add(300);
		expect(await list.poll()).toEqual(due.slice(-CAP));
		expect(list.warnings).toHaveLength(1);
		list.change(isOneOf(due.slice(-CAP)), 'used');
		expect(await list.poll()).toEqual(due.slice(0, -CAP));
		expect(await list.poll()).toEqual([]);
	});

	it.each<[string, typeof invitationCreated, string[], 'newest' | 'oldest']>([
		['shows the oldest first', invitationCreated, [], 'oldest'],
		['shows no time', invitationCreated, ['createdAt', 'updatedAt'], 'newest'],
		['does not show when invitations were used', invitationAccepted, ['updatedAt'], 'newest'],
		['shows invitations first that were used first', invitationAccepted, [], 'oldest'],
	])('makes the poll fail if Kindryn %s', async (_, event, hidden, order) => {
		const list = new Invitations(event, hidden);
		list.order = order;
		list.add(199);
		list.change(() => true, 'used');
		expect(await list.poll()).toEqual([]);
		const before = JSON.stringify(list.memory);
		const due = list.add(51);
		list.change(isOneOf(due), 'used');
		await expect(list.poll()).rejects.toMatchObject({
			message: expect.stringMatching(
				/^Kindryn returns only 200 invitations that are used, so new ones may be missing/,
			),
			description: expect.stringContaining('fewer than 200 are used'),
		});
		expect(JSON.stringify(list.memory)).toBe(before);
		list.rows = list.rows.filter(({ id }) => !due.slice(2).includes(String(id))).slice(50);
		expect((await list.poll()).sort()).toEqual(due.slice(0, 2).sort());
	});

	it.each([
		['not a number', { cutAt: 'now' }],
		['negative', { cutAt: -1 }],
	])('starts again when the remembered time is %s', async (_, damage) => {
		const list = new Invitations(invitationCreated);
		list.add(5);
		await list.poll();
		list.memory = { ...list.memory, ...damage };
		list.add(1);
		expect(await list.poll()).toEqual([]);
	});

	it('causes only one warning', async () => {
		const list = new Invitations(invitationCreated);
		list.add(150);
		await list.poll();
		list.add(100);
		for (let polls = 0; polls < 5; polls++) {
			await list.poll();
			list.add(1);
		}
		expect(list.warnings).toEqual([
			expect.stringContaining('at most 200 invitations of each status'),
		]);
	});

	it('leaves the memory unchanged when nothing is new', async () => {
		const list = new Invitations(invitationCreated);
		list.add(260);
		await list.poll();
		await list.poll();
		const { memory } = list;
		await list.poll();
		expect(list.memory).toEqual(memory);
	});
});
