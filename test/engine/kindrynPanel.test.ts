import type { IDataObject } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { startTrap } from '../emulator';
import type { Emulator, Misbehaviour } from '../emulator';
import { findSecrets } from './harness';
import { byId, kindrynBench, rowsOf } from './kindrynBench';
import { onTheWire } from './operations';
import { inVirtualTime } from './virtualTime';

const bench = kindrynBench();
const { emulator, run } = bench;

const test = async (changes: IDataObject = {}) =>
	await inVirtualTime(
		async () =>
			await bench
				.engine()
				.testCredential('kindrynApi', bench.credential(changes) as Record<string, string>),
	);

describe('the credential', () => {
	it('tells which community it reaches', async () => {
		expect(await test()).toEqual({
			status: 'OK',
			message: 'Connection successful: Builders Guild',
		});
	});

	it.each([
		(url: string) => url,
		(url: string) => ` ${url}/ `,
		(url: string) => url.replace('/api/public/v1', ''),
		(url: string) => url.replace('/public/v1', '/'),
		(url: string) => url.replace('http://', 'HTTP://'),
	])('takes the address as people paste it: %s', async (paste) => {
		const changes = { baseUrl: paste(emulator().url) };
		expect((await test(changes)).status).toBe('OK');
		expect((await run('community.get', { credential: changes })).status).toBe('success');
		expect(emulator().journal.requests.map(({ path }) => path)).toEqual([
			'/api/public/v1/community',
			'/api/public/v1/community',
		]);
	});

	it('adds https:// where no scheme is given', async () => {
		const { message } = await test({ baseUrl: emulator().origin.replace('http://', '') });
		// The emulator speaks no TLS, so the try to reach it by https shows in what was said
		expect(message).toMatch(/^Kindryn could not be reached/);
		expect(emulator().journal.requests).toEqual([]);
	});

	it.each([
		(key: string) => `  ${key}\n`,
		(key: string) => `Bearer ${key}`,
		(key: string) => ` bearer   ${key} `,
	])('takes the key as people paste it', async (paste) => {
		expect((await test({ apiKey: paste(emulator().secret) })).status).toBe('OK');
		expect(emulator().journal.requests).toMatchObject([{ key: 'main' }]);
	});

	it.each<[string, Misbehaviour]>([
		['a web page', { html: true }],
		['a web page that was not found', { status: 404, html: true }],
		['an unknown route', { status: 404, body: { message: 'Not found' } }],
		['another API', { raw: { body: '{"ok":true}' } }],
		['a redirect', { redirect: 'https://elsewhere.example/', status: 301 }],
		['an API without this request', { status: 405, body: { message: 'Method not allowed' } }],
	])('says of %s that the address is wrong', async (_, rule) => {
		emulator().misbehave({ ...rule, times: Infinity });
		const { status, message } = await test();
		expect(status).toBe('Error');
		expect(message).toMatch(/Check the address|Enter the address of the community/);
	});

	it('says that nothing answers there', async () => {
		const { status, message } = await test({ baseUrl: 'http://127.0.0.1:1' });
		expect([status, message]).toEqual([
			'Error',
			expect.stringMatching(/the connection was refused.*Nothing answers at this address/),
		]);
	});

	it.each([
		['wrong', `kak_${'0'.repeat(64)}`, 'Invalid API key. Open the credential'],
		['disabled', 'disabled', 'API key is disabled. Look at this key in Kindryn under API Keys'],
		['expired', 'expired', 'API key has expired. Look at this key'],
	])('says in the words of the service that a key is %s', async (_, key, words) => {
		const apiKey = key.startsWith('kak_') ? key : emulator().secretOf(key);
		expect(await test({ apiKey })).toEqual({
			status: 'Error',
			message: expect.stringContaining(`Kindryn: ${words}`),
		});
	});

	it('passes a good key that lacks the scope of the test, and says which', async () => {
		expect(await test({ apiKey: emulator().secretOf('unscoped') })).toEqual({
			status: 'OK',
			message: expect.stringContaining('lacks the scope "community:read"'),
		});
	});

	it.each([
		'API key is missing required scope: community:read',
		'API key does not have "community:read" or "community:write" scope',
		'Insufficient permissions: community:read is required',
	])('passes a good key that lacks a scope in other words: %s', async (words) => {
		emulator().misbehave({ status: 403, body: { message: words } });
		expect(await test()).toEqual({ status: 'OK', message: expect.stringContaining(words) });
	});

	it.each([
		'This API key has been disabled, with all its scopes',
		'API key has expired. Scopes: community:read',
		'Forbidden',
	])('does not pass a key that is refused for another reason: %s', async (words) => {
		emulator().misbehave({ status: 403, body: { message: words } });
		expect(await test()).toEqual({ status: 'Error', message: expect.stringContaining(words) });
	});

	it.each<[IDataObject, string]>([
		[{ apiKey: '' }, "'API Key' is empty"],
		[{ apiKey: 'two words' }, "'API Key' holds a space"],
		[{ baseUrl: '' }, "'Base URL' is empty"],
		[{ baseUrl: 'ftp://127.0.0.1' }, 'only https:// can be used'],
		[{ baseUrl: 'http://community.example' }, 'would send the secret unencrypted'],
		[{ baseUrl: 'https://community.example/?tab=1' }, 'may only hold a host and a path'],
		[{ maxRequestsPerSecond: 0 }, "'Max Requests Per Second' must be"],
	])('%j is refused before anything is sent', async (changes, words) => {
		expect(await test(changes)).toEqual({
			status: 'Error',
			message: expect.stringContaining(words),
		});
		const { error } = await run('community.get', { credential: changes });
		expect(error?.message).toContain(words);
		expect(emulator().journal.requests).toEqual([]);
	});

	it('sends the key over http:// when that is allowed', async () => {
		const { error } = await inVirtualTime(
			async () =>
				await run('community.get', {
					credential: { baseUrl: 'http://192.0.2.1', allowInsecureHttp: true },
				}),
		);
		expect(error?.message).toContain('could not be reached');
		expect(bench.engine().refusedConnections.splice(0)).toContain('192.0.2.1:80');
	});

	it('shows twelve characters of the key at most, whatever the service says', async () => {
		const { secret } = emulator();
		const words = `Unknown key ${secret} (Bearer ${secret})`;
		emulator().misbehave({ status: 401, body: { message: words }, times: 2 });
		const shown = `${secret.slice(0, 12)}…`;
		expect((await test()).message).toContain(`Unknown key ${shown} (Bearer ${shown})`);
		const result = await run('community.get');
		expect(result.error?.message).toContain(`Unknown key ${shown}`);
		emulator().misbehave({ raw: { body: JSON.stringify({ name: `Guild of ${secret}` }) } });
		expect((await test()).message).toBe(`Connection successful: Guild of ${shown}`);
		expect(findSecrets([result, bench.engine().logs], [secret.slice(0, 13)])).toEqual([]);
	});

	it('is carried nowhere by a redirect', async () => {
		const trap = await startTrap();
		try {
			for (const status of [301, 302, 307, 308]) {
				emulator().misbehave({ redirect: `${trap.url}/api/public/v1/community`, status, times: 2 });
				expect((await test()).status).toBe('Error');
				expect((await run('community.get')).error?.message).toContain('was not followed');
			}
			expect(trap.arrivals).toEqual([]);
		} finally {
			await trap.stop();
		}
	});
});

