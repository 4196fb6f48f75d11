import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { ServiceError } from '../../../nodes/shared/http/errors';
import { hashOf, WriteJournal } from '../../../nodes/shared/operations/journal';
import type { Place } from '../../../nodes/shared/operations/journal';

const place: Place = {
	executionId: '77',
	origin: 'instance workflow 77 node',
	runIndex: 0,
	isTool: false,
	maxTries: 1,
};
const ROWS = [{ id: 'a' }];
const lost = () => new ServiceError('500', { ambiguous: true, status: 500, description: 'Look.' });

/** n8n keeps the context as JSON between two runs. */
const saved = (notes: IDataObject) => JSON.parse(JSON.stringify(notes)) as IDataObject;

const journalOf = (notes: IDataObject, changes: Partial<Place> = {}) =>
	new WriteJournal(notes, { ...place, ...changes });

describe('an item that was written', () => {
	const afterFailure = () => {
		const notes: IDataObject = {};
		const journal = journalOf(notes);
		journal.item(3, 'hash').written(ROWS);
		journal.threw();
		return saved(notes);
	};

	it.each<[string, Partial<Place>]>([
		['n8n tries again by itself', {}],
		['a person retries the execution', { executionId: '78' }],
	])('returns its rows when %s', (_, changes) => {
		expect(journalOf(afterFailure(), changes).item(3, 'hash').rows).toEqual(ROWS);
	});

	it.each<[string, Partial<Place>, number, string]>([
		['in another run of the node', { runIndex: 1 }, 3, 'hash'],
		['at another position', {}, 4, 'hash'],
		['with other values', {}, 3, 'other'],
	])('is written again %s', (_, changes, itemIndex, hash) => {
		const item = journalOf(afterFailure(), changes).item(itemIndex, hash);
		expect(item.rows).toBeUndefined();
		expect(item.isInDoubt).toBe(false);
	});

	it('keeps its rows while another item fails again', () => {
		const notes = afterFailure();
		journalOf(notes).threw();
		expect(journalOf(saved(notes)).item(3, 'hash').rows).toEqual(ROWS);
	});
});

