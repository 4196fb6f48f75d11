import type { INodeParameters, IRunExecutionData } from 'n8n-workflow';

import { startEmulator } from '../emulator';
import type { Emulator, Misbehaviour } from '../emulator';
import { findSecrets, startEngine } from './harness';
import type { Engine, NodeRunResult, RunNodeOptions } from './harness';
import { farFromTheHour, HOUR } from './setup';

export const COUNT = 5;
export const numbers = Array.from({ length: COUNT }, (_, number) => number);
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const linkIds = numbers.map((number) => `00000000-0000-4000-8000-00000000000${number}`);

let engineInUse: Engine;
let kinktree: Emulator<'kinktree'>;
let kindryn: Emulator<'kindryn'>;
let klinky: Emulator<'klinky'>;
const now = farFromTheHour();
let klinkyKey = '';
let keys = 0;

export const engine = (): Engine => engineInUse;
export const services = () => ({ kinktree, kindryn, klinky });

/** Starts the engine and the services around the tests of a file, with five tags and five links to change. */
export function setUpWrites(): void {
	beforeAll(async () => {
		engineInUse = await startEngine();
		kinktree = await startEmulator('kinktree', {
			seed: { tags: numbers.map((number) => ({ id: `tag-${number}` })) },
		});
		kindryn = await startEmulator('kindryn', {
			seed: {
				spaces: [{ id: 'talk', name: 'Talk', type: 'DISCUSSION' }],
				members: [{ id: 'm1', userId: 'u1', email: 'jane@example.org' }],
			},
		});
		const variants = [
			{ label: 'a', destination_url: 'https://a.example', weight: 50 },
			{ label: 'b', destination_url: 'https://b.example', weight: 50 },
		];
		klinky = await startEmulator('klinky', {
			seed: { links: linkIds.map((id) => ({ id, variants })) },
			now: () => now,
		});
	});
	beforeEach(() => {
		Object.values(services()).forEach((emulator) => emulator.reset());
		// The node knows nothing about the budget of a new key
		klinkyKey = `klinky_live_test_${++keys}`;
		klinky.state.addKey({ name: `test ${keys}`, secret: klinkyKey, plan: 'scale' });
	});
	afterEach(() => {
		const violations = Object.values(services()).flatMap(({ journal }) => journal.violations());
		expect(violations).toEqual([]);
		expect(engineInUse.refusedConnections).toEqual([]);
	});
	afterAll(async () => {
		await Promise.all(Object.values(services()).map(async (emulator) => await emulator.stop()));
		engineInUse.stop();
	});
}

/** Uses up Klinky's requests of this hour until `left` are left. */
export function leaveOfBudget(left: number): void {
	const { readings, state } = klinky;
	const key = Object.values(state.keys).find(({ secret }) => secret === klinkyKey);
	if (!key) throw new Error('no key is in use');
	const limit = state.limits[key.plan];
	for (let spent = left; spent < limit; spent++) {
		state.window(key).take(now, { limit, windowMs: HOUR, kind: readings.window });
	}
}

export const credentials = () => ({
	kinktreeApi: { apiSecret: kinktree.secret, baseUrl: kinktree.url },
	kindrynApi: { apiKey: kindryn.secret, baseUrl: kindryn.url, maxRequestsPerSecond: 1000 },
	klinkyApi: { apiKey: klinkyKey, baseUrl: klinky.url },
});

/** An operation that writes something for each of five items. */
export interface Write {
	type: 'kinktree' | 'kindryn' | 'klinky';
	/** resource and operation: `tag.create` */
	name: string;
	parameters: INodeParameters;
	/** the request that writes */
	operationId: string;
	/** whether the items are written one after the other, in their order */
	inOrder?: boolean;
}

export const post: Write = {
	type: 'kindryn',
	name: 'post.create',
	operationId: 'createPost',
	inOrder: true,
	parameters: {
		spaceId: byId('talk'),
		authorId: byId('u1'),
		body: '=Post {{ $json.number }}',
		additionalFields: { title: '=Post {{ $json.number }}' },
	},
};
export const createMany: Write = {
	type: 'kindryn',
	name: 'invitation.createMany',
	operationId: 'createInvitations',
	inOrder: true,
	parameters: { email: '={{ $json.email }}', options: { batchSize: 1 } },
};
export const tag: Write = {
	type: 'kinktree',
	name: 'tag.create',
	operationId: 'createTag',
	parameters: { additionalFields: { identifier: '=new-{{ $json.number }}' } },
};
export const link: Write = {
	type: 'klinky',
	name: 'link.create',
	operationId: 'createLink',
	parameters: { name: '=Link {{ $json.number }}', destinationUrl: 'https://x.example' },
};
const onTag = { tagId: byId('=tag-{{ $json.number }}') };
const onLink = { linkId: byId('={{ $json.link }}') };

