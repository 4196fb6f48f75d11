import * as fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { momentOf, timeOf } from '../../../nodes/shared/http/time';
import {
	compareNewest,
	compareSweep,
	fingerprint,
	idOrContent,
	knownIn,
	newestOf,
	oldestFirst,
	orderOf,
	recall,
	toSeenMemory,
	toState,
	unpack,
} from '../../../nodes/shared/polling/journal';
import type { SeenMemory } from '../../../nodes/shared/polling/journal';

const rowsOf = (...ids: number[]): IDataObject[] => ids.map((id) => ({ id }));
const upTo = (count: number, from = 0) =>
	rowsOf(...Array.from({ length: count }, (_, n) => from + n));
const idsOf = (rows: IDataObject[]) => rows.map(({ id }) => id);
const sweep = (memory: SeenMemory | undefined, rows: IDataObject[]) =>
	compareSweep(memory, { rows }, idOrContent);
const countIn = ({ seen }: SeenMemory) => unpack(seen)?.length;

describe('the state', () => {
	const state = toState('members', { seen: '' });

	it('is taken up as it was stored', () => {
		expect(recall(JSON.parse(JSON.stringify(state)), 'members')).toEqual({ seen: '' });
	});

	it.each([
		['there is none', {}],
		['it belongs to another event, filter or account', { ...state, key: 'posts' }],
		['it is of an unknown version', { ...state, version: 2 }],
		['it has no version', { key: 'members', memory: {} }],
		['its memory is no object', { ...state, memory: [] }],
		['its memory is missing', { ...state, memory: null }],
	])('begins anew when %s', (_, saved) => {
		expect(recall(saved, 'members')).toBeUndefined();
	});

	it.each<[string, IDataObject]>([
		['no text', { seen: 5 }],
		['a text that is cut off', { seen: 'abcdefgh' }],
		['a text of other characters', { seen: 'abc!efghi' }],
		['a cursor that is none', { seen: '', cursor: 'x' }],
		['a cursor before the beginning', { seen: '', cursor: { at: -1, met: 0 } }],
		['a cursor without a count', { seen: '', cursor: { at: 1 } }],
		['an unknown mark of the baseline', { seen: '', baseline: 'yes' }],
	])('begins anew when what was seen is %s', (_, memory) => {
		expect(toSeenMemory(memory)).toBeUndefined();
	});
});

describe('a whole list', () => {
	it('is remembered by the first poll, which emits nothing', () => {
		const { fresh, memory } = sweep(undefined, upTo(3));
		expect(fresh).toEqual([]);
		expect(countIn(memory)).toBe(3);
	});

	it('hands back the very same memory when nothing is new, in whatever order', () => {
		const { memory } = sweep(undefined, upTo(3));
		expect(sweep(memory, rowsOf(2, 0, 1)).memory).toBe(memory);
		expect(sweep(memory, rowsOf(1)).memory).toBe(memory);
		expect(sweep(memory, []).memory).toBe(memory);
	});

	it('emits a row once that one reading missed', () => {
		const first = sweep(undefined, upTo(3));
		const second = sweep(first.memory, rowsOf(0, 2, 7));
		const third = sweep(second.memory, rowsOf(0, 1, 2, 7));
		expect([first, second, third].map(({ fresh }) => idsOf(fresh))).toEqual([[], [7], []]);
	});

	it('emits a row once that stands on two pages', () => {
		const { memory } = sweep(undefined, []);
		expect(idsOf(sweep(memory, rowsOf(1, 2, 2, 1)).fresh)).toEqual([1, 2]);
	});

	it('emits nothing before the first reading is complete', () => {
		const part = compareSweep(undefined, { rows: upTo(3), stoppedAt: 3 }, idOrContent);
		const rest = compareSweep(part.memory, { rows: upTo(2, 3), stoppedAt: 5 }, idOrContent);
		const end = sweep(rest.memory, upTo(2, 5));
		expect([part, rest, end].flatMap(({ fresh }) => fresh)).toEqual([]);
		expect(idsOf(sweep(end.memory, upTo(8)).fresh)).toEqual([7]);
	});

	it('forgets those that have been missing for longest when most are missing', () => {
		let { memory } = sweep(undefined, upTo(2000));
		memory = sweep(memory, upTo(1500, 1000)).memory;
		expect(countIn(memory)).toBe(2500);
		// Of what is remembered 2,499 are missing now: 1,002 may stay
		memory = sweep(memory, rowsOf(2499)).memory;
		expect(countIn(memory)).toBe(1002);
		const { has } = knownIn(memory, idOrContent);
		expect(rowsOf(0, 999, 1498, 1499, 2498, 2499).map(has)).toEqual([
			false,
			false,
			true,
			true,
			true,
			true,
		]);
	});

	it('forgets nothing as long as it is not read to its end', () => {
		const { memory } = sweep(undefined, upTo(3000));
		const cut = compareSweep(memory, { rows: upTo(1), stoppedAt: 1 }, idOrContent);
		const early = compareSweep(memory, { rows: upTo(1), endedEarly: true }, idOrContent);
		expect([countIn(cut.memory), countIn(early.memory)]).toEqual([3000, 3000]);
	});

	it('is bounded, and never forgets what is there', () => {
		const history = fc.array(
			fc.record({ from: fc.nat(20_000), count: fc.integer({ min: 0, max: 1500 }) }),
			{ maxLength: 20 },
		);
		fc.assert(
			fc.property(history, (lists) => {
				let memory: SeenMemory | undefined;
				for (const { from, count } of lists) {
					const rows = upTo(count, from);
					memory = sweep(memory, rows).memory;
					expect(countIn(memory)).toBeLessThanOrEqual(2 * count + 1000);
					expect(sweep(memory, rows).fresh).toEqual([]);
				}
			}),
			{ seed: 1, numRuns: 100 },
		);
	});

	it('takes less than half a megabyte for 50,000 members', () => {
		const { memory } = sweep(undefined, upTo(50_000));
		expect(Buffer.byteLength(JSON.stringify(memory))).toBeLessThan(500_000);
		expect(sweep(memory, upTo(50_000)).memory).toBe(memory);
	});
});

