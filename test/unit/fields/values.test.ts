import fc from 'fast-check';

import { cut, plain, trimmed } from '../../../nodes/shared/fields/values';

const text = fc.string({
	unit: fc.oneof(
		fc.constantFrom(...' \n\ta1\u00a0\u200b\u200d\u200e\u00ad\ufeff\u0000\ufe0f👩💻❤'),
		fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
	),
	maxLength: 20,
});
const shows = /[^\s\p{Cc}\p{Cf}]/u;
const emoji = '👩‍💻❤️‍🔥👩🏽‍🚀';

describe('the clean-up of a text', () => {
	it('removes the white space around it, and returns undefined if nothing visible is left', () => {
		const space = fc.string({ unit: fc.constantFrom(...' \n\r\t\u00a0\u2003\ufeff') });
		fc.assert(
			fc.property(space, text, space, (before, inner, after) => {
				const meant = shows.test(inner) ? inner.trim() : undefined;
				expect(trimmed(before + inner + after)).toBe(meant);
			}),
		);
	});

	it('for machines removes the invisible characters and nothing else', () => {
		fc.assert(
			fc.property(text, (entered) => {
				const read = plain(entered);
				if (read === undefined) return expect(entered).not.toMatch(shows);
				const visible = (some: unknown) => String(some).replace(/[\s\p{Cf}]/gu, '');
				expect(visible(read)).toBe(visible(entered));
				expect(read).not.toMatch(/(?!\u200d)\p{Cf}|^\u200d|\u200d$|^\s|\s$/u);
				expect(plain(read)).toBe(read);
			}),
		);
	});

	it('keeps the joiners that combine several emoji into one', () => {
		expect(plain(`${emoji}\u200d a\u200db\u200d👩`)).toBe(`${emoji} ab👩`);
	});

	it('leaves other values alone, except null', () => {
		const date = new Date(0);
		for (const value of [0, false, date]) expect(plain(value)).toBe(value);
		expect(plain(null)).toBeUndefined();
	});
});

describe('a cut text', () => {
	it('has no space before its ellipsis', () => {
		expect(cut(' one two', 5)).toBe(' one…');
	});

	it('loses the half of an emoji at its end, not one that a service sent before', () => {
		expect(cut('\ud83dab😀x', 4)).toBe('\ud83dab…');
	});

	it('is never too long, and holds no half of a character', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (entered, length) => {
				const shown = cut(entered, length);
				if (entered.length <= length) return expect(shown).toBe(entered);
				expect(shown.length).toBeLessThanOrEqual(length + 1);
				expect(shown.endsWith('…') && entered.startsWith(shown.slice(0, -1))).toBe(true);
				expect(shown).not.toMatch(/\p{Surrogate}/u);
			}),
		);
	});
});
