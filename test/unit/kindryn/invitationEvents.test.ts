import type { IDataObject } from 'n8n-workflow';

import {
	invitationAccepted,
	invitationCreated,
} from '../../../nodes/Kindryn/triggers/invitationEvents';
import type { Api } from '../../../nodes/shared/http/api';
import { unpack } from '../../../nodes/shared/polling/journal';

/** What Kindryn shows of one status. */
const CAP = 200;

const hour = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString();

/** A community's invitations, of which each answer shows the newest. */
class Invitations {
	rows: IDataObject[] = [];
	memory: IDataObject | undefined;
	warnings: string[] = [];
	private made = 0;

	constructor(
		private readonly event: typeof invitationCreated | typeof invitationAccepted,
		/** of which time none is shown */
		private readonly hidden: string[] = [],
	) {}

	/** @param more e.g. its status; pending where none is given */
	add(count: number, more: IDataObject = {}): string[] {
		return Array.from({ length: count }, () => {
			const id = `i${this.made}`;
			this.rows.push({ id, status: 'pending', createdAt: hour(this.made++), ...more });
			return id;
		});
	}

	/** Some of those with a status get another one, which tells when. */
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
						.sort((a, b) => timeOf(b) - timeOf(a))
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
			secretPrint: 'a',
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

describe('invitations of which Kindryn shows a part', () => {
	it('made: an old one that comes into sight is not new, a new one is', async () => {
		const list = new Invitations(invitationCreated);
		const ids = list.add(260);
		expect(await list.poll()).toEqual([]);
		list.change(isOneOf(ids.slice(-3)), 'used');
		expect(await list.poll()).toEqual([]);
		list.change(isOneOf(ids.slice(-9, -6)), 'revoked');
		expect([await list.add(1), await list.poll()]).toEqual([['i266'], ['i266']]);
	});

	it('used: an old one that comes into sight is not new, whenever it was made', async () => {
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

	it('used, and no time but that of making is shown: each one that comes into sight is told', async () => {
		const list = new Invitations(invitationAccepted, ['updatedAt']);
		const pending = list.add(3);
		list.add(CAP + 60, { status: 'used' });
		await list.poll();
		list.change(isOneOf(pending), 'used');
		expect(await list.poll()).toEqual(pending);
	});

	it('without any time: each one that comes into sight is told', async () => {
		const list = new Invitations(invitationCreated, ['createdAt', 'updatedAt']);
		const ids = list.add(210);
		await list.poll();
		list.change(isOneOf(ids.slice(-3)), 'used');
		expect((await list.poll()).sort()).toEqual(ids.slice(7, 10).sort());
	});

	it('are told late when more come at once than are shown', async () => {
		const list = new Invitations(invitationCreated);
		list.add(100);
		await list.poll();
		const due = list.add(300);
		const emitted = await list.poll();
		expect(emitted).toEqual(due.slice(-CAP));
		list.change(isOneOf(due.slice(-CAP)), 'used');
		expect(await list.poll()).toEqual(due.slice(0, -CAP));
		expect(await list.poll()).toEqual([]);
	});

	it('do not come back as new once they are forgotten', async () => {
		const list = new Invitations(invitationAccepted);
		list.add(300, { status: 'used' });
		list.change(() => true, 'used');
		await list.poll();
		const emitted: unknown[] = [];
		let made = 0;
		for (let polls = 0; polls < 20; polls++) {
			made += list.add(150, { status: 'used', usedAt: hour(10_000 + polls) }).length;
			emitted.push(...(await list.poll()));
		}
		expect(emitted).toHaveLength(made);
		expect(unpack(list.memory?.seen)?.length).toBeLessThan(made);
		list.rows.splice(400);
		expect(await list.poll()).toEqual([]);
	});

	it('were remembered without a time: those that are known tell since when', async () => {
		const list = new Invitations(invitationCreated);
		const ids = list.add(260);
		await list.poll();
		list.memory = { seen: list.memory?.seen };
		list.change(isOneOf(ids.slice(-3)), 'used');
		const [id] = list.add(1);
		expect(await list.poll()).toEqual([id]);
	});

	it.each([
		['none', { cutAt: 'now' }],
		['before the beginning', { cutAt: -1 }],
	])('begin anew when the remembered time is %s', async (_, damage) => {
		const list = new Invitations(invitationCreated);
		list.add(5);
		await list.poll();
		list.memory = { ...list.memory, ...damage };
		list.add(1);
		expect(await list.poll()).toEqual([]);
	});

	it.each([invitationCreated, invitationAccepted])('are warned of once (%#)', async (event) => {
		const list = new Invitations(event);
		list.add(150, { status: 'used' });
		await list.poll();
		expect(list.warnings).toEqual([]);
		list.add(100, { status: 'used' });
		for (let polls = 0; polls < 5; polls++) {
			await list.poll();
			list.add(1, { status: 'used' });
		}
		expect(list.warnings).toEqual([expect.stringContaining('at most 200 invitations of a status')]);
	});

	it('leave what is remembered as it is when nothing is new', async () => {
		const list = new Invitations(invitationCreated);
		list.add(260);
		await list.poll();
		const { memory } = list;
		await list.poll();
		expect(list.memory).toEqual(memory);
	});
});
