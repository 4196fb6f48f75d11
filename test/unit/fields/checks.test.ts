import { integer, text } from '../../../nodes/shared/fields/basicFields';
import {
	checked,
	ofLength,
	required,
	shownIf,
	webAddress,
} from '../../../nodes/shared/fields/checks';
import type { Field } from '../../../nodes/shared/fields/field';
import { InputError } from '../../../nodes/shared/http/errors';

const site = text({ displayName: 'Site', name: 'site' });
const read = (field: Field, value: unknown): unknown => {
	try {
		return field.read(value, { timezone: 'UTC' });
	} catch (error) {
		return error instanceof InputError ? `refused: ${error.message}` : error;
	}
};

const cases: Array<[string, Field, Array<[value: unknown, result: unknown]>]> = [
	[
		'a checked field',
		checked(site, (value) => value.toUpperCase()),
		[
			['a', 'A'],
			['', undefined],
		],
	],
	[
		'a required number',
		required(integer({ displayName: 'Share', name: 'share', min: 0 })),
		[
			[0, 0],
			['', "refused: 'Share' is empty"],
			[null, "refused: 'Share' is empty"],
			[' ', "refused: 'Share' is empty"],
			[-1, `refused: 'Share' must be a whole number of at least 0, but is "-1"`],
		],
	],
	[
		'a text of a certain length',
		ofLength(site, 3, 5),
		[
			['abc', 'abc'],
			['abcde', 'abcde'],
			['😀😀😀😀😀', '😀😀😀😀😀'],
			['', undefined],
			['ab', `refused: 'Site' must have 3 to 5 characters, but "ab" has 2`],
			['abcdef', `refused: 'Site' must have 3 to 5 characters, but "abcdef" has 6`],
		],
	],
	[
		'a text without a minimum length',
		ofLength(site, 1, 2),
		[
			['a', 'a'],
			['abc', `refused: 'Site' must have at most 2 characters, but "abc" has 3`],
		],
	],
	[
		'a web address',
		webAddress(site, 30),
		[
			['https://a.example/b?c#d', 'https://a.example/b?c#d'],
			[' HTTP://a.example\n', 'HTTP://a.example'],
			['', undefined],
			['a.example', `refused: 'Site' must be a web address, but is "a.example"`],
			['//a.example', `refused: 'Site' must be a web address, but is "//a.example"`],
			['https:a.example', `refused: 'Site' must be a web address, but is "https:a.example"`],
			['https://', `refused: 'Site' must be a web address, but is "https://"`],
			['ftp://a.example', `refused: 'Site' must be a web address, but is "ftp://a.example"`],
			['https://a.example/b%20c', 'https://a.example/b%20c'],
			['https://a.\u200bexample/\u00adb\u200e', 'https://a.example/b'],
			['https://a.example/b c', `refused: 'Site' contains a space ("https://a.example/b c")`],
			[
				'https://a.example/\u2028b',
				`refused: 'Site' contains a space ("https://a.example/\u2028b")`,
			],
			[
				'https://a.ex\nample',
				`refused: 'Site' contains a line break or another control character ("https://a.ex\nample")`,
			],
			[
				'https://a.example/\tb',
				`refused: 'Site' contains a line break or another control character ("https://a.example/\tb")`,
			],
			[
				'https://a.example/\ud83d',
				"refused: 'Site' contains half of a character, so it cannot be sent",
			],
			['xhttps://a.example', `refused: 'Site' must be a web address, but is "xhttps://a.example"`],
			['javascript:x', `refused: 'Site' must be a web address, but is "javascript:x"`],
			[
				'https://a.example/0123456789012',
				`refused: 'Site' must have at most 30 characters, but "https://a.example/0123456789012" has 31`,
			],
		],
	],
];

describe.each(cases)('%s', (_name, field, values) => {
	it.each(values)('reads %j as %j', (value, result) => {
		expect(read(field, value)).toEqual(result);
	});
});

describe('a refused value', () => {
	it.each([
		['', required(site), 'Fill it in, or check that its expression finds a value for this item.'],
		[
			'https://a.ex\nample',
			webAddress(site, 30),
			'Remove it, or check the expression: it may return more than this value.',
		],
		['https://a.example/b c', webAddress(site, 30), 'Write a space as %20.'],
		[
			'a.example',
			webAddress(site, 30),
			'Write it with https:// (or http://) at the beginning, e.g. https://example.com/page.',
		],
	])('comes with advice: %j', (value, field, description) => {
		expect(() => field.read(value, { timezone: 'UTC' })).toThrow(
			expect.objectContaining({ description }),
		);
	});
});

describe('a field in the panel', () => {
	it('has a star when it is required, and keeps its name', () => {
		expect(required(site).property).toEqual({ ...site.property, required: true });
	});

	it('is shown with certain values of other fields, and is read as before', () => {
		const shown = shownIf(site, { kind: ['page'] });
		expect(shown.property).toEqual({
			...site.property,
			displayOptions: { show: { kind: ['page'] } },
		});
		expect(read(shown, 'a')).toBe('a');
	});
});