describe('lists in the panel', () => {
	const search = async (
		method: string,
		options: { filter?: string; paginationToken?: string; on?: Emulator<'kindryn'> } = {},
	) => {
		const { on, ...rest } = options;
		return await bench.engine().listSearch({
			type: 'kindryn',
			method,
			credentials: { kindrynApi: bench.credential({}, on) as Record<string, string> },
			...rest,
		});
	};
	/** Every page of a list, as the panel reads it when the user scrolls. */
	const scroll = async (method: string, on: Emulator<'kindryn'>, filter?: string) => {
		const pages: unknown[][] = [];
		let paginationToken: string | undefined;
		do {
			const page = await search(method, { on, filter, paginationToken });
			pages.push(page.results.map(({ value }) => value));
			({ paginationToken } = page);
		} while (paginationToken !== undefined);
		return pages;
	};

	it.each([
		[
			'searchSpaces',
			[
				{ name: 'Demo Nights (EVENT_SERIES)', value: 'night' },
				{ name: 'Introductions (DISCUSSION)', value: 'talk' },
				{ name: 'One to One (COACHING)', value: 'one' },
				{ name: 'Pricing Basics (COURSE)', value: 'basics' },
			],
		],
		[
			'searchMembers',
			[
				{ name: 'Mary Jane – mary@example.org', value: 'm3' },
				{ name: 'Bob Ray – bob@example.org', value: 'm2' },
				{ name: 'Jane Doe – jane@example.org', value: 'm1' },
			],
		],
		[
			'searchAuthors',
			[
				{ name: 'Mary Jane – mary@example.org', value: 'u3' },
				{ name: 'Bob Ray – bob@example.org', value: 'u2' },
				{ name: 'Jane Doe – jane@example.org', value: 'u1' },
			],
		],
		[
			'searchPosts',
			[
				{ name: expect.stringMatching(/^Homework – 20\d\d-\d\d-\d\d$/), value: 'p3' },
				{ name: expect.stringMatching(/^Good morning – 20/), value: 'p2' },
				{ name: expect.stringMatching(/^Hello – 20/), value: 'p1' },
			],
		],
		[
			'searchEvents',
			[
				{ name: 'Demo Night II – 2120-05-01 (draft)', value: 'e2' },
				{ name: 'Demo Night – 2020-05-01', value: 'e1' },
			],
		],
	])('%s shows what people know things by', async (method, results) => {
		expect(await search(method)).toEqual({ results });
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it.each([
		['searchSpaces', 'night', ['night']],
		['searchSpaces', ' INTRO ', ['talk']],
		['searchMembers', 'jane', ['m3', 'm1']],
		['searchAuthors', 'bob', ['u2']],
		['searchPosts', 'good', ['p2']],
		['searchEvents', '2120', ['e2']],
		['searchEvents', 'nothing', []],
	])('%s finds %j', async (method, filter, values) => {
		expect((await search(method, { filter })).results.map(({ value }) => value)).toEqual(values);
	});

	it('members are searched by the service', async () => {
		await search('searchMembers', { filter: 'jane' });
		expect(emulator().journal.requests).toMatchObject([
			{ query: { search: 'jane', limit: '100', offset: '0' } },
		]);
	});

	it.each(['searchSpaces', 'searchMembers', 'searchAuthors', 'searchPosts', 'searchEvents'])(
		'%s comes in pages of a hundred',
		async (method) => {
			const on = await bench.startAnother({
				seed: {
					spaces: [{ type: 'EVENT_SERIES' }, ...Array.from({ length: 249 }, () => ({}))],
					...{ members: 250, posts: 250, events: 250 },
				},
			});
			const pages = await scroll(method, on);
			expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
			expect(new Set(pages.flat()).size).toBe(250);
		},
	);

	it.each(['page', 'array'] as const)(
		'what is searched here is found beyond the first page: %s',
		async (undocumentedList) => {
			const events = Array.from({ length: 1234 }, (_, number) => ({
				id: `e${number}`,
				title: number % 1000 === 0 ? 'Picnic' : 'Talk',
			}));
			const on = await bench.startAnother({ seed: { events }, readings: { undocumentedList } });
			expect(await scroll('searchEvents', on, 'picnic')).toEqual([['e1000'], ['e0']]);
		},
	);

	it('a link is shown where the community tells one', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"x","name":"X","url":"https://c.example/x"}],"total":1}' },
		});
		expect((await search('searchSpaces')).results).toEqual([
			{ name: 'X', value: 'x', url: 'https://c.example/x' },
		]);
	});

	it.each([
		['searchAuthors', 'members', 'userId'],
		['searchMembers', 'members', 'id'],
		['searchSpaces', 'spaces', 'id'],
		['searchPosts', 'posts', 'id'],
		['searchEvents', 'events', 'id'],
	])('%s is not silently empty when its %s carry no %s', async (method, things, key) => {
		emulator().misbehave({ raw: { body: '{"data":[{"name":"A"},{"name":"B"}],"total":2}' } });
		await expect(search(method)).rejects.toMatchObject({
			message: `Kindryn answered ${things} without "${key}"`,
			description: expect.stringContaining("Choose 'By ID'"),
		});
	});

	it('what can be picked is listed, whatever stands beside it', async () => {
		emulator().misbehave({ raw: { body: '{"data":[{"name":"A"},{"userId":7}],"total":2}' } });
		expect((await search('searchAuthors')).results).toEqual([{ name: '7', value: '7' }]);
	});

	it('says what is wrong', async () => {
		emulator().misbehave({ status: 403, body: { message: 'API key is disabled' } });
		await expect(search('searchMembers')).rejects.toMatchObject({
			message: 'Kindryn: API key is disabled',
			description: expect.stringContaining('under API Keys'),
		});
	});

	const roles = async (changes: IDataObject = {}, on?: Emulator<'kindryn'>) =>
		(
			await bench.engine().loadOptions({
				type: 'kindryn',
				method: 'getRoles',
				credentials: { kindrynApi: bench.credential(changes, on) as Record<string, string> },
			})
		).map(({ value }) => value);
	const guild = (count: number, special: Record<number, string>) =>
		Array.from({ length: count }, (_, number) => ({ role: special[number] ?? 'MEMBER' }));

	it('roles are the documented ones and those of the members', async () => {
		expect(await roles()).toEqual(['MEMBER', 'MODERATOR', 'OWNER']);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('roles are those of a thousand members, read side by side', async () => {
		const on = await bench.startAnother({
			seed: { members: guild(1500, { 0: 'OWNER', 700: 'ADMIN' }) },
		});
		on.misbehave({ delayMs: 100, times: Infinity });
		expect(await roles({}, on)).toEqual(['ADMIN', 'MEMBER', 'MODERATOR']);
		const inFlight = on.journal.requests.map((request) => request.inFlight);
		expect(inFlight).toHaveLength(10);
		expect(Math.max(...inFlight)).toBeGreaterThan(1);
	});

	it('roles are not waited for longer than a person would', async () => {
		emulator().misbehave({ status: 429, headers: { 'retry-after': '30' } });
		const apiKey = emulator().secretOf('moderator');
		await expect(inVirtualTime(async () => await roles({ apiKey }))).rejects.toThrow('Kindryn');
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('roles are the documented ones for a key that may not list members', async () => {
		expect(await roles({ apiKey: emulator().secretOf('unscoped') })).toEqual([
			'MEMBER',
			'MODERATOR',
		]);
		await expect(roles({ apiKey: 'kak_wrong' })).rejects.toThrow('Invalid API key');
	});
});

describe('the author of a post', () => {
	const post = async (
		authorId: unknown,
		items: IDataObject[] = [{}],
		onError?: 'continueRegularOutput',
	) =>
		await run('post.create', {
			items,
			onError,
			parameters: { spaceId: byId('talk'), authorId: authorId as string, body: '<p>Hi</p>' },
		});
	const byEmail = (value: string) => ({ __rl: true, mode: 'email', value });
	const sent = () => emulator().journal.find({ operationId: 'createPost' });
	const lookups = () => emulator().journal.find({ operationId: 'listMembers' });

	it.each<[string, unknown]>([
		['picked from the list', { __rl: true, mode: 'list', value: 'u2' }],
		['by user ID', byId('u2')],
		['by address', byEmail(' BOB@example.org ')],
		['by address in the field for the ID', byId('bob@example.org')],
		['as an expression in place of the whole field', '={{ "u2" }}'],
	])('%s is sent as userId', async (_, authorId) => {
		expect((await post(authorId)).error).toBeUndefined();
		expect(sent()).toMatchObject([{ body: { authorId: 'u2' } }]);
	});

	it('is looked up once for each address', async () => {
		const items = ['bob', 'jane', 'BOB', 'jane'].map((name) => ({ author: `${name}@example.org` }));
		await post(byEmail('={{ $json.author }}'), items);
		// Side by side, so in any order
		expect(new Set(lookups().map(({ query }) => query.search))).toEqual(
			new Set(['bob@example.org', 'jane@example.org']),
		);
		expect(lookups()).toHaveLength(2);
		expect(sent().map(({ body }) => (body as IDataObject).authorId)).toEqual([
			'u2',
			'u1',
			'u2',
			'u1',
		]);
	});

	it.each([
		['ane@example.org', "'Author' was not found: no member has the address"],
		['nobody@example.org', "'Author' was not found"],
		['bob', "'Author' must be an e-mail address"],
		['', "'Author' is empty"],
	])('%j is refused', async (address, words) => {
		const { error } = await post(byEmail(`={{ ${JSON.stringify(address)} }}`));
		expect(error?.message).toContain(words);
		expect(error?.description).toMatch(/\w/);
		expect(sent()).toEqual([]);
	});

	const someUnknown = ['bob', 'nobody', 'jane'].map((name) => ({ author: `${name}@example.org` }));

	it('that is unknown stops the run before anything is posted, however often n8n tries', async () => {
		const result = await run('post.create', {
			items: someUnknown,
			retryOnFail: true,
			maxTries: 3,
			parameters: {
				spaceId: byId('talk'),
				authorId: byEmail('={{ $json.author }}'),
				body: '<p>Hi</p>',
			},
		});
		expect(result.error?.message).toMatch(/^'Author' was not found: .*"nobody@.*\[item 1\]$/);
		expect(sent()).toEqual([]);
	});

	it('that is unknown fails alone when the others go on', async () => {
		const author = byEmail('={{ $json.author }}');
		const result = await post(author, someUnknown, 'continueRegularOutput');
		expect(rowsOf(result)).toMatchObject([
			{ authorId: 'u2' },
			{ error: expect.stringMatching(/^'Author' was not found/) },
			{ authorId: 'u1' },
		]);
		expect(lookups()).toHaveLength(3);
	});

	it.each(['no', 'twice'])('that %s member has is asked for once', async (name) => {
		const { state } = emulator();
		const one = state.addMember({ email: 'twice@example.org' });
		state.members.push({ ...one, id: 'm9', userId: 'u9' });
		const items = Array.from({ length: 30 }, () => ({}));
		const result = await post(byEmail(`${name}@example.org`), items, 'continueRegularOutput');
		expect(rowsOf(result)).toHaveLength(30);
		expect(rowsOf(result)[29]).toEqual({
			error: expect.stringMatching(/^'Author' .*\[item 29\]$/),
		});
		expect(lookups()).toHaveLength(1);
	});

	it('is refused when several members have the address', async () => {
		const { members } = emulator().state;
		members.push(...members.slice(0, 1).map((jane) => ({ ...jane, id: 'm9', userId: 'u9' })));
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('2 members have the address "jane@example.org"');
		expect(sent()).toEqual([]);
	});

	it('is refused when the service does not tell the user ID', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"m1","email":"jane@example.org"}],"total":1}' },
		});
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('answered members without "userId"');
		expect(error?.description).toContain('enter the user ID');
	});

	it('is not said to be unknown when the service tells no address at all', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"m1","userId":"u1","name":"Jane"}],"total":1}' },
		});
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('answered members without "email"');
		expect(error?.description).toContain('Pick the author from the list');
		expect(sent()).toEqual([]);
	});
});

