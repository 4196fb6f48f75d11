import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator, startTrap } from '../emulator';
import type { Emulator, KinktreeReadings, Misbehaviour } from '../emulator';
import { findSecrets, startEngine } from './harness';
import type { Engine } from './harness';
import { describeOperation, onTheWire, pairing } from './operations';

const TAGS = [
	{ id: 'a', activationCode: 'CODE-A', name: 'Front desk', locked: false },
	{ id: 'b', activationCode: 'CODE-B', name: null, locked: true },
	{ id: 'B', activationCode: 'CODE-CAPITAL', name: 'Bar', locked: false },
];

let engine: Engine;
let emulator: Emulator<'kinktree'>;

beforeAll(async () => {
	engine = await startEngine();
	emulator = await startEmulator('kinktree', { seed: { tags: TAGS } });
});

beforeEach(() => emulator.reset());

afterEach(() => {
	expect(emulator.journal.violations()).toEqual([]);
	expect(engine.refusedConnections).toEqual([]);
});

afterAll(async () => {
	await emulator.stop();
	await engine.stop();
});

const credential = (changes: IDataObject = {}) => ({
	kinktreeApi: { apiSecret: emulator.secret, baseUrl: emulator.url, ...changes } as Record<
		string,
		string
	>,
});

interface Run {
	parameters?: INodeParameters;
	items?: IDataObject[];
	credential?: IDataObject;
	onError?: 'continueRegularOutput' | 'continueErrorOutput';
}

async function run(operation: string, options: Run = {}) {
	const { parameters, items, onError } = options;
	return await engine.runNode({
		type: 'kinktree',
		parameters: { resource: 'tag', operation, ...parameters },
		items,
		onError,
		credentials: credential(options.credential),
	});
}

const tagId = (value: string) => ({ __rl: true, mode: 'id', value });
const jsonOf = ({ output }: Awaited<ReturnType<typeof run>>) => output.map(({ json }) => json);

const bench = {
	type: 'kinktree',
	engine: () => engine,
	emulator: () => emulator,
	credentials: credential,
	secrets: () => [emulator.secret],
};
const path = '/v1/partners/tags';
const breaks = (operationId: string, skip = 1): Misbehaviour => ({
	match: { operationId },
	skip,
	status: 400,
	body: { message: 'The service says no' },
});

describeOperation(bench, {
	resource: 'tag',
	operation: 'create',
	parameters: {
		additionalFields: { identifier: '={{ $json.id }}', activationCode: '={{ $json.code }}' },
	},
	items: [{ id: 'x' }, { id: 'y', code: 'CODE-Y' }],
	wire: [
		{ method: 'POST', path, body: { identifier: 'x' } },
		{ method: 'POST', path, body: { identifier: 'y', activationCode: 'CODE-Y' } },
	],
	rows: [[{ identifier: 'x' }], [{ identifier: 'y', activationCode: 'CODE-Y' }]],
	fails: breaks('createTag'),
	says: 'Kinktree: The service says no (tag "y")',
});

describeOperation(bench, {
	resource: 'tag',
	operation: 'update',
	parameters: {
		tagId: tagId('={{ $json.id }}'),
		codeSource: '={{ $json.source }}',
		activationCode: '={{ $json.code }}',
	},
	items: [
		{ id: 'a', source: 'generate' },
		{ id: 'b', source: 'custom', code: 'NEW' },
	],
	wire: [
		{ method: 'PATCH', path: `${path}/a`, body: {} },
		{ method: 'PATCH', path: `${path}/b`, body: { activationCode: 'NEW' } },
	],
	rows: [[{ identifier: 'a' }], [{ identifier: 'b', activationCode: 'NEW' }]],
	fails: breaks('updateTag'),
	says: 'Kinktree: The service says no (tag "b")',
});