describe('an item in doubt', () => {
	const notesWith = (changes: Partial<Place> = {}, withKey = false) => {
		const notes: IDataObject = {};
		const journal = journalOf(notes, changes);
		const item = journal.item(0, 'hash');
		if (withKey) item.requestKey();
		item.doubted(lost());
		journal.threw();
		return saved(notes);
	};

	it('fails with the same message until somebody has checked', () => {
		const item = journalOf(notesWith()).item(0, 'hash');
		expect(item.unseenDoubt).toMatchObject({ message: '500', description: 'Look.', status: 500 });
		expect(item.unseenDoubt?.ambiguous).toBe(true);
	});

	it('may be sent when a person retries the execution, but stays in doubt', () => {
		const item = journalOf(notesWith(), { executionId: '78' }).item(0, 'hash');
		expect(item.unseenDoubt).toBeUndefined();
		expect(item.isInDoubt).toBe(true);
	});

	it('must be checked again when the answer to that retry is lost too', () => {
		const notes = notesWith();
		journalOf(notes, { executionId: '78' }).item(0, 'hash').doubted(lost());
		expect(journalOf(notes, { executionId: '78' }).item(0, 'hash').unseenDoubt).toBeDefined();
	});

	it('keeps its key, whoever retries', () => {
		const key = journalOf({}).item(0, 'hash').requestKey();
		const retried = journalOf(notesWith({}, true), { executionId: '78', origin: 'another' });
		expect(retried.item(0, 'hash').requestKey()).toBe(key);
	});

	it('casts no doubt on another run of the node, because a loop may write the same again', () => {
		const item = journalOf(notesWith(), { runIndex: 1 }).item(0, 'hash');
		expect(item.isInDoubt).toBe(false);
	});

	it('passes its sent key to only one item of another run', () => {
		const journal = journalOf(notesWith({}, true), { runIndex: 1 });
		const [first, second] = [journal.item(5, 'hash'), journal.item(6, 'hash')];
		expect(first.requestKey()).toBe(journalOf({}).item(0, 'hash').requestKey());
		expect(second.requestKey()).not.toBe(first.requestKey());
	});

	it('passes its sent key to the same item of another run, not to another item', () => {
		const notes: IDataObject = {};
		const journal = journalOf(notes);
		const hashes = ['one', 'two', 'three'];
		const keys = hashes.map((hash, itemIndex) => {
			const item = journal.item(itemIndex, hash);
			const key = item.requestKey();
			item.doubted(lost());
			return key;
		});
		journal.threw();
		const next = journalOf(saved(notes), { runIndex: 1 });
		const [, second, third] = keys;
		expect(next.item(0, 'three').requestKey()).toBe(third);
		expect(next.item(0, 'three').requestKey()).toBe(third);
		expect(next.item(1, 'two').requestKey()).toBe(second);
	});

	it('passes its key only once, so that a written item of the other run is not written again', () => {
		const notes: IDataObject = {};
		const journal = journalOf(notes);
		for (const itemIndex of [0, 1]) {
			const item = journal.item(itemIndex, 'hash');
			item.requestKey();
			item.doubted(lost());
		}
		journal.threw();
		const next = journalOf(notes, { runIndex: 1 });
		next.item(0, 'hash').written(ROWS);
		next.threw();
		expect(journalOf(saved(notes), { runIndex: 1 }).item(0, 'hash').rows).toEqual(ROWS);
	});

	it('keeps the IDs found for names, because an earlier try may have renamed the thing', () => {
		const notes: IDataObject = {};
		const item = journalOf(notes).item(0, 'hash');
		item.finds({ linkId: 'link-1' });
		item.doubted(lost());
		const retried = journalOf(saved(notes), { executionId: '78' }).item(0, 'hash');
		expect(retried.idsThen).toEqual({ linkId: 'link-1' });
		// This time nothing had to be looked up
		retried.finds({});
		retried.doubted(lost());
		expect(retried.idsThen).toEqual({ linkId: 'link-1' });
		expect(journalOf({}).item(0, 'hash').idsThen).toBeUndefined();
	});

	it('stays in doubt in the next try of a tool, which n8n counts as a run', () => {
		const journal = journalOf(notesWith({ isTool: true }), { isTool: true, runIndex: 1 });
		expect(journal.item(0, 'hash').unseenDoubt).toBeDefined();
	});

	it('is settled once it is written', () => {
		const notes = notesWith({}, true);
		const journal = journalOf(notes, { runIndex: 1 });
		journal.item(5, 'hash').written(ROWS);
		journal.returned(ROWS[0]);
		expect(notes).toEqual({});
	});
});

describe('the journal', () => {
	const left = (
		changes: Partial<Place>,
		end: (journal: WriteJournal) => void,
		{ isEmpty = false } = {},
	) => {
		const notes: IDataObject = {};
		const journal = journalOf(notes, changes);
		if (!isEmpty) journal.item(0, 'hash').written(ROWS);
		end(journal);
		return notes;
	};
	const returned = (row?: IDataObject) => (journal: WriteJournal) => journal.returned(row);
	const threw = (journal: WriteJournal) => journal.threw();

	it.each<[string, Partial<Place>, (journal: WriteJournal) => void]>([
		['the node succeeded', { maxTries: 3 }, returned({ id: 'a' })],
		['the node returned no row', { maxTries: 3 }, returned()],
		['the first row has an error and n8n does not try again', {}, returned({ error: 'no' })],
	])('is empty when %s', (_, changes, end) => {
		expect(left(changes, end)).toEqual({});
	});

	it.each<[string, Partial<Place>]>([
		['no try is left', {}],
		['the node is a tool, whose tries are runs', { maxTries: 3, isTool: true }],
	])('is empty when the node failed before it wrote, and %s', (_, changes) => {
		expect(left(changes, threw, { isEmpty: true })).toEqual({});
	});

	it.each<[string, Partial<Place>, (journal: WriteJournal) => void]>([
		['the node threw', {}, threw],
		['the first row has an error', { maxTries: 2 }, returned({ error: 'no' })],
		['the first row has an error that is null', { maxTries: 2 }, returned({ error: null })],
	])('keeps the written rows when %s', (_, changes, end) => {
		expect(journalOf(left(changes, end), changes).item(0, 'hash').rows).toEqual(ROWS);
	});

	it('is empty after the last try, however the earlier tries ended', () => {
		fc.assert(
			fc.property(
				fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
				fc.boolean(),
				(thrown, writes) => {
					const notes: IDataObject = {};
					const own = { maxTries: thrown.length };
					thrown.forEach((isThrown, position) => {
						const journal = journalOf(notes, own);
						if (writes) journal.item(position, 'hash').written(ROWS);
						const isLast = position === thrown.length - 1;
						if (isThrown && !isLast) journal.threw();
						else journal.returned({ error: 'no' });
						expect('writes' in notes).toBe(!isLast);
					});
				},
			),
		);
	});

	it('counts the tries of each execution separately', () => {
		const notes = left({ maxTries: 2 }, (journal) => journal.returned({ error: 'no' }));
		const again = journalOf(notes, { maxTries: 2, executionId: '78' });
		again.returned({ error: 'no' });
		expect(notes).not.toEqual({});
	});

	it('is not changed by another run of the node', () => {
		const notes = left({}, threw);
		const other = journalOf(notes, { runIndex: 1 });
		other.item(0, 'hash').written(ROWS);
		other.returned({ id: 'a' });
		expect(journalOf(notes).item(0, 'hash').rows).toEqual(ROWS);
		expect(Object.keys(notes.writes as IDataObject)).toEqual(['0']);
	});
});

