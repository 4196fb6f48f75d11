import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { Api } from '../../../nodes/shared/http/api';
import { InputError } from '../../../nodes/shared/http/errors';
import type {
	Connection,
	ApiRequest,
	Limiter,
	TransportResult,
	Runtime,
	Wording,
} from '../../../nodes/shared/http/request';

const GET: ApiRequest = { method: 'GET', path: '/tags' };
const POST: ApiRequest = { method: 'POST', path: '/tags', body: {} };
const DELETE: ApiRequest = { method: 'DELETE', path: '/tags/a', subject: 'tag "a"' };

const answer = (status: number, body: unknown = {}, headers = {}): TransportResult => ({
	status,
	body,
	headers,
});
const lost: TransportResult = { code: 'ECONNRESET', message: 'the connection was closed' };
const refused: TransportResult = { code: 'ECONNREFUSED', message: 'the connection was refused' };

/** A service that sends the replies in order, and a clock that sleeping advances. */
function service(replies: TransportResult[], changes: Partial<Connection> = {}) {
	const sent: IHttpRequestOptions[] = [];
	const slept: number[] = [];
	let now = Date.UTC(2026, 10, 22, 12);
	let duration = 0;
	const controller = new AbortController();
	const runtime: Runtime = {
		now: () => now,
		random: () => 0.5,
		signal: controller.signal,
		async sleep(ms) {
			slept.push(ms);
			now += ms;
		},
	};
	const connection: Connection = {
		baseUrl: 'https://api.example/v1',
		wording: { name: 'Example', advice: { 404: 'Look again.' } },
		longestWait: 60_000,
		redact: (text) => text.replaceAll('s3cret', '***'),
		async transport(options) {
			sent.push(options);
			now += duration;
			return replies[sent.length - 1] ?? answer(500, { message: 'no reply left' });
		},
		...changes,
	};
	return {
		api: new Api(connection, runtime),
		sent,
		slept,
		controller,
		/** Advances the clock by this time now, and again during each later request. */
		pass(ms: number) {
			now += ms;
			duration = ms;
		},
	};
}

describe('a request on the wire', () => {
	it('is JSON, follows no redirect, and leaves the status to the node', async () => {
		const { api, sent } = service([answer(200)]);
		await api.send({ ...POST, query: { a: 1 }, headers: { 'Idempotency-Key': 'k' } });
		expect(sent[0]).toMatchObject({
			method: 'POST',
			url: 'https://api.example/v1/tags',
			qs: { a: 1 },
			body: '{}',
			headers: {
				Accept: 'application/json',
				'Content-Type': 'application/json',
				'Idempotency-Key': 'k',
			},
			disableFollowRedirect: true,
			encoding: 'stream',
			timeout: 60_000,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
		});
	});
});

