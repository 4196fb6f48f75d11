/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { IDataObject, INode } from 'n8n-workflow';
import { type Engine, findSecrets, startEngine, type WorkflowFile } from './index';

const KEY = 'the-key-of-the-fixture';
const packageRoot = join(__dirname, '../fixture');

interface Received {
	method?: string;
	url?: string;
	headers: IncomingMessage['headers'];
}

interface Answer {
	status?: number;
	body?: unknown;
}

let engine: Engine;
let server: Server;
let baseUrl: string;
let received: Received[];
let answer: (request: Received) => Answer;
const echoApi = (more: IDataObject = {}) => ({ echoApi: { key: KEY, baseUrl, ...more } });

beforeAll(async () => {
	engine = await startEngine({ packageRoot });
	server = createServer((request, response) => {
		const { method, url, headers } = request;
		received.push({ method, url, headers });
		const { status = 200, body = { url } } = answer({ method, url, headers });
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
	received = [];
	answer = () => ({});
});

afterAll(async () => {
	engine.stop();
	server.closeAllConnections();
	await new Promise((done) => server.close(done));
});

describe('the installed package', () => {
	it('is loaded through its package.json, with codex, icons and schema', () => {
		expect(engine.nodeNames).toEqual(['echo', 'echoTrigger']);
		expect(engine.credentialNames).toEqual(['echoApi', 'sessionApi']);
		expect(engine.description('echo')).toMatchObject({
			codex: { alias: ['parrot'] },
			iconUrl: { light: 'icons/n8n-nodes-engine-fixture/echo.svg' },
			communityNodePackageVersion: '1.2.3',
		});
		expect(engine.schema('echo', 'thing', 'get')).toHaveProperty('properties.note');
		expect(engine.schema('echo', 'thing', 'delete')).toBeUndefined();
		expect(engine.credentialType('echoApi').displayName).toBe('Echo API');
	});

	it('runs in one engine at a time, and refuses unknown names', async () => {
		await expect(startEngine({ packageRoot })).rejects.toThrow('stop it first');
		expect(() => engine.description('parrot')).toThrow('parrot');
		expect(() => engine.description('other-package.parrot')).toThrow('not installed');
		expect(() => engine.credentialType('parrotApi')).toThrow('parrotApi');
	});
});

describe('runNode', () => {
	it('reads parameters for each item, pairs its rows, and fills in defaults', async () => {
		const { status, output, error } = await engine.runNode({
			type: 'echo',
			parameters: { path: '=/{{ $json.name }}' },
			credentials: echoApi(),
			items: [{ name: 'a' }, { name: 'b' }],
		});
		expect(error).toBeUndefined();
		expect(status).toBe('success');
		expect(output).toEqual([
			{ json: { url: '/a?via=echo', note: 'none' }, pairedItem: { item: 0 } },
			{ json: { url: '/b?via=echo', note: 'none' }, pairedItem: { item: 1 } },
		]);
	});

	it('resolves expressions in the keys and values of a generic authentication', async () => {
		await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi({ header: 'X-Other' }),
		});
		expect(received[0]?.headers).toMatchObject({ 'x-other': `Key ${KEY}` });
	});

	it('fetches a session token first, and again when it has expired', async () => {
		const sessionApi = { key: KEY, baseUrl };
		let logins = 0;
		answer = ({ url, headers }) => {
			if (url === '/login') return { body: { token: `token ${++logins}` } };
			return headers.authorization === 'Bearer token 2' ? {} : { status: 401 };
		};
		const { error, output } = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x', credential: 'sessionApi' },
			credentials: { sessionApi },
		});
		expect(error).toBeUndefined();
		expect(output).toHaveLength(1);
		expect(received.map(({ url }) => url)).toEqual(['/login', '/x', '/login', '/x']);
	});

	it('applies credential defaults, execution ID and time zone, and keeps hints and log', async () => {
		const { output, hints } = await engine.runNode({
			type: 'echo',
			parameters: { operation: 'describe' },
			credentials: echoApi({ unknown: 'dropped' }),
			timezone: 'Asia/Tokyo',
			executionId: '77',
		});
		expect(output[0]?.json).toEqual({
			hasKey: true,
			header: 'X-Echo-Key',
			timezone: 'Asia/Tokyo',
			id: '77',
		});
		expect(hints).toEqual([{ message: 'Described', location: 'outputPane' }]);
		expect(engine.logs).toContainEqual({
			level: 'debug',
			message: 'Described',
			metadata: { by: 'echo' },
		});
	});

	describe('with an item that fails', () => {
		const run = async (onError?: INode['onError']) => {
			answer = ({ url }) =>
				url?.startsWith('/bad') ? { status: 404, body: { message: 'No such thing' } } : {};
			return await engine.runNode({
				type: 'echo',
				parameters: { path: '={{ $json.path }}' },
				credentials: echoApi(),
				items: [{ json: { path: '/bad' } }, { json: { path: '/good' } }],
				onError,
			});
		};

		it('stops with the error', async () => {
			const { status, output, error } = await run();
			expect(status).toBe('error');
			expect(output).toEqual([]);
			expect(received).toHaveLength(1);
			expect(error).toMatchObject({
				name: 'NodeApiError',
				message: 'No such thing',
				description: 'Look at the path',
				httpCode: '404',
				context: { itemIndex: 0 },
			});
		});

		it('continues with an error item', async () => {
			const { status, output, errorOutput } = await run('continueRegularOutput');
			expect(status).toBe('success');
			expect(output.map(({ json }) => json)).toEqual([
				{ error: 'No such thing' },
				{ url: '/good?via=echo', note: 'none' },
			]);
			expect(errorOutput).toEqual([]);
		});

		it('continues on the error output, with the input item', async () => {
			const { output, errorOutput } = await run('continueErrorOutput');
			expect(output.map(({ json }) => json.url)).toEqual(['/good?via=echo']);
			expect(errorOutput.map(({ json }) => json)).toEqual([
				{ path: '/bad', error: 'No such thing' },
			]);
		});
	});

	it('retries according to the node settings', async () => {
		answer = () => (received.length < 3 ? { status: 500, body: { message: 'Later' } } : {});
		const { status, output } = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi(),
			retryOnFail: true,
			maxTries: 3,
		});
		expect(status).toBe('success');
		expect(output).toHaveLength(1);
		expect(received).toHaveLength(3);
	});

	it('reports an error that n8n finds before the node starts', async () => {
		const { status, error } = await engine.runNode({ type: 'echo', credentials: echoApi() });
		expect(status).toBe('error');
		expect(error?.message).toContain('issues');
		expect(received).toEqual([]);
	});

	it('ends a wait of an hour at once when the execution is cancelled', async () => {
		const stop = new AbortController();
		answer = () => {
			setImmediate(() => stop.abort());
			return {};
		};
		const { status, output } = await engine.runNode({
			type: 'echo',
			parameters: { operation: 'wait' },
			credentials: echoApi(),
			signal: stop.signal,
		});
		expect(status).toBe('canceled');
		expect(output).toEqual([]);
		expect(received).toHaveLength(1);
	});

	it('starts nothing if it was cancelled before', async () => {
		const { status } = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi(),
			signal: AbortSignal.abort(),
		});
		expect(status).toBe('canceled');
		expect(received).toEqual([]);
	});
});

