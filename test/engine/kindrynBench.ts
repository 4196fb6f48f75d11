import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator } from '../emulator';
import type { Emulator, EmulatorOptions } from '../emulator';
import { findSecrets, startEngine } from './harness';
import type { Engine, NodeRunResult } from './harness';
import type { Bench, OperationCase } from './operations';

/** A small community in which everything has a name. */
export const COMMUNITY = {
	users: [
		{ email: 'known@example.org', verified: true },
		{ email: 'unverified@example.org', verified: false },
	],
	spaces: [
		{ id: 'talk', name: 'Introductions', type: 'DISCUSSION' },
		{ id: 'night', name: 'Demo Nights', type: 'EVENT_SERIES' },
		{ id: 'basics', name: 'Pricing Basics', type: 'COURSE' },
		{ id: 'one', name: 'One to One', type: 'COACHING' },
	],
	members: [
		{ id: 'm1', userId: 'u1', name: 'Jane Doe', email: 'jane@example.org', role: 'MEMBER' },
		{ id: 'm2', userId: 'u2', name: 'Bob Ray', email: 'bob@example.org', role: 'MODERATOR' },
		{ id: 'm3', userId: 'u3', name: 'Mary Jane', email: 'mary@example.org', role: 'OWNER' },
	],
	invitations: [
		{ id: 'i1', email: 'p@example.org', status: 'pending' },
		{ id: 'i2', email: 'q@example.org', status: 'used' },
	],
	posts: [
		{ id: 'p1', spaceId: 'talk', title: 'Hello', authorId: 'u1' },
		{ id: 'p2', spaceId: 'talk', title: null, body: '<p>Good <b>morning</b></p>', authorId: 'u2' },
		{ id: 'p3', spaceId: 'basics', title: 'Homework', authorId: 'u1' },
	],
	events: [
		{ id: 'e1', spaceId: 'night', title: 'Demo Night', startsAt: '2020-05-01T17:00:00.000Z' },
		{
			id: 'e2',
			spaceId: 'night',
			title: 'Demo Night II',
			startsAt: '2120-05-01T17:00:00.000Z',
			status: 'DRAFT',
		},
	],
	courses: [
		{ id: 'c1', spaceId: 'basics', title: 'Launch', published: true },
		{ id: 'c2', spaceId: 'basics', title: 'Pricing', published: false },
	],
	sessions: [
		{ id: 's1', spaceId: 'one', startsAt: '2020-05-01T17:00:00.000Z' },
		{ id: 's2', spaceId: 'one', startsAt: '2120-05-01T17:00:00.000Z' },
	],
} satisfies EmulatorOptions<'kindryn'>['seed'];

/** How a test runs the node. */
export interface Run {
	parameters?: INodeParameters;
	items?: IDataObject[];
	credential?: IDataObject;
	onError?: 'continueRegularOutput' | 'continueErrorOutput';
	timezone?: string;
	retryOnFail?: boolean;
	maxTries?: number;
	/** another community than the usual one */
	on?: Emulator<'kindryn'>;
}

/** The engine and a community, set up for the tests of one file. */
export interface KindrynBench extends Bench {
	emulator(): Emulator<'kindryn'>;
	credential(changes?: IDataObject, on?: Emulator<'kindryn'>): IDataObject;
	/** @param name resource and operation: `member.get` */
	run(name: string, options?: Run): Promise<NodeRunResult>;
	/** Starts a community of its own, which is stopped after the test. */
	startAnother(options: EmulatorOptions<'kindryn'>): Promise<Emulator<'kindryn'>>;
}