describe('trying again', () => {
	it.each([408, 429, 500, 502, 503, 504, 520, 522, 524])(
		'a read is sent again after %d',
		async (status) => {
			const { api, sent, slept } = service([answer(status), answer(status), answer(200, { a: 1 })]);
			expect(await api.object(GET)).toEqual({ a: 1 });
			expect(sent).toHaveLength(3);
			expect(slept).toEqual([250, 500]);
		},
	);

	it('stops after four tries, with the message of the last', async () => {
		const busy = answer(503, { message: 'busy' });
		const { api, sent } = service([busy, busy, busy, busy, answer(200)]);
		await expect(api.send(GET)).rejects.toThrow('Example: busy');
		expect(sent).toHaveLength(4);
	});

	it.each([400, 401, 403, 404, 405, 409, 422, 501, 505])(
		'a read is not sent again after %d',
		async (status) => {
			const { api, sent } = service([answer(status), answer(200)]);
			await expect(api.send(GET)).rejects.toMatchObject({ status });
			expect(sent).toHaveLength(1);
		},
	);

	it.each([
		['a refused connection', refused],
		['429', answer(429)],
	])('a POST is sent again after %s, because it was not carried out', async (_, first) => {
		const { api, sent } = service([first, answer(201, { a: 1 })]);
		expect(await api.object(POST)).toEqual({ a: 1 });
		expect(sent).toHaveLength(2);
	});

	it.each([
		['a lost answer', lost],
		['500', answer(500)],
		['503', answer(503)],
		['408', answer(408)],
	])('a POST is not sent again after %s, and the error says why', async (_, first) => {
		const { api, sent } = service([first, answer(201)]);
		await expect(api.send(POST)).rejects.toMatchObject({
			ambiguous: true,
			description: expect.stringContaining('unknown'),
		});
		expect(sent).toHaveLength(1);
	});

	it('a repeatable POST is sent again after a lost answer and after 500', async () => {
		const { api, sent } = service([lost, answer(500), answer(201, { a: 1 })]);
		expect(await api.object({ ...POST, repeatable: true })).toEqual({ a: 1 });
		expect(sent).toHaveLength(3);
	});

	it.each([400, 409, 422])(
		'a POST that is refused with %d says that an earlier try may have been carried out',
		async (status) => {
			const taken = answer(status, { message: 'taken' });
			const { api } = service([answer(500), taken]);
			await expect(api.send({ ...POST, repeatable: true })).rejects.toMatchObject({
				message: 'Example: taken',
				status,
				ambiguous: true,
				description: expect.stringContaining('may have been carried out'),
			});
		},
	);

	it.each<[string, ApiRequest, TransportResult, number, boolean]>([
		['after a 429', { ...POST, repeatable: true }, answer(429), 409, false],
		['with an unrelated status', { ...POST, repeatable: true }, lost, 404, true],
		['for a PUT', { ...POST, method: 'PUT' }, lost, 409, true],
		['for a GET', GET, lost, 409, false],
	])('a refusal gives the usual advice %s', async (_, request, first, status, ambiguous) => {
		const { api } = service([first, answer(status, { message: 'no' })]);
		await expect(api.send(request)).rejects.toMatchObject({
			ambiguous,
			description: expect.not.stringContaining('may have been carried out'),
		});
	});

	it('a DELETE succeeds if its retry finds nothing', async () => {
		const { api } = service([lost, answer(404, { message: 'gone' })]);
		await expect(api.send(DELETE)).resolves.toMatchObject({ status: 404, body: undefined });
	});

	it('a DELETE fails if its first try finds nothing', async () => {
		const { api } = service([answer(404, { message: 'gone' })]);
		await expect(api.send(DELETE)).rejects.toThrow('Example: gone (tag "a")');
	});

	it('a DELETE fails if it finds nothing after a 429', async () => {
		const { api } = service([answer(429), answer(404, { message: 'gone' })]);
		await expect(api.send(DELETE)).rejects.toThrow('Example: gone (tag "a")');
	});

	it('a POST whose answer cannot be read may have been carried out', async () => {
		const garbage: TransportResult = { code: 'HPE_INVALID_CONSTANT', message: 'Parse Error' };
		const { api, sent } = service([garbage, answer(201)]);
		await expect(api.send(POST)).rejects.toMatchObject({
			message: 'Example returned an answer that cannot be read: Parse Error',
			ambiguous: true,
			description: expect.stringContaining('unknown'),
		});
		expect(sent).toHaveLength(1);
	});

	it('tries once if there is no such host, and names the host', async () => {
		const missing: TransportResult = { code: 'ENOTFOUND', message: 'there is no such host' };
		const { api, sent } = service([missing]);
		await expect(api.send(GET)).rejects.toMatchObject({
			message: 'Example could not be reached: there is no such host as "api.example"',
			description: 'Check the address in the credential.',
		});
		expect(sent).toHaveLength(1);
	});

	it.each([
		['Space not found', 'Example: Space not found (space "s9")'],
		['Not here', 'Example: Not here (post "Hello")'],
		[
			'No such author: he is not a member',
			'Example: No such author: he is not a member (author "u9")',
		],
		['Workspaces are off', 'Example: Workspaces are off (post "Hello")'],
	])('names the value that the service mentions: %s', async (message, shown) => {
		const post = { ...POST, subject: 'post "Hello"', mentions: { space: 's9', author: 'u9' } };
		await expect(service([answer(400, { message })]).api.send(post)).rejects.toThrow(
			expect.objectContaining({ message: shown }),
		);
		const asSuccess = answer(200, { error: message });
		await expect(service([asSuccess]).api.object(post, 'id')).rejects.toThrow(
			expect.objectContaining({ message: shown }),
		);
	});

	it('makes a person at the screen wait for seconds only', async () => {
		const busy = answer(503, { message: 'busy' }, { 'retry-after': '6' });
		const { api, sent, slept } = service([busy, answer(200)]);
		await expect(api.impatient().send(GET)).rejects.toThrow('Example: busy');
		expect([sent.length, slept]).toEqual([1, []]);
		expect(sent[0]?.timeout).toBe(10_000);
	});

	it('spends at most ten seconds on all tries while a person waits', async () => {
		const slow: TransportResult = { code: 'ETIMEDOUT', message: 'no complete answer arrived' };
		const { api, sent, pass } = service([slow, answer(200)]);
		pass(10_000);
		await expect(api.impatient().send(GET)).rejects.toThrow('no complete answer arrived');
		expect(sent).toHaveLength(1);

		const late = service([answer(503), answer(200)]);
		late.pass(7_000);
		await late.api.impatient().send(GET);
		expect(late.sent.map(({ timeout }) => timeout)).toEqual([10_000, 2_750]);
	});

	it('spends at most a minute on a list while a person waits', async () => {
		const { api, sent, pass } = service([answer(200), answer(200)]);
		const impatient = api.impatient();
		pass(59_000);
		await impatient.send(GET);
		pass(1_000);
		await expect(impatient.send(GET)).rejects.toThrow('takes too long to show the whole list');
		expect(sent).toHaveLength(1);
	});
});

