/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { startEmulator } from '../emulator';
import type { Emulator, Misbehaviour, ServiceName } from '../emulator';
import { startEngine } from './harness';
import type { Engine, RunNodeOptions } from './harness';
import { inVirtualTime } from './virtualTime';

/* Answers that must do no harm: odd sizes, times, nesting, totals, secrets and markup. */

let engine: Engine;
let emulators: { [S in ServiceName]: Emulator<S> };

const MAIN = 'main';
let klinkyKeys = 0;
let klinkyKey = '';

beforeAll(async () => {
	engine = await startEngine();
	// Date.now is looked up for each request, so that a test can replace the clock
	const now = () => Date.now();
	emulators = {
		kinktree: await startEmulator('kinktree', { now, seed: { tags: [{ id: 'a' }, { id: 'b' }] } }),
		kindryn: await startEmulator('kindryn', {
			now,
			seed: {
				members: 120,
				spaces: [{ id: 'talk', name: 'Talk', type: 'DISCUSSION' }],
				posts: [{ id: 'p1', spaceId: 'talk', title: 'Hello' }],
				events: [{ id: 'e1', spaceId: 'talk', title: 'Meet' }],
			},
		}),
		klinky: await startEmulator('klinky', { now }),
	};
});

beforeEach(() => {
	for (const emulator of Object.values(emulators)) emulator.reset();
	// A new key, so that the node knows nothing about its budget
	klinkyKey = `klinky_live_hostile${++klinkyKeys}Zx81qq`;
	emulators.klinky.state.addKey({ name: klinkyKey, secret: klinkyKey, plan: 'scale' });
	for (const slug of ['one', 'two']) emulators.klinky.state.addLink({ id: slug, slug, name: slug });
});

afterEach(() => {
	expect(engine.refusedConnections).toEqual([]);
});

afterAll(async () => {
	await Promise.all(Object.values(emulators).map(async (emulator) => await emulator.stop()));
	engine.stop();
});

const secretOf = (service: ServiceName) =>
	service === 'klinky' ? klinkyKey : emulators[service].secretOf(MAIN);

function credentials(service: ServiceName, changes: IDataObject = {}) {
	const baseUrl = emulators[service].url;
	const secret = secretOf(service);
	const type = `${service}Api`;
	const fields: IDataObject = {
		kinktree: { apiSecret: secret, baseUrl },
		kindryn: { apiKey: secret, baseUrl, maxRequestsPerSecond: 1000 },
		klinky: { apiKey: secret, baseUrl },
	}[service];
	return { [type]: { ...fields, ...changes } as Record<string, string> };
}

interface Run extends Partial<RunNodeOptions> {
	credential?: IDataObject;
}

/** @param name service, resource and operation: `kindryn.member.get` */
async function run(name: string, parameters: INodeParameters = {}, options: Run = {}) {
	const [service, resource = '', operation = ''] = name.split('.') as [ServiceName, string, string];
	const { credential, ...more } = options;
	return await engine.runNode({
		type: service,
		parameters: { resource, operation, ...parameters },
		credentials: credentials(service, credential),
		...more,
	});
}

async function search(service: ServiceName, method: string, options: IDataObject = {}) {
	return await engine.listSearch({
		type: service,
		method,
		credentials: credentials(service),
		...options,
	});
}

const testOf = async (service: ServiceName, changes: IDataObject = {}) =>
	await engine.testCredential(
		`${service}Api`,
		credentials(service, changes)[`${service}Api`] ?? {},
	);

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const json = (body: unknown): Misbehaviour => ({ raw: { body: JSON.stringify(body) } });
const always = (rule: Misbehaviour): Misbehaviour => ({ ...rule, times: Infinity });
const requestsTo = (service: ServiceName) => emulators[service].journal.requests.length;
const rowsOf = ({ output }: Awaited<ReturnType<typeof run>>) => output.map((item) => item.json);
const manyRows = (count: number) => Array.from({ length: count }, (_, id) => ({ id: `r${id}` }));
const levels = (count: number, before: string, after: string) =>
	before.repeat(count) + '"no"' + after.repeat(count);

/** Turns of the event loop before each half second of {@link inPassingTime}. */
const TURNS = 30;

/**
 * Runs `work` with a clock that keeps running while requests are in flight.
 *
 * @returns the result of `work`, the seconds that passed, and the number of requests still open
 */
async function inPassingTime<T>(work: () => Promise<T>) {
	const requests: ClientRequest[] = [];
	const started = (message: unknown) => {
		requests.push((message as { request: ClientRequest }).request);
	};
	subscribe('http.client.request.start', started);
	const nextTurn = setImmediate;
	jest.useFakeTimers({
		doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
	});
	const began = Date.now();
	try {
		let isRunning = true;
		const running = work().finally(() => {
			isRunning = false;
		});
		running.catch(() => undefined);
		while (isRunning) {
			for (let turn = 0; turn < TURNS; turn++) {
				await new Promise<void>((resolve) => nextTurn(resolve));
			}
			if (isRunning) jest.advanceTimersByTime(500);
		}
		const result = await running.catch((error: unknown) => error as T);
		const seconds = (Date.now() - began) / 1000;
		for (let turn = 0; turn < TURNS; turn++) {
			await new Promise<void>((resolve) => nextTurn(resolve));
		}
		return { result, seconds, open: requests.filter(({ destroyed }) => !destroyed).length };
	} finally {
		jest.useRealTimers();
		unsubscribe('http.client.request.start', started);
	}
}

