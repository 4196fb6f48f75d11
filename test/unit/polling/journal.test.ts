import { fingerprint, pack, recall, toState, unpack } from '../../../nodes/shared/polling/journal';
import { canonical, newestOf, oldestFirst } from '../../../nodes/shared/polling/rows';

describe('the state', () => {
	const state = toState('members', { seen: '' });

	it('is read back as it was stored', () => {
		expect(recall(JSON.parse(JSON.stringify(state)), 'members')).toEqual({ seen: '' });
	});

	it.each([
		['it is missing', {}],
		['it belongs to another event, filter or account', { ...state, key: 'posts' }],
		['it is of an unknown version', { ...state, version: 2 }],
		['it has no version', { key: 'members', memory: {} }],
		['its memory is not an object', { ...state, memory: [] }],
		['its memory is missing', { ...state, memory: null }],
	])('begins anew when %s', (_, saved) => {
		expect(recall(saved, 'members')).toBeUndefined();
	});
});

describe('fingerprints', () => {
	it('have nine characters', () => {
		expect(fingerprint('')).toBe('47DEQpj8H');
		expect(unpack(fingerprint('a') + fingerprint('b'))).toHaveLength(2);
	});

	it('are packed up to a maximum number, without the first ones', () => {
		const [a, b, c] = ['a', 'b', 'c'].map(fingerprint) as [string, string, string];
		expect(unpack(pack([a, b, c], 2))).toEqual([b, c]);
		expect(unpack(pack([a], 2))).toEqual([a]);
		expect(unpack(pack([]))).toEqual([]);
	});

	it('of a content do not depend on the order of its keys', () => {
		expect(canonical({ a: 1, b: { c: 2, d: 3 } })).toBe(canonical({ b: { d: 3, c: 2 }, a: 1 }));
		expect(canonical({ a: 1 })).not.toBe(canonical({ a: 2 }));
	});
});

describe('rows with times', () => {
	const early = { id: 1, at: '2026-01-01' };
	const late = { id: 2, at: '2026-02-01' };
	const later = { id: 3, at: '2026-03-01' };

	it('are sorted if each has one', () => {
		expect(oldestFirst([late, later, early], ['at'])).toEqual([early, late, later]);
		expect(newestOf([late, later, early], ['at'])).toBe(later);
	});

	it('keep their order if one has none', () => {
		const rows = [late, { id: 4 }, early];
		expect(oldestFirst(rows, ['at'])).toEqual(rows);
		expect(newestOf(rows, ['at'])).toBe(late);
		expect(newestOf([], ['at'])).toBeUndefined();
	});
});
