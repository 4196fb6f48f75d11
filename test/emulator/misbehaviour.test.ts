import { startEmulator, startTrap } from './index';
import { clientFor, clientOf, errorCodeOf, setUp } from './testing';

const { as, emulator, takeViolations } = setUp('kinktree', { tags: 3 });

const TAGS = '/partners/tags';
const list = async () => await as().get(TAGS);
const listText = async () => await as().get(TAGS, { responseType: 'text' });
const create = async (identifier = 'new') => await as().post(TAGS, { identifier });
const has = (identifier: string) => emulator().state.tags().has(identifier);

it('answers with a status, a body and headers, as often as asked', async () => {
	const body = { message: 'Slow down' };
	const headers = { 'Retry-After': '1' };
	const rule = emulator().misbehave({ status: 429, body, headers, times: 2 });
	const [first, second, third] = [await list(), await list(), await list()];
	expect([first.status, first.data, first.headers['retry-after']]).toEqual([429, body, '1']);
	expect([second.status, third.status, rule.hits]).toEqual([429, 200, 2]);
	expect(emulator().journal.requests.map(({ status }) => status)).toEqual([429, 429, 200]);
});

it("fills a missing body with the service's own error, and sends null when asked", async () => {
	emulator().misbehave({ status: 503 });
	emulator().misbehave({ status: 200, body: null });
	expect((await list()).data).toEqual({ message: 'Emulated answer 503' });
	expect((await listText()).data).toBe('null');
});

it('carries a write out only if the rule says so', async () => {
	emulator().misbehave({ status: 500 });
	emulator().misbehave({ status: 500, carryOut: true });
	await create('first');
	await create('second');
	expect([has('first'), has('second')]).toEqual([false, true]);
});

it.each([
	['method', { method: 'post' }],
	['path as text', { path: '/v1/partners/tags/tag-00002' }],
	['path as expression', { path: /tag-00002$/gu }],
	['operation', { operationId: 'deleteTag' }],
])('changes only the requests that match by %s', async (_by, match) => {
	emulator().misbehave({ match, status: 500, times: Infinity });
	const listed = (await list()).status;
	const written = [(await create()).status, (await as().delete(`${TAGS}/tag-00002`)).status];
	expect([listed, ...written].filter((status) => status === 500)).toHaveLength(1);
	expect(listed).toBe(200);
});

it('leaves the first requests alone, and ends on cancel', async () => {
	const rule = emulator().misbehave({ status: 500, skip: 1, times: Infinity });
	const statuses = [(await list()).status, (await list()).status, (await list()).status];
	rule.cancel();
	expect([...statuses, (await list()).status]).toEqual([200, 500, 500, 200]);
});

it.each(['before', 'after'] as const)(
	'closes the connection %s it carries the request out',
	async (drop) => {
		emulator().misbehave({ drop });
		expect(await errorCodeOf(create())).toBe('ECONNRESET');
		expect(has('new')).toBe(drop === 'after');
		const [entry] = emulator().journal.find({ operationId: 'createTag' });
		expect([entry?.method, entry?.status]).toEqual(['POST', undefined]);
	},
);

it('cuts an answer, with a length that fits', async () => {
	emulator().misbehave({ truncate: 'consistent' });
	const whole = JSON.stringify([...emulator().state.tags().values()]);
	const { status, data } = await listText();
	expect([status, data]).toEqual([200, whole.slice(0, whole.length / 2)]);
});

it('cuts an answer by closing the connection', async () => {
	emulator().misbehave({ truncate: 'connection' });
	expect(await errorCodeOf(list())).toMatch(/ECONNRESET|ERR_BAD_RESPONSE|aborted/u);
	expect((await list()).status).toBe(200);
});

it('answers with HTML and with raw text', async () => {
	emulator().misbehave({ html: true });
	emulator().misbehave({ raw: { body: '[{"id":' } });
	const page = await list();
	expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
	expect(page.data).toMatch(/^<!doctype html>/u);
	expect((await list()).data).toBe('[{"id":');
});

it('sends a rewritten answer after it carried the request out', async () => {
	emulator().misbehave({ rewrite: (body) => [body, body] });
	expect((await create()).data).toMatchObject([{ identifier: 'new' }, { identifier: 'new' }]);
	expect(has('new')).toBe(true);
});

it('adds headers to a proper answer, and waits before it', async () => {
	emulator().misbehave({ delayMs: 5, headers: { 'X-RateLimit-Remaining': '3' } });
	const { status, headers, data } = await list();
	expect([status, headers['x-ratelimit-remaining']]).toEqual([200, '3']);
	expect(data).toHaveLength(3);
});

it('counts the requests that are open at the same time', async () => {
	emulator().misbehave({ delayMs: 100, times: 3 });
	await Promise.all([list(), list(), list()]);
	await list();
	expect(emulator().journal.requests.map(({ inFlight }) => inFlight)).toEqual([1, 2, 3, 1]);
});

it('redirects to a trap, which records what arrives', async () => {
	const trap = await startTrap();
	try {
		emulator().misbehave({ redirect: `${trap.url}/caught?a=1` });
		const { status, headers } = await list();
		expect([status, headers.location]).toEqual([302, `${trap.url}/caught?a=1`]);
		const { secret } = emulator();
		expect([trap.arrivals.length, trap.saw(secret)]).toEqual([0, false]);
		await clientOf(trap.url, { Authorization: secret }).post('/caught?a=1', { b: 'ü' });
		const expected = { method: 'POST', url: '/caught?a=1', body: '{"b":"ü"}' };
		expect(trap.arrivals).toMatchObject([expected]);
		expect([trap.saw(secret), trap.saw('another')]).toEqual([true, false]);
	} finally {
		await trap.stop();
	}
});

it('holds a replaced answer against nobody, but the request still', async () => {
	emulator().misbehave({ status: 418, body: [], times: Infinity });
	await list();
	await as().post(TAGS, { odd: 1 });
	expect(takeViolations()).toEqual([
		'POST /v1/partners/tags: body/odd must NOT have additional properties',
	]);
});

it('refuses a rule that asks for two things', () => {
	const rule = { drop: 'before', html: true } as const;
	expect(() => emulator().misbehave(rule)).toThrow(/drop and html/u);
});

it('stops at once, even while it delays an answer', async () => {
	const second = await startEmulator('kinktree');
	second.misbehave({ delayMs: 3_600_000 });
	const arrival = second.journal.arrival({ method: 'GET' });
	const request = errorCodeOf(clientFor(second).get(TAGS));
	expect((await arrival).path).toBe('/v1/partners/tags');
	await second.stop();
	expect(['none', 'ECONNRESET']).toContain(await request);
});
