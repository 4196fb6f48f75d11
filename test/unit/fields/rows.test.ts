import fc from 'fast-check';
import type { INodePropertyCollection } from 'n8n-workflow';

import { integer, requiredText } from '../../../nodes/shared/fields/basicFields';
import { keptAsWritten, nestedRows, rows, rowsAsJson } from '../../../nodes/shared/fields/rows';
import { InputError } from '../../../nodes/shared/http/errors';

const shown = { displayName: 'Parts', name: 'parts', rowName: 'part', rowLabel: 'Part' } as const;
const cells = [
	requiredText({ displayName: 'Label', name: 'label' }),
	integer({ displayName: 'How Many', name: 'howMany', min: 0, default: '' }),
] as const;
const fields = {
	rows: rows(shown, cells),
	'rows in a collection': nestedRows(shown, cells),
	'rows as JSON': rowsAsJson(shown, cells),
};
const context = { timezone: 'UTC' };
const a = { label: 'a', howMany: 1 };
const b = { label: 'b', howMany: 2 };

describe('rows', () => {
	it.each<[string, unknown, unknown[]]>([
		['nothing', undefined, []],
		['an empty expression result', null, []],
		['no rows', {}, []],
		['an empty text', ' ', []],
		['white space instead of the rows', { part: '\n' }, []],
		['cells with white space', [{ label: ' a', howMany: '1\n' }], [a]],
		['JSON with white space', `\ufeff${JSON.stringify([a])}\n`, [a]],
		['an empty list', [], []],
		['rows as the panel saves them', { part: [a, b] }, [a, b]],
		['a list', [a, b], [a, b]],
		['a list instead of the rows', { part: [a] }, [a]],
		['a single row', a, [a]],
		['a single row instead of the rows', { part: a }, [a]],
		['a row with one cell', { label: 'a' }, [{ label: 'a' }]],
		['JSON of a list', JSON.stringify([a, b]), [a, b]],
		['JSON of a row', JSON.stringify(a), [a]],
		['JSON of what the panel saves', JSON.stringify({ part: [a] }), [a]],
		['JSON instead of the rows', { part: JSON.stringify([a]) }, [a]],
		['JSON within JSON', JSON.stringify({ part: JSON.stringify([a]) }), [a]],
		['cells named as the service names them', [{ label: 'a', how_many: 1 }], [a]],
		['numbers as text', [{ label: 'a', howMany: '1' }], [a]],
		['a row with an extra field', [{ ...a, id: 7 }], [a]],
		['a thousand rows', Array<object>(1000).fill(a), Array<object>(1000).fill(a)],
		['a million characters', `[${JSON.stringify(a).padEnd(999_998)}]`, [a]],
	])('are read from %s', (_what, value, expected) => {
		expect(fields.rows.read(value, context)).toEqual(expected);
	});

	it.each<[string, unknown, string]>([
		['a number', 5, `'Parts' must be a list of rows with label, howMany, but is "5"`],
		['words', 'a, b', `'Parts' must be a list of rows with label, howMany, but is "a, b"`],
		['JSON that is cut off', '[{"label":', "'Parts' must be a list of rows"],
		['another object', { name: 'x' }, `but is "{"name":"x"}"`],
		['a list of texts', ['a'], `but row 1 is "a"`],
		['more than a thousand rows', Array<object>(1001).fill(a), 'but has 1001 rows'],
		['JSON of more than a thousand rows', JSON.stringify(Array(1001).fill(a)), 'but has 1001 rows'],
		['a text that is too long', ' x'.repeat(600_000), 'but has 1199999 characters'],
		['a list nested too deep', '['.repeat(9e5), 'but is "[[['],
		['a list with a missing row', [a, null], `but row 2 is "null"`],
		['a row with a wrong cell', [a, { ...b, howMany: -1 }], 'but is "-1" (row 2 of \'Parts\')'],
		['a row with an empty cell', { part: [{ howMany: 1 }] }, "'Label' is empty (row 1 of 'Parts')"],
		['a single row without a label', { how_many: 1 }, "'Label' is empty (row 1 of 'Parts')"],
	])('cannot be %s', (_what, value, words) => {
		expect(() => fields.rows.read(value, context)).toThrow(InputError);
		expect(() => fields.rows.read(value, context)).toThrow(words);
	});
});

it.each(Object.entries(fields))('%s are read in every form', (_, field) => {
	for (const value of [a, [a], { part: [a] }, JSON.stringify([a]), { part: JSON.stringify(a) }]) {
		expect(field.read(value, context)).toEqual([a]);
	}
});

it.each<[keyof typeof fields, string]>([
	['rows', 'Label'],
	['rows in a collection', 'Label'],
	// People who write JSON know the keys
	['rows as JSON', 'label'],
])('%s name a missing cell as the user does', (name, cell) => {
	expect(() => fields[name].read([{ howMany: 1 }], context)).toThrow(
		`'${cell}' is empty (row 1 of 'Parts')`,
	);
});