describe('waiting', () => {
	it('honours Retry-After', async () => {
		const { api, slept } = service([answer(429, {}, { 'retry-after': '7' }), answer(200)]);
		await api.send(GET);
		expect(slept).toEqual([7125]);
	});

	it('lasts up to a minute, and longer only if the caller allows it', async () => {
		const minute = answer(429, {}, { 'retry-after': '60' });
		const longer = answer(429, { detail: 'Rate limit exceeded.' }, { 'retry-after': '61' });
		await service([minute, answer(200)]).api.send(GET);

		const { api, sent, slept } = service([longer, answer(200)]);
		await expect(api.send(GET)).rejects.toMatchObject({
			message:
				'Example: Rate limit exceeded. Requests are accepted again at 2026-11-22 12:01:01 UTC',
			failure: 'rate-limited',
			retryAfterMs: 61_000,
		});
		expect([sent.length, slept]).toEqual([1, []]);

		const patient = service([longer, answer(200)]);
		await patient.api.within(3_600_000).send(GET);
		expect(patient.sent).toHaveLength(2);
	});

	it('lasts until the window opens if a 429 has no Retry-After', async () => {
		const reset = String(Date.UTC(2026, 10, 22, 12) / 1000 + 9);
		const closed = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
		const { api, slept } = service([answer(429, {}, closed), answer(200)]);
		await api.send(GET);
		expect(slept).toEqual([9125]);
	});

	it('asks the limiter before every try and passes it every answer', async () => {
		const events: string[] = [];
		const limiter: Limiter = {
			async acquire() {
				events.push('acquire');
			},
			observe({ status }) {
				events.push(String(status));
			},
		};
		await service([answer(503), answer(200)], { limiter }).api.send(GET);
		expect(events).toEqual(['acquire', '503', 'acquire', '200']);
	});
});

describe('cancelling', () => {
	it('sends nothing more', async () => {
		const { api, sent, controller } = service([answer(503), answer(200)]);
		controller.abort();
		await expect(api.send(GET)).rejects.toMatchObject({ name: 'CancelledError' });
		expect(sent).toHaveLength(0);
	});
});