describe('the network', () => {
	it.each([
		['https://example.com', 'example.com:443'],
		['http://192.0.2.1:81', '192.0.2.1:81'],
	])('is closed to %s', async (elsewhere, refused) => {
		const { error } = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi({ baseUrl: elsewhere }),
		});
		expect(JSON.stringify(error)).toContain('ENETUNREACH');
		expect(engine.refusedConnections).toContain(refused);
	});
});

describe('the panel', () => {
	const panel = { type: 'echo', parameters: { note: 'hello' } };

	it('searches a list page by page', async () => {
		const list = { ...panel, credentials: echoApi(), method: 'paths', filter: 'f' };
		const first = await engine.listSearch(list);
		expect(first).toEqual({
			results: [{ name: `f page 1 ${KEY.length}`, value: '1' }],
			paginationToken: '2',
		});
		const second = await engine.listSearch({ ...list, paginationToken: first.paginationToken });
		expect(second).toEqual({ results: [{ name: `f page 2 ${KEY.length}`, value: '2' }] });
	});

	it('loads options based on the given parameters, or on the defaults', async () => {
		const load = { type: 'echo', method: 'notes' };
		expect(await engine.loadOptions({ ...panel, ...load })).toEqual([
			{ name: 'hello', value: 'hello' },
		]);
		expect(await engine.loadOptions(load)).toEqual([{ name: 'none', value: 'none' }]);
	});

	it('names a method that the node lacks', async () => {
		await expect(engine.listSearch({ ...panel, method: 'lost' })).rejects.toThrow('"lost"');
		await expect(engine.loadOptions({ ...panel, method: 'lost' })).rejects.toThrow('"lost"');
	});
});

