/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { startEmulator, startTrap } from './index';
import { HOUR, NOW, clientFor, clientOf, errorCodeOf, setUp } from './testing';

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

it('cuts an answer and sends the length of the rest', async () => {
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

it.each([
	['a status of a proxy and bytes that are not text', 522, Buffer.from([0xff, 0x00, 0xfe])],
	['a status beyond all ranges', 799, 'x'],
	['no body', 520, ''],
])('answers with %s', async (_case, status, body) => {
	const raw = { body, contentType: 'application/octet-stream' };
	emulator().misbehave({ status, raw, headers: { Server: 'a"proxy' } });
	const answer = await as().get(TAGS, { responseType: 'arraybuffer' });
	expect([answer.status, answer.headers.server]).toEqual([status, 'a"proxy']);
	expect(answer.data).toEqual(Buffer.from(body));
});

it('carries out a write and answers it with 204 and no body', async () => {
	emulator().misbehave({ status: 204, carryOut: true });
	const { status, data, headers } = await create();
	expect([status, data, headers['content-length']]).toEqual([204, '', undefined]);
	expect(has('new')).toBe(true);
});

it('sends any text as a rate limit', async () => {
	const headers = { 'X-RateLimit-Remaining': '9'.repeat(400), 'X-RateLimit-Reset': 'soon, =' };
	emulator().misbehave({ headers });
	expect((await list()).headers).toMatchObject({
		'x-ratelimit-remaining': '9'.repeat(400),
		'x-ratelimit-reset': 'soon, =',
	});
});

it('dates its answers by its clock, shifted by the reading or replaced by a rule', async () => {
	const dateOf = async () => (await list()).headers.date;
	expect(await dateOf()).toBe(new Date(NOW).toUTCString());
	for (const dateSkewMs of [HOUR, -HOUR]) {
		emulator().readings.dateSkewMs = dateSkewMs;
		expect(await dateOf()).toBe(new Date(NOW + dateSkewMs).toUTCString());
	}
	emulator().misbehave({ headers: { Date: 'yesterday' } });
	expect(await dateOf()).toBe('yesterday');
});

it('drips an answer byte by byte to its end', async () => {
	emulator().misbehave({ status: 404, raw: { body: '{"ö":1}' }, drip: { everyMs: 1 } });
	const { status, data } = await list();
	expect([status, data]).toEqual([404, { ö: 1 }]);
});

describe('an endless drip', () => {
	const start = async () => {
		emulator().misbehave({ drip: { everyMs: 1, endless: true } });
		return (await as().get(TAGS, { responseType: 'stream' })).data as Readable;
	};

	it('sends the headers at once, the body, and then spaces', async () => {
		const body = JSON.stringify([...emulator().state.tags().values()]);
		let read = '';
		for await (const chunk of await start()) {
			read += chunk;
			if (read.length > body.length) break;
		}
		expect([read.slice(0, body.length), read.trimEnd()]).toEqual([body, body]);
	});

	it('ends when the client leaves', async () => {
		(await start()).destroy();
		do await list();
		while ((emulator().journal.requests.at(-1)?.inFlight ?? 0) > 1);
	});

	it('ends when the emulator stops', async () => {
		const second = await startEmulator('kinktree');
		second.misbehave({ drip: { everyMs: 3_600_000, endless: true } });
		const { data } = await clientFor(second).get(TAGS, { responseType: 'stream' });
		const closed = once(data as Readable, 'error');
		await second.stop();
		expect(await closed).toMatchObject([{ code: 'ECONNRESET' }]);
	});
});

it('carries out a request and sends a rewritten answer', async () => {
	emulator().misbehave({ rewrite: (body) => [body, body] });
	expect((await create()).data).toMatchObject([{ identifier: 'new' }, { identifier: 'new' }]);
	expect(has('new')).toBe(true);
});

it('delays the usual answer and adds headers to it', async () => {
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

it('checks the request, but not the answer that a rule replaces', async () => {
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