describeOperation(bench, {
	resource: 'tag',
	operation: 'delete',
	parameters: { tagId: tagId('={{ $json.id }}') },
	items: [{ id: 'a' }, { id: 'B' }],
	wire: [
		{ method: 'DELETE', path: `${path}/a` },
		{ method: 'DELETE', path: `${path}/B` },
	],
	rows: [[{ identifier: 'a', deleted: true }], [{ identifier: 'B', deleted: true }]],
	fails: breaks('deleteTag'),
	says: 'Kinktree: The service says no (tag "B")',
});

describeOperation(bench, {
	resource: 'tag',
	operation: 'upsert',
	parameters: {
		identifier: '={{ $json.id }}',
		additionalFields: { activationCode: '={{ $json.code }}' },
	},
	items: [
		{ id: 'new', code: 'CODE-NEW' },
		{ id: 'b', code: 'CODE-B2' },
	],
	wire: [
		{ method: 'GET', path },
		{ method: 'POST', path, body: { identifier: 'new', activationCode: 'CODE-NEW' } },
		{ method: 'PATCH', path: `${path}/b`, body: { activationCode: 'CODE-B2' } },
	],
	rows: [
		[{ identifier: 'new', activationCode: 'CODE-NEW', created: true }],
		[{ identifier: 'b', activationCode: 'CODE-B2', created: false, locked: true }],
	],
	fails: breaks('updateTag', 0),
	says: 'Kinktree: The service says no (tag "b")',
});