describe('testCredential', () => {
	it.each<[string, Answer, object]>([
		['passes', {}, { status: 'OK', message: 'Connection successful!' }],
		['words a status by its rule', { status: 403 }, { message: 'That key may do nothing' }],
		['words any other status', { status: 401 }, { status: 'Error', message: 'Unauthorized' }],
		[
			'looks into the body',
			{ body: { account: { state: 'closed' } } },
			{ status: 'Error', message: 'The account is closed' },
		],
	])('sends the declared request: it %s', async (_, given, expected) => {
		answer = () => given;
		const result = await engine.testCredential('echoApi', echoApi().echoApi);
		expect(result).toMatchObject(expected);
		expect(received[0]).toMatchObject({
			url: '/probe?via=echo',
			headers: { 'x-echo-key': `Key ${KEY}` },
		});
	});

	it('fails in the declared request if nothing answers', async () => {
		const closed = { key: KEY, baseUrl: 'http://127.0.0.1:1' };
		const result = await engine.testCredential('echoApi', closed);
		expect(result).toEqual({ status: 'Error', message: 'ECONNREFUSED' });
	});

	it('calls the function of a node, with the defaults filled in', async () => {
		const test = async (key: string) =>
			await engine.testCredential('sessionApi', { key, baseUrl: 'there' });
		expect(await test('right')).toEqual({ status: 'OK', message: 'At there' });
		expect(await test('wrong')).toEqual({
			status: 'Error',
			message: 'Wrong key for X-Echo-Key',
		});
	});
});

