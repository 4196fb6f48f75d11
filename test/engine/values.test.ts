import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator } from '../emulator';
import type { Emulator } from '../emulator';
import { startEngine } from './harness';
import type { Engine, NodeRunResult } from './harness';
import { requestsIn } from './operations';

let engine: Engine;
let kinktree: Emulator<'kinktree'>;
let kindryn: Emulator<'kindryn'>;
let klinky: Emulator<'klinky'>;

const emulators = () => [kinktree, kindryn, klinky];

beforeAll(async () => {
	engine = await startEngine();
	kinktree = await startEmulator('kinktree', { seed: { tags: [{ id: 'a' }] } });
	kindryn = await startEmulator('kindryn', {
		seed: {
			spaces: [{ id: 'talk', name: 'Talk', type: 'DISCUSSION' }],
			members: [
				{ id: 'm1', userId: 'u1', name: 'Jane Doe', email: 'jane@xn--bcher-kva.example' },
				{ id: 'm2', userId: 'u2', name: 'Jose Ruiz', email: 'jose\u0301@example.org' },
				{ id: 'm3', userId: 'u3', name: 'Jane Roe', email: 'jane@example.org' },
			],
			events: [],
			posts: [],
		},
	});
	klinky = await startEmulator('klinky', { seed: { links: [] } });
});

beforeEach(() => {
	for (const emulator of emulators()) emulator.reset();
});

afterEach(() => {
	for (const emulator of emulators()) expect(emulator.journal.violations()).toEqual([]);
	expect(engine.refusedConnections).toEqual([]);
});

afterAll(async () => {
	for (const emulator of emulators()) await emulator.stop();
	engine.stop();
});

async function run(
	type: 'kinktree' | 'kindryn' | 'klinky',
	name: string,
	parameters: INodeParameters,
): Promise<NodeRunResult> {
	const [resource, operation] = name.split('.');
	return await engine.runNode({
		type,
		parameters: { resource, operation, ...parameters } as INodeParameters,
		credentials: {
			kinktreeApi: { apiSecret: kinktree.secret, baseUrl: kinktree.url },
			kindrynApi: { apiKey: kindryn.secret, baseUrl: kindryn.url },
			klinkyApi: { apiKey: klinky.secret, baseUrl: klinky.url },
		},
	});
}

/** An expression followed by a line break, which turns its value into text. */
const broken = (value: unknown) => `={{ ${JSON.stringify(value)} }}\n`;

const sent = (emulator: { journal: Emulator<'kinktree'>['journal'] }): unknown[] =>
	requestsIn(emulator.journal).map(({ query, body }) => body ?? query);

