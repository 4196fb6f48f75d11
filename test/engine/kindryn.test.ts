import type { KindrynReadings } from '../emulator';
import { COMMUNITY } from './kindrynCommunity';
import { describeOperations, type OperationCase } from './operations';
import { byId, kindrynSetup } from './setup';

const setup = kindrynSetup({ seed: COMMUNITY });
const { emulator, run } = setup;

const path = (rest: string) => `/api/public/v1${rest}`;

/** A Get Many for two items with different filters. */
function getMany(
	resource: string,
	list: Pick<OperationCase, 'parameters' | 'items'> & {
		path: string;
		/** query of both items */
		queries: [Record<string, string>, Record<string, string>];
		ids: [string[], string[]];
		paged?: boolean;
	},
): OperationCase {
	const page: Record<string, string> = list.paged === false ? {} : { limit: '50', offset: '0' };
	const [first, second] = list.ids.map((ids) => ids.map((id) => ({ id })));
	return {
		name: `${resource}.getAll`,
		parameters: list.parameters,
		items: list.items,
		sends: list.queries.map((query) => ({
			method: 'GET',
			path: path(list.path),
			query: { ...page, ...query },
		})),
		rows: [first ?? [], second ?? []],
	};
}

/** A Get of two rows. */
const getOne = (resource: string, plural: string, ids: [string, string]): OperationCase => ({
	name: `${resource}.get`,
	parameters: { [`${resource}Id`]: byId('={{ $json.id }}') },
	items: [{ id: ids[0] }, { id: ids[1] }],
	sends: ids.map((id) => ({ method: 'GET', path: path(`/${plural}/${id}`) })),
	rows: [[{ id: ids[0] }], [{ id: ids[1] }]],
	subject: `${resource} "${ids[1]}"`,
});