describe('a list that shows the newest first', () => {
	const newest = (memory: SeenMemory, ids: number[], stoppedAt?: number, most = 100) =>
		compareNewest(memory, { rows: rowsOf(...ids), stoppedAt }, idOrContent, most);
	const { memory } = sweep(undefined, rowsOf(1, 2, 3));

	it('emits what is new with the oldest first', () => {
		expect(idsOf(newest(memory, [6, 5, 4, 3]).fresh)).toEqual([4, 5, 6]);
	});

	it('hands back the very same memory when nothing is new', () => {
		expect(newest(memory, [3, 2]).memory).toBe(memory);
	});

	it('remembers where it was cut off, and what it met there', () => {
		const first = newest(memory, [9, 8], 2);
		const second = newest(first.memory, [10, 9, 8, 7], 4);
		const last = newest(second.memory, [10, 6, 5, 4, 3]);
		expect(first.memory.cursor).toEqual({ at: 2, met: 2 });
		expect(second.memory.cursor).toEqual({ at: 4, met: 4 });
		expect(last.memory.cursor).toBeUndefined();
		expect([first, second, last].map(({ fresh }) => idsOf(fresh))).toEqual([
			[8, 9],
			[7, 10],
			[4, 5, 6],
		]);
	});

	it('forgets the oldest when there are too many', () => {
		const { memory: bounded } = newest(memory, [5, 4], undefined, 3);
		expect(rowsOf(1, 2, 3, 4, 5).map(knownIn(bounded, idOrContent).has)).toEqual([
			false,
			false,
			true,
			true,
			true,
		]);
	});
});

describe('what tells rows apart', () => {
	it('is the ID, as text', () => {
		expect(idOrContent({ id: 5, name: 'a' })).toBe(idOrContent({ name: 'b', id: '5' }));
	});

	it('is the content without one, whatever the order of its keys', () => {
		expect(idOrContent({ a: 1, b: { c: 2, d: 3 } })).toBe(idOrContent({ b: { d: 3, c: 2 }, a: 1 }));
		expect(idOrContent({ a: 1 })).not.toBe(idOrContent({ a: 2 }));
		expect(idOrContent({ id: null, a: 1 })).not.toBe(idOrContent({ id: null, a: 2 }));
	});

	it('is remembered in nine characters of 64', () => {
		expect(fingerprint('')).toBe('47DEQpj8H');
		expect(unpack(fingerprint('a') + fingerprint('b'))).toHaveLength(2);
	});
});

describe('times', () => {
	it.each<[IDataObject, number | undefined]>([
		[{ at: '2026-11-22T10:00:00.000Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22T10:00:00+02:00' }, Date.UTC(2026, 10, 22, 8)],
		[{ at: '2026-11-22T10:00:00.123456' }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: '2026-11-22 10:00:00' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22' }, Date.UTC(2026, 10, 22)],
		[{ at: 1_795_341_600 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600_000 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600_000_000 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600.1235 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: 1_795_341_600_123.25 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: 1_795_341_600_123_456.5 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: null, time: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 'yesterday' }, undefined],
		[{ at: '2026-99-99T10:00:00Z' }, undefined],
		[{ at: 0 }, undefined],
		[{ at: true }, undefined],
		[{ other: '2026-11-22' }, undefined],
	])('%j', (row, time) => {
		expect(timeOf(row, ['at', 'time'])).toBe(time);
	});

	it.each<[IDataObject, number | undefined]>([
		[{ at: '2026-11-22' }, undefined],
		[{ at: '2026-11-22', time: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600 }, Date.UTC(2026, 10, 22, 10)],
		[{}, undefined],
	])('%j has a time of day', (row, time) => {
		expect(momentOf(row, ['at', 'time'])).toBe(time);
	});

	const early = { id: 1, at: '2026-01-01' };
	const late = { id: 2, at: '2026-02-01' };
	const later = { id: 3, at: '2026-03-01' };

	it('put rows in order when each has one', () => {
		expect(oldestFirst([late, later, early], ['at'])).toEqual([early, late, later]);
		expect(newestOf([late, later, early], ['at'])).toBe(later);
	});

	it('leave rows as they are when one has none', () => {
		const rows = [late, { id: 4 }, early];
		expect(oldestFirst(rows, ['at'])).toEqual(rows);
		expect(newestOf(rows, ['at'])).toBe(late);
		expect(newestOf([], ['at'])).toBeUndefined();
	});

	it.each([
		['newest', [later, late, late, early]],
		['oldest', [early, late, later]],
		[undefined, [early, later, late]],
		[undefined, [early]],
		[undefined, [early, early]],
		[undefined, [early, { id: 4 }, later]],
		[undefined, []],
	])('tell that a list shows the %s first', (order, rows) => {
		expect(orderOf(rows, ['at'])).toBe(order);
	});
});