it('an item is written once in an execution, however many tries fail', () => {
	const item = fc.record({ hash: fc.constantFrom('a', 'b'), fails: fc.nat(3) });
	fc.assert(
		fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), fc.boolean(), (items, stops) => {
			const notes: IDataObject = {};
			const writes = items.map(() => 0);
			for (let attempt = 0; attempt < 4; attempt++) {
				const journal = journalOf(notes, { maxTries: 5 });
				const rows = items.map(({ hash, fails }, itemIndex) => {
					const own = journal.item(itemIndex, hash);
					if (own.rows) return own.rows[0];
					if (attempt < fails) return { error: 'no' };
					writes[itemIndex] = (writes[itemIndex] ?? 0) + 1;
					own.written([{ itemIndex }]);
					return { itemIndex };
				});
				expect(rows).toEqual(
					items.map(({ fails }, itemIndex) => (attempt < fails ? { error: 'no' } : { itemIndex })),
				);
				const isFailed = stops
					? rows.some((row) => row && 'error' in row)
					: rows[0] !== undefined && 'error' in rows[0];
				if (stops && isFailed) journal.threw();
				else journal.returned(rows[0]);
				if (isFailed) continue;
				expect(writes).toEqual(items.map(({ fails }) => (attempt < fails ? 0 : 1)));
				expect(notes).toEqual({});
				return;
			}
			throw new Error('no try succeeded');
		}),
	);
});

describe('a hash', () => {
	it('ignores the order of fields and reveals nothing of the value', () => {
		const one = hashOf(['create', { email: 'jane@example.org', more: { a: 1, b: [1, 2] } }]);
		expect(hashOf(['create', { more: { b: [1, 2], a: 1 }, email: 'jane@example.org' }])).toBe(one);
		expect(one).toMatch(/^[\w-]{16}$/);
	});

	it('differs for each value', () => {
		const value = fc.oneof(
			fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.string(), fc.nat(), fc.boolean())),
			fc.array(fc.nat(3)),
		);
		fc.assert(
			fc.property(value, value, (one, other) => {
				const isSame = sorted(one) === sorted(other);
				expect(hashOf(one) === hashOf(other)).toBe(isSame);
			}),
		);
	});

	const sorted = (value: object) =>
		JSON.stringify(
			Array.isArray(value) ? value : Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
		) + String(Array.isArray(value));
});

describe('the key of a request', () => {
	const keyOf = (itemIndex: number, changes: Partial<Place> = {}) =>
		journalOf({}, changes).item(itemIndex, 'hash').requestKey();

	it('has the form of a UUID and is always the same', () => {
		expect(keyOf(3)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		expect(keyOf(3)).toBe(keyOf(3));
	});

	it('differs for each item, node, execution and run', () => {
		const where = fc.record({ origin: fc.string(), runIndex: fc.nat(9), itemIndex: fc.nat(9) });
		fc.assert(
			fc.property(where, where, (one, other) => {
				const isSame = JSON.stringify(one) === JSON.stringify(other);
				expect(keyOf(one.itemIndex, one) === keyOf(other.itemIndex, other)).toBe(isSame);
			}),
		);
	});
});