describe('tag: get', () => {
	it('finds each tag in one list, with its own spelling', async () => {
		const result = await run('get', {
			parameters: { tagId: tagId('={{ $json.id }}') },
			items: [{ id: 'B' }, { id: 'b' }],
		});
		expect(jsonOf(result)).toMatchObject([
			{ identifier: 'B', id: 'B', name: 'Bar', locked: false },
			{ identifier: 'b', id: 'b', name: null, locked: true },
		]);
		expect(pairing(result.output)).toEqual([0, 1]);
		expect(onTheWire(emulator.journal)).toEqual([{ method: 'GET', path }]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'says of a tag that is not there: %s',
		async (onError) => {
			const result = await run('get', {
				parameters: { tagId: tagId('={{ $json.id }}') },
				items: [{ id: 'a' }, { id: 'A' }],
				onError,
			});
			const failing = onError === 'continueErrorOutput' ? result.errorOutput : result.output;
			expect(failing.at(-1)?.json.error).toBe('Kinktree has no tag "A" in your namespace [item 1]');
			expect(result.output[0]?.json).toMatchObject({ identifier: 'a' });
		},
	);
});

describe('tag: getAll', () => {
	it('reads Limit for each item, from one list, and tells what was cut', async () => {
		const result = await run('getAll', {
			parameters: { returnAll: '={{ $json.all }}', limit: '={{ $json.limit }}' },
			items: [{ all: false, limit: 2 }, { all: true }],
		});
		expect(jsonOf(result).map(({ identifier }) => identifier)).toEqual(['a', 'b', 'a', 'b', 'B']);
		expect(pairing(result.output)).toEqual([0, 0, 1, 1, 1]);
		expect(emulator.journal.requests).toHaveLength(1);
		expect(result.hints).toMatchObject([
			{ message: expect.stringContaining('2 of 3 tags'), location: 'outputPane' },
		]);
	});

	it('fails an item whose Limit is no number of rows before anything is sent', async () => {
		const result = await run('getAll', {
			parameters: { limit: '={{ $json.limit }}' },
			items: [{ limit: 0 }, { limit: 1 }],
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(result)).toMatchObject([
			{ error: `'Limit' must be a whole number of at least 1, but is "0" [item 0]` },
			{ identifier: 'a' },
		]);
	});

	it('hands out 50,000 tags', async () => {
		const many = await startEmulator('kinktree', { seed: { tags: 50_000 } });
		try {
			const result = await run('getAll', {
				parameters: { returnAll: true },
				credential: { baseUrl: many.url },
			});
			expect(result.output).toHaveLength(50_000);
			expect(result.output.at(-1)?.json).toMatchObject({ identifier: 'tag-50000' });
		} finally {
			await many.stop();
		}
	});

	it('stops with the words of the service', async () => {
		emulator.misbehave({ status: 400, body: { message: 'The service says no' } });
		const result = await run('getAll', { items: [{}, {}] });
		expect(result.error).toMatchObject({
			message: 'Kinktree: The service says no [item 0]',
			httpCode: '400',
		});
	});
});

describe('where the document is silent', () => {
	const readings: Array<Partial<KinktreeReadings>> = [
		{ listShape: 'array' },
		{ listShape: 'tags' },
		{ listShape: 'data' },
		{ listShape: 'items' },
		{ listShape: 'single' },
		{ createStatus: 200 },
		{ createStatus: 201 },
		{ deleteAnswer: 'body' },
		{ deleteAnswer: 'empty204' },
		{ errorKey: 'error' },
		{ errorKey: 'detail' },
		{ duplicateStatus: 400 },
	];

	it.each(readings)('every operation works with %j', async (reading) => {
		const other = await startEmulator('kinktree', {
			seed: { tags: [TAGS[0] ?? {}] },
			readings: reading,
		});
		const options = { credential: { baseUrl: other.url } };
		const a = { tagId: tagId('a') };
		try {
			expect(jsonOf(await run('getAll', options))).toMatchObject([{ identifier: 'a', id: 'a' }]);
			expect(jsonOf(await run('get', { ...options, parameters: a }))).toMatchObject([
				{ identifier: 'a', activationCode: 'CODE-A' },
			]);
			const duplicate = await run('create', {
				...options,
				parameters: { additionalFields: { identifier: 'a' } },
			});
			expect(duplicate.error?.message).toContain('already exists');
			expect(
				jsonOf(
					await run('upsert', {
						...options,
						parameters: { identifier: 'a', additionalFields: { activationCode: 'NEXT' } },
					}),
				),
			).toMatchObject([{ identifier: 'a', activationCode: 'NEXT', created: false }]);
			expect(jsonOf(await run('create', options))).toMatchObject([
				{ identifier: expect.any(String), activationCode: expect.any(String) },
			]);
			expect(jsonOf(await run('delete', { ...options, parameters: a }))).toMatchObject([
				{ identifier: 'a', deleted: true },
			]);
			expect(other.journal.violations()).toEqual([]);
		} finally {
			await other.stop();
		}
	});

	it('finds the list in an envelope that has an ID of its own', async () => {
		const tags = [{ id: 'x', namespace: 'n', activationCode: 'C', name: null, locked: false }];
		emulator.misbehave({ raw: { body: JSON.stringify({ id: 'ns-1', tags }) } });
		expect(jsonOf(await run('getAll'))).toMatchObject([{ identifier: 'x', id: 'x' }]);
	});

	it.each([
		['{"deleted":false}', 'Kinktree refused this, and did not say why'],
		['{"error":"nope"}', 'Kinktree: nope'],
		['[{"identifier":"a"}]', 'Kinktree answered a list in place of an object'],
	])('does not take %s for a tag that is deleted', async (body, words) => {
		emulator.misbehave({ match: { method: 'DELETE' }, raw: { body } });
		const { error } = await run('delete', { parameters: { tagId: tagId('a') } });
		expect(error?.message).toBe(`${words} (tag "a") [item 0]`);
	});

	it('an empty list is none', async () => {
		const empty = await startEmulator('kinktree', { seed: {} });
		try {
			const result = await run('getAll', { credential: { baseUrl: empty.url } });
			expect([result.status, result.output]).toEqual(['success', []]);
		} finally {
			await empty.stop();
		}
	});
});

describe('bad input', () => {
	it.each(['={{ $json.missing }}', '={{ null }}', "={{ '' }}"])(
		"a 'Code Source' that finds nothing (%s) voids no code",
		async (codeSource) => {
			const parameters = { tagId: tagId('a'), codeSource, activationCode: 'NEW' };
			const { error } = await run('update', { parameters });
			expect(error?.message).toContain(
				"'Code Source' must be one of custom, generate, but is empty",
			);
			expect(emulator.journal.requests).toEqual([]);
		},
	);

	it.each([
		['create', { additionalFields: { identifier: '..' } }, `'Identifier' cannot be ".."`],
		['create', { additionalFields: { identifier: '  ' } }, "'Identifier' is empty"],
		['create', { additionalFields: { activationCode: ' ' } }, 'nothing but white space'],
		['upsert', { identifier: '..' }, `'Identifier' cannot be ".."`],
		[
			'upsert',
			{ identifier: 'a', additionalFields: { activationCode: ' ' } },
			'nothing but white space',
		],
	])('%s with %j is refused', async (operation, parameters, words) => {
		const { error } = await run(operation, { parameters });
		expect(error?.message).toContain(words);
		expect(emulator.journal.requests).toEqual([]);
	});

	it("keeps n8n's explanation of an expression that cannot be resolved", async () => {
		const { error } = await run('get', {
			parameters: { tagId: "={{ $('Nobody').item.json.id }}" },
		});
		expect(error?.message).toMatch(/Nobody|referenced node/i);
		expect(error?.message).not.toContain("‘'");
		expect(error?.context).toMatchObject({ itemIndex: 0, nodeCause: 'Nobody' });
	});

	const refused: Array<[value: string, words: string]> = [
		['', "'Tag' is empty"],
		['   ', "'Tag' is empty"],
		['.', `'Tag' cannot be "."`],
		['..', `'Tag' cannot be ".."`],
		['x'.repeat(10_240), "'Tag' is 10240 characters long"],
	];

	it.each(refused)('tag ID %j is refused before a request is sent', async (value, words) => {
		for (const operation of ['get', 'update', 'delete']) {
			const result = await run(operation, {
				parameters: { tagId: tagId('={{ $json.id }}') },
				items: [{ id: value }],
			});
			expect(result.error?.message).toContain(words);
		}
		expect(emulator.journal.requests).toEqual([]);
	});

	it.each([
		['a/b', 'a%2Fb'],
		['ä?#%2F', '%C3%A4%3F%23%252F'],
		['..%2f..', '..%252f..'],
	])('tag ID %j goes over the wire as %s', async (id, segment) => {
		emulator.state.addTag({ id });
		const result = await run('delete', { parameters: { tagId: tagId(id) } });
		expect(jsonOf(result)).toMatchObject([{ identifier: id, deleted: true }]);
		expect(onTheWire(emulator.journal)).toEqual([{ method: 'DELETE', path: `${path}/${segment}` }]);
		expect(emulator.state.tags().has(id)).toBe(false);
	});

	it.each(['', '={{ null }}', '={{ $json.missing }}', '  '])(
		'a custom code of %j is refused, so that none is generated by mistake',
		async (activationCode) => {
			const result = await run('update', {
				parameters: { tagId: tagId('a'), codeSource: 'custom', activationCode },
			});
			// n8n itself refuses a required parameter that is empty and no expression
			expect(result.error?.message).toMatch(
				/'Activation Code' is empty \[item 0\]$|"Activation Code" is required/,
			);
			expect(emulator.journal.requests).toEqual([]);
			expect(emulator.state.tags().get('a')?.activationCode).toBe('CODE-A');
		},
	);

	it('an empty identifier is refused by Create or Update', async () => {
		const result = await run('upsert', { parameters: { identifier: '={{ $json.missing }}' } });
		expect(result.error?.message).toBe("'Identifier' is empty [item 0]");
		expect(emulator.journal.requests).toEqual([]);
	});

	it('an operation that this version does not know is named', async () => {
		const result = await run('archive');
		expect(result.error?.message).toContain('There is no operation "archive"');
	});
});

describe('the credential', () => {
	const refused: Array<[credential: IDataObject, words: string]> = [
		[{ apiSecret: '' }, "'API Secret' is empty"],
		[{ apiSecret: ' \n' }, "'API Secret' is empty"],
		[{ apiSecret: 'Bearer abcdefgh' }, `'API Secret' starts with "Bearer"`],
		[{ apiSecret: ' bearer abcdefgh' }, `'API Secret' starts with "Bearer"`],
		[{ apiSecret: 'two words' }, "'API Secret' holds a space"],
		[{ apiSecret: 'two\nlines' }, "'API Secret' holds a space, a line break"],
		[{ baseUrl: 'api.kinktr.ee/v1' }, "'Base URL' does not start with https://"],
		[{ baseUrl: 'http://api.kinktr.ee/v1' }, 'would send the secret unencrypted'],
		[{ baseUrl: 'ftp://127.0.0.1/v1' }, 'only https:// can be used'],
		[{ baseUrl: '' }, "'Base URL' is empty"],
	];

	it.each(refused)('%j is refused before a request is sent', async (changes, words) => {
		const stopped = await run('getAll', { credential: changes });
		expect(stopped.error?.message).toContain(words);
		expect(stopped.error?.description).toMatch(/\w/);

		const continued = await run('getAll', {
			credential: changes,
			items: [{}, {}],
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(continued)).toEqual([
			{ error: expect.stringContaining(words) },
			{ error: expect.stringContaining(words) },
		]);

		const tested = await engine.testCredential('kinktreeApi', credential(changes).kinktreeApi);
		expect(tested).toMatchObject({ status: 'Error', message: expect.stringContaining(words) });
		expect(emulator.journal.requests).toEqual([]);
	});

	it.each([
		{ apiSecret: (secret: string) => `${secret}\n` },
		{ apiSecret: (secret: string) => `  ${secret}\r\n` },
	])('white space around a pasted secret is trimmed', async ({ apiSecret }) => {
		const changes = { apiSecret: apiSecret(emulator.secret) };
		expect((await run('getAll', { credential: changes })).status).toBe('success');
		const tested = await engine.testCredential('kinktreeApi', credential(changes).kinktreeApi);
		expect(tested).toEqual({
			status: 'OK',
			message: 'Connection successful: 3 tags in your namespace',
		});
	});

	it('a trailing slash and white space around the address are trimmed', async () => {
		const result = await run('getAll', { credential: { baseUrl: ` ${emulator.url}/ ` } });
		expect(onTheWire(emulator.journal)).toEqual([{ method: 'GET', path }]);
		expect(result.status).toBe('success');
	});

	it('the secret is sent raw', async () => {
		await run('getAll');
		expect(emulator.journal.requests[0]).toMatchObject({ key: 'main' });
	});

	it('the test says in the words of the service what is wrong with the secret', async () => {
		const tested = await engine.testCredential(
			'kinktreeApi',
			credential({ apiSecret: 'not-the-secret' }).kinktreeApi,
		);
		expect(tested).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^Kinktree: Invalid API secret\. Open the credential/),
		});
	});

	it.each([
		[{ html: true } as const, 'answered a web page in place of JSON'],
		[
			{ status: 404, raw: { body: '<html>', contentType: 'text/html' } },
			'answered 404 with a web page',
		],
		[{ raw: { body: '{"hello":"world"}' } }, 'in place of a list of tags'],
	])('the test says of a wrong address what answers there: %j', async (rule, words) => {
		emulator.misbehave({ ...rule, times: Infinity });
		const tested = await engine.testCredential('kinktreeApi', credential().kinktreeApi);
		expect(tested).toMatchObject({ status: 'Error', message: expect.stringContaining(words) });
	});

	it('the test says that nothing answers', async () => {
		const gone = await startEmulator('kinktree');
		const { url: baseUrl } = gone;
		await gone.stop();
		const tested = await engine.testCredential('kinktreeApi', credential({ baseUrl }).kinktreeApi);
		expect(tested).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/the connection was refused.*Check it in the credential/),
		});
	});
});

