import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { createOnce, keyOf } from '../../../nodes/Klinky/idempotency';
import type { Run } from '../../../nodes/shared/operation';

const run = { origin: 'http://localhost:5678/ w1 77', nodeId: 'n1', runIndex: 0 };

describe('the key of an item', () => {
	it('has the form of a UUID and is always the same', () => {
		const key = keyOf(run, 3);
		expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		expect(keyOf({ ...run }, 3)).toBe(key);
	});

	it.each<[string, Partial<typeof run>]>([
		['execution', { origin: 'http://localhost:5678/ w1 78' }],
		['n8n instance', { origin: 'https://n8n.example/ w1 77' }],
		['node', { nodeId: 'n2' }],
		['run in a loop', { runIndex: 1 }],
	])('differs for another %s', (_what, changes) => {
		expect(keyOf({ ...run, ...changes }, 3)).not.toBe(keyOf(run, 3));
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
		}) => keyOf({ ...run, ...more }, itemIndex);
		fc.assert(
			fc.property(place, place, (one, other) => {
				const isSame = JSON.stringify(one) === JSON.stringify(other);
				expect(keyIn(one) === keyIn(other)).toBe(isSame);
			}),
		);
	});
});

describe('a link', () => {
	const bench = (notes: IDataObject) => {
		const hints: string[] = [];
		const memory = new Map<string, Promise<unknown>>();
		let made = 0;
		return {
			hints,
			made: () => made,
			once: async (key: string, body: IDataObject) =>
				await createOnce(
					{
						notes,
						hint: (message: string) => hints.push(message),
						async once(place: string, read: () => Promise<unknown>) {
							const reading = memory.get(place) ?? read();
							memory.set(place, reading);
							return await reading;
						},
					} as unknown as Run,
					key,
					body,
					async () => ({ id: `link ${++made}` }),
				),
		};
	};

	it('is made once for a key and a body, and n8n keeps it as JSON', async () => {
		const notes: IDataObject = {};
		const first = bench(notes);
		expect(await first.once('k', { name: 'x' })).toEqual({ id: 'link 1' });
		expect(first.hints).toEqual([]);

		const retried = bench(JSON.parse(JSON.stringify(notes)) as IDataObject);
		expect(await retried.once('k', { name: 'x' })).toEqual({ id: 'link 1' });
		expect(retried.made()).toBe(0);
		expect(retried.hints).toEqual([expect.stringContaining('were not created again')]);
	});

	it('that was made in this run is no link of an earlier try', async () => {
		const { once, made, hints } = bench({});
		expect(await once('k', { name: 'x' })).toEqual(await once('k', { name: 'x' }));
		expect([made(), hints]).toEqual([1, []]);
	});

	it('is asked for again when key or body are others', async () => {
		const { once, made } = bench({});
		await once('k', { name: 'x' });
		await once('k', { name: 'y' });
		await once('l', { name: 'x' });
		expect(made()).toBe(3);
	});
});
