import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { createOnce, idempotencyKeyOf } from '../../../nodes/Klinky/idempotency';
import { ServiceError } from '../../../nodes/shared/http/errors';
import type { Run } from '../../../nodes/shared/operations/operation';

const run = { executionKey: 'http://localhost:5678/ w1 77', nodeId: 'n1', runIndex: 0 };

describe('the key of an item', () => {
	it('has the form of a UUID and is always the same', () => {
		const key = idempotencyKeyOf(run, 3);
		expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		expect(idempotencyKeyOf({ ...run }, 3)).toBe(key);
	});

	it.each<[string, Partial<typeof run>]>([
		['execution', { executionKey: 'http://localhost:5678/ w1 78' }],
		['n8n instance', { executionKey: 'https://n8n.example/ w1 77' }],
		['node', { nodeId: 'n2' }],
		['run in a loop', { runIndex: 1 }],
	])('differs for another %s', (_what, changes) => {
		expect(idempotencyKeyOf({ ...run, ...changes }, 3)).not.toBe(idempotencyKeyOf(run, 3));
	});

	it('differs for each item, node and run', () => {
		const place = fc.record({
			nodeId: fc.string(),
			runIndex: fc.nat(),
			itemIndex: fc.nat(),
		});
		const keyIn = ({
			itemIndex,
			...more
		}: {
			nodeId: string;
			runIndex: number;
			itemIndex: number;
		}) => idempotencyKeyOf({ ...run, ...more }, itemIndex);
		fc.assert(
			fc.property(place, place, (one, other) => {
				const isSame = JSON.stringify(one) === JSON.stringify(other);
				expect(keyIn(one) === keyIn(other)).toBe(isSame);
			}),
		);
	});
});

describe('a link', () => {
	/** One run of the node in an execution; `answers` are those of the service, in order. */
	const bench = (
		notes: IDataObject,
		{ runIndex = 0, answers = [] }: { runIndex?: number; answers?: Error[] } = {},
	) => {
		const hints: string[] = [];
		const keys: string[] = [];
		const memory = new Map<string, Promise<unknown>>();
		const own = { ...run, runIndex, notes, hint: (message: string) => hints.push(message) };
		const once = async (place: string, read: () => Promise<unknown>) => {
			const reading = memory.get(place) ?? read();
			memory.set(place, reading);
			return await reading;
		};
		return {
			hints,
			keys,
			create: async (body: IDataObject, itemIndex = 0, key?: string) =>
				await createOnce({ ...own, once } as unknown as Run, itemIndex, key, body, async (sent) => {
					keys.push(sent);
					const answer = answers.shift();
					if (answer) throw answer;
					return { id: `link of ${sent}` };
				}),
		};
	};
	const lost = () => new ServiceError('500', { ambiguous: true });
	const body = { name: 'x' };

	it('is made once for an item and a body, and n8n keeps it as JSON', async () => {
		const notes: IDataObject = {};
		const first = bench(notes);
		const link = await first.create(body);
		expect(first.hints).toEqual([]);

		const retried = bench(JSON.parse(JSON.stringify(notes)) as IDataObject);
		expect(await retried.create(body)).toEqual(link);
		expect(retried.keys).toEqual([]);
		expect(retried.hints).toEqual([expect.stringContaining('were not created again')]);
	});

	it('that was made in this run is no link of an earlier try', async () => {
		const { create, keys, hints } = bench({});
		expect(await create(body, 0, 'k')).toEqual(await create(body, 1, 'k'));
		expect(keys).toEqual(['k']);
		expect(hints).toEqual([expect.stringContaining('is the same for several items')]);
	});

	it('is asked for again when key or body are others', async () => {
		const { create, keys } = bench({});
		await create(body, 0, 'k');
		await create({ name: 'y' }, 1, 'k');
		await create(body, 2, 'l');
		await create(body, 3);
		expect(keys).toEqual(['k', 'k', 'l', idempotencyKeyOf(run, 3)]);
	});

	it('is asked for with the key of an earlier run of the node whose answer was lost', async () => {
		const notes: IDataObject = {};
		await expect(bench(notes, { answers: [lost()] }).create(body)).rejects.toThrow('500');
		const again = bench(notes, { runIndex: 1, answers: [lost()] });
		await expect(again.create(body, 7)).rejects.toThrow('500');
		const third = bench(notes, { runIndex: 2 });
		const link = await third.create(body, 7);
		expect([...again.keys, ...third.keys]).toEqual([
			idempotencyKeyOf(run, 0),
			idempotencyKeyOf(run, 0),
		]);

		// n8n's "Retry On Fail" of that run, because of another item
		expect(await bench(notes, { runIndex: 2 }).create(body, 7)).toEqual(link);
		// What was made is settled: the next round of a loop wants a link of its own
		const next = bench(notes, { runIndex: 3 });
		await next.create(body);
		expect(next.keys).toEqual([idempotencyKeyOf({ ...run, runIndex: 3 }, 0)]);
	});

	it('has a key of its own where the answer to another item of the same run was lost', async () => {
		const { create, keys } = bench({}, { answers: [lost()] });
		await expect(create(body, 0)).rejects.toThrow('500');
		await create(body, 1);
		expect(keys).toEqual([idempotencyKeyOf(run, 0), idempotencyKeyOf(run, 1)]);
	});

	it('that the same run has made at last is nothing lost', async () => {
		const notes: IDataObject = {};
		await expect(bench(notes, { answers: [lost()] }).create(body)).rejects.toThrow('500');
		await bench(notes).create(body);
		const next = bench(notes, { runIndex: 1 });
		await next.create(body);
		expect(next.keys).toEqual([idempotencyKeyOf({ ...run, runIndex: 1 }, 0)]);
	});

	it.each<[string, Error, IDataObject, string | undefined]>([
		['was refused', new ServiceError('500'), body, undefined],
		['had another body', lost(), { name: 'y' }, undefined],
		['had a key of the user', lost(), body, 'theirs'],
	])('has a key of its own where the earlier one %s', async (_, answer, earlier, key) => {
		const notes: IDataObject = {};
		const first = bench(notes, { answers: [answer] });
		await expect(first.create(earlier, 0, key)).rejects.toThrow('500');
		const next = bench(notes, { runIndex: 1 });
		await next.create(body);
		expect(next.keys).toEqual([idempotencyKeyOf({ ...run, runIndex: 1 }, 0)]);
	});

	it('keeps the key of the user, whatever was lost', async () => {
		const notes: IDataObject = {};
		await expect(bench(notes, { answers: [lost()] }).create(body)).rejects.toThrow('500');
		const next = bench(notes, { runIndex: 1 });
		await next.create(body, 0, 'theirs');
		expect(next.keys).toEqual(['theirs']);
	});
});