describe('error texts', () => {
	it.each([
		[401, 'Invalid API secret', 'paste the API secret'],
		[404, 'Tag not found', 'case-sensitive'],
		[409, 'Identifier taken', 'Create or Update'],
		[418, 'I am a teapot', 'Check the parameters'],
	])('%d: what happened, and how to put it right', async (status, words, advice) => {
		emulator.misbehave({ status, body: { message: words } });
		const { error } = await run('delete', { parameters: { tagId: tagId('a') } });
		expect(error).toMatchObject({
			message: `Kinktree: ${words} (tag "a") [item 0]`,
			description: expect.stringContaining(advice),
			httpCode: String(status),
		});
		expect(emulator.journal.requests).toHaveLength(1);
	});

	it.each([500, 502, 503, 504])('%d: after four tries', async (status) => {
		emulator.misbehave({ status, body: { message: 'Out of order' }, times: Infinity });
		const { error } = await run('getAll');
		expect(error).toMatchObject({
			message: 'Kinktree: Out of order [item 0]',
			description: expect.stringContaining('Try again later'),
		});
		expect(emulator.journal.requests).toHaveLength(4);
	});

	it.each<[string, Misbehaviour, string]>([
		['HTML with 200', { html: true }, 'answered a web page in place of JSON'],
		['null', { raw: { body: 'null' } }, 'answered null in place of JSON'],
		[
			'truncated JSON',
			{ truncate: 'consistent' },
			'answered JSON that is cut off in place of JSON',
		],
		['nothing', { raw: { body: '' } }, 'answered nothing in place of JSON'],
		['an object', { raw: { body: '{"message":"hi"}' } }, 'answered an object in place of a list'],
		[
			'an object with an ID',
			{ raw: { body: '{"id":"req_42","message":"maintenance"}' } },
			'answered an object in place of a list of tags',
		],
		[
			'a list of texts',
			{ raw: { body: '["a"]' } },
			'answered a list of something else than objects in place of a list of tags',
		],
		[
			'a tag without identifier',
			{ raw: { body: '[{"name":"x"}]' } },
			'a tag without an identifier',
		],
	])('%s in place of the list is never zero items', async (_, rule, words) => {
		emulator.misbehave({ ...rule, times: Infinity });
		const { status, error } = await run('getAll');
		expect(status).toBe('error');
		expect(error?.message).toContain(words);
	});
});

