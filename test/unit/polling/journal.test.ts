import type { IDataObject } from 'n8n-workflow';

import {
	fingerprint,
	idsIn,
	MOST_REMEMBERED,
	newJournal,
	newPass,
	pack,
	recall,
	secretFingerprint,
	toJournal,
	toState,
	unpack,
} from '../../../nodes/shared/polling/journal';
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

describe('the IDs that were found for names', () => {
	it('are read back from the state', () => {
		const state = toState('members', {}, { link: 'l1' });
		expect(idsIn(state)).toEqual({ link: 'l1' });
		expect(state).toEqual({ version: 1, key: 'members', memory: {}, ids: { link: 'l1' } });
	});

	it('take no place in the state if there are none', () => {
		expect(toState('members', {}, {})).toEqual({ version: 1, key: 'members', memory: {} });
		expect(idsIn({})).toBeUndefined();
		expect(idsIn({ ids: ['l1'] })).toBeUndefined();
	});
});

describe('the journal of a list', () => {
	const journal = { ...newJournal('abc', 100), seen: fingerprint('a') };
	const reading = { ...newPass(true), due: 0 };

	it('begins with a first reading', () => {
		expect(newJournal('abc', 100)).toEqual({
			seen: '',
			account: 'abc',
			total: 0,
			size: 100,
			next: 0,
			reading: { isFirst: true, offset: 0, quiet: 1 },
		});
	});

	it.each([
		['after a poll that was cut short', journal],
		['of a service that counts its rows', { ...journal, reading: { ...newPass(false), due: 0 } }],
		['of a service without a count', { ...journal, total: undefined }],
		['after a complete poll', { ...journal, reading: undefined }],
	])('is valid %s', (_, memory) => {
		expect(toJournal(memory)).toBe(memory);
	});

	it.each([
		[undefined],
		[{}],
		[{ ...journal, seen: 5 }],
		[{ ...journal, seen: 'abcdefgh' }],
		[{ ...journal, seen: '!23456789' }],
		[{ ...journal, seen: 'abcdefgh!' }],
		[{ ...journal, account: 5 }],
		[{ ...journal, total: 'many' }],
		[{ ...journal, total: -1 }],
		[{ ...journal, size: 0 }],
		[{ ...journal, size: undefined }],
		[{ ...journal, next: 0.5 }],
		[{ ...journal, reading: [] }],
		[{ ...journal, reading: null }],
		[{ ...journal, reading: { ...reading, isFirst: 'yes' } }],
		[{ ...journal, reading: { ...reading, offset: -1 } }],
		[{ ...journal, reading: { ...reading, due: 'all' } }],
		[{ ...journal, reading: { ...reading, quiet: 0.5 } }],
	])('is damaged: %j', (memory) => {
		expect(toJournal(memory as IDataObject | undefined)).toBeUndefined();
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
		const most = a.repeat(MOST_REMEMBERED);
		expect(pack([b, most])).toBe(most);
	});

	it('of a secret have three characters', () => {
		expect(secretFingerprint('')).toBe('47D');
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
