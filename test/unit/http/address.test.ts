import fc from 'fast-check';

import { apiPath, checkId, normaliseAddress } from '../../../nodes/shared/http/address';
import { endsSoon } from '../endsSoon';

const rules = { label: 'Base URL' };
const kindryn = { label: 'Base URL', path: '/api/public/v1', schemeOptional: true };

describe('normaliseAddress', () => {
	it.each([
		['https://api.kinktr.ee/v1', 'https://api.kinktr.ee/v1'],
		['  https://api.kinktr.ee/v1/ \n', 'https://api.kinktr.ee/v1'],
		['https://api.kinktr.ee/v1///', 'https://api.kinktr.ee/v1'],
		['HTTPS://API.kinktr.ee/v1', 'https://api.kinktr.ee/v1'],
		['http://localhost:8080/v1', 'http://localhost:8080/v1'],
		['http://127.0.0.1:1/', 'http://127.0.0.1:1'],
		['http://[::1]:3000', 'http://[::1]:3000'],
	])('accepts %j', (pasted, address) => {
		expect(normaliseAddress(pasted, rules)).toBe(address);
	});

	it.each([
		['', "'Base URL' is empty"],
		[undefined, "'Base URL' is empty"],
		['api.kinktr.ee/v1', 'does not start with https://'],
		['ftp://api.kinktr.ee', 'only https:// can be used'],
		['javascript://alert(1)', 'only https:// can be used'],
		['http://api.kinktr.ee/v1', 'unencrypted to api.kinktr.ee'],
		['http://127.0.0.1.evil.example/v1', 'unencrypted'],
		['http://localhost.evil.example', 'unencrypted'],
		['https://user:pw@api.kinktr.ee', 'contain only a host and a path'],
		['https://api.kinktr.ee/v1?x=1', 'contain only a host and a path'],
		['https://api.kinktr.ee/v1#x', 'contain only a host and a path'],
		['https://', 'is not an address'],
		['https://exa mple.com', 'is not an address'],
		['https:/api.kinktr.ee', 'with a colon and two slashes'],
		['https//api.kinktr.ee', 'with a colon and two slashes'],
		['https:\\\\api.kinktr.ee', 'with a colon and two slashes'],
		[{ toString: null }, "'Base URL' is empty"],
	])('refuses %j', (pasted, words) => {
		expect(() => normaliseAddress(pasted, rules)).toThrow(words);
	});

	it.each([
		['https:/guild.example', 'two slashes'],
		['https//guild.example', 'two slashes'],
		['HTTP:/guild.example', 'two slashes'],
		['https:guild.example', 'is not an address'],
		['kak_1234567890abcdef', 'a single word'],
		['community', 'a single word'],
	])('does not mistake %j for a host if the scheme is optional', (pasted, words) => {
		expect(() => normaliseAddress(pasted, kindryn)).toThrow(words);
	});

	it.each(['https://guild', 'localhost:5000', 'localhost'])(
		'accepts %j as a host in a private network',
		(pasted) => {
			const host = pasted.replace('https://', '');
			expect(normaliseAddress(pasted, kindryn)).toBe(`https://${host}/api/public/v1`);
		},
	);

	it.each([
		(secret: string) => secret,
		(secret: string) => secret.toUpperCase(),
		(secret: string) => `https://${secret}`,
		(secret: string) => `https://guild.example/${secret}/x`,
		(secret: string) => `user@${secret}.example`,
	])('does not repeat the secret that was pasted into the address (%#)', (paste) => {
		const secret = ['kt', 'pasted.1234567890'].join('-');
		for (const given of [rules, kindryn]) {
			const address = () => normaliseAddress(paste(secret), { ...given, secret });
			expect(address).toThrow("'Base URL' contains the secret itself");
			expect(address).toThrow(
				expect.objectContaining({ message: expect.not.stringMatching(/1234567890/) }),
			);
		}
	});

	it('refuses 150,000 slashes, and removes 2,000', () => {
		const pasted = `https://guild.example${'/'.repeat(150_000)}x`;
		expect(() => normaliseAddress(pasted, rules)).toThrow(
			'characters long, so it is not an address',
		);
		expect(normaliseAddress(`https://a.example${'/'.repeat(2_000)}`, rules)).toBe(
			'https://a.example',
		);
		endsSoon(() => normaliseAddress(`https://a.example${'/'.repeat(2_000)}x`, rules));
	});

	it.each(['kt_secret_1234567890abcdef', 'Bearer kak_1234567890abcdef', 'https://kak 1234567890'])(
		'does not repeat %j, which may be a secret in the wrong field',
		(pasted) => {
			expect(() => normaliseAddress(pasted, rules)).toThrow(
				expect.objectContaining({ message: expect.not.stringContaining('1234567890') }),
			);
		},
	);

	it('gives the advice of the service about http://', () => {
		const advice = "Turn on 'Allow Insecure HTTP'.";
		expect(() =>
			normaliseAddress('http://guild.example', { ...rules, insecureAdvice: advice }),
		).toThrow(expect.objectContaining({ description: advice }));
	});

	it('never repeats a password in the address', () => {
		expect(() => normaliseAddress('https://user:hunter2@api.kinktr.ee', rules)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
		);
	});

	it.each([
		'guild.example.com',
		'https://guild.example.com',
		'https://guild.example.com/',
		'guild.example.com/api',
		'guild.example.com/api/public/',
		'https://guild.example.com/api/public/v1',
		'https://guild.example.com/api/public/v1/',
	])('adds the missing part of the path to %j', (pasted) => {
		expect(normaliseAddress(pasted, kindryn)).toBe('https://guild.example.com/api/public/v1');
	});

	it('keeps the folder of the service', () => {
		expect(normaliseAddress('https://example.com/guild', kindryn)).toBe(
			'https://example.com/guild/api/public/v1',
		);
	});

	it('accepts http:// for other hosts if the credential allows it', () => {
		expect(normaliseAddress('http://guild.local', { ...rules, allowInsecureHttp: true })).toBe(
			'http://guild.local',
		);
	});

	it('leaves its own result unchanged', () => {
		fc.assert(
			fc.property(fc.webUrl({ validSchemes: ['https'] }), fc.boolean(), (url, withPath) => {
				const chosen = withPath ? kindryn : rules;
				const once = normaliseAddress(url, chosen);
				expect(normaliseAddress(once, chosen)).toBe(once);
			}),
		);
	});
});