describe('the panel', () => {
	const cellsShown = cells.map(({ property }) => property);

	it('has a button for another row, and lets the user sort the rows', () => {
		expect(fields.rows.property).toEqual({
			displayName: 'Parts',
			name: 'parts',
			type: 'fixedCollection',
			default: {},
			placeholder: 'Add Part',
			typeOptions: { multipleValues: true, sortable: true },
			options: [{ name: 'part', displayName: 'Part', values: cellsShown }],
		});
	});

	it('has a button for another row in a collection, and asks for no cell before there is a row', () => {
		expect(fields['rows in a collection'].property).toEqual({
			displayName: 'Parts',
			name: 'parts',
			type: 'collection',
			default: { label: '', howMany: '' },
			placeholder: 'Add Field',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Part' },
			options: cellsShown.map((cell) => ({ ...cell, required: false })),
		});
	});

	it('has a field for JSON that begins with an empty list', () => {
		expect(fields['rows as JSON'].property).toEqual({
			displayName: 'Parts',
			name: 'parts',
			type: 'json',
			default: '[]',
		});
	});
});

describe('a refusal', () => {
	it('says how to give a list', () => {
		expect(() => fields.rows.read(5, context)).toThrow(
			expect.objectContaining({ description: expect.stringContaining('{{ $json.variants }}') }),
		);
	});

	it('of a row with some cells gives the advice for the cell', () => {
		expect(() => fields.rows.read([{ label: '', howMany: 1 }], context)).toThrow(
			expect.objectContaining({ description: expect.not.stringContaining('row') }),
		);
	});

	it('is a fault in the code if a cell throws another error', () => {
		const fault = new TypeError('no such function');
		const cell = {
			...cells[0],
			read: () => {
				throw fault;
			},
		};
		expect(() => rows(shown, [cell]).read([a], context)).toThrow(TypeError);
	});
});

it('a cell may have the name of the rows', () => {
	const field = rows({ ...shown, rowName: 'howMany' }, cells);
	for (const value of [a, [a], { howMany: [a] }, { howMany: a }, { howMany: JSON.stringify(a) }]) {
		expect(field.read(value, context)).toEqual([a]);
	}
});

it('rows are read the same however they are wrapped', () => {
	const row = fc.record({
		label: fc.string({ minLength: 1 }).filter((text) => text.trim() === text),
		howMany: fc.nat(),
	});
	const wraps: Array<(value: unknown) => unknown> = [
		(value) => value,
		(value) => ({ part: value }),
		(value) => JSON.stringify(value),
	];
	fc.assert(
		fc.property(
			fc.array(row, { minLength: 1 }),
			fc.constantFrom(...wraps),
			fc.constantFrom(...wraps),
			(given, inner, outer) => {
				expect(fields.rows.read(outer(inner(given)), context)).toEqual(given);
			},
		),
	);
});

describe('the initial rows', () => {
	const field = rows({ ...shown, startRows: 2 }, cells);
	const blank = { label: '', howMany: '' };

	it('appear in the panel, and do not count while they are empty', () => {
		expect(field.property.default).toEqual({ part: [blank, blank] });
		expect(field.read({ part: [blank, blank] }, context)).toEqual([]);
	});

	it('count as soon as one of their cells is filled in', () => {
		const part = [
			{ label: 'a', howMany: '' },
			{ label: 'b', howMany: '' },
		];
		expect(field.read({ part }, context)).toEqual([{ label: 'a' }, { label: 'b' }]);
	});

	it('must all be filled in as soon as any row is', () => {
		const refusal = expect.objectContaining({
			message: "'Label' is empty (row 2 of 'Parts')",
			description: 'Fill the row in, or remove it.',
		});
		for (const part of [
			[a, blank],
			[a, blank, b],
		]) {
			expect(() => field.read({ part }, context)).toThrow(refusal);
		}
		expect(() => field.read({ part: [blank] }, context)).toThrow('(row 1 of');
	});

	it('do not keep n8n from running the node with other parameters', () => {
		const [option] = field.property.options as INodePropertyCollection[];
		expect(option?.values.map(({ required }) => required)).toEqual([false, false]);
	});
});

describe('the hidden property that keeps an expression', () => {
	it('has the same name as the rows', () => {
		const displayOptions = { show: { operation: ['make'] } };
		const property = { ...fields.rows.property, displayOptions };
		expect(keptAsWritten(property)).toEqual([
			{ displayName: 'Parts', name: 'parts', displayOptions, type: 'hidden', default: {} },
		]);
	});

	it('exists for no other field', () => {
		expect(keptAsWritten(fields['rows as JSON'].property)).toEqual([]);
	});
});
