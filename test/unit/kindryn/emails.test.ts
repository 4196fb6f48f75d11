import fc from 'fast-check';

import { addressKey, checkEmail, searchFor } from '../../../nodes/Kindryn/emails';

const SAME = [
	['jane@bücher.example', 'Jane@xn--bcher-kva.example', 'jane@BU\u0308CHER.example'],
	['jos\u00e9@example.org', 'jose\u0301@example.org', ' JOS\u00c9@Example.org\n'],
	['jane@example.org', 'ja\u200bne@exam\u00adple.org'],
	['用户@例え.jp', '用户@xn--r8jz45g.jp'],
];

describe('e-mail addresses', () => {
	it.each(SAME.flatMap(([first, ...others]) => others.map((other) => [first, other])))(
		'%j and %j are the same',
		(one, other) => {
			expect(addressKey(String(one))).toBe(addressKey(String(other)));
		},
	);

	it.each([
		['jane@example.org', 'jane@example.com'],
		['jane@example.org', 'j.ane@example.org'],
		['jane@strasse.example', 'jane@straße.example'],
		['jane@example.org/a', 'jane@example.org/b'],
		['jane@example.org:25', 'jane@example.org:80'],
		['jane@bob@example.org', 'jane@bob@example.com'],
		['josé@example.org', 'jose@example.org'],
	])('%j and %j are different', (one, other) => {
		expect(addressKey(one)).not.toBe(addressKey(other));
	});

	const part = (letters: string) =>
		fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 8 });
	const locals = part('abÉßñöüåçΣж用');
	// The lower case of Σ depends on its position, and domains distinguish both forms
	const domains = part('abÉßñöüåçж用');

	it('are the same in every spelling', () => {
		const spelling = fc.constantFrom<(text: string) => string>(
			(text) => text.normalize('NFD'),
			(text) => text.toLowerCase(),
			(text) => ` ${text}\n`,
			(text) =>
				text.replace(/@.*/, (domain) => `@${new URL(`http://${domain.slice(1)}`).hostname}`),
		);
		fc.assert(
			fc.property(locals, domains, spelling, (local, domain, spell) => {
				const email = `${local}@${domain}.example`;
				const key = addressKey(email);
				expect(addressKey(spell(email))).toBe(key);
				expect(addressKey(key)).toBe(key);
				const searched = searchFor(email) ?? '';
				expect(spell(email).toLowerCase()).toContain(searched.toLowerCase());
			}),
		);
	});

	it.each([
		'',
		'jane',
		'@',
		'jane@',
		'@example.org',
		'a@b@c',
		'jane@[::1]',
		'a@xn--a',
		'a@%',
		'\ud83d',
	])('keep the invalid %j as its own key', (text) => {
		expect(addressKey(text)).toBe(text);
	});

	it.each([
		['Jane@example.org', 'Jane@example.org'],
		['jane@bücher.example', 'jane'],
		['jane@xn--bcher-kva.example', 'jane'],
		['andré.b@example.org', 'andr'],
		['用户@example.org', undefined],
	])('%j is searched for as %p', (email, wanted) => {
		expect(searchFor(email)).toBe(wanted);
	});

	it.each([
		'jane',
		'jane@',
		'Jane <jane@example.org>',
		'jane@example.org bob@example.org',
		'a@b@c',
	])('do not include %j', (entered) => {
		expect(() => checkEmail(entered, 'Email')).toThrow(
			`'Email' must be an e-mail address, but is "${entered}"`,
		);
	});
});
