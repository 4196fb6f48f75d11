import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { compare, knowsAny } from '../../../nodes/shared/polling/diff';
import type { Changes, Fields } from '../../../nodes/shared/polling/diff';
import { RUNS_PER_SEED, SEEDS } from './histories';

const fields: Fields = {
	identity: ({ id }) => String(id),
	secret: ['code'],
	remembers: 'all',
};
const tag = (id: string, more: IDataObject = {}): IDataObject => ({
	id,
	name: null,
	locked: false,
	code: `code of ${id}`,
	...more,
});
const tags = (count: number, more: IDataObject = {}) =>
	Array.from({ length: count }, (_, number) => tag(`t${number}`, more));

/** Makes several polls in a row. The snapshot goes through JSON after each. */
function pollAll(lists: IDataObject[][], remembers: Fields['remembers'] = 'all'): Changes[] {
	let memory: IDataObject | undefined;
	return lists.map((rows) => {
		const found = compare(memory, rows, { ...fields, remembers });
		memory = JSON.parse(JSON.stringify(found.snapshot)) as IDataObject;
		return found.changes;
	});
}

const countsOf = (polls: Changes[]) =>
	polls.map(({ created, updated, deleted }) => [created.length, updated.length, deleted.length]);

describe('a list that comes whole', () => {
	it.each(['nothing', 'open', 'all'] as const)(
		'emits nothing at first, and keeps its snapshot while nothing changes (%s)',
		(remembers) => {
			const rows = [tag('a'), tag('b')];
			const kept = { ...fields, remembers };
			const first = compare(undefined, rows, kept);
			expect(countsOf([first.changes])).toEqual([[0, 0, 0]]);
			const again = compare(first.snapshot, [...rows].reverse(), kept);
			expect(countsOf([again.changes])).toEqual([[0, 0, 0]]);
			expect(again.snapshot).toEqual(first.snapshot);
		},
	);

	it('emits a row again if it was deleted and has come back', () => {
		const [a, b] = [tag('a'), tag('b')];
		const polls = pollAll([[a], [a, b], [a], [a, b]], 'nothing');
		expect(polls.map(({ created }) => created)).toEqual([[], [b], [], [b]]);
	});

	it('emits each change once, with the old and the new value', () => {
		const before = tag('a', { name: 'Bar' });
		const after = tag('a', { name: 'Lounge', locked: true });
		const polls = pollAll([[before], [after], [after]]);
		expect(polls.map(({ updated }) => updated)).toEqual([
			[],
			[
				{
					...after,
					changes: { locked: { from: false, to: true }, name: { from: 'Bar', to: 'Lounge' } },
				},
			],
			[],
		]);
	});

	it('reports that a code changed, and stores neither code', () => {
		const first = compare(undefined, [tag('a', { code: 'old secret' })], fields);
		const found = compare(first.snapshot, [tag('a', { code: 'new secret' })], fields);
		expect(found.changes.updated[0]?.changes).toEqual({ code: { changed: true } });
		expect(JSON.stringify([first.snapshot, found.snapshot])).not.toContain('secret');
	});

	it('stores equal codes as different fingerprints of three characters', () => {
		const { snapshot } = compare(
			undefined,
			[tag('a', { code: 'x' }), tag('b', { code: 'x' })],
			fields,
		);
		const rows = JSON.parse(snapshot.rows) as Array<[string, { code: string }]>;
		const codes = rows.map(([, { code }]) => code);
		expect(codes).toEqual([
			expect.stringMatching(/^[\w-]{3}$/),
			expect.stringMatching(/^[\w-]{3}$/),
		]);
		expect(new Set(codes).size).toBe(2);
	});

	it.each<[Fields['remembers'], IDataObject]>([
		['nothing', {}],
		['open', { id: 'a', name: 'Bar', locked: false }],
		['all', { id: 'a', name: 'Bar', locked: false, code: null }],
	])('stores of a row without a code: %s', (remembers, stored) => {
		const rows = [tag('a', { name: 'Bar', code: null })];
		const { snapshot } = compare(undefined, rows, { ...fields, remembers });
		expect(JSON.parse(snapshot.rows)).toEqual([['a', stored]]);
	});

	it('emits a deleted row as it was, without its code', () => {
		const [a, b] = [tag('a', { name: 'Bar' }), tag('b')];
		const polls = pollAll([[a, b], [b], [b]], 'open');
		expect(polls.map(({ deleted }) => deleted)).toEqual([
			[],
			[{ id: 'a', name: 'Bar', locked: false }],
			[],
		]);
	});

	it('reports no change of a field that only one of two lists has', () => {
		const rows = tags(300);
		const more = rows.map((row, index) => (index < 225 ? { ...row, color: 'red' } : row));
		const fewer = rows.map(({ name, ...row }, index) => (index < 200 ? row : { ...row, name }));
		expect(countsOf(pollAll([rows, more, rows, fewer, rows]))).toEqual([
			[0, 0, 0],
			[0, 0, 0],
			[0, 0, 0],
			[0, 0, 0],
			[0, 0, 0],
		]);
	});

	it('compares a field that comes back with its old value', () => {
		const { name, ...without } = tag('a', { name: 'Bar' });
		const polls = pollAll([[{ ...without, name }], [without], [tag('a', { name: 'Lounge' })]]);
		expect(polls[2]?.updated[0]?.changes).toEqual({ name: { from: 'Bar', to: 'Lounge' } });
	});

	it('treats null as a value', () => {
		const polls = pollAll([[tag('a')], [tag('a', { name: 'Bar' })], [tag('a')]]);
		expect(countsOf(polls)).toEqual([
			[0, 0, 0],
			[0, 1, 0],
			[0, 1, 0],
		]);
	});

	it('compares objects by their content', () => {
		const before = [tag('a', { place: { floor: 1, room: 2 } })];
		const same = [tag('a', { place: { room: 2, floor: 1 } })];
		const moved = [tag('a', { place: { room: 3, floor: 1 } })];
		expect(countsOf(pollAll([before, same, moved])).map(([, updated]) => updated)).toEqual([
			0, 0, 1,
		]);
	});

	it('stores less than twice the answer, even if each row has a field of its own', () => {
		const rows = Array.from({ length: 2000 }, (_, number) =>
			tag(`t${number}`, { [`field ${number}`]: 'x' }),
		);
		const { snapshot } = compare(undefined, rows, fields);
		const again = compare(snapshot, rows, fields);
		expect(again.snapshot).toEqual(snapshot);
		expect(JSON.stringify(snapshot).length).toBeLessThan(2 * JSON.stringify(rows).length);
	});

	it('remembers 20 fields that the service no longer sends', () => {
		const withFields = (value: string) =>
			tag(
				'a',
				Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`f${number}`, value])),
			);
		const polls = pollAll([[withFields('x')], [tag('a')], [withFields('y')]]);
		expect(Object.keys(polls[2]?.updated[0]?.changes ?? {})).toHaveLength(20);
	});

	it('knows a row that the last poll remembered', () => {
		const { snapshot } = compare(undefined, [tag('a'), tag('b')], fields);
		expect(knowsAny(snapshot, [tag('x'), tag('b')], fields)).toBe(true);
		expect(knowsAny(snapshot, [tag('x')], fields)).toBe(false);
		expect(knowsAny(snapshot, [], fields)).toBe(false);
		expect(knowsAny(undefined, [tag('a')], fields)).toBe(false);
	});

	it.each([
		{ rows: 'broken' },
		{ rows: '[5]' },
		{ rows: '{}' },
		{ rows: '[["t0",5]]' },
		{ rows: '[[0,{}]]' },
		{ rows: '[{"0":"t0","1":{}}]' },
		{ rows: 7 },
		{},
	])('begins anew if its snapshot is damaged (%j)', (memory) => {
		const rows = tags(3);
		const { changes, snapshot } = compare(memory, rows, fields);
		expect(countsOf([changes])).toEqual([[0, 0, 0]]);
		expect(snapshot).toEqual(compare(undefined, rows, fields).snapshot);
	});
});