const CASES: OperationCase[] = [
	getMany('coachingSession', {
		path: '/coaching/sessions',
		parameters: { filters: { spaceId: byId('one'), upcoming: '={{ $json.upcoming }}' } },
		items: [{ upcoming: true }, { upcoming: false }],
		queries: [
			{ spaceId: 'one', upcoming: 'true' },
			{ spaceId: 'one', upcoming: 'false' },
		],
		ids: [['s2'], ['s2', 's1']],
	}),
	getMany('course', {
		path: '/courses',
		parameters: { filters: { spaceId: byId('basics'), published: '={{ $json.published }}' } },
		items: [{ published: true }, { published: false }],
		queries: [
			{ spaceId: 'basics', published: 'true' },
			{ spaceId: 'basics', published: 'false' },
		],
		ids: [['c1'], ['c2']],
	}),
	{
		name: 'community.get',
		sends: [{ method: 'GET', path: path('/community') }],
		rows: [[{ name: 'Builders Guild' }], [{ slug: 'builders-guild' }]],
	},
	{
		name: 'event.create',
		parameters: {
			spaceId: byId('night'),
			title: '={{ $json.title }}',
			startsAt: '={{ $json.startsAt }}',
			additionalFields: {
				capacity: '={{ $json.capacity }}',
				description: '={{ $json.description }}',
				endsAt: '={{ $json.endsAt }}',
				isVirtual: '={{ $json.isVirtual }}',
				meetingUrl: '={{ $json.meetingUrl }}',
			},
		},
		items: [
			{ title: 'Plain', startsAt: '2026-05-01T17:00:00Z' },
			{
				title: 'Full',
				startsAt: '2026-05-01T19:00:00+02:00',
				capacity: 50,
				description: 'Weekly Q&A',
				endsAt: '2026-05-01T18:00:00.000Z',
				isVirtual: true,
				meetingUrl: 'https://meet.example.com/abc',
			},
		],
		sends: [
			{
				method: 'POST',
				path: path('/events'),
				body: { spaceId: 'night', title: 'Plain', startsAt: '2026-05-01T17:00:00.000Z' },
			},
			{
				method: 'POST',
				path: path('/events'),
				body: {
					spaceId: 'night',
					title: 'Full',
					startsAt: '2026-05-01T17:00:00.000Z',
					capacity: 50,
					description: 'Weekly Q&A',
					endsAt: '2026-05-01T18:00:00.000Z',
					isVirtual: true,
					meetingUrl: 'https://meet.example.com/abc',
				},
			},
		],
		rows: [
			[{ title: 'Plain', status: 'DRAFT' }],
			[{ title: 'Full', status: 'DRAFT', isVirtual: true }],
		],
		subject: 'event "Full"',
	},
	getOne('event', 'events', ['e1', 'e2']),
	getMany('event', {
		path: '/events',
		parameters: {
			filters: {
				spaceId: byId('night'),
				status: '={{ $json.status }}',
				upcoming: '={{ $json.upcoming }}',
			},
		},
		items: [{ upcoming: true }, { status: 'PUBLISHED' }],
		queries: [
			{ spaceId: 'night', upcoming: 'true' },
			{ spaceId: 'night', status: 'PUBLISHED' },
		],
		ids: [['e2'], ['e1']],
	}),
	{
		name: 'invitation.create',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: {
				name: '={{ $json.name }}',
				role: '={{ $json.role }}',
				sendWelcomeEmail: '={{ $json.send }}',
			},
		},
		items: [
			{ email: ' known@example.org ' },
			{ email: 'unverified@example.org', name: 'Una', role: 'MODERATOR', send: false },
		],
		sends: [
			{ method: 'POST', path: path('/invitations'), body: { email: 'known@example.org' } },
			{
				method: 'POST',
				path: path('/invitations'),
				body: {
					email: 'unverified@example.org',
					name: 'Una',
					role: 'MODERATOR',
					sendWelcomeEmail: false,
				},
			},
		],
		rows: [
			[{ email: 'known@example.org', outcome: 'member_created', member: { role: 'MEMBER' } }],
			[
				{
					email: 'unverified@example.org',
					outcome: 'unverified_user_invited',
					invitation: { role: 'MODERATOR' },
				},
			],
		],
		subject: 'invitation of "unverified@example.org"',
	},
	{
		name: 'invitation.createMany',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: { name: '={{ $json.name }}', role: '={{ $json.role }}' },
			options: { batchSize: 1 },
		},
		items: [{ email: 'known@example.org' }, { email: 'n@example.org', name: 'N', role: 'MEMBER' }],
		sends: [
			{ method: 'POST', path: path('/invitations/bulk'), body: [{ email: 'known@example.org' }] },
			{
				method: 'POST',
				path: path('/invitations/bulk'),
				body: [{ email: 'n@example.org', name: 'N', role: 'MEMBER' }],
			},
		],
		rows: [
			[{ email: 'known@example.org', outcome: 'member_created' }],
			[{ email: 'n@example.org', outcome: 'invitation_sent' }],
		],
		subject: 'item 1',
	},
	getMany('invitation', {
		path: '/invitations',
		parameters: { limit: 10, filters: { status: '={{ $json.status }}' } },
		items: [{ status: 'pending' }, { status: 'used' }],
		queries: [
			{ limit: '10', status: 'pending' },
			{ limit: '10', status: 'used' },
		],
		ids: [['i1'], ['i2']],
		paged: false,
	}),
	{
		name: 'member.add',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: { role: '={{ $json.role }}', sendWelcomeEmail: '={{ $json.send }}' },
		},
		items: [
			{ email: 'known@example.org' },
			{ email: 'new@example.org', role: 'MODERATOR', send: true },
		],
		sends: [
			{ method: 'POST', path: path('/members'), body: { email: 'known@example.org' } },
			{
				method: 'POST',
				path: path('/members'),
				body: { email: 'new@example.org', role: 'MODERATOR', sendWelcomeEmail: true },
			},
		],
		rows: [
			[{ email: 'known@example.org', outcome: 'member_created', member: { role: 'MEMBER' } }],
			[{ email: 'new@example.org', outcome: 'invitation_sent', invitation: { role: 'MODERATOR' } }],
		],
		subject: 'member "new@example.org"',
	},
	getOne('member', 'members', ['m1', 'm2']),
	getMany('member', {
		path: '/members',
		parameters: { filters: { search: '={{ $json.search }}', role: '={{ $json.role }}' } },
		items: [{ search: 'jane' }, { role: 'MODERATOR' }],
		queries: [{ search: 'jane' }, { role: 'MODERATOR' }],
		ids: [['m3', 'm1'], ['m2']],
	}),
	{
		name: 'post.create',
		parameters: {
			spaceId: byId('talk'),
			authorId: byId('={{ $json.author }}'),
			bodyFormat: '={{ $json.format }}',
			body: '={{ $json.body }}',
			additionalFields: { title: '={{ $json.title }}' },
		},
		items: [
			{ author: 'u1', body: '<p>Hi &amp; <b>hello</b></p>', format: 'html' },
			{ author: 'u2', body: '<script>\n\n"Hi"', title: 'Hello', format: 'text' },
		],
		sends: [
			{
				method: 'POST',
				path: path('/posts'),
				body: { spaceId: 'talk', authorId: 'u1', body: '<p>Hi &amp; <b>hello</b></p>' },
			},
			{
				method: 'POST',
				path: path('/posts'),
				body: {
					spaceId: 'talk',
					authorId: 'u2',
					title: 'Hello',
					body: '<p>&lt;script&gt;</p><p>&quot;Hi&quot;</p>',
				},
			},
		],
		rows: [[{ authorId: 'u1', title: null }], [{ authorId: 'u2', title: 'Hello' }]],
		subject: 'post "Hello"',
	},
	getOne('post', 'posts', ['p1', 'p2']),
	getMany('post', {
		path: '/posts',
		parameters: {
			filters: { spaceId: byId('={{ $json.space }}') },
			options: { sort: '={{ $json.sort }}' },
		},
		items: [
			{ space: 'talk', sort: 'oldest' },
			{ space: 'basics', sort: 'newest' },
		],
		queries: [
			{ spaceId: 'talk', sort: 'oldest' },
			{ spaceId: 'basics', sort: 'newest' },
		],
		ids: [['p1', 'p2'], ['p3']],
	}),
	getMany('space', {
		path: '/spaces',
		parameters: { filters: { type: '={{ $json.type }}' } },
		items: [{ type: 'DISCUSSION' }, { type: 'EVENT_SERIES' }],
		queries: [{ type: 'DISCUSSION' }, { type: 'EVENT_SERIES' }],
		ids: [['talk'], ['night']],
	}),
];