describe('apiPath', () => {
	it.each([
		['a/b', '/tags/a%2Fb'],
		['ä?#%2F', '/tags/%C3%A4%3F%23%252F'],
		['..a', '/tags/..a'],
		['a b', '/tags/a%20b'],
	])('encodes %j', (tagId, path) => {
		expect(apiPath`/tags/${tagId}`).toBe(path);
	});

	it('keeps any ID whole and within its segment', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (id) => {
				fc.pre(id.trim() !== '' && id !== '.' && id !== '..');
				const { pathname } = new URL(`https://api.example${apiPath`/tags/${id}/clicks`}`);
				const [, first, second, third, ...more] = pathname.split('/');
				expect([first, decodeURIComponent(second ?? ''), third, more]).toEqual([
					'tags',
					id,
					'clicks',
					[],
				]);
			}),
		);
	});

	it.each([
		['', 'is empty'],
		['  ', 'is empty'],
		['.', 'cannot be "."'],
		['..', 'cannot be ".."'],
		['x'.repeat(10_240), '10240 characters long'],
		['\ud83d', 'half of a character'],
	])('refuses %j', (id, words) => {
		expect(() => apiPath`/tags/${id}`).toThrow(words);
		expect(() => checkId(id, 'Tag')).toThrow("'Tag'");
	});

	it('does not repeat a long ID in its error', () => {
		expect(() => checkId('x'.repeat(10_240), 'Tag')).toThrow(
			expect.objectContaining({ message: expect.stringMatching(/^.{1,120}$/) }),
		);
	});
});