describe('poller', () => {
	let rows: IDataObject[];
	beforeEach(() => {
		rows = [{ id: 1 }];
		answer = () => ({ body: { rows } });
	});

	const emitted = async (poller: ReturnType<Engine['poller']>) =>
		(await poller.poll())?.map(({ json }) => json.id) ?? null;

	it('emits only new rows in each poll, and keeps the state as JSON', async () => {
		const poller = engine.poller({ type: 'echoTrigger', credentials: echoApi() });
		expect(await emitted(poller)).toEqual([1]);
		expect(await emitted(poller)).toBeNull();
		rows = [{ id: 1 }, { id: 2 }];
		expect(await emitted(poller)).toEqual([2]);
		expect(poller.staticData).toEqual({
			attempts: 3,
			seen: [1, 2],
			seenAt: '1970-01-01T00:00:00.000Z',
		});
		expect(poller.saves).toBe(2);
		expect(poller.staticDataSize).toBe(JSON.stringify(poller.staticData).length);
	});

	it('saves when n8n does: after an activation and when a poll emits', async () => {
		const poller = engine.poller({
			type: 'echoTrigger',
			credentials: echoApi(),
			staticData: { attempts: 5, seen: [1] },
		});
		expect(await emitted(poller)).toBeNull();
		expect(poller.staticData.attempts).toBe(6);
		expect(await emitted(poller)).toBeNull();
		expect(await emitted(poller)).toBeNull();
		expect(poller.staticData.attempts).toBe(6);
		rows = [{ id: 1 }, { id: 2 }];
		expect(await emitted(poller)).toEqual([2]);
		expect(poller.staticData.attempts).toBe(9);
		expect(await emitted(poller)).toBeNull();
		poller.restart();
		expect(await emitted(poller)).toBeNull();
		expect(poller.staticData.attempts).toBe(10);
	});

	it('does not save a failed poll, but keeps its object until a restart', async () => {
		const poller = engine.poller({
			type: 'echoTrigger',
			credentials: echoApi(),
			staticData: { attempts: 5, seen: [1] },
		});
		answer = () => ({ status: 500 });
		await expect(poller.poll()).rejects.toMatchObject({ httpCode: '500' });
		expect(poller.staticData).toEqual({ attempts: 5, seen: [1] });
		answer = () => ({ body: { rows } });
		await poller.poll();
		expect(poller.staticData.attempts).toBe(7);
		answer = () => ({ status: 500 });
		await expect(poller.poll()).rejects.toThrow();
		poller.restart();
		answer = () => ({ body: { rows } });
		await poller.poll();
		expect(poller.staticData.attempts).toBe(8);
	});

	it('leaves the state alone when the editor asks for a sample', async () => {
		const poller = engine.poller({ type: 'echoTrigger', credentials: echoApi(), mode: 'manual' });
		expect(await emitted(poller)).toEqual([1]);
		expect(await emitted(poller)).toEqual([1]);
		expect(poller.staticData).toEqual({});
		expect(poller.saves).toBe(0);
	});

	it.each<[number | 'none' | undefined, unknown]>([
		[undefined, 300_000],
		[50, 50],
		['none', 'none'],
	])('gives the poll budget %p', async (budget, seen) => {
		const poller = engine.poller({ type: 'echoTrigger', credentials: echoApi(), budget });
		expect((await poller.poll())?.[0]?.json.budget).toBe(seen);
	});

	it('refuses to poll a node that is not a polling trigger', async () => {
		await expect(engine.poller({ type: 'echo' }).poll()).rejects.toThrow('does not poll');
	});
});

