import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { PollResult } from '../../../nodes/shared/polling/journal';
import {
	compareCreated,
	compareDeleted,
	compareUpdated,
} from '../../../nodes/shared/polling/snapshot';
import { RUNS_PER_SEED, SEEDS } from './histories';

const fields = { identity: ({ id }: IDataObject) => String(id), secret: ['code'] };
const tag = (id: string, more: IDataObject = {}): IDataObject => ({
	id,
	name: null,
	locked: false,
	code: `code of ${id}`,
	...more,
});

type Compare = (memory: IDataObject | undefined, rows: IDataObject[]) => PollResult;

const created: Compare = (memory, rows) => compareCreated(memory, rows, fields.identity);
const updated: Compare = (memory, rows) => compareUpdated(memory, rows, fields);
const deleted: Compare = (memory, rows) => compareDeleted(memory, rows, fields);

/** What each of several polls in a row emits. */
function pollAll(compare: Compare, ...lists: IDataObject[][]): IDataObject[][] {
	let memory: IDataObject | undefined;
	return lists.map((rows) => {
		const found = compare(memory, rows);
		memory = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
		return found.fresh;
	});
}

describe('a list that comes whole', () => {
	it.each([
		['created', created],
		['updated', updated],
		['deleted', deleted],
	])(
		'%s: the first poll emits nothing, and one without a change leaves the memory',
		(_, compare) => {
			const rows = [tag('a'), tag('b')];
			const first = compare(undefined, rows);
			expect(first.fresh).toEqual([]);
			const again = compare(first.memory, [...rows].reverse());
			expect(again).toEqual({ fresh: [], memory: first.memory });
			expect(again.memory).toBe(first.memory);
		},
	);

	it('emits what is new, also when it was there before', () => {
		const [a, b] = [tag('a'), tag('b')];
		expect(pollAll(created, [a], [a, b], [a], [a, b])).toEqual([[], [b], [], [b]]);
	});

	it('says what changed, once', () => {
		const before = tag('a', { name: 'Bar' });
		const after = tag('a', { name: 'Lounge', locked: true });
		expect(pollAll(updated, [before], [after], [after])).toEqual([
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
		const { memory } = updated(undefined, [tag('a', { code: 'old secret' })]);
		const found = updated(memory, [tag('a', { code: 'new secret' })]);
		expect(found.fresh[0]?.changes).toEqual({ code: { changed: true } });
		expect(JSON.stringify([memory, found.memory])).not.toContain('secret');
	});

	it('remembers equal codes as different ones', () => {
		const { memory } = updated(undefined, [tag('a', { code: 'x' }), tag('b', { code: 'x' })]);
		const { names, rows } = JSON.parse(String(memory.table)) as {
			names: string[];
			rows: Array<[string, string[]]>;
		};
		const codes = rows.map(([, values]) => values[names.indexOf('code')]);
		// Three characters of 64: a short code cannot be told from a quarter of a million others
		expect(codes).toEqual([
			expect.stringMatching(/^[\w-]{3}$/),
			expect.stringMatching(/^[\w-]{3}$/),
		]);
		expect(new Set(codes).size).toBe(2);
	});

	it('keeps nothing of a code to tell what is gone, so that a new code changes nothing', () => {
		const { memory } = deleted(undefined, [tag('a', { code: 'x' })]);
		expect(String(memory.table)).not.toContain('code');
		expect(deleted(memory, [tag('a', { code: 'y' })]).memory).toBe(memory);
	});

	it('hands on what was known of a row that is gone, without its code', () => {
		const [a, b] = [tag('a', { name: 'Bar' }), tag('b')];
		expect(pollAll(deleted, [a, b], [b], [b])).toEqual([
			[],
			[{ id: 'a', name: 'Bar', locked: false, deleted: true }],
			[],
		]);
	});

	it('takes a field that the service adds or removes for no change', () => {
		const rows = [tag('a'), tag('b')];
		const more = rows.map((row) => ({ ...row, color: 'red' }));
		expect(pollAll(updated, rows, more, rows)).toEqual([[], [], []]);
	});

	it('takes a field that one row gets or loses for a change', () => {
		const [a, b] = [tag('a'), tag('b')];
		const colored = { ...a, color: 'red' };
		expect(pollAll(updated, [a, b], [colored, b], [a, b])).toEqual([
			[],
			[{ ...colored, changes: { color: { from: null, to: 'red' } } }],
			[{ ...a, changes: { color: { from: 'red', to: null } } }],
		]);
	});

	it('compares objects by what they hold', () => {
		const before = [tag('a', { place: { floor: 1, room: 2 } })];
		const same = [tag('a', { place: { room: 2, floor: 1 } })];
		const moved = [tag('a', { place: { room: 3, floor: 1 } })];
		const polls = pollAll(updated, before, same, moved);
		expect(polls.map(({ length }) => length)).toEqual([0, 0, 1]);
	});

	it.each<[string, Compare, IDataObject]>([
		['created', created, { present: 'broken' }],
		['updated', updated, { table: '{"names":' }],
		['updated', updated, { table: '{"names":["id"],"rows":[5]}' }],
		['deleted', deleted, { table: '[]' }],
		['deleted', deleted, { table: 7 }],
	])('%s: begins anew when the memory is damaged (%#)', (_, compare, memory) => {
		const found = compare(memory, [tag('a')]);
		expect(found.fresh).toEqual([]);
		expect(found.memory).toEqual(compare(undefined, [tag('a')]).memory);
	});
});

describe('over any history', () => {
	const id = fc.constantFrom(...'abcdefgh');
	const value = fc.constantFrom(null, 'x', 'y');
	const row = fc.record({ id, name: value, locked: fc.boolean(), code: fc.constantFrom('1', '2') });
	const list = fc.uniqueArray(row, { selector: (candidate) => candidate.id, maxLength: 8 });
	const failed = fc.constant(undefined);
	const history = fc.array(fc.oneof({ weight: 4, arbitrary: list }, failed), { maxLength: 12 });

	it.each(SEEDS)('each poll emits exactly what differs from the last one (seed %d)', (seed) => {
		fc.assert(
			fc.property(history, (lists) => {
				let last: IDataObject[] | undefined;
				const memories: Record<string, IDataObject | undefined> = {};
				for (const rows of lists) {
					// A poll that failed: nothing is compared, and nothing may be remembered
					if (!rows) continue;
					const emit = (name: string, compare: Compare) => {
						const found = compare(memories[name], rows);
						memories[name] = JSON.parse(JSON.stringify(found.memory)) as IDataObject;
						return found.fresh.map(fields.identity).sort();
					};
					const before = new Map((last ?? rows).map((known) => [fields.identity(known), known]));
					const now = new Map(rows.map((known) => [fields.identity(known), known]));
					const differs = [...now].filter(([key, is]) => {
						const was = before.get(key);
						return was && JSON.stringify(was) !== JSON.stringify(is);
					});
					const ids = (found: Array<[string, unknown]>) => found.map(([key]) => key).sort();
					expect(emit('created', created)).toEqual(ids([...now].filter(([k]) => !before.has(k))));
					expect(emit('deleted', deleted)).toEqual(ids([...before].filter(([k]) => !now.has(k))));
					expect(emit('updated', updated)).toEqual(ids(differs));
					last = rows;
				}
			}),
			{ seed, numRuns: RUNS_PER_SEED },
		);
	});
});
