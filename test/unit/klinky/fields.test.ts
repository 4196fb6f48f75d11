import {
	defaultVariant,
	destinationUrl,
	geoRules,
	idempotencyKey,
	linkId,
	name,
	newDefaultVariant,
	slug,
	variantsJson,
	weights,
} from '../../../nodes/Klinky/fields';
import type { Field } from '../../../nodes/shared/fields/field';

const context = { timezone: 'UTC' };

describe('a trailing line break and invisible characters', () => {
	it.each<[string, Field, unknown, unknown]>([
		['a link ID', linkId, 'a\u200bb\n', 'ab'],
		['a link ID that is a number', linkId, 7, '7'],
		['a slug', slug, ' summer\u00ad-sale\n', 'summer-sale'],
		['an address', destinationUrl, 'https://a.\u200bexample\n', 'https://a.example'],
		['an idempotency key', idempotencyKey, 'order 1\u200e\n', 'order 1'],
		['a default variant', defaultVariant, 'a\n', 'a'],
		['a new default variant', newDefaultVariant, 'a\n', 'a'],
		[
			'rows',
			geoRules,
			[{ country: 'de\n', variant: ' a\u200b' }],
			[{ country: 'DE', variant: 'a' }],
		],
		['weights', weights, [{ label: 'a\n', weight: '50\n' }], [{ label: 'a', weight: 50 }]],
		[
			'JSON',
			variantsJson,
			' [{"label": "a ", "destination_url": "https://a.example ", "weight": "50"}]\n',
			[{ label: 'a', destinationUrl: 'https://a.example', weight: 50 }],
		],
	])('are removed from %s', (_what, field, value, expected) => {
		expect(field.read(value, context)).toEqual(expected);
	});
});

describe('a name', () => {
	it('keeps the joiners of an emoji', () => {
		expect(name.read(' Summer 👩‍💻❤️\n', context)).toBe('Summer 👩‍💻❤️');
	});

	it('may not hold half an emoji', () => {
		expect(() => name.read('Summer \ud83d', context)).toThrow(
			"'Name' contains half of a character",
		);
	});
});