it('items that ask for the same tag get a row each, which a later node may change', async () => {
	const { output } = await run('get', { parameters: { tagId: tagId('a') }, items: [{}, {}] });
	const [first, second] = output;
	expect(first?.json).toEqual(second?.json);
	expect(first?.json).not.toBe(second?.json);
});

describe('trouble on the way', () => {
	it.each<[string, Misbehaviour]>([
		['503 twice', { status: 503, times: 2 }],
		['a connection that closes', { drop: 'before' }],
		['an answer that closes half-way', { truncate: 'connection' }],
		['429 with Retry-After: 1', { status: 429, headers: { 'retry-after': '1' } }],
	])('a read survives %s', async (_, rule) => {
		emulator.misbehave(rule);
		expect((await run('getAll')).output).toHaveLength(3);
		expect(emulator.journal.requests).toHaveLength((rule.times ?? 1) + 1);
	});

	it('a DELETE whose first answer is lost has succeeded', async () => {
		emulator.misbehave({ drop: 'after' });
		const result = await run('delete', { parameters: { tagId: tagId('a') } });
		expect(jsonOf(result)).toEqual([{ identifier: 'a', deleted: true }]);
		expect(emulator.journal.find({ method: 'DELETE' }).map(({ status }) => status)).toEqual([
			undefined,
			404,
		]);
	});

	it('a create whose answer is lost is not sent twice, and says so', async () => {
		emulator.misbehave({ drop: 'after' });
		const { error } = await run('create', {
			parameters: { additionalFields: { identifier: 'x' } },
		});
		expect(error).toMatchObject({
			message: expect.stringContaining('connection was closed before the answer arrived'),
			description: expect.stringContaining('not sent a second time'),
		});
		expect(emulator.journal.find({ method: 'POST' })).toHaveLength(1);
	});

	it('Create or Update whose answer is lost makes one tag and knows that it made it', async () => {
		emulator.misbehave({ match: { method: 'POST' }, drop: 'after' });
		const result = await run('upsert', {
			parameters: { identifier: 'x', additionalFields: { activationCode: 'CODE-X' } },
		});
		expect(jsonOf(result)).toMatchObject([
			{ identifier: 'x', activationCode: 'CODE-X', created: true },
		]);
		expect(emulator.state.tags().size).toBe(TAGS.length + 1);
		expect(emulator.journal.find({ method: 'PATCH' })).toEqual([]);
		expect(emulator.journal.find({ method: 'POST' })).toHaveLength(1);
	});

	it('Create or Update that was not carried out is not sent twice, and says that it may be run again', async () => {
		emulator.misbehave({ match: { method: 'POST' }, status: 500, body: { message: 'Oh no' } });
		const { error } = await run('upsert', { parameters: { identifier: 'x' } });
		expect(error).toMatchObject({
			message: 'Kinktree: Oh no (tag "x") [item 0]',
			description: expect.stringContaining("'Create or Update' makes no second one"),
		});
		expect(emulator.journal.find({ method: 'POST' })).toHaveLength(1);
	});

	it('Create or Update names no field where Kinktree may mean another', async () => {
		const message = 'activationCode must have 8 to 32 characters';
		emulator.misbehave({ match: { method: 'POST' }, status: 400, body: { message } });
		const { error } = await run('upsert', { parameters: { identifier: 'x' } });
		expect(error).toMatchObject({
			message: `Kinktree: ${message} (tag "x") [item 0]`,
			description: expect.not.stringContaining('identifier'),
		});
	});

	it('Create or Update does not recommend itself for an identifier that Kinktree refuses', async () => {
		const message = 'Reserved identifier';
		emulator.misbehave({ match: { method: 'POST' }, status: 409, body: { message } });
		const { error } = await run('upsert', { parameters: { identifier: 'x' } });
		expect(error).toMatchObject({
			message: 'Kinktree: Reserved identifier (tag "x") [item 0]',
			description: expect.stringContaining('Try another identifier'),
		});
	});

	it('Create or Update sets the code of a tag that appeared meanwhile', async () => {
		emulator.misbehave({ match: { method: 'GET' }, raw: { body: '[]' } });
		const result = await run('upsert', {
			parameters: { identifier: 'a', additionalFields: { activationCode: 'CODE-A2' } },
		});
		expect(jsonOf(result)).toMatchObject([
			{ identifier: 'a', activationCode: 'CODE-A2', created: false },
		]);
	});

	it('Create or Update leaves the code of a tag alone when none is given', async () => {
		const result = await run('upsert', { parameters: { identifier: 'a' } });
		expect(jsonOf(result)).toMatchObject([
			{ identifier: 'a', activationCode: 'CODE-A', created: false },
		]);
		expect(emulator.journal.find({ method: 'PATCH' })).toEqual([]);
	});

	it('the same identifier twice in one run is created once', async () => {
		const result = await run('upsert', {
			parameters: {
				identifier: 'x',
				additionalFields: { activationCode: '={{ $json.code }}' },
			},
			items: [{ code: 'ONE' }, { code: 'TWO' }],
		});
		expect(jsonOf(result)).toMatchObject([
			{ created: true, activationCode: 'ONE' },
			{ created: false, activationCode: 'TWO' },
		]);
	});

	it('a redirect carries the secret nowhere', async () => {
		const trap = await startTrap();
		try {
			for (const status of [301, 302, 307, 308]) {
				emulator.misbehave({ redirect: `${trap.url}/v1/partners/tags`, status });
				const { error } = await run('getAll');
				expect(error?.message).toContain('answered with a redirect, which was not followed');
				emulator.misbehave({ redirect: `${trap.url}/v1/partners/tags`, status });
				const tested = await engine.testCredential('kinktreeApi', credential().kinktreeApi);
				expect(tested.status).toBe('Error');
			}
			expect(trap.arrivals).toEqual([]);
		} finally {
			await trap.stop();
		}
	});

	it('an execution that is cancelled during a wait ends at once and sends nothing more', async () => {
		emulator.misbehave({ status: 429, headers: { 'retry-after': '50' }, times: Infinity });
		const arrival = emulator.journal.arrival();
		const controller = new AbortController();
		const running = engine.runNode({
			type: 'kinktree',
			parameters: { resource: 'tag', operation: 'getAll' },
			items: [{}, {}],
			onError: 'continueRegularOutput',
			credentials: credential(),
			signal: controller.signal,
		});
		await arrival;
		controller.abort();
		expect((await running).status).toBe('canceled');
		expect(emulator.journal.requests.length).toBeLessThanOrEqual(2);
	});

	it('no secret is left behind by anything that went wrong', async () => {
		const trouble: Misbehaviour[] = [
			{ status: 401, body: { message: `Unknown secret ${emulator.secret}` } },
			{ drop: 'before', times: Infinity },
			{ html: true },
			{ redirect: 'https://elsewhere.example/' },
		];
		for (const rule of trouble) {
			emulator.reset();
			emulator.misbehave(rule);
			const result = await run('getAll');
			expect(result.status).toBe('error');
			expect(findSecrets([result, engine.logs], [emulator.secret])).toEqual([]);
		}
	});
});

