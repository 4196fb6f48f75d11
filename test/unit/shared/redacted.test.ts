import fc from 'fast-check';

import { redacted } from '../../../nodes/shared/connect';

const SECRET = 'kak_12345678abcdef0123456789';

describe('a text without the secret', () => {
	it.each([
		['nothing to hide', 'nothing to hide'],
		[`a ${SECRET} and ${SECRET}.`, 'a … and ….'],
		[`cut: ${SECRET.slice(0, 20)}`, 'cut: …'],
		[`${SECRET.slice(0, 20)}zzz`, '…zzz'],
		[`its prefix ${SECRET.slice(0, 12)} may be shown`, 'its prefix kak_12345678 may be shown'],
	])('%s', (text, clean) => {
		expect(redacted(text, SECRET, '…')).toBe(clean);
	});

	it('shows no more of it than its owner would know it by, wherever it was cut', () => {
		const piece = fc.nat(SECRET.length).map((length) => SECRET.slice(0, length));
		fc.assert(
			fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
				const text = redacted(pieces.join(' '), SECRET, '…');
				expect(text).not.toContain(SECRET.slice(0, 13));
			}),
		);
	});

	it('holds no short secret either', () => {
		expect(redacted('key=abc;', 'abc', '***')).toBe('key=***;');
	});
});