describe('a line break after an expression is not part of', () => {
	it.each<[string, INodeParameters, IDataObject]>([
		[
			'tag.create',
			{ additionalFields: { identifier: broken('x'), activationCode: broken('WELCOME-2026') } },
			{ identifier: 'x', activationCode: 'WELCOME-2026' },
		],
		[
			'tag.update',
			{ tagId: broken('a'), codeSource: broken('custom'), activationCode: broken('NEW') },
			{ activationCode: 'NEW' },
		],
	])("the parameters of Kinktree's %s", async (name, parameters, body) => {
		const { error } = await run('kinktree', name, parameters);
		expect(error).toBeUndefined();
		expect(sent(kinktree)).toEqual([body]);
	});

	it.each<[string, INodeParameters, IDataObject]>([
		[
			'member.getAll',
			{ returnAll: broken(false), limit: broken(5), filters: { search: broken('jane') } },
			{ search: 'jane', limit: '5', offset: '0' },
		],
		[
			'member.add',
			{
				email: broken('new@example.org'),
				additionalFields: { role: broken('MODERATOR'), sendWelcomeEmail: broken(true) },
			},
			{ email: 'new@example.org', role: 'MODERATOR', sendWelcomeEmail: true },
		],
		[
			'event.create',
			{
				spaceId: broken('talk'),
				title: broken('Office Hours'),
				startsAt: broken('2026-05-01T17:00:00Z'),
				additionalFields: {
					description: broken('One\n\n  two'),
					isVirtual: broken('FALSE'),
					capacity: broken(20),
				},
			},
			{
				spaceId: 'talk',
				title: 'Office Hours',
				startsAt: '2026-05-01T17:00:00.000Z',
				description: 'One\n\n  two',
				isVirtual: false,
				capacity: 20,
			},
		],
		[
			'post.create',
			{
				spaceId: broken('talk'),
				authorId: broken('u1'),
				bodyFormat: broken('html'),
				body: broken('<p>One</p>\n<p>two</p>'),
				additionalFields: { title: broken('Hi 👩‍💻') },
			},
			{ spaceId: 'talk', authorId: 'u1', title: 'Hi 👩‍💻', body: '<p>One</p>\n<p>two</p>' },
		],
	])("the parameters of Kindryn's %s", async (name, parameters, body) => {
		const { error } = await run('kindryn', name, parameters);
		expect(error).toBeUndefined();
		expect(sent(kindryn)).toEqual([body]);
	});

	it("the parameters of Klinky's link.create", async () => {
		const { error } = await run('klinky', 'link.create', {
			name: broken('Summer'),
			routingType: 'geo',
			specifyVariants: broken('json'),
			variantsJson: broken('[{"label": "a ", "destinationUrl": "https://a.example\\n"}]'),
			geoRules: { rule: [{ country: broken('de'), variant: broken('a') }] },
			defaultVariant: broken('a'),
			additionalFields: { autoWinner: broken(1), slug: broken('summer') },
		});
		expect(error).toBeUndefined();
		expect(sent(klinky)).toEqual([
			{
				name: 'Summer',
				routing_type: 'geo',
				variants: [{ label: 'a', destination_url: 'https://a.example', weight: 100 }],
				geo_rules: { default: 'a', DE: 'a' },
				auto_winner: true,
				slug: 'summer',
			},
		]);
	});
});

describe('an optional value that consists of spaces', () => {
	it('is omitted', async () => {
		await run('kinktree', 'tag.create', {
			additionalFields: { identifier: ' ', activationCode: broken(' ') },
		});
		await run('kindryn', 'member.add', {
			email: 'new@example.org',
			additionalFields: { role: '  ' },
		});
		expect(sent(kinktree)).toEqual([{}]);
		expect(sent(kindryn)).toEqual([{ email: 'new@example.org' }]);
	});
});

describe('an invisible character', () => {
	it('is removed from an e-mail address and from a web address', async () => {
		await run('kindryn', 'member.add', { email: '\u200eja\u200bne@exam\u00adple.org' });
		await run('klinky', 'link.create', {
			name: 'x',
			destinationUrl: 'https://a.\u200bexample/b\u2060',
		});
		expect(sent(kindryn)).toEqual([{ email: 'jane@example.org' }]);
		expect(sent(klinky)).toMatchObject([
			{ variants: [{ destination_url: 'https://a.example/b' }] },
		]);
	});

	it('is refused if it is half of an emoji', async () => {
		const { error } = await run('kindryn', 'invitation.create', {
			email: 'jane@example.org',
			additionalFields: { name: '={{ "Jane 😀".slice(0, -1) }}' },
		});
		expect(error?.message).toBe(
			"'Name' contains half of a character, so it cannot be sent [item 0]",
		);
		expect(sent(kindryn)).toEqual([]);
	});
});

describe('an author', () => {
	it.each([
		['jane@bücher.example', 'u1'],
		['Jane@xn--bcher-kva.example', 'u1'],
		['jane@example.org\n', 'u3'],
		['jos\u00e9@example.org', 'u2'],
	])('is found by the address %j', async (email, authorId) => {
		const { error } = await run('kindryn', 'post.create', {
			spaceId: 'talk',
			authorId: { __rl: true, mode: 'email', value: email },
			body: '<p>Hi</p>',
		});
		expect(error).toBeUndefined();
		expect(kindryn.journal.requests.at(-1)?.body).toMatchObject({ authorId });
	});
});

describe('an invalid date', () => {
	it.each([
		['={{ DateTime.invalid("no day") }}', 'Invalid DateTime'],
		['={{ new Date("no day") }}', 'Invalid Date'],
	])('%s is named in the error', async (startsAt, words) => {
		const { error } = await run('kindryn', 'event.create', {
			spaceId: 'talk',
			title: 'Talk',
			startsAt,
		});
		expect(error?.message).toBe(`'Starts At' must be a date, but is "${words}" [item 0]`);
	});
});
