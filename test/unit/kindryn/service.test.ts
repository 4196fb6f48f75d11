import { isAboutScope, kindryn, missingScope } from '../../../nodes/Kindryn/service';
import { redacted } from '../../../nodes/shared/http/redaction';
import { endsSoon } from '../endsSoon';

const KEY = `kak_${'ab12'.repeat(16)}`;
const settings = (changes = {}) =>
	kindryn.settings({ baseUrl: 'community.example.com', apiKey: KEY, ...changes });

describe('the settings of a credential', () => {
	it.each([
		'community.example.com',
		' community.example.com/ ',
		'https://community.example.com',
		'https://community.example.com/api',
		'https://community.example.com/api/public',
		'https://community.example.com/api/public/v1/',
		'HTTPS://Community.Example.com/api/public/v1',
	])('turn %j into the full address', (baseUrl) => {
		expect(settings({ baseUrl }).baseUrl).toBe('https://community.example.com/api/public/v1');
	});

	it('keep the path of the community', () => {
		expect(settings({ baseUrl: 'example.com/guild' }).baseUrl).toBe(
			'https://example.com/guild/api/public/v1',
		);
	});

	it.each([KEY, ` ${KEY}\n`, `Bearer ${KEY}`, `bearer  ${KEY}`])(
		'send the key from %j',
		(apiKey) => {
			expect(settings({ apiKey }).headers).toEqual({ Authorization: `Bearer ${KEY}` });
		},
	);

	it('show twelve characters of a key, but none of a key that is too short', () => {
		const { secret } = settings();
		expect(redacted(`key ${KEY}`, secret)).toBe('key kak_ab12ab12…');
		expect(redacted('key kak_ab12ab12', secret)).toBe('key kak_ab12ab12');
		expect(redacted('key kak_abcd', settings({ apiKey: 'kak_abcdef' }).secret)).toBe('key ***');
	});

	it('share one limiter for each address and key, with the lowest limit', () => {
		const { limiter } = settings({ maxRequestsPerSecond: '7' });
		expect(limiter).toHaveProperty('perSecond', 7);
		expect(settings({ maxRequestsPerSecond: 3 }).limiter).toBe(limiter);
		expect(limiter).toHaveProperty('perSecond', 3);
		expect(settings({ maxRequestsPerSecond: 1e9 }).limiter).toHaveProperty('perSecond', 3);
		expect(settings({ apiKey: `${KEY}0` }).limiter).not.toBe(limiter);
		expect(settings({ baseUrl: 'other.example.com' }).limiter).not.toBe(limiter);
	});

	it.each([undefined, null, ''])('allow ten requests per second for %j', (value) => {
		const apiKey = `${KEY}-${value}`;
		const { limiter } = settings({ apiKey, maxRequestsPerSecond: value });
		expect(limiter).toHaveProperty('perSecond', 10);
	});

	it.each<[string, object]>([
		['a key that is not text', { apiKey: { toString: null } }],
		['an address that is not text', { baseUrl: { toString: null } }],
	])('treat %s as an empty field', (_, changes) => {
		expect(() => settings(changes)).toThrow(/'(API Key|Base URL)' is empty/);
	});

	it.each([0, 0.9, -5, NaN, Infinity, 'fast'])('refuse %j requests per second', (value) => {
		expect(() => settings({ maxRequestsPerSecond: value })).toThrow(
			"'Max Requests Per Second' must be a number of at least 1",
		);
	});
});

describe('the missing scope', () => {
	it.each([
		['API key does not have "posts:write" scope', 'posts:write'],
		['Kindryn: API key does not have "a:b" scope (post "x")', 'a:b'],
		['API key is disabled', undefined],
		['API key does not have "<a href=//evil.example>:x" scope', undefined],
		['', undefined],
	])('in %j is %p', (words, scope) => {
		expect(missingScope(words)).toBe(scope);
	});

	it.each(['a', 'a:', 'a:read'])(
		'is found without blocking n8n if %j repeats 10,000 times',
		(piece) => {
			const words = piece.repeat(10_000);
			endsSoon(() => isAboutScope(words));
			endsSoon(() => missingScope(`does not have "${words}`));
		},
	);
});
