import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import { isSigned } from '../../../../nodes/Kindryn/webhooks/signature';

const SECRET = 'whsec_of_the_unit_tests';
const sign = (body: Uint8Array | string, secret = SECRET) =>
	`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const bytes = (text: string) => Buffer.from(text);

describe('a signature', () => {
	const body = bytes('{"event":"onMemberJoin"}');
	const right = sign(body);

	it('is right for the bytes that were signed', () => {
		expect(isSigned(body, right, SECRET)).toBe(true);
	});

	it('equals the one that openssl makes for the same bytes', () => {
		// printf '{"event":"onMemberJoin"}' | openssl dgst -sha256 -hmac whsec_of_the_unit_tests
		const known = '00c302aa2d89fa1483254badb96133ecf73901f012e8e0dc2a36fe7c7e478a54';
		expect(isSigned(body, `sha256=${known}`, SECRET)).toBe(true);
	});

	it.each([` ${SECRET}`, `${SECRET}\n`, `\t${SECRET} \r\n`])(
		'is right despite white space around the secret: %j',
		(secret) => {
			expect(isSigned(body, right, secret)).toBe(true);
		},
	);

	it.each<[string, unknown]>([
		['missing', undefined],
		['empty', ''],
		['null', null],
		['sent twice', [right, right]],
		['sent twice in one line', `${right}, ${right}`],
		['without a prefix', right.slice('sha256='.length)],
		['with another prefix', right.replace('sha256', 'sha1')],
		['with a prefix in capitals', right.replace('sha256', 'SHA256')],
		['in upper-case hexadecimal', right.replace(/[a-f]/g, (digit) => digit.toUpperCase())],
		['of 63 digits', right.slice(0, -1)],
		['of 65 digits', `${right}0`],
		['with an invalid digit', `${right.slice(0, -1)}g`],
		['followed by a line break', `${right}\n`],
		['after a space', ` ${right}`],
		['made with another secret', sign(body, 'another')],
		['made for an empty body', sign('')],
	])('is wrong when it is %s', (_, signature) => {
		expect(isSigned(body, signature, SECRET)).toBe(false);
	});

	it.each(['', ' ', '\n\t'])(
		'is wrong with the blank secret %j, which anybody could use',
		(secret) => {
			expect(isSigned(body, sign(body, secret), secret)).toBe(false);
			expect(isSigned(body, sign(body, ''), secret)).toBe(false);
		},
	);

	it('is wrong even if only its last bit differs', () => {
		const last = parseInt(right.slice(-1), 16) ^ 1;
		expect(isSigned(body, `${right.slice(0, -1)}${last.toString(16)}`, SECRET)).toBe(false);
	});
});

describe('for any JSON', () => {
	const json = fc.json({ stringUnit: 'binary' });
	/** Each makes another spelling of the same JSON. */
	const respellings: Array<(text: string) => string> = [
		(text) => JSON.stringify(JSON.parse(text), null, 2),
		(text) => ` ${text}`,
		(text) => `${text}\n`,
		(text) => `\ufeff${text}`,
	];

	it('a signature is right for its bytes only, not for another spelling', () => {
		fc.assert(
			fc.property(json, fc.constantFrom(...respellings), (text, respell) => {
				const signature = sign(bytes(text));
				expect(isSigned(bytes(text), signature, SECRET)).toBe(true);
				const other = bytes(respell(text));
				if (!other.equals(bytes(text))) expect(isSigned(other, signature, SECRET)).toBe(false);
			}),
		);
	});

	it('a signature depends on the order of the keys', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 2 }), (object) => {
				const reversed = Object.fromEntries(Object.entries(object).reverse());
				const [one, other] = [object, reversed].map((value) => JSON.stringify(value));
				fc.pre(one !== other);
				expect(isSigned(bytes(String(other)), sign(bytes(String(one))), SECRET)).toBe(false);
			}),
		);
	});

	it('one changed byte makes the signature wrong', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ minLength: 1 }),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(body, at, change) => {
					const changed = Uint8Array.from(body);
					changed[at % body.length] = (body[at % body.length] ?? 0) ^ change;
					expect(isSigned(body, sign(body), SECRET)).toBe(true);
					expect(isSigned(changed, sign(body), SECRET)).toBe(false);
				},
			),
		);
	});
});
