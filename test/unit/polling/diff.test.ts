import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { compare } from '../../../nodes/shared/polling/diff';
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

/** Several polls in a row. What is remembered goes through JSON after each. */
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
		'emits nothing at first, and leaves what is remembered when nothing changed (%s)',
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

	it('emits a row that was deleted and is there again', () => {
		const [a, b] = [tag('a'), tag('b')];
		const polls = pollAll([[a], [a, b], [a], [a, b]], 'nothing');
		expect(polls.map(({ created }) => created)).toEqual([[], [b], [], [b]]);
	});

	it('says what changed, once', () => {
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

	it('says that a code changed, and keeps both codes to itself', () => {
		const first = compare(undefined, [tag('a', { code: 'old secret' })], fields);
		const found = compare(first.snapshot, [tag('a', { code: 'new secret' })], fields);
		expect(found.changes.updated[0]?.changes).toEqual({ code: { changed: true } });
		expect(JSON.stringify([first.snapshot, found.snapshot])).not.toContain('secret');
	});

	it('remembers equal codes as different ones, in three characters of 64', () => {
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

	it('hands on a row that is gone as it was, without its code', () => {
		const [a, b] = [tag('a', { name: 'Bar' }), tag('b')];
		const polls = pollAll([[a, b], [b], [b]], 'open');
		expect(polls.map(({ deleted }) => deleted)).toEqual([
			[],
			[{ id: 'a', name: 'Bar', locked: false }],
			[],
		]);
	});

	it('takes no field for changed that is not there before and after', () => {
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

	it('compares a field that comes back with what it was', () => {
		const { name, ...without } = tag('a', { name: 'Bar' });
		const polls = pollAll([[{ ...without, name }], [without], [tag('a', { name: 'Lounge' })]]);
		expect(polls[2]?.updated[0]?.changes).toEqual({ name: { from: 'Bar', to: 'Lounge' } });
	});

	it('takes null for a value', () => {
		const polls = pollAll([[tag('a')], [tag('a', { name: 'Bar' })], [tag('a')]]);
		expect(countsOf(polls)).toEqual([
			[0, 0, 0],
			[0, 1, 0],
			[0, 1, 0],
		]);
	});

	it('compares objects by what they hold', () => {
		const before = [tag('a', { place: { floor: 1, room: 2 } })];
		const same = [tag('a', { place: { room: 2, floor: 1 } })];
		const moved = [tag('a', { place: { room: 3, floor: 1 } })];
		expect(countsOf(pollAll([before, same, moved])).map(([, updated]) => updated)).toEqual([
			0, 0, 1,
		]);
	});

	it('remembers as much as the answer holds, also when each row has a field of its own', () => {
		const rows = Array.from({ length: 2000 }, (_, number) =>
			tag(`t${number}`, { [`field ${number}`]: 'x' }),
		);
		const { snapshot } = compare(undefined, rows, fields);
		const again = compare(snapshot, rows, fields);
		expect(again.snapshot).toEqual(snapshot);
		expect(JSON.stringify(snapshot).length).toBeLessThan(2 * JSON.stringify(rows).length);
	});

	it('forgets fields that never come back when there are many', () => {
		const polls = Array.from({ length: 200 }, (_, number) => [tag('a', { [`f${number}`]: 'x' })]);
		let memory: IDataObject | undefined;
		for (const rows of polls) memory = compare(memory, rows, fields).snapshot;
		expect(JSON.stringify(memory).length).toBeLessThan(1000);
	});

	it.each([{ rows: 'broken' }, { rows: '[5]' }, { rows: '{}' }, { rows: 7 }, {}])(
		'begins anew when what is remembered is damaged (%j)',
		(memory) => {
			const rows = tags(3);
			const { changes, snapshot } = compare(memory, rows, fields);
			expect(countsOf([changes])).toEqual([[0, 0, 0]]);
			expect(snapshot).toEqual(compare(undefined, rows, fields).snapshot);
		},
	);
});

describe('a list that lost more than half of its rows at once', () => {
	const all = tags(500);
	const none = [0, 0, 0];

	it.each<[string, IDataObject[][], number[][]]>([
		['is not believed when it is whole again', [all, [], all], [none, none, none]],
		['is not believed when it goes twice', [all, [], all, [], all], [none, none, none, none, none]],
		['is believed when the next poll shows the same', [all, [], []], [none, none, [0, 0, 500]]],
		[
			'is believed when the next poll shows about the same',
			[all, all.slice(0, 100), [...all.slice(0, 99), tag('new')]],
			[none, none, [1, 0, 401]],
		],
		[
			'is not believed when the next poll shows others',
			[all, all.slice(0, 100), all.slice(200, 300), all],
			[none, none, none, none],
		],
		[
			'is not believed when the next poll shows a part after nothing',
			[all, [], all.slice(0, 100), all],
			[none, none, none, none],
		],
		['is believed when it lost just half', [all, all.slice(0, 250)], [none, [0, 0, 250]]],
		[
			'is compared as it was when it is whole again',
			[all, [], [...all.slice(1), tag('new')]],
			[none, none, [1, 0, 1]],
		],
	])('%s', (_, lists, expected) => {
		expect(countsOf(pollAll(lists))).toEqual(expected);
	});
});

describe('over any history', () => {
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

	it.each(SEEDS)('what is believed adds up to what is there (seed %d)', (seed) => {
		fc.assert(
			fc.property(history, list, (lists, last) => {
				const there = new Map<string, IDataObject>();
				let memory: IDataObject | undefined;
				// The last list stays, so that it is believed in the end
				for (const rows of [...lists, last, last]) {
					// A poll that failed: nothing is compared, and nothing may be remembered
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