describe('a list that lost many of its rows at once', () => {
	const all = tags(500);
	const none = [0, 0, 0];

	it.each<[string, IDataObject[][], number[][]]>([
		['is not believed if the next poll finds it whole again', [all, [], all], [none, none, none]],
		[
			'is not believed if it is empty twice, but whole in between',
			[all, [], all, [], all],
			[none, none, none, none, none],
		],
		['is believed if the next poll finds the same', [all, [], []], [none, none, [0, 0, 500]]],
		[
			'is believed if the next poll finds almost the same',
			[all, all.slice(0, 100), [...all.slice(0, 99), tag('new')]],
			[none, none, [1, 0, 401]],
		],
		[
			'is not believed if the next poll finds other rows',
			[all, all.slice(0, 100), all.slice(200, 300), all],
			[none, none, none, none],
		],
		[
			'is not believed if it is empty and the next poll finds a part',
			[all, [], all.slice(0, 100), all],
			[none, none, none, none],
		],
		['is believed at once if exactly half is gone', [all, all.slice(0, 250)], [none, [0, 0, 250]]],
		[
			'is compared with the last believed list when it is whole again',
			[all, [], [...all.slice(1), tag('new')]],
			[none, none, [1, 0, 1]],
		],
	])('%s', (_, lists, expected) => {
		expect(countsOf(pollAll(lists))).toEqual(expected);
	});
});