/** Sets the bench up around the tests of a file, and checks after each that the OpenAPI document held. */
export function kindrynBench(): KindrynBench {
	let engine: Engine;
	let emulator: Emulator<'kindryn'>;
	let others: Array<Emulator<'kindryn'>> = [];
	// The clock is looked up at every request, so that a test may replace it
	const now = () => Date.now();

	beforeAll(async () => {
		engine = await startEngine();
		emulator = await startEmulator('kindryn', { seed: COMMUNITY, now });
	});
	beforeEach(() => emulator.reset());
	afterEach(async () => {
		const used = [emulator, ...others];
		others = [];
		await Promise.all(used.slice(1).map(async (other) => await other.stop()));
		expect(used.flatMap(({ journal }) => journal.violations())).toEqual([]);
		expect(findSecrets(engine.logs, [emulator.secret])).toEqual([]);
		expect(engine.refusedConnections).toEqual([]);
	});
	afterAll(async () => {
		await emulator.stop();
		engine.stop();
	});

	const credential = (changes: IDataObject = {}, on = emulator): IDataObject => ({
		baseUrl: on.url,
		apiKey: on.secret,
		maxRequestsPerSecond: 1000,
		...changes,
	});
	const credentials = (changes?: IDataObject, on?: Emulator<'kindryn'>) =>
		({ kindrynApi: credential(changes, on) }) as ReturnType<Bench['credentials']>;

	return {
		type: 'kindryn',
		engine: () => engine,
		emulator: () => emulator,
		credential,
		credentials: () => credentials(),
		secrets: () => [emulator.secret],
		async run(name, { parameters, credential: changes, on, ...options } = {}) {
			const [resource = '', operation = ''] = name.split('.');
			const result = await engine.runNode({
				type: 'kindryn',
				parameters: { resource, operation, ...parameters },
				credentials: credentials(changes, on),
				...options,
			});
			expect(findSecrets(result, [(on ?? emulator).secret])).toEqual([]);
			return result;
		},
		async startAnother(options) {
			const other = await startEmulator('kindryn', { now, ...options });
			others.push(other);
			return other;
		},
	};
}

/** What an output holds, as plain rows. */
export function rowsOf({ output }: NodeRunResult): IDataObject[] {
	return output.map(({ json }) => json);
}

/** A locator's value as n8n saves it. */
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const path = (rest: string) => `/api/public/v1${rest}`;
const PAGE = { limit: '50', offset: '0' };
const SAYS_NO = { status: 400, body: { message: 'Kindryn says no' } };