describe('the list of tags in the panel', () => {
	const search = async (options: { filter?: string; paginationToken?: string; baseUrl?: string }) =>
		await engine.listSearch({
			type: 'kinktree',
			method: 'searchTags',
			credentials: credential(options.baseUrl ? { baseUrl: options.baseUrl } : {}),
			filter: options.filter,
			paginationToken: options.paginationToken,
		});

	it('shows name and lock state', async () => {
		expect(await search({})).toEqual({
			results: [
				{ name: 'a – Front desk', value: 'a' },
				{ name: 'b (locked)', value: 'b' },
				{ name: 'B – Bar', value: 'B' },
			],
		});
	});

	it.each([
		['front', ['a']],
		['BAR', ['B']],
		['b', ['b', 'B']],
		[' locked ', ['b']],
		['nothing', []],
	])('finds %j', async (filter, values) => {
		expect((await search({ filter })).results.map(({ value }) => value)).toEqual(values);
	});

	it('comes in pages', async () => {
		const many = await startEmulator('kinktree', { seed: { tags: 250 } });
		try {
			const sizes: number[] = [];
			const seen = new Set<unknown>();
			let paginationToken: string | undefined;
			do {
				const page = await search({ baseUrl: many.url, paginationToken });
				sizes.push(page.results.length);
				for (const { value } of page.results) seen.add(value);
				({ paginationToken } = page);
			} while (paginationToken !== undefined);
			expect([sizes, seen.size]).toEqual([[100, 100, 50], 250]);
		} finally {
			await many.stop();
		}
	});

	it('says what is wrong', async () => {
		emulator.misbehave({ status: 401, body: { message: 'Invalid API secret' } });
		await expect(search({})).rejects.toMatchObject({
			message: 'Kinktree: Invalid API secret',
			description: expect.stringContaining('paste the API secret'),
		});
	});
});

describe('the package as n8n loads it', () => {
	it('knows node and credential', () => {
		expect(engine.nodeNames).toContain('kinktree');
		expect(engine.credentialNames).toContain('kinktreeApi');
	});

	it('has a codex, themed icons and a schema for each operation', () => {
		const description = engine.description('kinktree');
		expect(description.codex?.alias).toContain('kinktag');
		expect(description.iconUrl).toEqual({
			light: expect.stringMatching(/kinktree\.svg$/),
			dark: expect.stringMatching(/kinktree\.dark\.svg$/),
		});
		for (const operation of ['create', 'delete', 'get', 'getAll', 'update', 'upsert']) {
			expect(engine.schema('kinktree', 'tag', operation)).toMatchObject({
				type: 'object',
				properties: { identifier: { type: 'string' } },
			});
		}
	});
});