const DRIP: Misbehaviour = { drip: { everyMs: 20, endless: true }, times: Infinity };

describe('an answer that never ends', () => {
	it.each<[string, INodeParameters]>([
		['kinktree.tag.getAll', {}],
		['kindryn.member.get', { memberId: byId('m') }],
		['kindryn.member.getAll', { returnAll: true }],
		['klinky.link.getAll', {}],
	])(
		'times out after a minute, is tried four times and leaves no connection open: %s',
		async (name, parameters) => {
			const service = name.split('.')[0] as ServiceName;
			emulators[service].misbehave(DRIP);
			const { result, seconds, open } = await inPassingTime(
				async () => await run(name, parameters),
			);
			expect(result.error?.message).toContain('no complete answer arrived within 60 seconds');
			expect(requestsTo(service)).toBe(4);
			expect(seconds).toBeGreaterThanOrEqual(240);
			expect(seconds).toBeLessThan(260);
			expect(open).toBe(0);
		},
	);

	it('to a write does not cause a retry', async () => {
		emulators.kinktree.misbehave(DRIP);
		const { result, seconds, open } = await inPassingTime(
			async () => await run('kinktree.tag.create'),
		);
		expect(result.error).toMatchObject({
			message: expect.stringContaining('no complete answer arrived within 60 seconds'),
			description: expect.stringContaining('It was not sent a second time'),
		});
		expect([requestsTo('kinktree'), open]).toEqual([1, 0]);
		expect(seconds).toBeLessThan(65);
	});

	it.each<[ServiceName, string]>([
		['kinktree', 'searchTags'],
		['kindryn', 'searchSpaces'],
		['kindryn', 'searchMembers'],
		['klinky', 'searchLinks'],
	])('times out after ten seconds in a list: %s, %s', async (service, method) => {
		emulators[service].misbehave(DRIP);
		const { result, seconds, open } = await inPassingTime(
			async () => await search(service, method),
		);
		expect(result).toMatchObject({
			message: expect.stringContaining('no complete answer arrived within 10 seconds'),
		});
		expect([requestsTo(service), open]).toEqual([1, 0]);
		expect(seconds).toBeLessThan(12);
	});

	it.each<ServiceName>(['kinktree', 'kindryn', 'klinky'])(
		'times out after ten seconds in the test of a credential: %s',
		async (service) => {
			emulators[service].misbehave(DRIP);
			const { result, seconds, open } = await inPassingTime(async () => await testOf(service));
			expect(result).toMatchObject({
				status: 'Error',
				message: expect.stringContaining('no complete answer arrived within 10 seconds'),
			});
			expect([requestsTo(service), open]).toEqual([1, 0]);
			expect(seconds).toBeLessThan(12);
		},
	);

	it('also times out in the headers, and the connection is closed', async () => {
		const sockets: Socket[] = [];
		const server = createServer((socket) => {
			sockets.push(socket);
			socket.on('error', () => undefined).resume();
			socket.write('HTTP/1.1 200 OK\r\nX-Endless: ');
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const { result, open } = await inPassingTime(
			async () =>
				await run(
					'kinktree.tag.create',
					{},
					{ credential: { baseUrl: `http://127.0.0.1:${port}` } },
				),
		);
		expect(result.error?.message).toContain('within 60 seconds');
		await Promise.all(
			sockets.map(async (socket) => socket.destroyed || (await once(socket, 'close'))),
		);
		expect([sockets.length, open]).toEqual([1, 0]);
		server.close();
	});

	it('is dropped at once when the execution is cancelled, and nothing more is sent', async () => {
		emulators.kinktree.misbehave(DRIP);
		const controller = new AbortController();
		const running = run('kinktree.tag.getAll', {}, { signal: controller.signal });
		while (requestsTo('kinktree') === 0) await new Promise((resolve) => setImmediate(resolve));
		controller.abort();
		// The answer never ends, so only the cancellation can end the run
		await running;
		expect(requestsTo('kinktree')).toBe(1);
	});

	it.each(['0', '1'])(
		'holds up other requests for at most a minute if %s are left without a reset time',
		async (left) => {
			emulators.klinky.misbehave({
				headers: { 'x-ratelimit-remaining': left, 'x-ratelimit-reset': '' },
			});
			await run('klinky.link.getAll');
			emulators.klinky.misbehave({ ...DRIP, match: { method: 'POST' } });
			const link = { name: 'x', destinationUrl: 'https://x.example' };
			const controller = new AbortController();
			const { result, seconds } = await inPassingTime(async () => {
				const hanging = run('klinky.link.create', link, { signal: controller.signal });
				const listed = await run('klinky.link.getAll');
				controller.abort();
				await hanging;
				return listed;
			});
			expect(result.error).toBeUndefined();
			expect(seconds).toBeGreaterThanOrEqual(60);
			expect(seconds).toBeLessThan(65);
		},
	);
});

describe('an answer that is too large', () => {
	const MB = 1024 * 1024;

	it.each<[string, Misbehaviour]>([
		['33 MB of JSON', { raw: { body: `["${'x'.repeat(33 * MB)}"]` } }],
		['11 million lists', { raw: { body: `[${'[],'.repeat(11_000_000)}[]]` } }],
		['three million objects', { raw: { body: `[${'{},'.repeat(3_000_000)}{}]` } }],
		['16 million levels', { raw: { body: '['.repeat(16 * MB) + ']'.repeat(15 * MB) } }],
		[
			'33 MB packed into some kB',
			{
				raw: { body: gzipSync(`["${'x'.repeat(33 * MB)}"]`) },
				headers: { 'content-encoding': 'gzip' },
			},
		],
	])('is an error: %s', async (_, rule) => {
		emulators.kinktree.misbehave(always(rule));
		const { error } = await run('kinktree.tag.getAll');
		expect(error?.message).toBe(
			'Kinktree returned an answer that cannot be read: it is larger than 32 MB, or has more than 1,000,000 values [item 0]',
		);
		expect(requestsTo('kinktree')).toBe(1);
		expect(error?.description).toContain("set a 'Limit'");
		expect((await testOf('kinktree')).message).toContain('larger than 32 MB');
	});

	it('is no error up to 32 MB, and is unpacked', async () => {
		const tags = JSON.stringify([{ id: 'large', name: 'x'.repeat(30 * MB) }]);
		emulators.kinktree.misbehave({ raw: { body: tags } });
		expect((await run('kinktree.tag.getAll')).output).toHaveLength(1);
		const packed = { body: gzipSync('[{"id":"packed"}]') };
		emulators.kinktree.misbehave({ raw: packed, headers: { 'content-encoding': 'gzip' } });
		expect(rowsOf(await run('kinktree.tag.getAll'))).toMatchObject([{ identifier: 'packed' }]);
	});
});

describe('answers that are too large together', () => {
	const items = Array.from({ length: 12 }, (_, number) => ({ id: `link-${number}` }));
	const links = async (body: string) => {
		emulators.klinky.misbehave(always({ raw: { body } }));
		const options = { items, onError: 'continueRegularOutput' } as const;
		return rowsOf(await run('klinky.link.get', { linkId: byId('={{ $json.id }}') }, options));
	};

	it('are an error before they fill the memory', async () => {
		const rows = await links(`{"id":"one","values":[${'null,'.repeat(900_000)}0]}`);
		expect(rows.map(({ id, error }) => error ?? id)).toEqual([
			...Array.from({ length: 10 }, () => 'one'),
			...[10, 11].map(
				(item) =>
					`Klinky returned an answer that cannot be read: all answers of this run together take more than 512 MB of memory (link "link-${item}") [item ${item}]`,
			),
		]);
		expect(requestsTo('klinky')).toBe(12);
	});

	it('are not copied for every item that has the same row', async () => {
		const values = ['x'.repeat(12 * 1024 * 1024)];
		emulators.kindryn.misbehave(json({ id: 'c', values }));
		const rows = rowsOf(await run('kindryn.community.get', {}, { items }));
		expect(rows).toHaveLength(12);
		expect(rows[11]).toEqual({ id: 'c', values });
		expect(new Set(rows.map((row) => row.values)).size).toBe(4);
	});

	it('do not count if they are refused', async () => {
		const rows = await links(`{"id":"one","values":[${'{},'.repeat(1_100_000)}0]}`);
		for (const { error } of rows) expect(error).toContain('larger than 32 MB');
	});
});

describe('an answer that is nested deeply', () => {
	it.each([
		['message, 32 deep', levels(32, '{"message":', '}')],
		['message, 3,000 deep', levels(3_000, '{"message":', '}')],
		['errors, 45 deep', levels(45, '{"errors":', '}')],
		['errors, 45 lists deep', levels(45, '{"errors":[', ']}')],
		['detail, 100,000 deep', levels(100_000, '{"detail":[', ']}')],
	])('quickly gives an error: %s', async (_, body) => {
		for (const service of ['kinktree', 'kindryn', 'klinky'] as const) {
			emulators[service].misbehave({ status: 400, raw: { body } });
		}
		const results = await Promise.all([
			run('kinktree.tag.getAll'),
			run('kindryn.member.getAll'),
			run('klinky.link.getAll'),
		]);
		for (const { error } of results)
			expect(error?.message).toMatch(/returned status 400 with (an object|JSON)/);
	});

	const deep = `{"id":"x","outcome":"member_created","identifier":"x","results":${levels(5_000, '[', ']')}}`;

	it.each<[string, INodeParameters]>([
		['kinktree.tag.create', { additionalFields: { identifier: '={{ $json.name }}' } }],
		['kindryn.member.add', { email: '={{ $json.name }}@example.org' }],
		['kindryn.member.get', { memberId: byId('={{ $json.name }}') }],
		['kindryn.post.get', { postId: byId('={{ $json.name }}') }],
		['klinky.link.create', { name: '={{ $json.name }}', destinationUrl: 'https://x.example' }],
		['klinky.link.get', { linkId: byId('={{ $json.name }}') }],
	])('fails only its item: %s', async (name, parameters) => {
		const service = name.split('.')[0] as ServiceName;
		emulators[service].misbehave({ raw: { body: deep } });
		emulators[service].misbehave(always(json({ id: 'fine', identifier: 'fine', outcome: 'fine' })));
		const result = await run(name, parameters, {
			items: [{ name: 'first' }, { name: 'second' }],
			onError: 'continueRegularOutput',
		});
		expect(result.status).toBe('success');
		const rows = rowsOf(result);
		expect(rows).toHaveLength(2);
		expect(rows.filter(({ error }) => String(error).includes('nested too deeply'))).toHaveLength(1);
		expect(rows).toContainEqual(expect.objectContaining({ id: 'fine' }));
	});

	it('fails only the items of its batch', async () => {
		emulators.kindryn.misbehave({ raw: { body: deep } });
		const result = await run(
			'kindryn.invitation.createMany',
			{ email: '={{ $json.email }}', options: { batchSize: 1 } },
			{
				items: [{ email: 'a@example.org' }, { email: 'b@example.org' }],
				onError: 'continueRegularOutput',
			},
		);
		expect(rowsOf(result)).toMatchObject([
			{ error: expect.stringContaining('nested too deeply') },
			{ email: 'b@example.org' },
		]);
	});
});

describe('a wrong total', () => {
	it.each([1e11, 1e12, Number.MAX_SAFE_INTEGER])(
		'costs one round of requests: %d',
		async (total) => {
			emulators.kindryn.misbehave({ ...json({ data: manyRows(100), total }) });
			emulators.kindryn.misbehave(always(json({ data: [], total })));
			const result = await run('kindryn.member.getAll', { returnAll: true });
			expect(result.output).toHaveLength(100);
			expect(requestsTo('kindryn')).toBe(11);
			expect(result.hints).toMatchObject([
				{ message: expect.stringContaining('returned only 100') },
			]);

			emulators.klinky.misbehave({ ...json({ items: manyRows(100), total }) });
			emulators.klinky.misbehave(always(json({ items: [], total })));
			expect((await run('klinky.link.getAll', { returnAll: true })).output).toHaveLength(100);
			expect(requestsTo('klinky')).toBe(2);
		},
	);

	it.each(['searchSpaces', 'searchMembers', 'searchPosts', 'searchEvents'])(
		'does not keep a list from showing the existing rows: %s',
		async (method) => {
			emulators.kindryn.misbehave(json({ data: manyRows(1), total: 1e11 }));
			emulators.kindryn.misbehave(always(json({ data: [], total: 1e11 })));
			expect((await search('kindryn', method)).results).toHaveLength(1);
			expect(requestsTo('kindryn')).toBeLessThanOrEqual(11);
		},
	);

	it('that ignores the filter costs one round of requests', async () => {
		emulators.kindryn.readings.total = 'unfiltered';
		const [first] = emulators.kindryn.state.members;
		const filters = { search: first?.email ?? '' };
		const result = await run('kindryn.member.getAll', { returnAll: true, filters });
		expect(result.output).toHaveLength(1);
		expect(requestsTo('kindryn')).toBe(11);
		expect(result.hints).toEqual([]);
	});

	it.each(['text', 'missing', 'ofPage', 'unfiltered'] as const)(
		'hides no row of 230: %s',
		async (total) => {
			for (let more = 2; more < 230; more++) emulators.klinky.state.addLink();
			emulators.klinky.readings.total = total;
			emulators.kindryn.readings.total = total;
			const all = { returnAll: true };
			expect((await run('klinky.link.getAll', all)).output).toHaveLength(230);
			expect(requestsTo('klinky')).toBeLessThanOrEqual(4);
			expect((await run('kindryn.member.getAll', all)).output).toHaveLength(120);
			expect(requestsTo('kindryn')).toBeLessThanOrEqual(3);
		},
	);

	it('that counts one page hides no further page of a list in the panel', async () => {
		for (let more = 2; more < 230; more++) emulators.klinky.state.addLink();
		emulators.klinky.readings.total = 'ofPage';
		emulators.kindryn.readings.total = 'ofPage';
		const shown = async (service: ServiceName, method: string) => {
			const values = new Set<unknown>();
			let paginationToken: unknown;
			do {
				const page = await search(service, method, paginationToken ? { paginationToken } : {});
				for (const { value } of page.results) values.add(value);
				({ paginationToken } = page);
			} while (paginationToken !== undefined);
			return values.size;
		};
		expect(await shown('klinky', 'searchLinks')).toBe(230);
		expect(await shown('kindryn', 'searchMembers')).toBe(120);
	});
});

describe('pages that are smaller than asked for', () => {
	it.each(['exact', 'text', 'missing'] as const)('hide no link (total: %s)', async (total) => {
		for (let more = 2; more < 230; more++) emulators.klinky.state.addLink();
		Object.assign(emulators.klinky.readings, { total, pageCap: 50 });
		expect((await run('klinky.link.getAll', { limit: 120 })).output).toHaveLength(120);
		expect((await run('klinky.link.getAll', { returnAll: true })).output).toHaveLength(230);
		for (let click = 0; click < 120; click++) emulators.klinky.state.addClick('one');
		const clicks = { linkId: byId('one'), returnAll: true };
		expect((await run('klinky.click.getAll', clicks)).output).toHaveLength(120);
	});

	it.each(['exact', 'text', 'missing'] as const)(
		'after the first hide no row (total: %s)',
		async (total) => {
			for (let more = 2; more < 230; more++) emulators.klinky.state.addLink();
			Object.assign(emulators.klinky.readings, { total, laterPageCap: 50 });
			Object.assign(emulators.kindryn.readings, { total, laterPageCap: 7 });
			const all = { returnAll: true };
			expect((await run('klinky.link.getAll', all)).output).toHaveLength(230);
			expect((await run('kindryn.member.getAll', all)).output).toHaveLength(120);
		},
	);
});

describe('an announced limit', () => {
	const day = 86_400_000;

	it.each<[string, () => Record<string, string>]>([
		['a reset in 20 days', () => ({ 'x-ratelimit-reset': String((Date.now() + 20 * day) / 1000) })],
		['a reset after 20 days', () => ({ 'x-ratelimit-reset': String((20 * day) / 1000) })],
		['400 digits', () => ({ 'x-ratelimit-reset': '9'.repeat(400) })],
		[
			'a Retry-After of 400 digits',
			() => ({ 'x-ratelimit-reset': '', 'retry-after': '9'.repeat(400) }),
		],
	])('does not close the window if it is absurd: %s', async (_, headers) => {
		emulators.klinky.misbehave({ headers: { 'x-ratelimit-remaining': '0', ...headers() } });
		await run('klinky.link.getAll');
		// With a closed window, this test would time out
		const result = await run('klinky.link.getAll');
		expect(result.output).toHaveLength(2);
	});

	it.each([-1, 1])("follows the service's clock, even if that is %d hours off", async (hours) => {
		const skew = hours * 3_600_000;
		emulators.klinky.readings.dateSkewMs = skew;
		await inVirtualTime(async () => {
			const reset = String(Math.floor((Date.now() + skew) / 1000) + 5);
			emulators.klinky.misbehave({
				headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
			});
			await run('klinky.link.getAll');
			await run('klinky.link.getAll');
		});
		const [first, second] = emulators.klinky.journal.requests;
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(7_000);
	});
});

describe('markup', () => {
	it('of 200,000 "<" in a post holds up no list', async () => {
		const posts = Array.from({ length: 100 }, (_, id) => ({ id, body: '<'.repeat(200_000) }));
		emulators.kindryn.misbehave(json({ data: posts, total: 100 }));
		const { results } = await search('kindryn', 'searchPosts');
		expect(results).toHaveLength(100);
	});

	it.each<[string, Misbehaviour]>([
		[
			'a scope',
			{ status: 403, body: { message: 'API key does not have "<a href=//evil.example>:x" scope' } },
		],
		['a message', { status: 400, body: { message: '<img src=x onerror=alert(1)>' } }],
	])('in %s is no tag in a description', async (_, rule) => {
		emulators.kindryn.misbehave(always(rule));
		const { error } = await run('kindryn.member.getAll');
		expect(error?.message).toMatch(/<(a|img) /);
		expect(error?.description).not.toMatch(/[<>]/);
		expect((await testOf('kindryn')).message).not.toMatch(/[<>]/);
	});

	it('in a label is no tag in a description', async () => {
		const variants = [
			{ label: '<a href=//evil>', destination_url: 'https://x.example', weight: 100 },
		];
		emulators.klinky.misbehave(json({ id: 'one', variants }));
		const weights = { weight: [{ label: 'main', weight: 100 }] };
		const { error } = await run('klinky.link.updateWeights', { linkId: byId('one'), weights });
		expect(error?.description).toContain('‹a href=//evil›');
	});

	it('in a status is no tag in a hint', async () => {
		const twice = [{ email: '<b>x</b>@example.org' }, { email: '<b>x</b>@example.org' }];
		const result = await run(
			'kindryn.invitation.createMany',
			{ email: '={{ $json.email }}' },
			{ items: twice },
		);
		expect(result.hints.length).toBeGreaterThan(0);
		for (const { message } of result.hints) expect(message).not.toMatch(/[<>]/);
	});

	it.each([
		'javascript:alert(1)',
		'data:text/html,x',
		' javascript:alert(1)',
		'https:// x',
		7,
		{ toString: null },
	])('%j is no address to open', async (address) => {
		emulators.klinky.misbehave(
			json({ items: [{ id: 'x', slug: 'ab\ud800c', short_url: address }] }),
		);
		expect((await search('klinky', 'searchLinks')).results).toMatchObject([
			{ value: 'x', url: 'https://klinky.io/abc' },
		]);
		for (const method of ['searchPosts', 'searchEvents', 'searchSpaces']) {
			emulators.kindryn.misbehave(json([{ id: 'x', name: 'x', title: 'x', url: address }]));
			emulators.kindryn.misbehave(json([]));
			expect((await search('kindryn', method)).results).toEqual([
				{ name: expect.any(String), value: 'x' },
			]);
		}
	});
});

describe('a secret', () => {
	const hex = (letter: string, width = 2) => letter.charCodeAt(0).toString(16).padStart(width, '0');
	const each = (text: string, write: (letter: string) => string) =>
		Array.from(text, write).join('');
	const spellings: Array<[string, (secret: string) => string]> = [
		['as it is', (secret) => secret],
		['in capitals', (secret) => secret.toUpperCase()],
		['percent-encoded', (secret) => each(secret, (letter) => `%${hex(letter)}`)],
		['escaped for JSON', (secret) => each(secret, (letter) => `\\u${hex(letter, 4)}`)],
		['escaped for HTML', (secret) => each(secret, (letter) => `&#x${hex(letter)};`)],
	];
	const reads: Array<[ServiceName, string]> = [
		['kinktree', 'kinktree.tag.getAll'],
		['kindryn', 'kindryn.member.getAll'],
		['klinky', 'klinky.link.getAll'],
	];

	it.each(reads.flatMap((read) => spellings.map((spelling) => [...read, ...spelling] as const)))(
		'that %s repeats (%s) %s is not shown',
		async (service, name, _, spell) => {
			// Kindryn's first twelve characters may be shown
			const hidden = spell(secretOf(service)).slice(
				service === 'kindryn' ? spell('x'.repeat(12)).length : 0,
			);
			emulators[service].misbehave(
				always({ status: 401, body: { message: `Unknown: ${spell(secretOf(service))}.` } }),
			);
			const { error } = await run(name);
			expect(error?.message).toMatch(/Unknown: (\*\*\*|kak_\w{8}…)\. \[item 0\]$/);
			const shown = JSON.stringify([error, await testOf(service), engine.logs]);
			expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
		},
	);

	it('that is quoted in part is not shown', async () => {
		emulators.kinktree.misbehave({
			status: 401,
			body: { message: 'No secret begins with Zx81qqLm' },
		});
		const { error } = await run(
			'kinktree.tag.getAll',
			{},
			{ credential: { apiSecret: 'Zx81qqLmP0' } },
		);
		expect(error?.message).toBe('Kinktree: No secret begins with *** [item 0]');
	});

	it('leaves a sentence about the form of keys readable', async () => {
		const detail = 'Keys begin with klinky_live_ or klinky_sk_';
		emulators.klinky.misbehave({ status: 401, body: { detail } });
		expect((await run('klinky.link.getAll')).error?.message).toBe(`Klinky: ${detail} [item 0]`);
	});

	it.each<[ServiceName, string, (value: string) => INodeParameters]>([
		['kinktree', 'kinktree.tag.get', (value) => ({ tagId: byId(value) })],
		['kinktree', 'kinktree.tag.delete', (value) => ({ tagId: byId(value) })],
		['kinktree', 'kinktree.tag.update', (value) => ({ tagId: byId(value) })],
		['kindryn', 'kindryn.member.get', (value) => ({ memberId: byId(value) })],
		['kindryn', 'kindryn.event.get', (value) => ({ eventId: byId(value) })],
		['klinky', 'klinky.link.get', (value) => ({ linkId: byId(value) })],
		['klinky', 'klinky.link.get', (value) => ({ linkId: byId(value.repeat(60)) })],
		['klinky', 'klinky.link.delete', (value) => ({ linkId: byId(value) })],
	])('that was entered as an ID is not shown: %s, %s', async (service, name, parameters) => {
		const secret = secretOf(service);
		const hidden = secret.slice(service === 'kindryn' ? 12 : 0);
		for (const onError of ['stopWorkflow', 'continueRegularOutput'] as const) {
			const result = await run(
				name,
				parameters('={{ $json.secret }}'.replace('$json.secret', `"${secret}"`)),
				{ onError },
			);
			const text = result.error?.message ?? String(rowsOf(result)[0]?.error);
			expect(text).toMatch(/\[item 0\]$/);
			expect(text + String(result.error?.description)).not.toContain(hidden);
		}
	});

	it.each<ServiceName>(['kinktree', 'kindryn', 'klinky'])(
		'that was pasted into Base URL is neither shown nor looked up: %s',
		async (service) => {
			const secret = secretOf(service);
			for (const baseUrl of [
				secret,
				`https://${secret}`,
				`https://x.example/${secret.toUpperCase()}`,
			]) {
				const name = {
					kinktree: 'kinktree.tag.getAll',
					kindryn: 'kindryn.member.getAll',
					klinky: 'klinky.link.getAll',
				}[service];
				const { error } = await run(name, {}, { credential: { baseUrl } });
				const tested = await testOf(service, { baseUrl });
				expect(tested.status).toBe('Error');
				expect(error?.message).toMatch(/'Base URL' contains the secret itself/);
				expect(
					JSON.stringify([error?.message, error?.description, tested]).toLowerCase(),
				).not.toContain(secret.toLowerCase());
			}
		},
	);
});

describe('a wrongly pasted address', () => {
	it.each([
		'https:/kindryn.example',
		'https//kindryn.example',
		'kak_0123456789abcdef',
		`https://x.example${'/'.repeat(150_000)}x`,
	])('reaches no host (%#)', async (baseUrl) => {
		const tested = await testOf('kindryn', { baseUrl });
		expect(tested).toMatchObject({
			status: 'Error',
			message: expect.stringContaining("'Base URL'"),
		});
		const { error } = await run('kindryn.member.getAll', {}, { credential: { baseUrl } });
		expect(error?.message).toContain("'Base URL'");
	});
});

describe('a value that cannot be converted to text', () => {
	const none = { toString: null, valueOf: null };

	it('as the outcome of an invitation fails no other invitation', async () => {
		const results = [
			{ index: 0, email: 'a@example.org', outcome: none },
			{ index: 1, email: 'b@example.org', outcome: 'invitation_sent' },
		];
		emulators.kindryn.misbehave(json({ results }));
		const result = await run(
			'kindryn.invitation.createMany',
			{ email: '={{ $json.email }}' },
			{
				items: [{ email: 'a@example.org' }, { email: 'b@example.org' }],
				onError: 'continueRegularOutput',
			},
		);
		expect(result.status).toBe('success');
		expect(rowsOf(result)[1]).toMatchObject({ email: 'b@example.org', outcome: 'invitation_sent' });
	});

	it.each<[string, INodeParameters, unknown]>([
		['kindryn.member.add', { email: 'a@example.org' }, { outcome: none }],
		['kindryn.member.get', { memberId: byId('x') }, { id: none }],
		['kinktree.tag.create', {}, { identifier: none }],
		['kinktree.tag.getAll', {}, [{ id: none }]],
		['klinky.link.get', { linkId: byId('x') }, { id: none }],
		[
			'klinky.link.updateWeights',
			{ linkId: byId('x'), weights: { weight: [{ label: 'a', weight: 100 }] } },
			{ id: 'x', variants: [{ label: none, destination_url: none, weight: none }] },
		],
	])('is an error that names the missing key: %s', async (name, parameters, body) => {
		const service = name.split('.')[0] as ServiceName;
		emulators[service].misbehave(json(body));
		const { error } = await run(name, parameters);
		expect(error?.message).toMatch(/returned .*without/);
	});

	it('does not keep lists from being filled', async () => {
		const row = {
			id: 'x',
			name: none,
			slug: none,
			title: none,
			body: none,
			email: none,
			role: none,
			type: none,
		};
		emulators.klinky.misbehave(json([row]));
		expect((await search('klinky', 'searchLinks')).results).toMatchObject([{ value: 'x' }]);
		for (const method of ['searchMembers', 'searchPosts', 'searchEvents', 'searchSpaces']) {
			emulators.kindryn.misbehave(json({ data: [row], total: 1 }));
			expect((await search('kindryn', method)).results).toMatchObject([{ value: 'x' }]);
		}
	});
});

describe('a misleading status', () => {
	const reads = ['kinktree.tag.getAll', 'kindryn.member.getAll', 'klinky.link.getAll'];

	it.each(reads.flatMap((name) => [520, 522, 524].map((status) => [name, status] as const)))(
		'does not fail a read: %s, %d',
		async (name, status) => {
			const service = name.split('.')[0] as ServiceName;
			emulators[service].misbehave({ status, html: true });
			const result = await inVirtualTime(async () => await run(name));
			expect(result.error).toBeUndefined();
			expect(result.output.length).toBeGreaterThan(0);
			expect(requestsTo(service)).toBe(2);
		},
	);

	const variants = {
		variant: [{ label: 'main', destinationUrl: 'https://y.example', weight: 100 }],
	};

	it.each<[string, INodeParameters, IDataObject]>([
		[
			'kinktree.tag.update',
			{ tagId: byId('a'), codeSource: 'custom', activationCode: 'C' },
			{ identifier: 'a', activationCode: 'C' },
		],
		['kinktree.tag.delete', { tagId: byId('a') }, { identifier: 'a', deleted: true }],
		['klinky.link.update', { linkId: byId('one'), updateFields: { name: 'New' } }, { id: 'one' }],
		[
			'klinky.link.updateVariants',
			{ linkId: byId('one'), variants },
			{ id: 'one', variants: [{ label: 'main', weight: 100 }] },
		],
		['klinky.link.delete', { linkId: byId('one') }, { id: 'one', deleted: true }],
	])(
		'does not fail a change that is answered with 204 or without a body: %s',
		async (name, parameters, row) => {
			const service = name.split('.')[0] as ServiceName;
			for (const status of [204, 200]) {
				emulators[service].reset();
				if (service === 'klinky') {
					emulators.klinky.state.addKey({ name: klinkyKey, secret: klinkyKey, plan: 'scale' });
					emulators.klinky.state.addLink({ id: 'one', slug: 'one' });
				}
				emulators[service].misbehave({ status, carryOut: true, raw: { body: '' } });
				const result = await run(name, parameters);
				expect(result.error).toBeUndefined();
				expect(rowsOf(result)).toMatchObject([row]);
			}
		},
	);

	it.each<[string, INodeParameters]>([
		['kinktree.tag.delete', { tagId: byId('a') }],
		['klinky.link.delete', { linkId: byId('one') }],
	])('does not fail a DELETE that is answered without an error: %s', async (name, parameters) => {
		emulators[name.split('.')[0] as ServiceName].misbehave(json({ deleted: true, error: null }));
		expect(rowsOf(await run(name, parameters))).toMatchObject([{ deleted: true }]);
	});

	it.each<[string, INodeParameters]>([
		['kinktree.tag.delete', { tagId: byId('a') }],
		['klinky.link.delete', { linkId: byId('one') }],
	])('fails a DELETE that is refused with 200: %s', async (name, parameters) => {
		emulators[name.split('.')[0] as ServiceName].misbehave(json({ error: 'Link is locked' }));
		const result = await run(name, parameters);
		expect(result.error?.message).toContain(': Link is locked (');
	});

	const spaceId = byId('talk');
	const writes: Array<[string, INodeParameters]> = [
		['kinktree.tag.create', {}],
		['kindryn.post.create', { spaceId, authorId: byId('u'), body: 'Hello' }],
		['kindryn.event.create', { spaceId, title: 'Meet', startsAt: '2027-01-01T10:00:00Z' }],
		['kindryn.invitation.create', { email: 'a@example.org' }],
		['kindryn.member.add', { email: 'a@example.org' }],
		['klinky.link.create', { name: 'x', destinationUrl: 'https://x.example' }],
	];

	it.each([...writes, ...reads.map((name) => [name, {}] as [string, INodeParameters])])(
		'fails any operation that is refused with 200: %s',
		async (name, parameters) => {
			const service = name.split('.')[0] as ServiceName;
			emulators[service].misbehave(json({ status: 'error', message: 'Key revoked' }));
			const result = await run(name, parameters);
			expect(result.output).toEqual([]);
			expect(result.error?.message).toMatch(/: Key revoked( \(.*\))? \[item 0\]$/);
			expect(requestsTo(service)).toBe(1);
		},
	);

	const noIds = ['', ' ', true, [], {}, null];

	it.each(writes)('fails a creation without an ID or outcome: %s', async (name, parameters) => {
		const service = name.split('.')[0] as ServiceName;
		for (const none of [undefined, ...noIds]) {
			emulators[service].misbehave(json({ ok: true, id: none, identifier: none, outcome: none }));
			const result = await run(name, parameters);
			expect(result.error?.message).toContain('returned an object without "');
			expect(result.error?.message + String(result.error?.description)).toMatch(
				/may have been carried out/,
			);
		}
	});

	it('fails to read a community that has no ID and no name', async () => {
		for (const body of [{}, { data: null }, { id: '', name: '' }]) {
			emulators.kindryn.misbehave({ ...json(body), times: 2 });
			expect((await run('kindryn.community.get')).error?.message).toContain(
				'returned an object without "id" or "slug" or "name"',
			);
			expect(await testOf('kindryn')).toMatchObject({ status: 'Error' });
		}
	});

	it.each<[string, INodeParameters, IDataObject]>([
		['kinktree.tag.update', { tagId: byId('a') }, { identifier: 'a' }],
		['kinktree.tag.delete', { tagId: byId('a') }, { identifier: 'a' }],
		['klinky.link.update', { linkId: byId('one'), updateFields: { name: 'New' } }, { id: 'one' }],
		['klinky.link.updateVariants', { linkId: byId('one'), variants }, { id: 'one' }],
	])('leaves the ID of a changed row as it was: %s', async (name, parameters, row) => {
		for (const none of noIds) {
			const body = { id: none, identifier: none, variants: [] };
			emulators[name.split('.')[0] as ServiceName].misbehave(json(body));
			expect(rowsOf(await run(name, parameters))).toMatchObject([row]);
		}
	});

	it.each([
		['kindryn.member.getAll', 'data'],
		['kindryn.invitation.getAll', 'data'],
		['klinky.link.getAll', 'items'],
	])('does not merge rows whose ID is empty: %s', async (name, key) => {
		const rows = ['', '', 'a', 'a'].map((id, place) => ({ id, place }));
		const service = name.split('.')[0] as ServiceName;
		emulators[service].misbehave(always({ rewrite: () => ({ [key]: rows, total: 4 }) }));
		const found = rowsOf(await run(name, { returnAll: true }));
		expect(found.filter(({ id }) => id === '').map(({ place }) => place)).toEqual([0, 1]);
	});
});

describe("the service's words", () => {
	it.each<[unknown, string]>([
		[[{ message: 'Slug taken' }], 'Slug taken'],
		[
			{ type: 'about:blank', title: 'Forbidden', detail: 'Your plan ended' },
			'Forbidden: Your plan ended',
		],
		[{ error: 'invalid_token', error_description: 'It expired' }, 'invalid_token: It expired'],
		[
			{ message: 'Validation failed', errors: [{ message: 'is taken', field: 'slug' }] },
			'Validation failed: is taken: slug',
		],
	])('are shown: %j', async (body, words) => {
		for (const [service, name] of [
			['kinktree', 'kinktree.tag.getAll'],
			['kindryn', 'kindryn.member.getAll'],
			['klinky', 'klinky.link.getAll'],
		] as const) {
			emulators[service].misbehave({ status: 400, raw: { body: JSON.stringify(body) } });
			expect((await run(name)).error?.message).toMatch(
				new RegExp(`^K\\w+: ${words} \\[item 0\\]$`),
			);
		}
	});
});