/** A Get Many over two items with different filters, of which the second fails. */
function getMany(
	resource: string,
	operationId: string,
	list: {
		path: string;
		/** query of both items */
		queries: [Record<string, string>, Record<string, string>];
		ids: [string[], string[]];
		parameters: INodeParameters;
		items: [IDataObject, IDataObject];
		paged?: boolean;
	},
): OperationCase {
	const page = list.paged === false ? {} : PAGE;
	const rows = (ids: string[]) => ids.map((id) => ({ id }));
	return {
		resource,
		operation: 'getAll',
		parameters: list.parameters,
		items: list.items,
		sideBySide: true,
		wire: list.queries.map((query) => ({
			method: 'GET',
			path: path(list.path),
			query: { ...page, ...query },
		})),
		rows: [rows(list.ids[0]), rows(list.ids[1])],
		fails: { match: { operationId, query: list.queries[1] }, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no',
	};
}

/** A Get over two items, of which the second fails. */
function getOne(resource: string, plural: string, ids: [string, string]): OperationCase {
	const paths = ids.map((id) => path(`/${plural}/${id}`));
	return {
		resource,
		operation: 'get',
		parameters: { [`${resource}Id`]: byId('={{ $json.id }}') },
		items: [{ id: ids[0] }, { id: ids[1] }],
		sideBySide: true,
		wire: paths.map((wanted) => ({ method: 'GET', path: wanted })),
		rows: [[{ id: ids[0] }], [{ id: ids[1] }]],
		fails: { match: { path: paths[1] }, ...SAYS_NO },
		says: `Kindryn: Kindryn says no (${resource} "${ids[1]}")`,
	};
}

/** Every operation that differs from item to item, over two items; the table of the interface. */
export const CASES: OperationCase[] = [
	getMany('coachingSession', 'listCoachingSessions', {
		path: '/coaching/sessions',
		parameters: { filters: { spaceId: byId('one'), upcoming: '={{ $json.upcoming }}' } },
		items: [{ upcoming: true }, { upcoming: false }],
		queries: [
			{ spaceId: 'one', upcoming: 'true' },
			{ spaceId: 'one', upcoming: 'false' },
		],
		ids: [['s2'], ['s2', 's1']],
	}),
	getMany('course', 'listCourses', {
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
		resource: 'event',
		operation: 'create',
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
		wire: [
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
		fails: { match: { operationId: 'createEvent' }, skip: 1, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no (event "Full")',
	},
	getOne('event', 'events', ['e1', 'e2']),
	getMany('event', 'listEvents', {
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
		resource: 'invitation',
		operation: 'create',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: {
				name: '={{ $json.name }}',
				role: '={{ $json.role }}',
				sendWelcomeEmail: '={{ $json.send }}',
			},
		},
		items: [
			{ email: ' new@example.org ' },
			{ email: 'unverified@example.org', name: 'Una', role: 'MODERATOR', send: false },
		],
		wire: [
			{ method: 'POST', path: path('/invitations'), body: { email: 'new@example.org' } },
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
			[{ outcome: 'invitation_sent', invitation: { email: 'new@example.org' } }],
			[{ outcome: 'unverified_user_invited', invitation: { role: 'MODERATOR' } }],
		],
		fails: { match: { operationId: 'createInvitation' }, skip: 1, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no (invitation of "unverified@example.org")',
	},
	{
		resource: 'invitation',
		operation: 'createMany',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: { name: '={{ $json.name }}', role: '={{ $json.role }}' },
			options: { batchSize: 1 },
		},
		items: [{ email: 'known@example.org' }, { email: 'n@example.org', name: 'N', role: 'MEMBER' }],
		wire: [
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
		fails: { match: { operationId: 'createInvitations' }, skip: 1, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no (item 1)',
		beside: { email: 'n@example.org', outcome: 'error' },
	},
	getMany('invitation', 'listInvitations', {
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
		resource: 'member',
		operation: 'add',
		parameters: {
			email: '={{ $json.email }}',
			additionalFields: { role: '={{ $json.role }}', sendWelcomeEmail: '={{ $json.send }}' },
		},
		items: [
			{ email: 'known@example.org' },
			{ email: 'new@example.org', role: 'MODERATOR', send: true },
		],
		wire: [
			{ method: 'POST', path: path('/members'), body: { email: 'known@example.org' } },
			{
				method: 'POST',
				path: path('/members'),
				body: { email: 'new@example.org', role: 'MODERATOR', sendWelcomeEmail: true },
			},
		],
		rows: [
			[{ outcome: 'member_created', member: { email: 'known@example.org' } }],
			[{ outcome: 'invitation_sent', invitation: { email: 'new@example.org' } }],
		],
		fails: { match: { operationId: 'addMember' }, skip: 1, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no (member "new@example.org")',
	},
	getOne('member', 'members', ['m1', 'm2']),
	getMany('member', 'listMembers', {
		path: '/members',
		parameters: { filters: { search: '={{ $json.search }}', role: '={{ $json.role }}' } },
		items: [{ search: 'jane' }, { role: 'MODERATOR' }],
		queries: [{ search: 'jane' }, { role: 'MODERATOR' }],
		ids: [['m3', 'm1'], ['m2']],
	}),
	{
		resource: 'post',
		operation: 'create',
		parameters: {
			spaceId: byId('talk'),
			authorId: byId('={{ $json.author }}'),
			body: '={{ $json.body }}',
			additionalFields: { title: '={{ $json.title }}', bodyFormat: '={{ $json.format }}' },
		},
		items: [
			{ author: 'u1', body: '<p>Hi &amp; <b>hello</b></p>' },
			{ author: 'u2', body: '<script>\n\n"Hi"', title: 'Hello', format: 'text' },
		],
		wire: [
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
		fails: { match: { operationId: 'createPost' }, skip: 1, ...SAYS_NO },
		says: 'Kindryn: Kindryn says no (post "Hello")',
	},
	getOne('post', 'posts', ['p1', 'p2']),
	getMany('post', 'listPosts', {
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
	getMany('space', 'listSpaces', {
		path: '/spaces',
		parameters: { filters: { type: '={{ $json.type }}' } },
		items: [{ type: 'DISCUSSION' }, { type: 'EVENT_SERIES' }],
		queries: [{ type: 'DISCUSSION' }, { type: 'EVENT_SERIES' }],
		ids: [['talk'], ['night']],
	}),
];