describe('run', () => {
	const node = (name: string, type: string, more: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type: type.includes('.') ? type : `n8n-nodes-base.${type}`,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		...more,
	});

	const chain = (nodes: INode[]): WorkflowFile => ({
		nodes,
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map(({ name }, index) => [
					nodes[index]?.name,
					{ main: [[{ node: name, type: 'main' as const, index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1' },
	});

	const start = node('Start', 'manualTrigger');
	const list = (names: string[]): INode =>
		node('List', 'set', {
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ names }) },
		});
	const split = node('Split', 'splitOut', { parameters: { fieldToSplitOut: 'names' } });
	const echo = node('Ask', 'n8n-nodes-engine-fixture.echo', {
		parameters: { path: '=/{{ $json.names }}', note: '={{ $("Split").item.json.names }}' },
		// An export names the credential of the instance that it came from.
		credentials: { echoApi: { id: 'dWq1', name: 'Echo account' } },
	});
	const condition = {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{
					leftValue: '={{ $json.names }}',
					rightValue: 'b',
					operator: { type: 'string', operation: 'notEquals' },
				},
			],
			combinator: 'and',
		},
	};

	it("runs an exported workflow with n8n's own nodes", async () => {
		const started: string[] = [];
		const ended: string[] = [];
		const { status, error, nodes, lastNode } = await engine.run({
			workflow: chain([
				start,
				list(['a', 'b', 'c']),
				split,
				node('Keep', 'filter', { typeVersion: 2.2, parameters: condition }),
				echo,
				node('Table', 'aggregate', { parameters: { aggregate: 'aggregateAllItemData' } }),
			]),
			credentials: echoApi(),
			onNodeStart: (name) => started.push(name),
			onNodeEnd: (name) => ended.push(name),
		});
		expect(error).toBeUndefined();
		expect(status).toBe('success');
		expect(lastNode).toBe('Table');
		expect(started).toEqual(['Start', 'List', 'Split', 'Keep', 'Ask', 'Table']);
		expect(ended).toEqual(started);
		expect(
			Object.entries(nodes).map(([name, { itemsIn, itemsOut }]) => [name, itemsIn, itemsOut]),
		).toEqual([
			['Start', 0, 1],
			['List', 1, 1],
			['Split', 1, 3],
			['Keep', 3, 2],
			['Ask', 2, 2],
			['Table', 2, 1],
		]);
		expect(nodes.Table?.items).toEqual([
			[
				expect.objectContaining({
					json: {
						data: [
							{ url: '/a?via=echo', note: 'a' },
							{ url: '/c?via=echo', note: 'c' },
						],
					},
				}),
			],
		]);
	});

	it('runs branches and merges them', async () => {
		const { nodes, error } = await engine.run({
			workflow: {
				nodes: [
					start,
					list(['a', 'b']),
					split,
					node('Which', 'if', { typeVersion: 2.2, parameters: condition }),
					node('Mark', 'set', {
						typeVersion: 3.4,
						parameters: {
							assignments: { assignments: [{ id: '1', name: 'x', value: 1, type: 'number' }] },
						},
					}),
					node('Both', 'merge', { typeVersion: 3.2 }),
					node('Note', 'stickyNote'),
				],
				connections: {
					Start: { main: [[{ node: 'List', type: 'main', index: 0 }]] },
					List: { main: [[{ node: 'Split', type: 'main', index: 0 }]] },
					Split: { main: [[{ node: 'Which', type: 'main', index: 0 }]] },
					Which: {
						main: [
							[{ node: 'Mark', type: 'main', index: 0 }],
							[{ node: 'Both', type: 'main', index: 1 }],
						],
					},
					Mark: { main: [[{ node: 'Both', type: 'main', index: 0 }]] },
				},
				settings: { executionOrder: 'v1' },
			},
		});
		expect(error).toBeUndefined();
		expect(nodes.Which?.items.map(({ length }) => length)).toEqual([1, 1]);
		expect(nodes.Both?.itemsIn).toBe(2);
		expect(nodes.Both?.items[0]?.map(({ json }) => json)).toEqual([{ x: 1 }, { names: 'b' }]);
	});

	it('adds up the runs of a loop', async () => {
		const workflow = chain([start, list(['a', 'b', 'c']), split, node('Loop', 'splitInBatches')]);
		workflow.nodes[3] = node('Loop', 'splitInBatches', { typeVersion: 3 });
		workflow.nodes.push(echo);
		workflow.connections.Loop = { main: [[], [{ node: 'Ask', type: 'main', index: 0 }]] };
		workflow.connections.Ask = { main: [[{ node: 'Loop', type: 'main', index: 0 }]] };
		const { nodes } = await engine.run({ workflow, credentials: echoApi() });
		expect(nodes.Ask).toMatchObject({ runs: 3, itemsIn: 3, itemsOut: 3 });
	});

	it('starts at a schedule or a polling trigger as "Execute workflow" does', async () => {
		answer = ({ url }) => ({ body: url?.startsWith('/rows') ? { rows: [{ id: 9 }] } : {} });
		const scheduled = await engine.run({
			workflow: chain([node('Every day', 'scheduleTrigger', { typeVersion: 1.2 }), list(['a'])]),
		});
		expect(scheduled).toMatchObject({ status: 'success', lastNode: 'List' });
		const polled = await engine.run({
			workflow: chain([
				node('New row', 'n8n-nodes-engine-fixture.echoTrigger'),
				node('End', 'noOp'),
			]),
			credentials: echoApi(),
		});
		expect(polled.nodes.End?.items).toEqual([[expect.objectContaining({ json: { id: 9 } })]]);
	});

	it('runs a published workflow on the items that its trigger emitted', async () => {
		const { nodes } = await engine.run({
			workflow: chain([
				node('New row', 'n8n-nodes-engine-fixture.echoTrigger'),
				node('End', 'noOp'),
			]),
			mode: 'trigger',
			triggerItems: [{ json: { id: 1 } }, { json: { id: 2 } }],
			credentials: echoApi(),
		});
		expect(nodes.End?.items[0]?.map(({ json }) => json.id)).toEqual([1, 2]);
		expect(received).toEqual([]);
	});

	it('names the node that stopped the workflow', async () => {
		answer = () => ({ status: 404, body: { message: 'No such thing' } });
		const { status, error, nodes, lastNode } = await engine.run({
			workflow: chain([start, list(['a']), split, echo, node('End', 'noOp')]),
			credentials: echoApi(),
		});
		expect({ status, lastNode }).toEqual({ status: 'error', lastNode: 'Ask' });
		expect(error?.message).toBe('No such thing');
		expect(nodes.Ask?.error?.message).toBe('No such thing');
		expect(nodes.End).toBeUndefined();
	});

	it('needs a node to start at, the installed nodes and the credentials', async () => {
		await expect(engine.run({ workflow: chain([start]), startNode: 'Lost' })).rejects.toThrow(
			'start at',
		);
		await expect(engine.run({ workflow: chain([start, node('Lost', 'lost')]) })).rejects.toThrow(
			'lost',
		);
		const { error } = await engine.run({ workflow: chain([start, list(['a']), split, echo]) });
		expect(error?.message).toContain('"echoApi"');
		const code = await engine.run({
			workflow: chain([start, node('Code', 'code', { typeVersion: 2 })]),
		});
		expect(code.error?.message).toContain('The Code node');
	});
});