describe('an answer of an unexpected shape', () => {
	it.each([
		['a web page instead of JSON', '<!DOCTYPE html><html></html>'],
		['null instead of JSON', null],
		['JSON that is cut off', '[{"id": "a"'],
		['nothing instead of JSON', ''],
		['text instead of JSON', 'OK'],
	])('%s is refused, and nothing is sent again', async (words, body) => {
		const { api, sent } = service([answer(200, body), answer(200)]);
		await expect(api.page(GET, [])).rejects.toThrow(new RegExp(`^Example returned ${words}$`));
		expect(sent).toHaveLength(1);
	});

	it.each([
		['an object instead of a list', { message: 'hello' }],
		['a list with entries that are not objects', [1, 2]],
		['a list with entries that are not objects', [null]],
		['an object instead of a list', { tags: 'none' }],
	])('%s is refused', async (words, body) => {
		const { api } = service([answer(200, body)]);
		await expect(api.page(GET, ['tags'])).rejects.toThrow(new RegExp(`returned ${words}$`));
	});

	it('a list is refused instead of an object', async () => {
		await expect(service([answer(200, [])]).api.object(GET)).rejects.toThrow('a list instead of');
	});

	it('to a change says that the change may have been carried out', async () => {
		await expect(service([answer(200, '<html>')]).api.send(POST)).rejects.toMatchObject({
			ambiguous: true,
			description: expect.stringContaining('may have been carried out'),
		});
	});

	const PUT: ApiRequest = { method: 'PUT', path: '/tags/a', body: {}, subject: 'tag "a"' };

	it.each<[ApiRequest, number, unknown]>(
		([PUT, { ...PUT, method: 'PATCH' }, DELETE] as const).flatMap((request) => [
			[request, 204, ''],
			[request, 200, ''],
			[request, 200, null],
			[request, 204, undefined],
		]),
	)('a change may be answered without a body (%#)', async (request, status, body) => {
		expect(await service([answer(status, body)]).api.object(request)).toEqual({});
	});

	it('nested more than 100 levels deep is refused', async () => {
		const nested = (levels: number) =>
			JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
		await expect(service([answer(200, nested(100))]).api.send(GET)).resolves.toBeDefined();
		for (const levels of [102, 5_000, 100_000]) {
			await expect(service([answer(200, nested(levels))]).api.send(GET)).rejects.toThrow(
				'Example returned JSON that is nested too deeply',
			);
		}
	});
});

describe('an answer with a status of success', () => {
	const PUT: ApiRequest = { method: 'PUT', path: '/tags/a', body: {}, subject: 'tag "a"' };

	const REFUSALS: Array<[ApiRequest, string[], unknown, string]> = [
		[POST, ['id'], { status: 'error', message: 'Key revoked' }, 'Example: Key revoked'],
		[POST, ['id'], { id: null, error: { message: 'Not today' } }, 'Example: Not today'],
		[PUT, [], { success: false, message: 'Locked' }, 'Example: Locked (tag "a")'],
		[DELETE, [], { error: 'Link is locked' }, 'Example: Link is locked (tag "a")'],
		[DELETE, [], { deleted: false }, 'Example refused this, and did not say why (tag "a")'],
	];
	const RIDDLES: Array<[ApiRequest, string[], unknown, string]> = [
		[POST, ['id'], { message: 'Not today' }, 'Example: Not today'],
		[POST, ['outcome', 'id'], { ok: 1 }, 'Example returned an object without "outcome" or "id"'],
		[POST, ['id'], { id: { toString: null } }, 'Example returned an object without "id"'],
		[DELETE, [], [], 'Example returned a list instead of an object (tag "a")'],
	];

	it.each(REFUSALS)(
		'is a refusal if it reports an error: %j with %j answered by %j',
		async (request, keys, body, message) => {
			const { api, sent } = service([answer(200, body)]);
			const refusal = { message, ambiguous: false };
			await expect(api.object(request, ...keys)).rejects.toMatchObject(refusal);
			expect(sent).toHaveLength(1);
		},
	);

	it.each(RIDDLES)(
		'leaves open what was done if it is unclear: %j with %j answered by %j',
		async (request, keys, body, message) => {
			const { api, sent } = service([answer(200, body)]);
			await expect(api.object(request, ...keys)).rejects.toMatchObject({
				message,
				ambiguous: true,
				description: expect.stringContaining('before you run it again'),
			});
			expect(sent).toHaveLength(1);
		},
	);

	it('is a refusal if it reports an error instead of a list', async () => {
		const { api } = service([answer(200, { status: 'error', message: 'Key revoked' })]);
		await expect(api.page(GET, ['tags'])).rejects.toMatchObject({
			message: 'Example: Key revoked',
			ambiguous: false,
		});
	});

	it.each<[ApiRequest, string[], IDataObject]>([
		[DELETE, [], { deleted: true, error: null }],
		[DELETE, [], { deleted: true, error: '', errors: [] }],
		[PUT, [], { id: 'a', deleted: false, error: false }],
		[POST, ['id'], { id: 'a', status: 'failed', error: 'of an earlier delivery' }],
		[POST, ['outcome', 'id'], { outcome: 'member_created' }],
		[POST, ['id'], { id: 0 }],
	])('is a success for %j with %j answered by %j', async (request, keys, body) => {
		expect(await service([answer(200, body)]).api.object(request, ...keys)).toEqual(body);
	});
});