describeOperations(setup, CASES);

describe('community.get', () => {
	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'leaves a row for each item that failed: %s',
		async (onError) => {
			emulator().misbehave({ status: 400, body: { message: 'No' }, times: Infinity });
			const result = await run('community.get', { items: [{ a: 1 }, { a: 2 }], onError });
			const failing = onError === 'continueErrorOutput' ? result.errorOutput : result.output;
			expect(failing.map(({ json }) => json)).toMatchObject([
				{ error: 'Kindryn: No [item 0]' },
				{ error: 'Kindryn: No [item 1]' },
			]);
		},
	);

	it('advises to check the address after a 404, because it names no row', async () => {
		emulator().misbehave({ status: 404, body: { message: 'Not found' } });
		const { error } = await run('community.get');
		expect(error).toMatchObject({
			message: 'Kindryn: Not found [item 0]',
			description: expect.stringContaining('Enter the address of the community'),
		});
	});
});

describe('member.getAll', () => {
	it.each([
		[{ role: 'GUEST' }, ['No member has the role "GUEST".']],
		[{ role: 'OWNER', search: 'bob' }, ['No member has the role "OWNER" and matches "bob".']],
		[{ role: 'OWNER' }, []],
		[{ search: 'nobody' }, []],
	])('says whether no member has the role: %j', async (filters, hints) => {
		const result = await run('member.getAll', { parameters: { filters } });
		expect(result.error).toBeUndefined();
		expect(result.hints.map(({ message }) => message)).toEqual(hints);
	});
});

it('names the scope that a key lacks', async () => {
	const { error } = await run('post.get', {
		parameters: { postId: 'p1' },
		credential: { apiKey: emulator().secretOf('unscoped') },
	});
	expect(error).toMatchObject({
		message: 'Kindryn: API key does not have "posts:read" scope (post "p1") [item 0]',
		description: expect.stringContaining('grant the scope "posts:read"'),
	});
});

