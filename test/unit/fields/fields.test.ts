import {
	choice,
	collection,
	flag,
	integer,
	requiredText,
	text,
} from '../../../nodes/shared/fields/basicFields';
import type { Field } from '../../../nodes/shared/fields/field';
import { locator } from '../../../nodes/shared/fields/locators';
import { returnAllAndLimit, wantedRows } from '../../../nodes/shared/fields/returnAll';
import { InputError } from '../../../nodes/shared/http/errors';

const context = { timezone: 'UTC' };
const title = { displayName: 'Title', name: 'title' } as const;

/** What a field makes of a value: the value read, or the text of its refusal. */
function read(field: Field, value: unknown): unknown {
	try {
		return field.read(value, context);
	} catch (error) {
		return error instanceof InputError ? `refused: ${error.message}` : error;
	}
}

const cases: Array<[string, Field, Array<[value: unknown, result: unknown]>]> = [
	[
		'text',
		text(title),
		[
			['a', 'a'],
			[' a ', ' a '],
			[7, '7'],
			[false, 'false'],
			['', undefined],
			[null, undefined],
			[undefined, undefined],
			[{ a: 1 }, `refused: 'Title' must be text, but is "{"a":1}"`],
			[['a'], `refused: 'Title' must be text, but is "["a"]"`],
		],
	],
	[
		'required text',
		requiredText(title),
		[
			['a', 'a'],
			[0, '0'],
			['', "refused: 'Title' is empty"],
			[' \n', "refused: 'Title' is empty"],
			[null, "refused: 'Title' is empty"],
		],
	],
	[
		'integer',
		integer({ ...title, min: 1, max: 100 }),
		[
			[1, 1],
			['100', 100],
			[undefined, undefined],
			[0, `refused: 'Title' must be a whole number from 1 to 100, but is "0"`],
			[101, `refused: 'Title' must be a whole number from 1 to 100, but is "101"`],
			[33.3, `refused: 'Title' must be a whole number from 1 to 100, but is "33.3"`],
			['many', `refused: 'Title' must be a whole number from 1 to 100, but is "many"`],
			['', undefined],
			[' \n', undefined],
			[' 50\n', 50],
			['+50', 50],
			['050', 50],
			['50.0', 50],
			['-50', `refused: 'Title' must be a whole number from 1 to 100, but is "-50"`],
			['50.5', `refused: 'Title' must be a whole number from 1 to 100, but is "50.5"`],
			['0x32', `refused: 'Title' must be a whole number from 1 to 100, but is "0x32"`],
			['5e1', `refused: 'Title' must be a whole number from 1 to 100, but is "5e1"`],
			['5 0', `refused: 'Title' must be a whole number from 1 to 100, but is "5 0"`],
			['50.', `refused: 'Title' must be a whole number from 1 to 100, but is "50."`],
			[true, `refused: 'Title' must be a whole number from 1 to 100, but is "true"`],
		],
	],
	[
		'flag',
		flag(title),
		[
			[true, true],
			[false, false],
			['true', true],
			['false', false],
			[undefined, undefined],
			['yes', `refused: 'Title' must be true or false, but is "yes"`],
			[1, `refused: 'Title' must be true or false, but is "1"`],
		],
	],
	[
		'choice',
		choice({
			...title,
			options: [
				{ name: 'A', value: 'a' },
				{ name: 'B', value: 'b' },
			],
			default: 'b',
		}),
		[
			['a', 'a'],
			// What the panel shows first may not be what an expression meant that found nothing
			['', "refused: 'Title' must be one of a, b, but is empty"],
			[undefined, "refused: 'Title' must be one of a, b, but is empty"],
			['c', `refused: 'Title' must be one of a, b, but is "c"`],
		],
	],
	[
		'Return All',
		returnAllAndLimit[0],
		[
			[true, true],
			[false, false],
			['', false],
			[null, false],
			['yes', `refused: 'Return All' must be true or false, but is "yes"`],
		],
	],
	[
		'locator',
		locator({ ...title, searchMethod: 'search', example: 'a' }),
		[
			['a', 'a'],
			[7, '7'],
			[{ mode: 'id', value: 'a', __rl: true }, 'a'],
			[{ mode: 'list', value: '' }, "refused: 'Title' is empty"],
			[null, "refused: 'Title' is empty"],
			['..', `refused: 'Title' cannot be ".."`],
			[['a'], `refused: 'Title' must be an ID, but is "["a"]"`],
		],
	],
	[
		'collection',
		collection(title, [
			text({ displayName: 'Name', name: 'name' }),
			integer({ displayName: 'Size', name: 'size', min: 1 }),
		]),
		[
			[{}, {}],
			[null, {}],
			[
				{ name: 'a', size: '2' },
				{ name: 'a', size: 2 },
			],
			[{ name: '', size: null }, {}],
			[{ unknown: 1 }, {}],
			[{ size: 0 }, `refused: 'Size' must be a whole number of at least 1, but is "0"`],
			['text', `refused: 'Title' must be an object, but is "text"`],
			[[], `refused: 'Title' must be an object, but is "[]"`],
		],
	],
];

describe.each(cases)('%s', (_, field, values) => {
	it.each(values)('makes of %j: %j', (value, result) => {
		expect(read(field, value)).toEqual(result);
	});
});

describe('a refusal', () => {
	it('cuts a value that is too long to read', () => {
		expect(read(flag(title), 'x'.repeat(500))).toMatch(/but is "x{100}…"$/);
	});
});

describe('wantedRows', () => {
	it.each([
		[{ returnAll: true, limit: 5 }, Infinity],
		[{ returnAll: false, limit: 5 }, 5],
		[{}, 50],
	])('%j', (values, rows) => {
		expect(wantedRows(values)).toBe(rows);
	});
});