describe('an error text', () => {
	it('hides the secret that somebody entered as an ID', () => {
		const { api } = service([]);
		const error = api.withoutSecret(new InputError('no tag "s3cret"', 'Not s3cret.'));
		expect(error).toMatchObject({ message: 'no tag "***"', description: 'Not ***.' });
		expect(api.withoutSecret('text')).toBe('text');
	});
});

describe('a page', () => {
	it("has the service's clock", async () => {
		const headers = { date: 'Sun, 22 Nov 2026 13:00:00 GMT' };
		const tags = { status: 200, body: { tags: [{ id: 'a' }], total: 1 }, headers };
		expect(await service([tags]).api.page(GET, ['tags'])).toEqual({
			rows: [{ id: 'a' }],
			total: 1,
			serviceNow: Date.UTC(2026, 10, 22, 13),
		});
	});
});

describe('error texts', () => {
	it.each([
		[{ message: 'Tag not found' }, 'Example: Tag not found (tag "a")'],
		[{ detail: 'Tag not found' }, 'Example: Tag not found (tag "a")'],
		[{ error: 'Tag not found' }, 'Example: Tag not found (tag "a")'],
		[{ error: { message: 'Tag not found' } }, 'Example: Tag not found (tag "a")'],
		['<html>', 'Example returned status 404 with a web page (tag "a")'],
		[{}, 'Example returned status 404 with an object (tag "a")'],
	])('use the words of %j', async (body, message) => {
		await expect(service([answer(404, body)]).api.send(DELETE)).rejects.toMatchObject({
			message,
			description: 'Look again.',
		});
	});

	it('give advice by the status, the words and the request', async () => {
		const wording: Wording = {
			name: 'Example',
			advice: { 404: 'Look again.' },
			adviceFor: (status, words, { method, path }) =>
				method === 'GET' ? `${status} ${words} ${path}` : undefined,
		};
		const gone = answer(404, { message: 'gone' });
		await expect(service([gone], { wording }).api.send(GET)).rejects.toMatchObject({
			description: '404 gone /tags',
		});
		await expect(service([gone], { wording }).api.send(DELETE)).rejects.toMatchObject({
			description: 'Look again.',
		});
	});

	it('read both shapes of a 422', async () => {
		const detail = [{ loc: ['body', 'variants', 0, 'weight'], msg: 'must be whole', type: 'int' }];
		await expect(service([answer(422, { detail })]).api.send(POST)).rejects.toThrow(
			'Example: must be whole: variants.0.weight',
		);
	});

	it('never show the secret that a service repeats', async () => {
		const { api } = service([answer(401, { message: 'Unknown secret s3cret' })]);
		await expect(api.send(GET)).rejects.toMatchObject({
			message: 'Example: Unknown secret ***',
			failure: 'credential-invalid',
		});
	});

	it('cut a message that is too long', async () => {
		const { api } = service([answer(400, { message: 'x'.repeat(10_000) })]);
		await expect(api.send(GET)).rejects.toMatchObject({
			message: expect.stringMatching(/^Example: x{500}…$/),
		});
	});

	it.each([301, 302, 307, 308])('say that a redirect (%d) was not followed', async (status) => {
		const { api, sent } = service([answer(status, '', { location: 'https://evil.example' })]);
		await expect(api.send(GET)).rejects.toThrow('returned a redirect, which was not followed');
		expect(sent).toHaveLength(1);
	});
});
