import fc from 'fast-check';
import { DateTime } from 'luxon';

import {
	choice,
	collection,
	dynamicChoice,
	flag,
	integer,
	plainText,
	requiredText,
	text,
} from '../../../nodes/shared/fields/basicFields';
import type { Field } from '../../../nodes/shared/fields/field';
import { quoted } from '../../../nodes/shared/fields/field';
import { locator } from '../../../nodes/shared/fields/locators';
import { returnAllAndLimit, wantedRows } from '../../../nodes/shared/fields/returnAll';
import { InputError } from '../../../nodes/shared/http/errors';

const context = { timezone: 'UTC' };
const title = { displayName: 'Title', name: 'title' } as const;

/** @returns the value as a field reads it, or the text of the refusal */
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
			[' a\u00a0\n', 'a'],
			['\n  one\n\n  two\n', 'one\n\n  two'],
			['👨‍👩‍👧 and ❤️', '👨‍👩‍👧 and ❤️'],
			['می‌خواهم', 'می‌خواهم'],
			[' \n', undefined],
			[' \u200b\ufeff', undefined],
			[
				'Jane 😀'.slice(0, -1),
				"refused: 'Title' contains half of a character, so it cannot be sent",
			],
			[7, '7'],
			[7n, '7'],
			[() => 'a', `refused: 'Title' must be text, but is "() => 'a'"`],
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
		'plain text',
		plainText(title),
		[
			['WELCOME-2026\n', 'WELCOME-2026'],
			['\ufeffa\u200bb\u00adc\u200e\u2060 \u200b', 'abc'],
			['👨‍👩‍👧\u200d a\u200db', '👨‍👩‍👧 ab'],
			['two words', 'two words'],
			['a\nb', `refused: 'Title' contains a line break or another control character ("a\nb")`],
			['a\0', `refused: 'Title' contains a line break or another control character ("a\0")`],
			['a\ud83d', "refused: 'Title' contains half of a character, so it cannot be sent"],
			['\u200b', undefined],
		],
	],
	[
		'choice loaded from the service',
		dynamicChoice({ ...title, loadMethod: 'load' }),
		[
			[' MODERATOR\n', 'MODERATOR'],
			['MODER\u00adATOR', 'MODERATOR'],
			['  ', undefined],
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
			['\u200b50', 50],
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
			['true\n', true],
			['TRUE', true],
			['False', false],
			[1, true],
			[0, false],
			[' 1', true],
			['0\n', false],
			[' \n', undefined],
			['yes', `refused: 'Title' must be true or false, but is "yes"`],
			[2, `refused: 'Title' must be true or false, but is "2"`],
			[[true], `refused: 'Title' must be true or false, but is "[true]"`],
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
			['a\n', 'a'],
			['\u200ba', 'a'],
			// The default may not be what the user wanted, so an empty expression result is rejected
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
			[{ mode: 'id', value: ' a\u200bb\n' }, 'ab'],
			['a\n', 'a'],
			['a\tb', `refused: 'Title' contains a line break or another control character ("a\tb")`],
			[' ..\n', `refused: 'Title' cannot be ".."`],
			['a\ud83d', "refused: 'Title' contains half of a character, so it cannot be sent"],
			[{ mode: 'id', value: '\u200b' }, "refused: 'Title' is empty"],
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
			[{ name: ' \n', size: ' ' }, {}],
			[' \n', {}],
			[{ unknown: 1 }, {}],
			[{ size: 0 }, `refused: 'Size' must be a whole number of at least 1, but is "0"`],
			['text', `refused: 'Title' must be an object, but is "text"`],
			[[], `refused: 'Title' must be an object, but is "[]"`],
		],
	],
];

describe.each(cases)('%s', (_, field, values) => {
	it.each(values)('turns %p into %j', (value, result) => {
		expect(read(field, value)).toEqual(result);
	});
});

describe('a refusal', () => {
	const circular: Record<string, unknown> = {};
	circular.self = circular;
	let deep: unknown[] = [];
	for (let depth = 0; depth < 100_000; depth++) deep = [deep];

	it.each([
		['an object without a text of its own', Object.create(null) as object, '{}'],
		['an object whose toString is null', { toString: null, toJSON: () => undefined }],
		['a circular object', circular],
		['a bigint', 10n, '10'],
		['a list nested too deep', deep],
		['an invalid date', new Date(NaN), 'Invalid Date'],
		['an invalid luxon date', DateTime.invalid('no day'), 'Invalid DateTime'],
		['NaN', NaN, 'NaN'],
		['a symbol', Symbol('a'), 'Symbol(a)'],
		['a function', flag, 'function flag('],
	])('describes %s', (_what, value, words = 'object that cannot be shown') => {
		expect(read(flag(title), value)).toContain(
			`refused: 'Title' must be true or false, but is "${words}`,
		);
	});

	it('never cuts an emoji in half', () => {
		expect(quoted(`${'x'.repeat(99)}😀y`)).toBe(`"${'x'.repeat(99)}…"`);
	});

	it('shows any value', () => {
		fc.assert(
			fc.property(
				fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withMap: true }),
				(value) => {
					expect(quoted(value)).toMatch(/^"[^]{0,101}"$/);
				},
			),
		);
	});

	it('cuts a value that is too long to read', () => {
		expect(read(flag(title), 'x'.repeat(500))).toMatch(/but is "x{100}…"$/);
	});
});

describe('wantedRows', () => {
	it.each([
		[{ returnAll: true, limit: 5 }, Infinity],
		[{ returnAll: false, limit: 5 }, 5],
		[{}, 50],
	])('of %j is %p', (values, rows) => {
		expect(wantedRows(values)).toBe(rows);
	});
});