describe('findSecrets', () => {
	it('finds nothing in a run that leaks no secret', async () => {
		const result = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi(),
		});
		expect(findSecrets(result, [KEY])).toEqual([]);
	});

	it('finds a secret in an error and in the log', async () => {
		const secret = 'another-key-of-the-fixture';
		const result = await engine.runNode({
			type: 'echo',
			parameters: { operation: 'leak' },
			credentials: echoApi({ key: secret }),
		});
		expect(result.error?.message).toBe('Refused');
		const places = engine.findSecrets(result, [secret]).map(({ path }) => path);
		expect(places).toContain('value.error.description');
		expect(places.some((path) => path.startsWith('logs['))).toBe(true);
	});

	const cyclic: { self?: object; text: string } = { text: `(${KEY})` };
	cyclic.self = cyclic;

	it.each<[string, unknown, string[]]>([
		['a cycle, once', cyclic, ['text']],
		[
			'a hidden property',
			new Error('m', { cause: new Error(KEY) }),
			['cause.stack', 'cause.message'],
		],
		['a property name', { [`x${KEY}`]: 1 }, [`x${KEY} (name)`]],
		['a map', new Map([['k', KEY]]), ['entries[0][1]']],
		['a set', new Set([KEY]), ['values[0]']],
		['bytes', Buffer.from(`<${KEY}>`), ['bytes']],
		['a URL', `?key=${encodeURIComponent(KEY)}`, ['']],
		['a Basic header', `Basic ${Buffer.from(`${KEY}:x`).toString('base64')}`, ['']],
		['a Basic header with a name', Buffer.from(`ab:${KEY}`).toString('base64'), ['']],
		['a Basic header with another', Buffer.from(`a:${KEY}:x`).toString('base64'), ['']],
		['nothing', { text: KEY.slice(1), none: null }, []],
	])('looks into %s', (_, value, paths) => {
		expect(findSecrets(value, [KEY]).map(({ path }) => path)).toEqual(paths);
	});

	it('names the secret that it found, and refuses one so short that it would match by chance', () => {
		expect(findSecrets('b-secret', ['a-secret', 'b-secret'])).toEqual([
			{ path: '', secret: 'b-secret' },
		]);
		expect(() => findSecrets('x', ['short'])).toThrow(RangeError);
	});
});

describe('stop', () => {
	it('leaves nothing behind, so that another engine can start', async () => {
		const { userFolder } = engine;
		expect(existsSync(userFolder)).toBe(true);
		engine.stop();
		expect(existsSync(userFolder)).toBe(false);
		expect(process.env.N8N_USER_FOLDER).not.toBe(userFolder);
		await expect(startEngine({ packageRoot: userFolder })).rejects.toThrow();
		engine = await startEngine({ packageRoot });
		expect(engine.logs).not.toContainEqual(expect.objectContaining({ message: 'Described' }));
		const { status } = await engine.runNode({
			type: 'echo',
			parameters: { path: '/x' },
			credentials: echoApi(),
		});
		expect(status).toBe('success');
	});
});
