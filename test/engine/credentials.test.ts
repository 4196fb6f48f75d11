import type { IDataObject } from 'n8n-workflow';

import { type Misbehaviour, type ServiceName, startEmulator, startTrap } from '../emulator';
import { findSecrets } from './harness';
import { COMMUNITY } from './kindrynCommunity';
import { kindrynSetup, kinktreeSetup, klinkySetup, rowsOf, type Setup } from './setup';
import { inVirtualTime } from './virtualTime';

/** Credentials that are refused, each with the words of the error. */
type Refused = Array<[changes: IDataObject, words: string]>;

const UNENCRYPTED = 'would send the secret unencrypted';

/** Tests the rules for the credential of every service. */
function describeCredential<S extends ServiceName>(
	setup: Setup<S>,
	given: {
		/** the field of the secret, and its label */
		secret: [field: string, label: string];
		/** an operation and the path that it reads, as the test of the credential does */
		reads: string;
		path: string;
		/** the message of a successful test */
		says: string;
		/** how people paste a secret and an address */
		pastedSecrets?: Array<(secret: string) => string>;
		pastedAddresses?: Array<(url: string) => string>;
		refused: Refused;
		/** answers at a wrong address, and the words of the test about them */
		elsewhere: Array<[what: string, rule: Misbehaviour, words: RegExp]>;
		wrongSecret: RegExp;
	},
): (changes?: IDataObject) => ReturnType<Setup<S>['testCredential']> {
	const { emulator, run } = setup;
	const [field, label] = given.secret;
	const test = async (changes?: IDataObject) =>
		await inVirtualTime(async () => await setup.testCredential(changes));

	it('hides the secret in its form, and asks for the address', () => {
		const { properties } = setup.engine().credentialType(`${setup.service}Api`);
		expect(properties.find(({ name }) => name === field)?.typeOptions?.password).toBe(true);
		expect(properties.find(({ name }) => name === 'baseUrl')).toBeDefined();
	});

	it('says below its field where the secret comes from', () => {
		const { properties } = setup.engine().credentialType(`${setup.service}Api`);
		expect(properties.find(({ name }) => name === field)?.hint).toMatch(/API Keys|representative/);
	});

	it('says which account it reaches', async () => {
		expect(await test()).toEqual({ status: 'OK', message: given.says });
	});

	const pasted: Array<[string, (credential: IDataObject) => IDataObject]> = [
		...[(secret: string) => `  ${secret}\r\n`, ...(given.pastedSecrets ?? [])].map(
			(paste): (typeof pasted)[number] => [
				paste('secret'),
				(credential) => ({ [field]: paste(String(credential[field])) }),
			],
		),
		...[(url: string) => ` ${url}/ `, ...(given.pastedAddresses ?? [])].map(
			(paste): (typeof pasted)[number] => [
				paste('http://host/api/public/v1'),
				({ baseUrl }) => ({ baseUrl: paste(String(baseUrl)) }),
			],
		),
	];
	it.each(pasted)('is accepted as people paste it: %j', async (_, paste) => {
		const changes = paste(setup.credential());
		expect((await test(changes)).status).toBe('OK');
		expect((await run(given.reads, { credential: changes })).status).toBe('success');
		const { requests } = emulator().journal;
		expect(requests.map(({ path }) => path)).toEqual([given.path, given.path]);
		expect(requests.map(({ key }) => key)).not.toContain('unknown');
	});

	const refused: Refused = [
		[{ [field]: '' }, `'${label}' is empty`],
		[{ [field]: ' \n' }, `'${label}' is empty`],
		[{ [field]: 'two words' }, `'${label}' contains a space`],
		[{ [field]: 'two\nlines' }, `'${label}' contains a space, a line break`],
		[{ baseUrl: '' }, "'Base URL' is empty"],
		[{ baseUrl: 'ftp://127.0.0.1/v1' }, 'only https:// can be used'],
		[{ baseUrl: 'http://service.example/v1' }, UNENCRYPTED],
		...given.refused,
	];
	it.each(refused)('is refused before anything is sent: %j', async (credential, words) => {
		const stopped = await run(given.reads, { credential });
		expect(stopped.error?.message).toContain(words);
		expect(stopped.error?.description).toMatch(/\w/);
		const onError = 'continueRegularOutput';
		const continued = await run(given.reads, { credential, items: [{}, {}], onError });
		const failed = { error: expect.stringContaining(words) };
		expect(rowsOf(continued)).toEqual([failed, failed]);
		expect(await test(credential)).toMatchObject({
			status: 'Error',
			message: expect.stringContaining(words),
		});
		expect(emulator().journal.requests).toEqual([]);
	});

	it("says in the service's words that the secret is wrong", async () => {
		expect(await test({ [field]: 'not-the-secret-of-anybody' })).toEqual({
			status: 'Error',
			message: expect.stringMatching(given.wrongSecret),
		});
	});

	it.each(given.elsewhere)('says that the address is wrong: %s', async (_, rule, words) => {
		emulator().misbehave({ ...rule, times: Infinity });
		expect(await test()).toEqual({ status: 'Error', message: expect.stringMatching(words) });
	});

	it('says that nothing answers at the address', async () => {
		const gone = await startEmulator(setup.service);
		const { url: baseUrl } = gone;
		await gone.stop();
		expect(await test({ baseUrl })).toEqual({
			status: 'Error',
			message: expect.stringMatching(/the connection was refused.*(Check it|Nothing answers)/),
		});
	});

	it('is not sent along with a redirect', async () => {
		const trap = await startTrap();
		try {
			for (const status of [301, 302, 307, 308]) {
				emulator().misbehave({ redirect: `${trap.url}${given.path}`, status, times: 2 });
				expect((await test()).status).toBe('Error');
				const { error } = await run(given.reads);
				expect(error?.message).toContain('returned a redirect, which was not followed');
			}
			expect(trap.arrivals).toEqual([]);
		} finally {
			await trap.stop();
		}
	});

	return test;
}

