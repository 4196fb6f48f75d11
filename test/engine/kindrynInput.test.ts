import type { IDataObject } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { COMMUNITY } from './kindrynCommunity';
import { requestsIn } from './operations';
import { byId, kindrynSetup, rowsOf } from './setup';

const { engine, emulator, run } = kindrynSetup({ seed: COMMUNITY });

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
		['from the list', { __rl: true, mode: 'list', value: 'u2' }],
		['by user ID', byId('u2')],
		['by address', byEmail(' BOB@example.org ')],
		['by address in the field for the ID', byId('bob@example.org')],
		['by an expression instead of the whole field', '={{ "u2" }}'],
	])('is sent as a user ID if it is entered %s', async (_, authorId) => {
		expect((await post(authorId)).error).toBeUndefined();
		expect(sent()).toMatchObject([{ body: { authorId: 'u2' } }]);
	});

	it('is looked up once for each address', async () => {
		const items = ['bob', 'jane', 'BOB', 'jane'].map((name) => ({ author: `${name}@example.org` }));
		await post(byEmail('={{ $json.author }}'), items);
		// In parallel, so in any order
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
	])('is refused if it is %j', async (address, words) => {
		const { error } = await post(byEmail(`={{ ${JSON.stringify(address)} }}`));
		expect(error?.message).toContain(words);
		expect(error?.description).toMatch(/\w/);
		expect(sent()).toEqual([]);
	});

	const someUnknown = ['bob', 'nobody', 'jane'].map((name) => ({ author: `${name}@example.org` }));

	it('stops the run before any post if it is unknown, however often n8n retries', async () => {
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

	it('fails only its own item if it is unknown and On Error is Continue', async () => {
		const author = byEmail('={{ $json.author }}');
		const result = await post(author, someUnknown, 'continueRegularOutput');
		expect(rowsOf(result)).toMatchObject([
			{ authorId: 'u2' },
			{ error: expect.stringMatching(/^'Author' was not found/) },
			{ authorId: 'u1' },
		]);
		expect(lookups()).toHaveLength(3);
	});

	it.each(['no', 'twice'])('is looked up once if its address is %s@example.org', async (name) => {
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

	it('is refused if several members have the address', async () => {
		const { members } = emulator().state;
		members.push(...members.slice(0, 1).map((jane) => ({ ...jane, id: 'm9', userId: 'u9' })));
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('2 members have the address "jane@example.org"');
		expect(sent()).toEqual([]);
	});

	it('is refused if Kindryn sends members without user IDs', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"m1","email":"jane@example.org"}],"total":1}' },
		});
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('returned members without "userId"');
		expect(error?.description).toContain('enter the user ID');
	});

	it('is not called unknown if Kindryn sends members without addresses', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"m1","userId":"u1","name":"Jane"}],"total":1}' },
		});
		const { error } = await post(byEmail('jane@example.org'));
		expect(error?.message).toContain('returned members without "email"');
		expect(error?.description).toContain('Pick the author from the list');
		expect(sent()).toEqual([]);
	});
});

