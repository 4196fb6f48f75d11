import { type Emulator, KINDRYN_SCOPES, type KindrynReadings, startEmulator } from '..';
import { loadOpenApi } from '../openapi';
import { clientOf } from '../client';

const NOW = Date.parse('2026-11-02T12:00:00.000Z');
const DAY = 86_400_000;

const iso = (fromNow: number) => new Date(NOW + fromNow).toISOString();
const ids = (rows: Array<{ id: string }>) => rows.map(({ id }) => id);

describe('Kindryn emulator', () => {
	let emulator: Emulator<'kindryn'>;
	let now = NOW;

	beforeAll(async () => {
		emulator = await startEmulator('kindryn', {
			now: () => now,
			seed: {
				users: [
					{ email: 'known@example.org' },
					{ email: 'unverified@example.org', verified: false },
				],
				spaces: [
					{ id: 'talk', type: 'DISCUSSION' },
					{ id: 'learn', type: 'COURSE' },
					{ id: 'meet', type: 'EVENT_SERIES' },
					{ id: 'coach', type: 'COACHING' },
				],
				members: [
					{ id: 'm1', userId: 'u1', name: 'Ada Owner', role: 'OWNER' },
					{ id: 'm2', userId: 'u2', name: 'Jane Moderator', role: 'MODERATOR' },
					{ id: 'm3', userId: 'u3', name: 'Bob', email: 'jane.too@example.org' },
				],
				invitations: [
					{ id: 'i1', status: 'pending', email: 'invited@example.org' },
					{ id: 'i2', status: 'used' },
					{ id: 'i3', status: 'revoked' },
					{ id: 'i4', status: 'expired' },
				],
				posts: [
					{ id: 'p1', spaceId: 'talk' },
					{ id: 'p2', spaceId: 'learn' },
					{ id: 'p3', spaceId: 'talk', title: null },
				],
				events: [
					{ id: 'e1', spaceId: 'meet', startsAt: iso(-DAY) },
					{ id: 'e2', spaceId: 'meet', startsAt: iso(DAY), status: 'DRAFT' },
				],
				courses: [
					{ id: 'c1', published: true },
					{ id: 'c2', published: false },
				],
				sessions: [
					{ id: 's1', spaceId: 'coach', startsAt: iso(-DAY) },
					{ id: 's2', spaceId: 'talk', startsAt: iso(DAY) },
				],
			},
		});
	});

	beforeEach(() => {
		now = NOW;
		emulator.reset();
	});

	afterAll(async () => await emulator.stop());

	const as = (key = 'main') =>
		clientOf(emulator.url, { Authorization: `Bearer ${emulator.secretOf(key)}` });

	/** One valid request for each operation. */
	const walk: Record<string, { url: string; data?: unknown; status: number }> = {
		getCommunity: { url: '/community', status: 200 },
		listMembers: { url: '/members?limit=2&role=MEMBER&search=bob', status: 200 },
		getMember: { url: '/members/m1', status: 200 },
		addMember: { url: '/members', data: { email: 'new@example.org', role: 'MEMBER' }, status: 202 },
		listInvitations: { url: '/invitations?status=pending&limit=200', status: 200 },
		createInvitation: {
			url: '/invitations',
			data: { email: 'x@example.org', role: 'MEMBER', name: 'X', sendWelcomeEmail: true },
			status: 202,
		},
		createInvitations: {
			url: '/invitations/bulk',
			data: [{ email: 'a@example.org', role: 'MODERATOR', name: 'A' }, { email: 'bad' }],
			status: 200,
		},
		listSpaces: { url: '/spaces?type=COURSE&limit=1&offset=0', status: 200 },
		listPosts: { url: '/posts?spaceId=talk&limit=1&offset=1&sort=oldest', status: 200 },
		getPost: { url: '/posts/p1', status: 200 },
		createPost: {
			url: '/posts',
			data: { spaceId: 'talk', title: 'T', body: '<p>B</p>', authorId: 'u2' },
			status: 201,
		},
		listEvents: { url: '/events?spaceId=meet&upcoming=true&status=DRAFT', status: 200 },
		getEvent: { url: '/events/e1', status: 200 },
		createEvent: {
			url: '/events',
			data: {
				spaceId: 'meet',
				title: 'Office Hours',
				description: 'Weekly Q&A',
				startsAt: '2026-12-01T17:00:00.000Z',
				endsAt: '2026-12-01T18:00:00.000Z',
				capacity: 50,
				isVirtual: true,
				meetingUrl: 'https://meet.example.com/abc',
			},
			status: 201,
		},
		listCourses: { url: '/courses?published=true', status: 200 },
		listCoachingSessions: { url: '/coaching/sessions?upcoming=true', status: 200 },
	};

	const { operations } = loadOpenApi('kindryn');

	const send = async (operationId: string, key = 'main') => {
		const method = operations.find((operation) => operation.operationId === operationId)?.method;
		const { url, data } = walk[operationId] ?? { url: '/' };
		return await as(key).request({ method, url, data });
	};

	it('is walked through as a whole', () => {
		expect(Object.keys(walk).sort()).toEqual(operations.map((o) => o.operationId).sort());
	});

	const otherReadings: Array<Partial<KindrynReadings>> = [
		{},
		{ order: 'oldest', shiftingRows: 'insert', undocumentedList: 'array', socialLinks: 'array' },
		{ shiftingRows: 'delete', pageCap: 20, upcomingFalse: 'past', bulkOrder: 'reversed' },
		{ invitationForVerified: 'invitation_sent', existingMemberStatus: 409, roleCapStatus: 400 },
		{ bulkFailureOutcome: 'failed', bulkFailureKey: 'error', unknownReferenceStatus: 400 },
		{ eventEndRequired: true, rateLimit: 100, rateLimitReset: 'seconds' },
	];

	it.each(otherReadings)('answers every operation as documented, reading %j', async (readings) => {
		Object.assign(emulator.readings, readings);
		for (const [operationId, { status }] of Object.entries(walk)) {
			expect([operationId, (await send(operationId)).status]).toEqual([operationId, status]);
		}
		expect(emulator.journal.violations()).toEqual([]);
	});

	it.each([
		['bulkStatus', 207, 'createInvitations'],
		['bulkStatus', 201, 'createInvitations'],
		['createEventStatus', 200, 'createEvent'],
	] as const)(
		'answers with another status, reading %s %d',
		async (reading, status, operationId) => {
			Object.assign(emulator.readings, { [reading]: status });
			expect((await send(operationId)).status).toBe(status);
			expect(emulator.journal.violations()).toEqual([]);
		},
	);

	describe('keys', () => {
		it.each([
			['missing', {}],
			['unknown', { Authorization: `Bearer kak_${'0'.repeat(64)}` }],
			['not behind Bearer', { Authorization: 'kak_x' }],
		])('refuses a key that is %s with 401', async (_case, headers: Record<string, string>) => {
			const { status, data } = await clientOf(emulator.url, headers).get('/community');
			expect([status, Object.keys(data)]).toEqual([401, ['message']]);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it.each([
			['disabled', 'API key is disabled'],
			['expired', 'API key has expired'],
		])('refuses a key that is %s with 403', async (key, message) => {
			const { status, data } = await as(key).get('/community');
			expect([status, data]).toEqual([403, { message }]);
		});

		it('lets a key expire, and forgets a revoked one on the next request', async () => {
			emulator.state.addKey({ name: 'temporary', expiresAt: NOW + DAY });
			expect((await as('temporary').get('/community')).status).toBe(200);
			now = NOW + DAY;
			expect((await as('temporary').get('/community')).status).toBe(403);
			const client = as('temporary');
			delete emulator.state.keys.temporary;
			expect((await client.get('/community')).status).toBe(401);
		});

		it.each(Object.keys(walk))('asks for the documented scope: %s', async (operationId) => {
			const scope = DOCUMENTED_SCOPES[operationId];
			const { status, data } = await send(operationId, 'unscoped');
			const message = `API key does not have "${scope}" scope`;
			expect([status, data]).toEqual([403, { message }]);
			emulator.state.addKey({
				name: 'only',
				scopes: KINDRYN_SCOPES.filter((granted) => granted === scope),
			});
			expect((await send(operationId, 'only')).status).toBe(walk[operationId]?.status);
		});

		it('looks like a real key', () => {
			expect(emulator.secret).toMatch(/^kak_[0-9a-f]{64}$/u);
		});
	});

	it.each([
		'DELETE /members',
		'PUT /posts/p1',
		'POST /community',
		'POST /spaces',
		'PATCH /events/e1',
	])('refuses an unknown method with 405: %s', async (line) => {
		const [method, url] = line.split(' ');
		const { status, data } = await as().request({ method, url });
		expect([status, Object.keys(data)]).toEqual([405, ['message']]);
		expect(emulator.journal.violations()).toHaveLength(1);
	});

	it.each(['/members/u1', '/posts/none', '/events/none', '/nothing'])(
		'answers 404: %s',
		async (url) => {
			const { status, data } = await as().get(url);
			expect([status, Object.keys(data)]).toEqual([404, ['message']]);
		},
	);

	const event = { spaceId: 'meet', title: 'T', startsAt: '2026-12-01T17:00:00Z' };
	const post = { spaceId: 'talk', body: '<p></p>', authorId: 'u1' };

	it.each<[string, string, string, unknown, string]>([
		['limit 0', 'GET', '/members?limit=0', undefined, 'query/limit must be >= 1'],
		['limit 101', 'GET', '/members?limit=101', undefined, 'query/limit must be <= 100'],
		['limit 201 of invitations', 'GET', '/invitations?limit=201', undefined, '<= 200'],
		['limit in words', 'GET', '/posts?limit=ten', undefined, 'must be integer'],
		['limit twice', 'GET', '/posts?limit=1&limit=2', undefined, 'must be integer'],
		['a negative offset', 'GET', '/spaces?offset=-1', undefined, '>= 0'],
		['an offset of invitations', 'GET', '/invitations?offset=1', undefined, 'query/offset'],
		['an unknown status', 'GET', '/invitations?status=open', undefined, 'query/status'],
		['an unknown type', 'GET', '/spaces?type=CHAT', undefined, 'query/type'],
		['an unknown sort', 'GET', '/posts?sort=desc', undefined, 'query/sort'],
		['a boolean in words', 'GET', '/events?upcoming=yes', undefined, 'must be boolean'],
		['a filter of another list', 'GET', '/courses?upcoming=true', undefined, 'query/upcoming'],
		['an empty filter', 'GET', '/members?search=', undefined, 'query/search'],
		['a query that none is for', 'GET', '/community?x=1', undefined, 'query/x'],
		['no e-mail', 'POST', '/members', { role: 'MEMBER' }, 'body/email'],
		['a wrong e-mail', 'POST', '/invitations', { email: 'jane' }, 'must match format "email"'],
		['a name for a member', 'POST', '/members', { email: 'a@b.org', name: 'A' }, 'body/name'],
		[
			'a boolean as text',
			'POST',
			'/members',
			{ email: 'a@b.org', sendWelcomeEmail: 'true' },
			'boolean',
		],
		['an empty role', 'POST', '/invitations', { email: 'a@b.org', role: '' }, 'body/role'],
		['no entries', 'POST', '/invitations/bulk', [], 'fewer than 1 items'],
		[
			'51 entries',
			'POST',
			'/invitations/bulk',
			Array(51).fill({ email: 'a@b.org' }),
			'more than 50',
		],
		['entries in an object', 'POST', '/invitations/bulk', { invitations: [] }, 'must be array'],
		['an entry with more', 'POST', '/invitations/bulk', [{ email: 'a@b.org', id: 1 }], 'body/0/id'],
		['a post without author', 'POST', '/posts', { ...post, authorId: undefined }, 'body/authorId'],
		['a post without body', 'POST', '/posts', { ...post, body: '' }, 'body/body'],
		[
			'an event without start',
			'POST',
			'/events',
			{ ...event, startsAt: undefined },
			'body/startsAt',
		],
		['a date alone', 'POST', '/events', { ...event, startsAt: '2026-12-01' }, 'pattern'],
		[
			'a wrong date',
			'POST',
			'/events',
			{ ...event, startsAt: '2026-13-01T17:00:00Z' },
			'date-time',
		],
		[
			'a local time',
			'POST',
			'/events',
			{ ...event, startsAt: '2026-12-01T17:00:00+01:00' },
			'pattern',
		],
		['half a seat', 'POST', '/events', { ...event, capacity: 1.5 }, 'must be integer'],
		['no address', 'POST', '/events', { ...event, meetingUrl: 'meet' }, 'format "uri"'],
		[
			'an end before the start',
			'POST',
			'/events',
			{ ...event, endsAt: '2026-12-01T16:00:00Z' },
			'',
		],
		['an unknown role', 'POST', '/members', { email: 'a@b.org', role: 'KING' }, ''],
		['a member again', 'POST', '/members', { email: 'JANE.too@example.org' }, ''],
	])('refuses %s with 400', async (_case, method, url, data, breach) => {
		const before = JSON.stringify(emulator.state);
		const answer = await as().request({ method, url, data });
		expect([answer.status, Object.keys(answer.data)]).toEqual([400, ['message']]);
		const expected = breach === '' ? [] : [expect.stringContaining(breach)];
		expect(emulator.journal.violations()).toEqual(expected);
		expect(JSON.stringify(emulator.state)).toBe(before);
	});

	describe('members and invitations', () => {
		it.each(['/members', '/invitations', '/invitations/bulk'])(
			'tells the three outcomes apart: %s',
			async (url) => {
				const outcomes: unknown[] = [];
				for (const email of ['known@example.org', 'unverified@example.org', 'new@example.org']) {
					const bulk = url.endsWith('bulk');
					const { status, data } = await as().post(url, bulk ? [{ email }] : { email });
					const { outcome, member, invitation } = bulk ? data.results[0] : data;
					outcomes.push([bulk ? 0 : status, outcome, (member ?? invitation).email]);
				}
				const status = (code: number) => (url.endsWith('bulk') ? 0 : code);
				expect(outcomes).toEqual([
					[status(201), 'member_created', 'known@example.org'],
					[status(202), 'unverified_user_invited', 'unverified@example.org'],
					[status(202), 'invitation_sent', 'new@example.org'],
				]);
				expect(emulator.state.memberOf('known@example.org')?.role).toBe('MEMBER');
				expect(emulator.state.sentMail).not.toContain('unverified@example.org');
				expect(emulator.state.sentMail).toContain('new@example.org');
				expect(emulator.journal.violations()).toEqual([]);
			},
		);

		it('always invites, by the other reading of POST /invitations', async () => {
			emulator.readings.invitationForVerified = 'invitation_sent';
			const { status, data } = await as().post('/invitations', { email: 'known@example.org' });
			expect([status, data.outcome, data.member]).toEqual([202, 'invitation_sent', undefined]);
			expect(emulator.state.memberOf('known@example.org')).toBeUndefined();
		});

		it('never returns an invitation token', async () => {
			await as().post('/invitations', { email: 'new@example.org' });
			const { data } = await as().get('/invitations');
			expect(data).toHaveLength(5);
			for (const row of data) {
				expect(row).toHaveProperty('inviteUrl');
				expect(row).not.toHaveProperty('token');
			}
		});

		it.each([true, false])('sends a welcome mail if asked to: %s', async (sendWelcomeEmail) => {
			await as().post('/members', { email: 'known@example.org', sendWelcomeEmail });
			expect(emulator.state.sentMail).toEqual(sendWelcomeEmail ? ['known@example.org'] : []);
		});

		it('keeps one pending invitation for an address', async () => {
			const again = { email: 'INVITED@example.org', role: 'MODERATOR' };
			expect((await as().post('/invitations', again)).data.invitation.id).toBe('i1');
			expect(emulator.state.invitations.filter(({ status }) => status === 'pending')).toHaveLength(
				1,
			);
		});

		it.each(['/members', '/invitations'])(
			'caps the role by the creator of the key: %s',
			async (url) => {
				const roleStatus = async (role: string) =>
					(await as('moderator').post(url, { email: `${role}@example.org`, role })).status;
				expect([await roleStatus('ADMIN'), await roleStatus('MODERATOR')]).toEqual([403, 202]);
				emulator.readings.roleCapStatus = 400;
				expect(await roleStatus('OWNER')).toBe(400);
				expect(emulator.journal.violations()).toEqual([]);
			},
		);

		it('takes a role of the community’s own', async () => {
			emulator.state.roles.splice(3, 0, 'MENTOR');
			const { data } = await as().post('/members', { email: 'known@example.org', role: 'MENTOR' });
			expect(data.member.role).toBe('MENTOR');
		});

		it('carries out the good entries of a bulk and names the failed ones', async () => {
			const entries = [
				{ email: 'one@example.org' },
				{ email: 'no-address' },
				{ email: 'jane.too@example.org' },
				{ email: 'boss@example.org', role: 'ADMIN' },
				{ email: 'known@example.org', role: 'MODERATOR' },
			];
			const { status, data } = await as('moderator').post('/invitations/bulk', entries);
			expect(status).toBe(200);
			expect(data.results.map((row: Record<string, unknown>) => [row.index, row.outcome])).toEqual([
				[0, 'invitation_sent'],
				[1, 'error'],
				[2, 'error'],
				[3, 'error'],
				[4, 'member_created'],
			]);
			expect(data.results[1].message).toBe('Invalid email');
			expect(data.results.map((row: { email: string }) => row.email)).toEqual(
				entries.map(({ email }) => email),
			);
			Object.assign(emulator.readings, {
				bulkOrder: 'reversed',
				bulkFailureOutcome: 'failed',
				bulkFailureKey: 'error',
			});
			const other = (await as().post('/invitations/bulk', entries.slice(0, 2))).data.results;
			expect(other[0]).toMatchObject({ index: 1, outcome: 'failed', error: 'Invalid email' });
			expect(other[1]).toMatchObject({ index: 0, outcome: 'invitation_sent' });
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('filters invitations by status and cuts them at the limit', async () => {
			for (const status of ['pending', 'used', 'revoked', 'expired']) {
				const { data } = await as().get('/invitations', { params: { status } });
				expect(data.map((row: { status: string }) => row.status)).toEqual([status]);
			}
			expect((await as().get('/invitations?status=all')).data).toHaveLength(4);
			expect(ids((await as().get('/invitations?limit=2')).data)).toEqual(['i4', 'i3']);
		});

		it('finds members by role, name and e-mail', async () => {
			const found = async (query: string) => ids((await as().get(`/members?${query}`)).data.data);
			expect(await found('search=JANE')).toEqual(['m3', 'm2']);
			expect(await found('role=MODERATOR')).toEqual(['m2']);
			expect(await found('search=jane&role=MEMBER')).toEqual(['m3']);
			expect((await as().get('/members/m2')).data).toHaveProperty('socialLinks', {});
			expect((await as().get('/members')).data.data[0]).not.toHaveProperty('socialLinks');
		});
	});

	describe('posts, events, courses and sessions', () => {
		it('attributes a post to a member by userId, and only to a member', async () => {
			const body = '<p>Hi &amp; <b>welcome</b></p>';
			const { data } = await as().post('/posts', { spaceId: 'talk', body, authorId: 'u2' });
			expect(data).toMatchObject({ spaceId: 'talk', title: null, body, authorId: 'u2' });
			expect((await as().get(`/posts/${data.id}`)).data.comments).toEqual([]);
			expect((await as().post('/posts', { spaceId: 'talk', body, authorId: 'm2' })).status).toBe(
				404,
			);
			expect((await as().post('/posts', { spaceId: 'no', body, authorId: 'u2' })).status).toBe(404);
			emulator.readings.unknownReferenceStatus = 400;
			expect((await as().post('/posts', { spaceId: 'no', body, authorId: 'u2' })).status).toBe(400);
		});

		it('returns at most 100 comments', async () => {
			const comment = { body: '<p>x</p>', authorId: 'u1', createdAt: iso(0) };
			const comments = Array.from({ length: 130 }, (_none, number) => ({
				id: String(number),
				...comment,
			}));
			emulator.state.addPost({ id: 'long', comments });
			expect((await as().get('/posts/long')).data.comments).toHaveLength(100);
		});

		it('creates events as drafts, with an end if the reading asks for one', async () => {
			const { data } = await as().post('/events', event);
			expect(data).toMatchObject({ ...event, status: 'DRAFT' });
			emulator.readings.eventEndRequired = true;
			expect((await as().post('/events', event)).status).toBe(400);
		});

		it.each([
			['/posts?spaceId=talk', ['p3', 'p1']],
			['/posts?sort=oldest', ['p1', 'p2', 'p3']],
			['/events?upcoming=true', ['e2']],
			['/events?upcoming=false', ['e2', 'e1']],
			['/events?status=PUBLISHED', ['e1']],
			['/courses?published=false', ['c2']],
			['/courses?published=true&spaceId=learn', ['c1']],
			['/coaching/sessions?upcoming=true', ['s2']],
			['/coaching/sessions?spaceId=coach', ['s1']],
			['/spaces?type=EVENT_SERIES', ['meet']],
		])('filters %s', async (url, expected) => {
			const { data } = await as().get(url);
			expect([ids(data.data), data.total]).toEqual([expected, expected.length]);
		});

		it('takes upcoming=false for the past, by the other reading', async () => {
			emulator.readings.upcomingFalse = 'past';
			expect(ids((await as().get('/events?upcoming=false')).data.data)).toEqual(['e1']);
		});

		it.each(['/events', '/courses', '/coaching/sessions'])(
			'lists %s as a bare array, by the other reading',
			async (url) => {
				emulator.readings.undocumentedList = 'array';
				expect((await as().get(url)).data).toHaveLength(2);
			},
		);
	});

	describe('pages', () => {
		beforeEach(() => {
			for (let number = 0; number < 7; number += 1) emulator.state.addMember();
		});

		const readAll = async (limit: number) => {
			const found: string[] = [];
			const totals: number[] = [];
			for (let offset = 0; ; offset += limit) {
				const { data } = await as().get('/members', { params: { limit, offset } });
				found.push(...ids(data.data));
				totals.push(data.total);
				if (offset + limit >= data.total) return { found, totals };
			}
		};

		it('cut a list without loss or overlap', async () => {
			const { found } = await readAll(3);
			expect([found.length, new Set(found).size]).toEqual([10, 10]);
			expect((await as().get('/members?offset=50')).data).toEqual({
				data: [],
				total: 10,
				limit: 50,
				offset: 50,
			});
		});

		it('have an order by the reading', async () => {
			const newest = (await readAll(10)).found;
			emulator.readings.order = 'oldest';
			expect((await readAll(10)).found).toEqual([...newest].reverse());
		});

		it('show rows twice when rows are added meanwhile', async () => {
			emulator.readings.shiftingRows = 'insert';
			const { found, totals } = await readAll(3);
			expect(new Set(found).size).toBe(10);
			expect(found.length).toBeGreaterThan(10);
			expect(totals.at(-1)).toBeGreaterThan(10);
		});

		it('skip rows when rows are deleted meanwhile', async () => {
			emulator.readings.shiftingRows = 'delete';
			const { found, totals } = await readAll(3);
			expect(new Set(found).size).toBeLessThan(10);
			expect(totals.at(-1)).toBeLessThan(10);
		});

		it('may be shorter than asked for where no maximum is documented', async () => {
			emulator.readings.pageCap = 2;
			const { data } = await as().get('/spaces?limit=100');
			expect([data.data.length, data.limit, data.total]).toEqual([2, 2, 4]);
			expect((await as().get('/members?limit=100')).data.data).toHaveLength(10);
		});
	});

	describe('announced rate limit', () => {
		it('is not there today', async () => {
			const { headers } = await as().get('/community');
			expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
		});

		it('counts requests per minute and key', async () => {
			emulator.readings.rateLimit = 2;
			now = NOW + 15_000;
			const first = await as().get('/community');
			expect(first.headers).toMatchObject({
				'x-ratelimit-limit': '2',
				'x-ratelimit-remaining': '1',
				'x-ratelimit-reset': String(NOW / 1000 + 60),
			});
			await as().get('/community');
			const third = await as().get('/community');
			expect([third.status, third.headers['retry-after']]).toEqual([429, '45']);
			expect((await as('moderator').get('/community')).status).toBe(200);
			now = NOW + 60_000;
			emulator.readings.rateLimitReset = 'seconds';
			expect((await as().get('/community')).headers['x-ratelimit-reset']).toBe('60');
			expect(emulator.journal.violations()).toEqual([]);
		});
	});

	it('sends a rewritten answer after carrying the request out', async () => {
		emulator.misbehave({
			rewrite: (body) => {
				const { results } = body as { results: unknown[] };
				return { results: [...results, ...results] };
			},
		});
		const { data } = await as().post('/invitations/bulk', [{ email: 'a@example.org' }]);
		expect(data.results).toHaveLength(2);
		expect(emulator.state.sentMail).toEqual(['a@example.org']);
		expect(emulator.journal.violations()).toEqual([]);
	});
});

describe('Kindryn demo', () => {
	it('is a believable community, the same every time, that keeps to the OpenAPI document', async () => {
		const options = { seed: 'demo', now: () => NOW } as const;
		const [first, second] = await Promise.all([
			startEmulator('kindryn', options),
			startEmulator('kindryn', options),
		]);
		try {
			expect(JSON.stringify(first.state)).toBe(JSON.stringify(second.state));
			const { state } = first;
			expect(state.members.length).toBeGreaterThanOrEqual(300);
			expect(new Set(state.members.map(({ email }) => email)).size).toBe(state.members.length);
			expect(new Set(state.members.map(({ role }) => role))).toEqual(new Set(state.roles));
			expect(new Set(state.spaces.map(({ type }) => type)).size).toBe(4);
			expect(new Set(state.invitations.map(({ status }) => status)).size).toBe(4);
			expect(state.invitations.length).toBeGreaterThan(200);
			expect(state.posts.some(({ comments }) => comments.length > 100)).toBe(true);
			const starts = state.events.map(({ startsAt }) => Date.parse(startsAt));
			expect(starts.some((at) => at > NOW && at < NOW + 7 * DAY)).toBe(true);
			expect(starts.some((at) => at < NOW)).toBe(true);
			expect(new Set(state.events.map(({ status }) => status)).size).toBe(3);
			expect(new Set(state.courses.map(({ published }) => published)).size).toBe(2);
			expect(state.users.some(({ verified }) => !verified)).toBe(true);

			const client = clientOf(first.url, { Authorization: `Bearer ${first.secret}` });
			for (const url of ['members', 'spaces', 'posts', 'events', 'courses', 'coaching/sessions']) {
				expect((await client.get(`/${url}?limit=100`)).status).toBe(200);
			}
			expect((await client.get('/invitations?limit=200')).data).toHaveLength(200);
			await client.get(`/posts/${state.posts.at(-1)?.id}`);
			await client.get(`/members/${state.members[0]?.id}`);
			expect(first.journal.violations()).toEqual([]);
		} finally {
			await Promise.all([first.stop(), second.stop()]);
		}
	});
});

/** Section "Scopes", written out by hand. */
const DOCUMENTED_SCOPES: Record<string, string> = {
	getCommunity: 'community:read',
	listMembers: 'members:read',
	getMember: 'members:read',
	addMember: 'members:write',
	listInvitations: 'invitations:read',
	createInvitation: 'invitations:write',
	createInvitations: 'invitations:write',
	listSpaces: 'spaces:read',
	listPosts: 'posts:read',
	getPost: 'posts:read',
	createPost: 'posts:write',
	listEvents: 'events:read',
	getEvent: 'events:read',
	createEvent: 'events:write',
	listCourses: 'courses:read',
	listCoachingSessions: 'coaching:read',
};