describe('the changes over any history', () => {
	const id = fc.constantFrom(...'abcdefgh');
	const value = fc.constantFrom(null, 'x', 'y');
	const row = fc.record(
		{ id, name: value, locked: fc.boolean(), code: fc.constantFrom('1', '2') },
		{ requiredKeys: ['id', 'code'] },
	);
	const list = fc.uniqueArray(row, { selector: (candidate) => candidate.id, maxLength: 8 });
	const history = fc.array(fc.oneof({ weight: 4, arbitrary: list }, fc.constant(undefined)), {
		maxLength: 12,
	});

	it.each(SEEDS)('add up to the present list (seed %d)', (seed) => {
		fc.assert(
			fc.property(history, list, (lists, last) => {
				const there = new Map<string, IDataObject>();
				let memory: IDataObject | undefined;
				// The last list comes twice, so that it is believed in the end
				for (const rows of [...lists, last, last]) {
					// A failed poll compares and remembers nothing
					if (!rows) continue;
					const isFirst = memory === undefined;
					const { changes, snapshot } = compare(memory, rows, fields);
					memory = JSON.parse(JSON.stringify(snapshot)) as IDataObject;
					for (const created of isFirst ? rows : changes.created) {
						expect(there.has(created.id as string)).toBe(false);
						there.set(String(created.id), created);
					}
					for (const { id: gone } of changes.deleted) expect(there.delete(String(gone))).toBe(true);
					for (const { changes: changed, ...updated } of changes.updated) {
						const was = there.get(String(updated.id)) ?? {};
						for (const name of Object.keys(changed as IDataObject)) {
							const is: IDataObject = updated;
							expect([name, was[name]]).not.toEqual([name, is[name]]);
						}
					}
					if (snapshot.doubted === undefined) {
						// A field that is not sent keeps its value
						for (const now of rows) {
							there.set(String(now.id), { ...there.get(String(now.id)), ...now });
						}
					}
				}
				const ids = last.map((present) => String(present.id)).sort();
				expect([...there.keys()].sort()).toEqual(ids);
			}),
			{ seed, numRuns: RUNS_PER_SEED },
		);
	});
});