it("refuses a role above the key's role in Kindryn's words", async () => {
	const { error } = await run('member.add', {
		parameters: { email: 'new@example.org', additionalFields: { role: 'OWNER' } },
		credential: { apiKey: emulator().secretOf('moderator') },
	});
	expect(error?.message).toContain(`higher than the key creator's own role`);
	expect(error?.description).toContain('A role cannot be higher');
});

describe('where the documents are silent', () => {
	const readings: Array<Partial<KindrynReadings>> = [
		{ order: 'oldest' },
		{ undocumentedList: 'array' },
		{ upcomingFalse: 'past' },
		{ invitationForVerified: 'invitation_sent' },
		{ bulkStatus: 201, bulkOrder: 'reversed' },
		{ bulkStatus: 207 },
		{ eventEndRequired: true },
		{ createEventStatus: 200 },
		{ socialLinks: 'array' },
		{ rateLimit: 100, rateLimitReset: 'unix' },
		{ rateLimit: 100, rateLimitReset: 'seconds' },
	];

	it.each(readings)('lets every operation work with the reading %j', async (reading) => {
		Object.assign(emulator().readings, reading);
		for (const { name, parameters, items } of CASES) {
			const { error, output } = await run(name, { parameters, items: items?.slice(1) });
			expect(error).toBeUndefined();
			expect(output).not.toEqual([]);
		}
	});

	const known = { email: 'jane@example.org' };
	const unknownSpace = {
		spaceId: byId('nowhere'),
		...{ authorId: byId('u1'), title: 'Hi', body: 'Hi', startsAt: '2120-05-01' },
	};
	const owner = { email: 'new@example.org', additionalFields: { role: 'OWNER' } };
	it.each<[Partial<KindrynReadings>, string, object, string]>([
		[{ existingMemberStatus: 400 }, 'member.add', known, 'already a member'],
		[{ existingMemberStatus: 409 }, 'member.add', known, 'already a member'],
		[{ roleCapStatus: 400 }, 'invitation.create', owner, 'higher than'],
		[{ roleCapStatus: 403 }, 'invitation.create', owner, 'higher than'],
		[{ unknownReferenceStatus: 400 }, 'post.create', unknownSpace, 'not found (space "nowhere")'],
		[{ unknownReferenceStatus: 404 }, 'post.create', unknownSpace, 'not found (space "nowhere")'],
		[{ unknownReferenceStatus: 404 }, 'event.create', unknownSpace, 'not found (space "nowhere")'],
	])("gives the reason in Kindryn's words with %j: %s", async (reading, name, ...rest) => {
		const [parameters, words] = rest;
		Object.assign(emulator().readings, reading);
		const apiKey = emulator().secretOf('moderator');
		const { error } = await run(name, { parameters, credential: { apiKey } });
		expect(error?.message).toContain(words);
		expect(error?.description).toMatch(/Check|Choose a lower 'Role'|is already a member/);
	});

	it.each([
		['member.add', 409, 'User is already a member of this community', 'is already a member'],
		['member.add', 400, 'Email already exists', 'is already a member'],
		['invitation.create', 400, 'User is already a member', 'is already a member'],
		['invitation.create', 409, 'A pending invitation already exists', 'is already invited'],
		['member.add', 422, 'Already invited', 'is already invited'],
		['member.add', 400, 'Unknown role "X"', 'Check the parameters'],
	])('%s gives fitting advice after a %i "%s"', async (name, status, message, advice) => {
		emulator().misbehave({ match: { method: 'POST' }, status, body: { message } });
		const { error } = await run(name, { parameters: { email: 'jane@example.org' } });
		expect(error?.message).toContain(`Kindryn: ${message}`);
		expect(error?.description).toContain(advice);
	});
});

it.each(['member.add', 'invitation.create', 'invitation.createMany'])(
	'%s begins its row with the address exactly as entered',
	async (name) => {
		const { output } = await run(name, { parameters: { email: 'Fresh@example.org' } });
		expect(output).toMatchObject([{ json: { email: 'Fresh@example.org' } }]);
		expect(new Set(Object.keys(output[0]?.json ?? {}).slice(0, 2))).toEqual(
			new Set(['email', 'outcome']),
		);
	},
);
