import fc from 'fast-check';

import { redacted } from '../../../nodes/shared/http/redaction';

const WHOLE = 'kak_12345678abcdef0123456789';

describe('a text without the secret', () => {
	it.each([
		['nothing to hide', 'nothing to hide'],
		[`a ${WHOLE} and ${WHOLE}.`, 'a … and ….'],
		[`cut: ${WHOLE.slice(0, 20)}`, 'cut: …'],
		[`${WHOLE.slice(0, 20)}zzz`, '…zzz'],
		[`its prefix ${WHOLE.slice(0, 12)} may be shown`, 'its prefix kak_12345678 may be shown'],
	])('%s', (text, clean) => {
		expect(redacted(text, WHOLE, '…', 12)).toBe(clean);
	});

	it('shows no more of it than its owner would know it by, wherever it was cut', () => {
		const piece = fc.nat(WHOLE.length).map((length) => WHOLE.slice(0, length));
		fc.assert(
			fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
				const text = redacted(pieces.join(' '), WHOLE, '…', 12);
				expect(text).not.toContain(WHOLE.slice(0, 13));
			}),
		);
	});

	it('holds nothing longer than a word of one that may not be shown in part', () => {
		expect(redacted(`cut: ${WHOLE.slice(0, 9)}`, WHOLE, '***')).toBe('cut: ***');
		expect(redacted('kak_ begins a key', WHOLE, '***')).toBe('kak_ begins a key');
	});

	it('holds no end of a secret that repeats itself', () => {
		const repeating = 'abcabcabcabcaXYZ1234567';
		expect(redacted(`abc${repeating}`, repeating, '***')).toBe('abc***');
	});

	it('holds no short secret either', () => {
		expect(redacted('key=abc;', 'abc', '***')).toBe('key=***;');
	});
});