describe('the credential of Kinktree', () => {
	const tags = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
	describeCredential(kinktreeSetup({ seed: { tags } }), {
		secret: ['apiSecret', 'API Secret'],
		reads: 'tag.getAll',
		path: '/v1/partners/tags',
		says: 'Connection successful: 3 tags in your namespace',
		refused: [
			[{ apiSecret: 'Bearer abcdefgh' }, `'API Secret' starts with "Bearer"`],
			[{ apiSecret: ' bearer abcdefgh' }, `'API Secret' starts with "Bearer"`],
			[{ baseUrl: 'api.kinktr.ee/v1' }, "'Base URL' does not start with https://"],
		],
		elsewhere: [
			['a web page', { html: true }, /returned a web page instead of JSON/],
			[
				'a web page with 404',
				{ status: 404, raw: { body: '<html>', contentType: 'text/html' } },
				/returned status 404 with a web page/,
			],
			['another API', { raw: { body: '{"hello":"world"}' } }, /instead of a list of tags/],
		],
		wrongSecret: /^Kinktree: Invalid API secret\. Open the credential/,
	});
});

describe('the credential of Kindryn', () => {
	const setup = kindrynSetup({ seed: COMMUNITY });
	const { emulator, run } = setup;
	const address = /Check the address|Enter the address of the community/;
	const test = describeCredential(setup, {
		secret: ['apiKey', 'API Key'],
		reads: 'community.get',
		path: '/api/public/v1/community',
		says: 'Connection successful: Builders Guild',
		pastedSecrets: [(key) => `Bearer ${key}`, (key) => ` bearer   ${key} `],
		pastedAddresses: [
			(url) => url.replace('/api/public/v1', ''),
			(url) => url.replace('/public/v1', '/'),
			(url) => url.replace('http://', 'HTTP://'),
		],
		refused: [
			[{ baseUrl: 'https://community.example/?tab=1' }, 'may contain only a host and a path'],
			...[0, 0.5, -1, 'many'].map((maxRequestsPerSecond): Refused[number] => [
				{ maxRequestsPerSecond },
				`'Max Requests Per Second' must be a number of at least 1, but is "${maxRequestsPerSecond}"`,
			]),
		],
		elsewhere: [
			['a web page', { html: true }, address],
			['a web page with 404', { status: 404, html: true }, address],
			['an unknown route', { status: 404, body: { message: 'Not found' } }, address],
			['another API', { raw: { body: '{"ok":true}' } }, address],
			['a redirect', { redirect: 'https://elsewhere.example/', status: 301 }, address],
			['another version', { status: 405, body: { message: 'Method not allowed' } }, address],
		],
		wrongSecret: /^Kindryn: Invalid API key\. Open the credential/,
	});

	it('starts with 10 requests per second, and without http://', () => {
		const { properties } = setup.engine().credentialType('kindrynApi');
		const defaults = Object.fromEntries(
			properties.map(({ name, default: value }) => [name, value]),
		);
		expect(defaults).toMatchObject({ maxRequestsPerSecond: 10, allowInsecureHttp: false });
	});

	it('gets https:// if the address has no scheme', async () => {
		const { message } = await test({ baseUrl: emulator().origin.replace('http://', '') });
		// The emulator has no TLS, so the attempt over https fails
		expect(message).toMatch(/^Kindryn could not be reached/);
		expect(emulator().journal.requests).toEqual([]);
	});

	it('is sent over http:// if the option allows it', async () => {
		const credential = { baseUrl: 'http://192.0.2.1', allowInsecureHttp: true };
		const { error } = await inVirtualTime(async () => await run('community.get', { credential }));
		expect(error?.message).toContain('could not be reached');
		expect(setup.engine().refusedConnections.splice(0)).toContain('192.0.2.1:80');
	});

	it.each([
		['disabled', 'API key is disabled. Ask an admin to turn this key on'],
		['expired', 'API key has expired. Create a new key'],
	])("says in Kindryn's words that a key is %s", async (name, words) => {
		expect(await test({ apiKey: emulator().secretOf(name) })).toEqual({
			status: 'Error',
			message: expect.stringContaining(`Kindryn: ${words}`),
		});
	});

	it('passes with a good key that lacks the scope of the test, and names the scope', async () => {
		expect(await test({ apiKey: emulator().secretOf('unscoped') })).toEqual({
			status: 'OK',
			message: expect.stringContaining('lacks the scope "community:read"'),
		});
	});

	it.each([
		['OK', 'API key is missing required scope: community:read'],
		['OK', 'API key does not have "community:read" or "community:write" scope'],
		['OK', 'Insufficient permissions: community:read is required'],
		['Error', 'This API key has been disabled, with all its scopes'],
		['Error', 'API key has expired. Scopes: community:read'],
		['Error', 'Forbidden'],
	])('tests as %s when Kindryn answers 403 with "%s"', async (status, words) => {
		emulator().misbehave({ status: 403, body: { message: words } });
		expect(await test()).toEqual({ status, message: expect.stringContaining(words) });
	});

	it('shows twelve characters of the key at most, whatever Kindryn says', async () => {
		const { secret } = emulator();
		const words = `Unknown key ${secret} (Bearer ${secret})`;
		emulator().misbehave({ status: 401, body: { message: words }, times: 2 });
		const shown = `${secret.slice(0, 12)}…`;
		expect((await test()).message).toContain(`Unknown key ${shown} (Bearer ${shown})`);
		const result = await run('community.get');
		expect(result.error?.message).toContain(`Unknown key ${shown}`);
		emulator().misbehave({ raw: { body: JSON.stringify({ name: `Guild of ${secret}` }) } });
		expect((await test()).message).toBe(`Connection successful: Guild of ${shown}`);
		expect(findSecrets([result, setup.engine().logs], [secret.slice(0, 13)])).toEqual([]);
	});
});

