import fc from 'fast-check';

import { redacted } from '../../../nodes/shared/http/redaction';
import type { Secret } from '../../../nodes/shared/http/redaction';
import { endsSoon } from '../endsSoon';

const KEY = `kak_${'12345678'}abcdef0123456789`;
const kindryn: Secret = { value: KEY, publicLength: 12, mask: 'kak_12345678…' };
const hidden = (value: string, publicLength = 0): Secret => ({ value, publicLength, mask: '***' });

const percentEncoded = (text: string) =>
	Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
const asUnicode = (text: string) =>
	Array.from(text, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const asEntities = (text: string) =>
	Array.from(text, (letter) => `&#${letter.charCodeAt(0)};`).join('');
const escapedForHtml = (text: string) =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&apos;');
const asHexEntities = (text: string) =>
	Array.from(text, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`).join('');

const SPELLINGS: Array<[string, (secret: string) => string]> = [
	['as it is', (secret) => secret],
	['in capitals', (secret) => secret.toUpperCase()],
	['in small letters', (secret) => secret.toLowerCase()],
	['percent-encoded', encodeURIComponent],
	['with every letter percent-encoded', percentEncoded],
	[
		'with every letter percent-encoded in capitals',
		(secret) => percentEncoded(secret).toUpperCase(),
	],
	['escaped for JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
	['with every letter escaped for JSON', asUnicode],
	['escaped for HTML', escapedForHtml],
	['with every letter escaped for HTML', asEntities],
	['with every letter escaped for HTML in hexadecimal', asHexEntities],
];

describe('a redacted text', () => {
	it.each([
		['nothing to hide', 'nothing to hide'],
		[`a ${KEY} and ${KEY}.`, 'a kak_12345678… and kak_12345678….'],
		[`cut: ${KEY.slice(0, 20)}`, 'cut: kak_12345678…'],
		[`${KEY.slice(0, 20)}zzz`, 'kak_12345678…zzz'],
		[`its end ${KEY.slice(-8)}`, 'its end kak_12345678…'],
		[`its prefix ${KEY.slice(0, 12)} may be shown`, 'its prefix kak_12345678 may be shown'],
	])('of "%s" is "%s"', (text, clean) => {
		expect(redacted(text, kindryn)).toBe(clean);
	});

	it.each(SPELLINGS)('hides a secret written %s', (_, spell) => {
		for (const value of [KEY, 'a"b\\c/d<e>f&g\'h%41+i=', 'p%2Fqrs', 'p&lt;qrs', 'p\\u0041qrs']) {
			expect(redacted(`(${spell(value)})`, hidden(value))).toBe('(***)');
		}
	});

	it('hides any secret in any spelling, and keeps the text around it', () => {
		const printable = fc.string({
			unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
			minLength: 6,
			maxLength: 60,
		});
		fc.assert(
			fc.property(printable, fc.constantFrom(...SPELLINGS), (value, [, spell]) => {
				const clean = redacted(`. ${spell(value)} .`, hidden(value));
				expect(clean).toContain('***');
				expect(clean.startsWith('. ') && clean.endsWith(' .')).toBe(true);
				expect(clean.toLowerCase()).not.toContain(spell(value).toLowerCase());
			}),
		);
	});

	it('shows only the public part of a secret, wherever it was cut', () => {
		const piece = fc.nat(KEY.length).map((length) => KEY.slice(0, length));
		fc.assert(
			fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
				expect(redacted(pieces.join(' '), kindryn)).not.toContain(KEY.slice(0, 13));
			}),
		);
	});

	it('shows no part of six or more characters of a secret without a public part', () => {
		const secret = 'Zx81qqLmP0';
		for (let start = 0; start + 6 <= secret.length; start++) {
			for (let end = start + 6; end <= secret.length; end++) {
				// A text of plain ASCII takes a shorter way
				for (const mark of ['.', '…']) {
					const text = `key ${secret.slice(start, end)}${mark}`;
					expect(redacted(text, hidden(secret))).toBe(`key ***${mark}`);
				}
			}
		}
	});

	it('hides a secret after letters whose lower case is longer', () => {
		expect(redacted('İİ my-secret-key.', hidden('my-secret-key'))).toBe('İİ ***.');
	});

	it('stays the same if the secret is empty', () => {
		expect(redacted('“quoted” text', hidden(''))).toBe('“quoted” text');
	});

	it('keeps the beginning that all keys of a kind share', () => {
		const klinky = hidden('klinky_live_Zx81qqLmP0', 'klinky_live_'.length);
		const words = 'Keys begin with klinky_live_ or klinky_sk_';
		expect(redacted(words, klinky)).toBe(words);
		expect(redacted('not klinky_live_Zx', klinky)).toBe('not ***');
	});

	it.each(['Authorization', 'Bearer', 'Secret', 'API key', 'api_key', 'Password', 'token'])(
		'keeps the word %s, even if it is part of the secret',
		(word) => {
			expect(redacted(`The ${word}!`, hidden(`my-${word}-1`))).toBe(`The ${word}!`);
		},
	);

	it('hides the word of an error text that is the whole secret', () => {
		expect(redacted('wrong password', hidden('password'))).toBe('wrong ***');
	});

	it('keeps the words of error texts, and the name of the service', () => {
		const secret = hidden('bearer-Example-token');
		const words = 'Example wants a Bearer token';
		expect(redacted(words, secret, ['Example'])).toBe(words);
		expect(redacted('bearer-example-token', secret, ['Example'])).toBe('***');
	});

	it('hides the end of a secret that repeats itself', () => {
		const repeating = 'abcabcabcabcaXYZ1234567';
		expect(redacted(`abc${repeating}`, hidden(repeating))).toBe('******');
	});

	it('hides a short secret too', () => {
		expect(redacted('key=abc;', hidden('abc'))).toBe('key=***;');
	});

	it('does not block n8n if the text resembles the secret everywhere', () => {
		endsSoon(() => redacted('a'.repeat(10_000), hidden(`${'a'.repeat(200)}b`)));
		endsSoon(() => redacted('&#'.repeat(5_000), hidden(KEY)));
		endsSoon(() => redacted(`${KEY.slice(0, 7)}\\u`.repeat(1_000), hidden(KEY)));
	});
});