describe('a member by address', () => {
	const byEmail = (value: string) => ({ __rl: true, mode: 'email', value });
	const get = async (emails: string[], onError?: 'continueRegularOutput') =>
		await run('member.get', {
			parameters: { memberId: byEmail('={{ $json.email }}') },
			items: emails.map((email) => ({ email })),
			onError,
		});
	const searches = () =>
		emulator()
			.journal.find({ operationId: 'listMembers' })
			.map(({ query }) => query.search);

	it("is looked up once for each address, and read by the member's ID", async () => {
		const result = await get(['jane@example.org', ' BOB@example.org\n', 'Jane@Example.org']);
		expect(rowsOf(result).map(({ id }) => id)).toEqual(['m1', 'm2', 'm1']);
		expect(searches().sort()).toEqual(['BOB@example.org', 'jane@example.org']);
		const read = emulator().journal.find({ operationId: 'getMember' });
		expect(read.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(['m1', 'm1', 'm2']);
	});

	it('fails only its own item if it is unknown, or stops the run, depending on On Error', async () => {
		const emails = ['nobody@example.org', 'ane@example.org', 'jane@example.org'];
		expect(rowsOf(await get(emails, 'continueRegularOutput'))).toMatchObject([
			{ error: `'Member' was not found: no member has the address "nobody@example.org" [item 0]` },
			{ error: `'Member' was not found: no member has the address "ane@example.org" [item 1]` },
			{ id: 'm1' },
		]);
		emulator().journal.clear();
		expect((await get([...emails].reverse())).error?.message).toMatch(/"ane@.*\[item 1\]$/);
		expect(emulator().journal.find({ operationId: 'getMember' })).toEqual([]);
	});

	it('is refused if several members have that address', async () => {
		const { members } = emulator().state;
		members.push(...members.slice(0, 1).map((jane) => ({ ...jane, id: 'm9' })));
		const { error } = await get(['jane@example.org']);
		expect(error).toMatchObject({
			message: `'Member' is not clear: 2 members have the address "jane@example.org" [item 0]`,
			description: 'Pick the member from the list.',
		});
	});

	it.each([
		['jane@example.org', "Choose 'By Email'"],
		['Jane Doe', "Choose 'By Email'"],
		['https://community.example/members/m1', 'pick an entry from the list'],
	])('or anything else that is not an ID is refused under By ID: %j', async (value, advice) => {
		const { error } = await run('member.get', { parameters: { memberId: byId(value) } });
		expect(error).toMatchObject({
			message: `'Member' must be an ID, but is "${value}" [item 0]`,
			description: expect.stringContaining(advice),
		});
		expect(emulator().journal.requests).toEqual([]);
	});
});

it.each([
	['post.get', 'postId'],
	['event.get', 'eventId'],
	['post.create', 'spaceId'],
])('%s refuses a name for %s, and sends nothing', async (name, parameter) => {
	const { error } = await run(name, {
		parameters: { authorId: byId('u1'), body: 'Hi', [parameter]: byId('Demo Night') },
	});
	expect(error?.message).toContain(`must be an ID, but is "Demo Night"`);
	expect(error?.description).toContain('Pick an entry from the list');
	expect(emulator().journal.requests).toEqual([]);
});

describe('the body of a post', () => {
	const bodyFor = async (body: string, bodyFormat?: string) => {
		await run('post.create', {
			items: [{ body }],
			parameters: {
				spaceId: byId('talk'),
				authorId: byId('u1'),
				body: '={{ $json.body }}',
				...(bodyFormat === undefined ? {} : { bodyFormat }),
			},
		});
		const [request] = emulator().journal.find({ operationId: 'createPost' });
		return (request?.body as IDataObject | undefined)?.body;
	};

	it('is sent unchanged, apart from white space at its ends, if it is HTML', async () => {
		const html = ' <h1 class="x">Hi &amp; bye</h1>\n<script>alert(1)</script> ';
		expect(await bodyFor(html, 'html')).toBe(html.trim());
	});

	it.each([undefined, 'text'])(
		'is escaped and keeps its line breaks if it is text, which is the default: %j',
		async (bodyFormat) => {
			const text = '<script>alert("1")</script>\n\nTom & Ann\r\nsay \'hi\'';
			expect(await bodyFor(text, bodyFormat)).toBe(
				'<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p><p>Tom &amp; Ann<br>say &#39;hi&#39;</p>',
			);
		},
	);

	it('is below its format in the panel', () => {
		const shown = engine()
			.description('kindryn')
			.properties.filter(({ displayOptions: { show } = {} }) => {
				const { resource, operation } = show ?? {};
				return resource?.includes('post') && operation?.includes('create');
			});
		expect(shown.map(({ name }) => name)).toEqual([
			'spaceId',
			'authorId',
			'bodyFormat',
			'body',
			'additionalFields',
		]);
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
	])('are sent in UTC: %s', async (_, startsAt, expected) => {
		expect((await create(startsAt)).error).toBeUndefined();
		expect(sent()).toMatchObject([{ startsAt: expected }]);
	});

	it("are in n8n's zone if the workflow's zone is n8n's default", async () => {
		const local = '2026-05-01T19:00:00';
		expect((await create(local, undefined, 'DEFAULT')).error).toBeUndefined();
		expect(sent()).toMatchObject([{ startsAt: DateTime.fromISO(local).toUTC().toISO() }]);
	});

	it('may be the DateTime of an expression', async () => {
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

	it.each(['24.12.2026 18:00', '12/24/2026', '24 Dec 2026'])(
		'are refused with an example of a valid format: %s',
		async (value) => {
			const { error } = await create(value);
			expect(error?.message).toContain(`must be a date, but is "${value}"`);
			const [format = ''] = /\d{4}-\d\d-\d\dT[\d:]+/.exec(String(error?.description)) ?? [];
			expect((await create(format)).error).toBeUndefined();
		},
	);

	it.each(['2026-02-30', 'tomorrow', '2026-13-01T00:00:00Z', 5])(
		'are refused before anything is sent: %j',
		async (value) => {
			const { error } = await create(value);
			expect(error?.message).toBe(`'Starts At' must be a date, but is "${value}" [item 0]`);
			expect((await create('2026-05-01', value)).error?.message).toContain("'Ends At' must be");
			expect(sent()).toEqual([]);
		},
	);

	it('are refused if the end is before the start, also if their zones differ', async () => {
		const { error } = await create('2026-05-01T19:00:00', '2026-05-01T18:59:00+02:00');
		expect(error?.message).toContain(
			`'Ends At' ("2026-05-01T16:59:00.000Z") is before 'Starts At' ("2026-05-01T17:00:00.000Z")`,
		);
		expect(sent()).toEqual([]);
	});

	it('make a draft, and one hint says so', async () => {
		const result = await create('2026-05-01T19:00:00');
		expect(rowsOf(result)).toMatchObject([{ status: 'DRAFT' }]);
		expect(result.hints).toMatchObject([{ message: expect.stringContaining('are drafts') }]);
		const { hints = [] } = engine().description('kindryn');
		expect(hints.filter(({ message }) => message.includes('draft'))).toEqual([]);
	});

	it.each([
		[{ capacity: 0 }, "'Capacity' must be a whole number of at least 1"],
		[{ meetingUrl: 'meet.example.com/abc' }, "'Meeting URL' must be a web address"],
		[{ isVirtual: '={{ "maybe" }}' }, "'Is Virtual' must be true or false"],
	])('are not sent together with the wrong value %j', async (additionalFields, words) => {
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
	it('lose the white space around them, and so do roles', async () => {
		const role = '={{ " MODERATOR\\n" }}';
		await run('member.get', { parameters: { memberId: byId('={{ "m1\\n" }}') } });
		await run('post.get', { parameters: { postId: byId(' p1') } });
		await run('event.get', { parameters: { eventId: '={{ "e1\\t" }}' } });
		await run('post.getAll', { parameters: { filters: { spaceId: byId(' talk ') } } });
		await run('member.getAll', { parameters: { filters: { role } } });
		await run('post.create', {
			parameters: { spaceId: byId(' talk'), authorId: byId(' u1 '), body: 'Hi' },
		});
		await run('member.add', {
			parameters: { email: 'new@example.org', additionalFields: { role } },
		});
		const page = { limit: '50', offset: '0' };
		const path = (rest: string) => `/api/public/v1${rest}`;
		expect(requestsIn(emulator().journal)).toEqual([
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

	it('do not filter if they are empty, and may be plain text', async () => {
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