describe('the credential of Klinky', () => {
	const setup = klinkySetup({ seed: { links: [{}, {}] } });
	const { emulator } = setup;
	const test = describeCredential(setup, {
		secret: ['apiKey', 'API Key'],
		reads: 'link.getAll',
		path: '/api/v1/public/links',
		says: 'Connection successful: 2 links in your account, 999 of 1000 requests left this hour',
		refused: [[{ baseUrl: 'klinky-api.fly.dev' }, "'Base URL' does not start with https://"]],
		elsewhere: [
			[
				'404',
				{ status: 404, body: { detail: 'Not Found' } },
				/^Klinky: Not Found\. Check the Base URL in the credential; it usually ends in \/api\/v1\.$/,
			],
		],
		wrongSecret: /^Klinky: Invalid API key\. Open the credential/,
	});

	it('spends one request on its test', async () => {
		await test();
		expect(emulator().journal.requests).toMatchObject([{ query: { page: '1', per_page: '1' } }]);
	});

	it('does not mention links if Klinky sends no total', async () => {
		emulator().readings.listShape = 'array';
		const message = 'Connection successful, 999 of 1000 requests left this hour';
		expect(await test()).toEqual({ status: 'OK', message });
	});

	it('does not mention a limit that Klinky does not announce', async () => {
		const reset = String(Math.ceil(Date.now() / 1000) + 600);
		emulator().misbehave({
			raw: { body: '{"total":1,"items":[{"id":"a"}]}' },
			headers: { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset },
		});
		const message = 'Connection successful: 1 link in your account, 7 requests left this hour';
		expect(await test()).toEqual({ status: 'OK', message });
	});

	it('may hold a key of any form', async () => {
		const newer = ['klinky', 'sk', '0123456789'].join('_');
		emulator().state.addKey({ name: 'newer', secret: newer });
		expect(await test({ apiKey: newer })).toMatchObject({ status: 'OK' });
	});

	it('says that the plan has no API access', async () => {
		setup.useKey({ plan: 'free' });
		expect(await test()).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('whether your plan includes API access'),
		});
	});
});