describe('the body of a post', () => {
	const bodyFor = async (body: string, bodyFormat?: string) => {
		await run('post.create', {
			items: [{ body }],
			parameters: {
				spaceId: byId('talk'),
				authorId: byId('u1'),
				body: '={{ $json.body }}',
				additionalFields: bodyFormat === undefined ? {} : { bodyFormat },
			},
		});
		const [request] = emulator().journal.find({ operationId: 'createPost' });
		return (request?.body as IDataObject | undefined)?.body;
	};

	it.each([undefined, 'html'])(
		'passes unchanged as HTML but for white space at its ends: %j',
		async (bodyFormat) => {
			const html = ' <h1 class="x">Hi &amp; bye</h1>\n<script>alert(1)</script> ';
			expect(await bodyFor(html, bodyFormat)).toBe(html.trim());
		},
	);

	it('is escaped and put in paragraphs as text', async () => {
		expect(await bodyFor('<script>alert("1")</script>\n\nTom & Ann\r\nsay \'hi\'', 'text')).toBe(
			'<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p><p>Tom &amp; Ann<br>say &#39;hi&#39;</p>',
		);
	});
});

describe('the dates of an event', () => {
	const create = async (startsAt: unknown, endsAt?: unknown, timezone = 'Europe/Berlin') =>
		await run('event.create', {
			items: [{ startsAt, endsAt } as IDataObject],
			timezone,
			parameters: {
				spaceId: byId('night'),
				title: 'Talk',
				startsAt: '={{ $json.startsAt }}',
				additionalFields: { endsAt: '={{ $json.endsAt }}' },
			},
		});
	const sent = () =>
		emulator()
			.journal.find({ operationId: 'createEvent' })
			.map(({ body }) => body);

	it.each<[string, unknown, string]>([
		['a local date in the zone of the workflow', '2026-05-01T19:00:00', '2026-05-01T17:00:00.000Z'],
		['a local date in winter', '2026-12-01 19:00', '2026-12-01T18:00:00.000Z'],
		['a date with an offset', '2026-05-01T12:00:00-05:00', '2026-05-01T17:00:00.000Z'],
		['a date in UTC', '2026-05-01T17:00:00Z', '2026-05-01T17:00:00.000Z'],
		['a JS Date', new Date('2026-05-01T17:00:00Z'), '2026-05-01T17:00:00.000Z'],
		['a DateTime', DateTime.fromISO('2026-05-01T17:00:00Z'), '2026-05-01T17:00:00.000Z'],
	])('%s', async (_, startsAt, wire) => {
		expect((await create(startsAt)).error).toBeUndefined();
		expect(sent()).toMatchObject([{ startsAt: wire }]);
	});

	it('a local date in a workflow whose zone was exported as that of n8n', async () => {
		const local = '2026-05-01T19:00:00';
		expect((await create(local, undefined, 'DEFAULT')).error).toBeUndefined();
		expect(sent()).toMatchObject([{ startsAt: DateTime.fromISO(local).toUTC().toISO() }]);
	});

	it('a DateTime of an expression', async () => {
		await run('event.create', {
			parameters: {
				spaceId: byId('night'),
				title: 'Talk',
				startsAt: '={{ DateTime.fromISO("2026-05-01T19:00:00", { zone: "Europe/Berlin" }) }}',
				additionalFields: { endsAt: '={{ $now.plus(200, "years") }}' },
			},
		});
		expect(sent()).toMatchObject([
			{ startsAt: '2026-05-01T17:00:00.000Z', endsAt: expect.stringMatching(/Z$/) },
		]);
	});

	it.each(['2026-02-30', 'tomorrow', '2026-13-01T00:00:00Z', 5])(
		'%j is refused before anything is sent',
		async (value) => {
			const { error } = await create(value);
			expect(error?.message).toBe(`'Starts At' must be a date, but is "${value}" [item 0]`);
			expect((await create('2026-05-01', value)).error?.message).toContain("'Ends At' must be");
			expect(sent()).toEqual([]);
		},
	);

	it('an end before the start is refused, in whatever zones they are written', async () => {
		const { error } = await create('2026-05-01T19:00:00', '2026-05-01T18:59:00+02:00');
		expect(error?.message).toContain(
			`'Ends At' ("2026-05-01T16:59:00.000Z") is before 'Starts At' ("2026-05-01T17:00:00.000Z")`,
		);
		expect(sent()).toEqual([]);
	});

	it('an event that was made is a draft, which one hint says', async () => {
		const result = await create('2026-05-01T19:00:00');
		expect(rowsOf(result)).toMatchObject([{ status: 'DRAFT' }]);
		expect(result.hints).toMatchObject([{ message: expect.stringContaining('are drafts') }]);
		const { hints = [] } = bench.engine().description('kindryn');
		expect(hints.filter(({ message }) => message.includes('draft'))).toEqual([]);
	});

	it.each([
		[{ capacity: 0 }, "'Capacity' must be a whole number of at least 1"],
		[{ meetingUrl: 'meet.example.com/abc' }, "'Meeting URL' must be a web address"],
		[{ isVirtual: '={{ "maybe" }}' }, "'Is Virtual' must be true or false"],
	])('%j is refused before anything is sent', async (additionalFields, words) => {
		const { error } = await run('event.create', {
			parameters: {
				spaceId: byId('night'),
				title: 'Talk',
				startsAt: '2026-05-01',
				additionalFields,
			},
		});
		expect(error?.message).toContain(words);
		expect(sent()).toEqual([]);
	});
});