export const WRITES: Write[] = [
	tag,
	{
		...tag,
		parameters: { additionalFields: { activationCode: '=CODE-{{ $json.number }}' } },
	},
	{
		type: 'kinktree',
		name: 'tag.upsert',
		operationId: 'createTag',
		parameters: { identifier: '=new-{{ $json.number }}' },
	},
	{ type: 'kinktree', name: 'tag.update', operationId: 'updateTag', parameters: onTag },
	{ type: 'kinktree', name: 'tag.delete', operationId: 'deleteTag', parameters: onTag },
	post,
	{
		type: 'kindryn',
		name: 'event.create',
		operationId: 'createEvent',
		inOrder: true,
		parameters: {
			spaceId: byId('talk'),
			title: '=Event {{ $json.number }}',
			startsAt: '2030-01-01T10:00:00Z',
		},
	},
	{
		type: 'kindryn',
		name: 'member.add',
		operationId: 'addMember',
		parameters: { email: '={{ $json.email }}' },
	},
	{
		type: 'kindryn',
		name: 'invitation.create',
		operationId: 'createInvitation',
		parameters: { email: '={{ $json.email }}' },
	},
	createMany,
	link,
	{ type: 'klinky', name: 'link.delete', operationId: 'deleteLink', parameters: onLink },
	{
		type: 'klinky',
		name: 'link.update',
		operationId: 'updateLink',
		parameters: { ...onLink, updateFields: { name: '=New {{ $json.number }}' } },
	},
	{
		type: 'klinky',
		name: 'link.updateVariants',
		operationId: 'replaceVariants',
		parameters: {
			...onLink,
			variants: { variant: [{ label: 'c', destinationUrl: 'https://c.example', weight: 100 }] },
		},
	},
	{
		type: 'klinky',
		name: 'link.updateWeights',
		operationId: 'replaceVariants',
		parameters: {
			...onLink,
			weights: {
				weight: [
					{ label: 'a', weight: 90 },
					{ label: 'b', weight: 10 },
				],
			},
		},
	},
];

export const titled = WRITES.map((write) => {
	const withCode = write.name === 'tag.create' && write !== tag;
	return [withCode ? 'tag.create without an identifier' : write.name, write] as const;
});

export const items = numbers.map((number) => ({
	number,
	email: `p${number}@example.org`,
	link: linkIds[number],
}));

export const run = async (
	{ type, name, parameters }: Write,
	options: Partial<RunNodeOptions> = {},
): Promise<NodeRunResult> => {
	const [resource = '', operation = ''] = name.split('.');
	const result = await engineInUse.runNode({
		type,
		parameters: { resource, operation, ...parameters },
		items,
		credentials: credentials(),
		...options,
	});
	const secrets = [kinktree.secret, kindryn.secret, klinkyKey];
	expect(findSecrets([result, engineInUse.logs], secrets)).toEqual([]);
	return result;
};

export const retrying = { retryOnFail: true, maxTries: 3 };
const SAYS_NO = 'The service says no';

/** A refusal by any service: Kindryn and Kinktree use `message`, Klinky uses `detail`. */
export const refusal = { status: 400, body: { message: SAYS_NO, detail: SAYS_NO } };

export const fail = ({ type, operationId }: Write, rule: Misbehaviour) =>
	services()[type].misbehave({ match: { operationId }, ...rule });
export const sent = ({ type, operationId }: Write) =>
	services()[type].journal.find({ operationId });
/** The writes that the service carried out. */
export const writes = (write: Write) =>
	sent(write)
		.filter(({ status = 0 }) => status < 300)
		.map(({ path, body }) => `${path} ${JSON.stringify(body)}`);
export const errors = (rows: NodeRunResult['output']) =>
	rows.flatMap(({ json }) => (json.error === undefined ? [] : [json.error]));

/** The data that the execution still holds about the node. */
export const context = ({ executionData }: IRunExecutionData): unknown =>
	executionData?.contextData['node:Node'] ?? {};
