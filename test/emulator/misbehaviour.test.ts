import { type Emulator, startEmulator, startTrap } from '.';
import { clientOf, errorCodeOf } from './client';

describe('misbehaviour on demand', () => {
	let emulator: Emulator<'kinktree'>;
	let client: ReturnType<typeof clientOf>;

	beforeAll(async () => {
		emulator = await startEmulator('kinktree', { seed: { tags: 3 } });
		client = clientOf(emulator.url, { Authorization: emulator.secret });
	});

	beforeEach(() => emulator.reset());

	afterAll(async () => await emulator.stop());

	const list = async () => await client.get('/partners/tags');
	const create = async (identifier = 'new') => await client.post('/partners/tags', { identifier });

	it('answers with a status, a body and headers, as often as asked', async () => {
		const rule = emulator.misbehave({
			status: 429,
			body: { message: 'Slow down' },
			headers: { 'Retry-After': '1' },
			times: 2,
		});
		const [first, second, third] = [await list(), await list(), await list()];
		expect([first.status, first.data, first.headers['retry-after']]).toEqual([
			429,
			{ message: 'Slow down' },
			'1',
		]);
		expect([second.status, third.status, rule.hits]).toEqual([429, 200, 2]);
		expect(emulator.journal.requests.map(({ status }) => status)).toEqual([429, 429, 200]);
	});

	it('fills a missing body with an error of the service, and sends null when asked', async () => {
		emulator.misbehave({ status: 503 });
		emulator.misbehave({ status: 200, body: null });
		expect((await list()).data).toEqual({ message: 'Emulated answer 503' });
		expect((await client.get('/partners/tags', { responseType: 'text' })).data).toBe('null');
	});

	it('does not carry a replaced write out, unless told to', async () => {
		emulator.misbehave({ status: 500 });
		emulator.misbehave({ status: 500, carryOut: true });
		await create('first');
		expect(emulator.state.tags().has('first')).toBe(false);
		await create('second');
		expect(emulator.state.tags().has('second')).toBe(true);
	});

	it.each([
		['method', { method: 'post' }],
		['path as text', { path: '/v1/partners/tags/tag-00002' }],
		['path as expression', { path: /tag-00002$/gu }],
		['operation', { operationId: 'deleteTag' }],
	])('meets only what matches by %s', async (_by, match) => {
		emulator.misbehave({ match, status: 500, times: Infinity });
		const statuses = [
			(await list()).status,
			(await create()).status,
			(await client.delete('/partners/tags/tag-00002')).status,
		];
		expect(statuses.filter((status) => status === 500)).toHaveLength(1);
		expect(statuses[0]).toBe(200);
	});

	it('leaves the first ones alone, and ends on cancel', async () => {
		const rule = emulator.misbehave({ status: 500, skip: 1, times: Infinity });
		const statuses = [(await list()).status, (await list()).status, (await list()).status];
		rule.cancel();
		expect([...statuses, (await list()).status]).toEqual([200, 500, 500, 200]);
	});

	it('closes the connection before the request is carried out', async () => {
		emulator.misbehave({ drop: 'before' });
		expect(await errorCodeOf(create())).toBe('ECONNRESET');
		expect(emulator.state.tags().has('new')).toBe(false);
		const [entry] = emulator.journal.find({ operationId: 'createTag' });
		expect([entry?.method, entry?.status]).toEqual(['POST', undefined]);
	});

	it('closes the connection after the request was carried out', async () => {
		emulator.misbehave({ drop: 'after' });
		expect(await errorCodeOf(create())).toBe('ECONNRESET');
		expect(emulator.state.tags().has('new')).toBe(true);
	});

	it('cuts an answer, with a length that fits', async () => {
		emulator.misbehave({ truncate: 'consistent' });
		const whole = JSON.stringify([...emulator.state.tags().values()]);
		const { status, data } = await client.get('/partners/tags', { responseType: 'text' });
		expect(status).toBe(200);
		expect(data).toBe(whole.slice(0, whole.length / 2));
	});

	it('cuts an answer by closing the connection', async () => {
		emulator.misbehave({ truncate: 'connection' });
		expect(await errorCodeOf(list())).toMatch(/ECONNRESET|ERR_BAD_RESPONSE|aborted/u);
		expect((await list()).status).toBe(200);
	});

	it('answers with HTML and with raw text', async () => {
		emulator.misbehave({ html: true });
		emulator.misbehave({ raw: { body: '[{"id":', contentType: 'application/json' } });
		const page = await list();
		expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
		expect(page.data).toMatch(/^<!doctype html>/u);
		expect((await list()).data).toBe('[{"id":');
	});

	it('adds headers to a proper answer, and waits before it', async () => {
		emulator.misbehave({ delayMs: 5, headers: { 'X-RateLimit-Remaining': '3' } });
		const { status, headers, data } = await list();
		expect([status, headers['x-ratelimit-remaining']]).toEqual([200, '3']);
		expect(data).toHaveLength(3);
	});

	it('counts what is open at the same time', async () => {
		emulator.misbehave({ delayMs: 100, times: 3 });
		await Promise.all([list(), list(), list()]);
		await list();
		expect(emulator.journal.requests.map(({ inFlight }) => inFlight)).toEqual([1, 2, 3, 1]);
	});

	it('redirects to a trap, which records what arrives', async () => {
		const trap = await startTrap();
		try {
			emulator.misbehave({ redirect: `${trap.url}/caught?a=1` });
			const { status, headers } = await list();
			expect([status, headers.location]).toEqual([302, `${trap.url}/caught?a=1`]);
			expect([trap.arrivals.length, trap.saw(emulator.secret)]).toEqual([0, false]);
			await clientOf(trap.url, { Authorization: emulator.secret }).post('/caught?a=1', { b: 'ü' });
			expect(trap.arrivals).toMatchObject([
				{ method: 'POST', url: '/caught?a=1', body: '{"b":"ü"}' },
			]);
			expect([trap.saw(emulator.secret), trap.saw('another')]).toEqual([true, false]);
		} finally {
			await trap.stop();
		}
	});

	it('counts no answer on demand as a breach, but the request still', async () => {
		emulator.misbehave({ status: 418, body: [], times: Infinity });
		await list();
		await client.post('/partners/tags', { odd: 1 });
		expect(emulator.journal.violations()).toEqual([
			'POST /v1/partners/tags: body/odd must NOT have additional properties',
		]);
	});

	it('refuses a rule that asks for two things', () => {
		expect(() => emulator.misbehave({ drop: 'before', html: true })).toThrow(/drop and html/u);
	});

	it('stops at once, with a delay and connections open', async () => {
		const second = await startEmulator('kinktree');
		second.misbehave({ delayMs: 3_600_000 });
		const arrival = second.journal.arrival({ method: 'GET' });
		const request = errorCodeOf(clientOf(second.url).get('/partners/tags'));
		expect((await arrival).path).toBe('/v1/partners/tags');
		await second.stop();
		expect(['none', 'ECONNRESET']).toContain(await request);
	});
});