describe('IDs', () => {
	it.each([
		['a/b', 'a%2Fb'],
		['ä?#%2F', '%C3%A4%3F%23%252F'],
	])('%j goes over the wire as %s', async (id, segment) => {
		emulator().state.addMember({ id });
		expect(rowsOf(await run('member.get', { parameters: { memberId: byId(id) } }))).toMatchObject([
			{ id },
		]);
		expect(emulator().journal.requests).toMatchObject([
			{ path: `/api/public/v1/members/${segment}` },
		]);
	});

	it.each(['', '.', '..', 'x'.repeat(10_240)])('%j is refused', async (id) => {
		for (const name of ['member', 'post', 'event']) {
			const { error } = await run(`${name}.get`, {
				items: [{ id }],
				parameters: { [`${name}Id`]: byId('={{ $json.id }}') },
			});
			expect(error?.message).toMatch(/^'(Member|Post|Event)' /);
		}
		expect(emulator().journal.requests).toEqual([]);
	});

	it('and roles lose the white space around them, which no ID has', async () => {
		const role = '={{ " MODERATOR\\n" }}';
		await run('member.get', { parameters: { memberId: byId('={{ "m1\\n" }}') } });
		await run('post.get', { parameters: { postId: byId(' p1') } });
		await run('event.get', { parameters: { eventId: '={{ "e1\\t" }}' } });
		await run('post.getAll', { parameters: { filters: { spaceId: byId(' talk ') } } });
		await run('member.getAll', { parameters: { filters: { role } } });
		await run('post.create', {
			parameters: { spaceId: byId(' talk'), authorId: byId(' u1 '), body: '<p>Hi</p>' },
		});
		await run('member.add', {
			parameters: { email: 'new@example.org', additionalFields: { role } },
		});
		const page = { limit: '50', offset: '0' };
		const path = (rest: string) => `/api/public/v1${rest}`;
		expect(onTheWire(emulator().journal)).toEqual([
			{ method: 'GET', path: path('/members/m1') },
			{ method: 'GET', path: path('/posts/p1') },
			{ method: 'GET', path: path('/events/e1') },
			{ method: 'GET', path: path('/posts'), query: { ...page, spaceId: 'talk' } },
			{ method: 'GET', path: path('/members'), query: { ...page, role: 'MODERATOR' } },
			{
				method: 'POST',
				path: path('/posts'),
				body: { spaceId: 'talk', authorId: 'u1', body: '<p>Hi</p>' },
			},
			{
				method: 'POST',
				path: path('/members'),
				body: { email: 'new@example.org', role: 'MODERATOR' },
			},
		]);
	});

	it.each([' ', ' . ', '\n..'])('%j is refused before anything is sent', async (id) => {
		const { error } = await run('member.get', { parameters: { memberId: byId(id) } });
		expect(error?.message).toMatch(/^'Member' (is empty|cannot be)/);
		expect(emulator().journal.requests).toEqual([]);
	});

	it('a filter by space that is empty is none, and takes plain text too', async () => {
		for (const spaceId of ['talk', byId('talk'), '', byId(''), '={{ undefined }}']) {
			await run('post.getAll', { parameters: { filters: { spaceId } } });
		}
		expect(emulator().journal.requests.map(({ query }) => query.spaceId)).toEqual([
			'talk',
			'talk',
			undefined,
			undefined,
			undefined,
		]);
	});
});

describe('the package as n8n loads it', () => {
	it('has a codex, themed icons, and can be a tool of an AI agent', () => {
		const description = bench.engine().description('kindryn');
		expect(description.codex?.alias).toContain('community');
		expect(description.usableAsTool).toBe(true);
		expect(description.iconUrl).toEqual({
			light: expect.stringMatching(/kindryn\.svg$/),
			dark: expect.stringMatching(/kindryn\.dark\.svg$/),
		});
		expect(bench.engine().credentialType('kindrynApi').properties).toMatchObject([
			{ name: 'baseUrl', required: true },
			{ name: 'apiKey', typeOptions: { password: true } },
			{ name: 'maxRequestsPerSecond', default: 10 },
			{ name: 'allowInsecureHttp', default: false },
		]);
	});
});
