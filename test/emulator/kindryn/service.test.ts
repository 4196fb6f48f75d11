import type { KindrynReadings } from '../index';
import { DAY, MINUTE, NOW, clientOf, iso, setUp, withDemo } from '../testing';

const ids = (rows: Array<{ id: string }>) => rows.map(({ id }) => id);

const post = { spaceId: 'talk', body: '<p></p>', authorId: 'u1' };
const event = { spaceId: 'meet', title: 'T', startsAt: '2026-12-01T17:00:00Z' };

const requests = {
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
	createPost: { url: '/posts', data: { ...post, title: 'T', authorId: 'u2' }, status: 201 },
	listEvents: { url: '/events?spaceId=meet&upcoming=true&status=DRAFT', status: 200 },
	getEvent: { url: '/events/e1', status: 200 },
	createEvent: {
		url: '/events',
		data: {
			...event,
			description: 'Weekly Q&A',
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

const setup = setUp(
	'kindryn',
	{
		users: [{ email: 'known@example.org' }, { email: 'unverified@example.org', verified: false }],
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
	requests,
);
const { as, emulator, expectEveryAnswer, operations, send, takeViolations } = setup;

const readings: Array<Partial<KindrynReadings>> = [
	{},
	{ order: 'oldest', shiftingRows: 'insert', undocumentedList: 'array', socialLinks: 'array' },
	{ shiftingRows: 'delete', pageCap: 20, upcomingFalse: 'past', bulkOrder: 'reversed' },
	{ invitationForVerified: 'invitation_sent', existingMemberStatus: 409, roleCapStatus: 400 },
	{ bulkFailureOutcome: 'failed', bulkFailureKey: 'error', unknownReferenceStatus: 400 },
	{ eventEndRequired: true, rateLimit: 100, rateLimitReset: 'seconds' },
];

it.each(readings)('answers every operation as documented with the readings %j', async (reading) => {
	Object.assign(emulator().readings, reading);
	await expectEveryAnswer();
});

it.each([
	['bulkStatus', 207, 'createInvitations'],
	['bulkStatus', 201, 'createInvitations'],
	['createEventStatus', 200, 'createEvent'],
] as const)('answers with the status of the reading %s: %d', async (reading, status, operation) => {
	Object.assign(emulator().readings, { [reading]: status });
	expect((await send(operation)).status).toBe(status);
});

describe('keys', () => {
	it.each<[string, Record<string, string>]>([
		['missing', {}],
		['unknown', { Authorization: `Bearer kak_${'0'.repeat(64)}` }],
		['not after "Bearer"', { Authorization: 'kak_x' }],
	])('refuses a key that is %s with 401', async (_case, headers) => {
		const { status, data } = await clientOf(emulator().url, headers).get('/community');
		expect([status, Object.keys(data)]).toEqual([401, ['message']]);
	});

	it.each([
		['disabled', 'API key is disabled'],
		['expired', 'API key has expired'],
	])('refuses a key that is %s with 403', async (key, message) => {
		const { status, data } = await as(key).get('/community');
		expect([status, data]).toEqual([403, { message }]);
	});

	it('lets a key expire, and forgets a revoked key at once', async () => {
		emulator().state.addKey({ name: 'temporary', expiresAt: NOW + DAY });
		const client = as('temporary');
		expect((await client.get('/community')).status).toBe(200);
		setup.now = NOW + DAY;
		expect((await client.get('/community')).status).toBe(403);
		delete emulator().state.keys.temporary;
		expect((await client.get('/community')).status).toBe(401);
	});

	it.each(operations.map((operation) => [operation.operationId, operation] as const))(
		'requires one scope for %s, which follows from its path and method',
		async (operationId, { method, path, scopes }) => {
			const scope = `${path.split('/')[1]}:${method === 'GET' ? 'read' : 'write'}`;
			expect(scopes).toEqual([scope]);
			const { status, data } = await send(operationId, 'unscoped');
			const message = `API key does not have "${scope}" scope`;
			expect([status, data]).toEqual([403, { message }]);
			emulator().state.addKey({ name: 'only', scopes });
			expect((await send(operationId, 'only')).status).toBeLessThan(300);
		},
	);

	it('has a key that looks like a real one', () => {
		expect(emulator().secret).toMatch(/^kak_[0-9a-f]{64}$/u);
	});
});

describe('wrong requests', () => {
	it.each([
		['DELETE', '/members'],
		['PUT', '/posts/p1'],
		['POST', '/community'],
		['POST', '/spaces'],
		['PATCH', '/events/e1'],
	])('refuses %s %s with 405', async (method, url) => {
		const { status, data } = await as().request({ method, url });
		expect([status, Object.keys(data)]).toEqual([405, ['message']]);
		expect(takeViolations()).toHaveLength(1);
	});

	it.each([
		['/members/u1', 0],
		['/posts/none', 0],
		['/events/none', 0],
		['/nothing', 1],
	])('answers GET %s with 404', async (url, violations) => {
		const { status, data } = await as().get(url);
		expect([status, Object.keys(data)]).toEqual([404, ['message']]);
		expect(takeViolations()).toHaveLength(violations);
	});

	const refuse = async (method: string, url: string, data: unknown, violation: string) => {
		const before = JSON.stringify(emulator().state);
		const answer = await as().request({ method, url, data });
		expect([answer.status, Object.keys(answer.data)]).toEqual([400, ['message']]);
		const expected = violation === '' ? [] : [expect.stringContaining(violation)];
		expect(takeViolations()).toEqual(expected);
		expect(JSON.stringify(emulator().state)).toBe(before);
	};

	it.each([
		['/members?limit=0', 'query/limit must be >= 1'],
		['/members?limit=101', 'query/limit must be <= 100'],
		['/invitations?limit=201', '<= 200'],
		['/posts?limit=ten', 'must be integer'],
		['/posts?limit=1&limit=2', 'must be integer'],
		['/spaces?offset=-1', '>= 0'],
		['/invitations?offset=1', 'query/offset'],
		['/invitations?status=open', 'query/status'],
		['/spaces?type=CHAT', 'query/type'],
		['/posts?sort=desc', 'query/sort'],
		['/events?upcoming=yes', 'must be boolean'],
		['/courses?upcoming=true', 'query/upcoming'],
		['/members?search=', 'query/search'],
		['/community?x=1', 'query/x'],
	])('refuses GET %s with 400', async (url, violation) => {
		await refuse('GET', url, undefined, violation);
	});

	const email = 'a@b.org';

	it.each<[string, string, unknown, string]>([
		['no e-mail', '/members', { role: 'MEMBER' }, 'body/email'],
		['a wrong e-mail', '/invitations', { email: 'jane' }, 'must match format "email"'],
		['a name for a member', '/members', { email, name: 'A' }, 'body/name'],
		['a boolean as text', '/members', { email, sendWelcomeEmail: 'true' }, 'boolean'],
		['an empty role', '/invitations', { email, role: '' }, 'body/role'],
		['an unknown role', '/members', { email, role: 'KING' }, ''],
		['somebody who is a member already', '/members', { email: 'JANE.too@example.org' }, ''],
		['no entries', '/invitations/bulk', [], 'fewer than 1 items'],
		['51 entries', '/invitations/bulk', Array(51).fill({ email }), 'more than 50'],
		['entries in an object', '/invitations/bulk', { invitations: [] }, 'must be array'],
		['an entry with an unknown field', '/invitations/bulk', [{ email, id: 1 }], 'body/0/id'],
		['a post without author', '/posts', { ...post, authorId: undefined }, 'body/authorId'],
		['a post without body', '/posts', { ...post, body: '' }, 'body/body'],
		['an event without start', '/events', { ...event, startsAt: undefined }, 'body/startsAt'],
		['a start without time', '/events', { ...event, startsAt: '2026-12-01' }, 'pattern'],
		['month 13', '/events', { ...event, startsAt: '2026-13-01T17:00:00Z' }, 'date-time'],
		['a local time', '/events', { ...event, startsAt: '2026-12-01T17:00:00+01:00' }, 'pattern'],
		['half a seat', '/events', { ...event, capacity: 1.5 }, 'must be integer'],
		['a word as meeting URL', '/events', { ...event, meetingUrl: 'meet' }, 'format "uri"'],
		['an end before the start', '/events', { ...event, endsAt: '2026-12-01T16:00:00Z' }, ''],
	])('refuses %s with 400', async (_case, url, data, violation) => {
		await refuse('POST', url, data, violation);
	});
});

describe('members and invitations', () => {
	it.each([
		['/members', 'known@example.org', 201, 'member_created'],
		['/members', 'unverified@example.org', 202, 'unverified_user_invited'],
		['/members', 'new@example.org', 202, 'invitation_sent'],
		['/invitations', 'known@example.org', 201, 'member_created'],
		['/invitations', 'unverified@example.org', 202, 'unverified_user_invited'],
		['/invitations', 'new@example.org', 202, 'invitation_sent'],
		['/invitations/bulk', 'known@example.org', 200, 'member_created'],
		['/invitations/bulk', 'unverified@example.org', 200, 'unverified_user_invited'],
		['/invitations/bulk', 'new@example.org', 200, 'invitation_sent'],
	])('answers POST %s of %s with %d and %s', async (url, email, status, outcome) => {
		const bulk = url.endsWith('bulk');
		const answer = await as().post(url, bulk ? [{ email }] : { email });
		const result = bulk ? answer.data.results[0] : answer.data;
		const person = result.member ?? result.invitation;
		expect([answer.status, result.outcome, person.email]).toEqual([status, outcome, email]);
		const { state } = emulator();
		expect(state.memberOf(email)?.role).toBe(result.member && 'MEMBER');
		expect(state.sentMail).toEqual(outcome === 'unverified_user_invited' ? [] : [email]);
	});

	it('only invites a verified account at POST /invitations if the reading says so', async () => {
		emulator().readings.invitationForVerified = 'invitation_sent';
		const { status, data } = await as().post('/invitations', { email: 'known@example.org' });
		expect([status, data.outcome, data.member]).toEqual([202, 'invitation_sent', undefined]);
		expect(emulator().state.memberOf('known@example.org')).toBeUndefined();
	});

	it('never returns the token of an invitation', async () => {
		await as().post('/invitations', { email: 'new@example.org' });
		const { data } = await as().get('/invitations');
		expect(data).toHaveLength(5);
		for (const row of data) {
			expect(row).toHaveProperty('inviteUrl');
			expect(row).not.toHaveProperty('token');
		}
	});

	it('sends a member no welcome mail if the request says so', async () => {
		await as().post('/members', { email: 'known@example.org', sendWelcomeEmail: false });
		expect(emulator().state.sentMail).toEqual([]);
	});

	it('keeps one pending invitation for an address', async () => {
		const again = { email: 'INVITED@example.org', role: 'MODERATOR' };
		expect((await as().post('/invitations', again)).data.invitation.id).toBe('i1');
		const pending = emulator().state.invitations.filter(({ status }) => status === 'pending');
		expect(pending).toHaveLength(1);
	});

	it.each(['/members', '/invitations'])(
		'refuses a role above that of the key creator at POST %s',
		async (url) => {
			const statusOf = async (role: string) =>
				(await as('moderator').post(url, { email: `${role}@example.org`, role })).status;
			expect([await statusOf('ADMIN'), await statusOf('MODERATOR')]).toEqual([403, 202]);
			emulator().readings.roleCapStatus = 400;
			expect(await statusOf('OWNER')).toBe(400);
		},
	);

	it("accepts a community's own role", async () => {
		emulator().state.roles.splice(3, 0, 'MENTOR');
		const { data } = await as().post('/members', { email: 'known@example.org', role: 'MENTOR' });
		expect(data.member.role).toBe('MENTOR');
	});

	it('carries out the valid entries of a bulk invitation and reports the failed ones', async () => {
		const entries = [
			{ email: 'one@example.org' },
			{ email: 'no-address' },
			{ email: 'jane.too@example.org' },
			{ email: 'boss@example.org', role: 'ADMIN' },
			{ email: 'known@example.org', role: 'MODERATOR' },
		];
		const { status, data } = await as('moderator').post('/invitations/bulk', entries);
		expect(status).toBe(200);
		const outcomes = ['invitation_sent', 'error', 'error', 'error', 'member_created'];
		expect(data.results).toEqual(
			entries.map(({ email }, index) =>
				expect.objectContaining({ index, email, outcome: outcomes[index] }),
			),
		);
		expect(data.results[1].message).toBe('Invalid email');
		const { readings: now } = emulator();
		Object.assign(now, { bulkOrder: 'reversed', bulkFailureOutcome: 'failed' });
		now.bulkFailureKey = 'error';
		const other = await as().post('/invitations/bulk', entries.slice(0, 2));
		expect(other.data.results).toMatchObject([
			{ index: 1, outcome: 'failed', error: 'Invalid email' },
			{ index: 0, outcome: 'invitation_sent' },
		]);
	});

	it.each([
		['status=pending', ['i1']],
		['status=used', ['i2']],
		['status=revoked', ['i3']],
		['status=expired', ['i4']],
		['status=all', ['i4', 'i3', 'i2', 'i1']],
		['limit=2', ['i4', 'i3']],
	])('lists the invitations of "%s"', async (query, expected) => {
		expect(ids((await as().get(`/invitations?${query}`)).data)).toEqual(expected);
	});

	it('shows social links only when one member is fetched', async () => {
		expect((await as().get('/members/m2')).data).toHaveProperty('socialLinks', {});
		expect((await as().get('/members')).data.data[0]).not.toHaveProperty('socialLinks');
	});
});

describe('posts, events, courses and sessions', () => {
	it('attributes a post to a member by userId, and only to a member', async () => {
		const body = '<p>Hi &amp; <b>welcome</b></p>';
		const create = async (changes: object) => await as().post('/posts', { ...post, ...changes });
		const { data } = await create({ body, authorId: 'u2' });
		expect(data).toMatchObject({ spaceId: 'talk', title: null, body, authorId: 'u2' });
		expect((await as().get(`/posts/${data.id}`)).data.comments).toEqual([]);
		expect((await create({ authorId: 'm2' })).status).toBe(404);
		expect((await create({ spaceId: 'no' })).status).toBe(404);
		emulator().readings.unknownReferenceStatus = 400;
		expect((await create({ spaceId: 'no' })).status).toBe(400);
	});

	it('returns at most 100 comments', async () => {
		const comment = { body: '<p>x</p>', authorId: 'u1', createdAt: iso(0) };
		const comments = Array.from({ length: 130 }, (_none, id) => ({ id: String(id), ...comment }));
		emulator().state.addPost({ id: 'long', comments });
		expect((await as().get('/posts/long')).data.comments).toHaveLength(100);
	});

	it('creates events as drafts, with an end if the reading asks for one', async () => {
		const { data } = await as().post('/events', event);
		expect(data).toMatchObject({ ...event, status: 'DRAFT' });
		emulator().readings.eventEndRequired = true;
		expect((await as().post('/events', event)).status).toBe(400);
	});

	it.each([
		['/members?search=JANE', ['m3', 'm2']],
		['/members?role=MODERATOR', ['m2']],
		['/members?search=jane&role=MEMBER', ['m3']],
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
	])('lists and counts the rows of %s', async (url, expected) => {
		const { data } = await as().get(url);
		expect([ids(data.data), data.total]).toEqual([expected, expected.length]);
	});

	it('lists past events for upcoming=false if the reading says so', async () => {
		emulator().readings.upcomingFalse = 'past';
		expect(ids((await as().get('/events?upcoming=false')).data.data)).toEqual(['e1']);
	});

	it.each(['/events', '/courses', '/coaching/sessions'])(
		'lists %s as a bare array if the reading says so',
		async (url) => {
			emulator().readings.undocumentedList = 'array';
			expect((await as().get(url)).data).toHaveLength(2);
		},
	);
});

describe('pages', () => {
	beforeEach(() => {
		for (let number = 0; number < 7; number += 1) emulator().state.addMember();
	});

	const readAll = async (limit: number) => {
		const found: string[] = [];
		let total = Infinity;
		for (let offset = 0; offset < total; offset += limit) {
			const { data } = await as().get('/members', { params: { limit, offset } });
			found.push(...ids(data.data));
			total = data.total;
		}
		return { found, distinct: new Set(found).size, total };
	};

	it('cut a list without loss or overlap', async () => {
		const { found, distinct } = await readAll(3);
		expect([found.length, distinct]).toEqual([10, 10]);
		const { data } = await as().get('/members?offset=50');
		expect(data).toEqual({ data: [], total: 10, limit: 50, offset: 50 });
	});

	it('follow the order of the reading', async () => {
		const newest = (await readAll(10)).found;
		emulator().readings.order = 'oldest';
		expect((await readAll(10)).found).toEqual([...newest].reverse());
	});

	it('repeat rows if rows are added between the requests', async () => {
		emulator().readings.shiftingRows = 'insert';
		const { found, distinct, total } = await readAll(3);
		expect(distinct).toBe(10);
		expect(Math.min(found.length, total)).toBeGreaterThan(10);
	});

	it('skip rows if rows are deleted between the requests', async () => {
		emulator().readings.shiftingRows = 'delete';
		const { distinct, total } = await readAll(3);
		expect(Math.max(distinct, total)).toBeLessThan(10);
	});

	it('are shorter than the limit if the reading caps them', async () => {
		emulator().readings.pageCap = 2;
		const { data } = await as().get('/spaces?limit=100');
		expect([data.data.length, data.limit, data.total]).toEqual([2, 2, 4]);
	});

	it('shrink after the first without losing rows if the reading says so', async () => {
		Object.assign(emulator().readings, { pageCap: 4, laterPageCap: 3 });
		const sizes: number[] = [];
		const found = new Set<string>();
		while (found.size < 10) {
			const { data } = await as().get(`/members?limit=100&offset=${found.size}`);
			for (const id of ids(data.data)) found.add(id);
			sizes.push(data.data.length);
		}
		expect(sizes).toEqual([4, 3, 3]);
	});

	it.each([
		['exact', 8],
		['text', '8'],
		['missing', undefined],
		['unfiltered', 10],
		['ofPage', 2],
		[1e11, 1e11],
	] as const)('give the total that the reading "%s" asks for', async (total, expected) => {
		emulator().readings.total = total;
		expect((await as().get('/members?role=MEMBER&limit=2')).data.total).toBe(expected);
	});

	it('are checked even if their total is wrong', async () => {
		emulator().readings.total = 'text';
		Object.assign(emulator().state.members[0] ?? {}, { id: 7 });
		await as().get('/members');
		expect(takeViolations()).toEqual([expect.stringContaining('body/data/9/id must be string')]);
	});
});

it('has no rate limit by default, and one per minute and key if the reading says so', async () => {
	const { headers } = await as().get('/community');
	expect(Object.keys(headers).join()).not.toContain('ratelimit');
	emulator().readings.rateLimit = 2;
	setup.now = NOW + MINUTE / 4;
	expect((await as().get('/community')).headers).toMatchObject({
		'x-ratelimit-limit': '2',
		'x-ratelimit-remaining': '1',
		'x-ratelimit-reset': String((NOW + MINUTE) / 1000),
	});
	await as().get('/community');
	const third = await as().get('/community');
	expect([third.status, third.headers['retry-after']]).toEqual([429, '45']);
	expect((await as('moderator').get('/community')).status).toBe(200);
	setup.now = NOW + MINUTE;
	emulator().readings.rateLimitReset = 'seconds';
	expect((await as().get('/community')).headers['x-ratelimit-reset']).toBe('60');
});

it('has a realistic demo community, the same every time', async () => {
	await withDemo('kindryn', async ({ state }, client) => {
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
		for (const url of ['members', 'spaces', 'posts', 'events', 'courses', 'coaching/sessions']) {
			expect((await client.get(`/${url}?limit=100`)).status).toBe(200);
		}
		expect((await client.get('/invitations?limit=200')).data).toHaveLength(200);
		await client.get(`/posts/${state.posts.at(-1)?.id}`);
		await client.get(`/members/${state.members[0]?.id}`);
	});
});
