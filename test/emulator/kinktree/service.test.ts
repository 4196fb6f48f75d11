import { type Emulator, startEmulator } from '..';
import { clientOf } from '../client';

describe('Kinktree emulator', () => {
	let emulator: Emulator<'kinktree'>;
	let client: ReturnType<typeof clientOf>;

	beforeAll(async () => {
		emulator = await startEmulator('kinktree', {
			seed: { tags: [{ id: 'front', activationCode: 'CODE', name: 'Front desk', locked: true }] },
		});
		client = clientOf(emulator.url, { Authorization: emulator.secret });
	});

	beforeEach(() => emulator.reset());

	afterAll(async () => await emulator.stop());

	it('lists, creates, updates and deletes', async () => {
		const listed = await client.get('/partners/tags');
		expect([listed.status, listed.data]).toEqual([
			200,
			[
				{
					id: 'front',
					namespace: 'main-partner',
					activationCode: 'CODE',
					name: 'Front desk',
					locked: true,
				},
			],
		]);
		const created = await client.post('/partners/tags', { identifier: 'bar', activationCode: 'A' });
		const bar = { identifier: 'bar', namespace: 'main-partner' };
		expect([created.status, created.data]).toEqual([201, { ...bar, activationCode: 'A' }]);
		const updated = await client.patch('/partners/tags/bar', { activationCode: 'B' });
		expect([updated.status, updated.data]).toEqual([200, { ...bar, activationCode: 'B' }]);
		expect(emulator.state.tags().get('bar')?.activationCode).toBe('B');
		const deleted = await client.delete('/partners/tags/bar');
		expect([deleted.status, deleted.data]).toEqual([200, { ...bar, deleted: true }]);
		expect([...emulator.state.tags().keys()]).toEqual(['front']);
		expect(emulator.journal.violations()).toEqual([]);
	});

	it('makes up what is left out, each time anew', async () => {
		const first = (await client.post('/partners/tags', {})).data;
		const second = (await client.post('/partners/tags', {})).data;
		expect(first.identifier).not.toBe(second.identifier);
		expect(first.activationCode).not.toBe(second.activationCode);
		const rotated = (await client.patch(`/partners/tags/${first.identifier}`, {})).data;
		expect(rotated.activationCode).not.toBe(first.activationCode);
		expect(emulator.journal.violations()).toEqual([]);
	});

	it('keeps identifiers unique per namespace and case-sensitive', async () => {
		const statusOf = async (identifier: string, secret = emulator.secret) =>
			(await client.post('/partners/tags', { identifier }, { headers: { Authorization: secret } }))
				.status;
		expect(await statusOf('front')).toBe(409);
		expect(await statusOf('Front')).toBe(201);
		expect(await statusOf('front', emulator.secretOf('other'))).toBe(201);
		expect((await client.delete('/partners/tags/FRONT')).status).toBe(404);
		expect(emulator.state.tags('other-partner').get('front')?.namespace).toBe('other-partner');
		expect(emulator.journal.requests.map(({ key }) => key)).toContain('other');
		expect(emulator.journal.violations()).toEqual([]);
	});

	it.each(['a/b', 'ä?#%2F', '%', '%25', ' ', '+', 'a&b=c', '#', '..x', '日本', 'x'.repeat(10_240)])(
		'finds a tag by any identifier, percent-encoded: %.20s',
		async (identifier) => {
			await client.post('/partners/tags', { identifier });
			const path = `/partners/tags/${encodeURIComponent(identifier)}`;
			const { status, data } = await client.patch(path, { activationCode: 'NEW' });
			expect([status, data.identifier]).toEqual([200, identifier]);
			expect((await client.delete(path)).data).toMatchObject({ identifier, deleted: true });
			expect(emulator.journal.find({ method: 'patch' })[0]?.path).toBe(`/v1${path}`);
			expect(emulator.journal.violations()).toEqual([]);
		},
	);

	it.each([
		['no secret', undefined, undefined],
		['a wrong secret', 'nope', 'unknown'],
		['a secret behind Bearer', 'Bearer kinktree-emulator-main', 'unknown'],
	])('refuses %s with 401', async (_case, Authorization, key) => {
		const { status, data } = await clientOf(emulator.url, {
			...(Authorization && { Authorization }),
		}).get('/partners/tags');
		expect([status, Object.keys(data)]).toEqual([401, ['message']]);
		expect(emulator.journal.requests[0]?.key).toBe(key);
		expect(emulator.journal.violations()).toEqual([]);
	});

	it.each([
		['an unknown tag', 'PATCH', '/partners/tags/none', {}, 404, []],
		['an unknown field', 'POST', '/partners/tags', { id: 'a' }, 400, ['body/id must NOT have']],
		['an empty identifier', 'POST', '/partners/tags', { identifier: '' }, 400, ['body/identifier']],
		['a number', 'POST', '/partners/tags', { identifier: 7 }, 400, ['must be string']],
		['null', 'POST', '/partners/tags', { activationCode: null }, 400, ['must be string']],
		['a list', 'POST', '/partners/tags', [{}], 400, ['must be object']],
		[
			'an empty code',
			'PATCH',
			'/partners/tags/front',
			{ activationCode: '' },
			400,
			['fewer than 1'],
		],
		['no body', 'POST', '/partners/tags', undefined, 400, ['a body is required']],
		['broken JSON', 'POST', '/partners/tags', '{"identifier":', 400, ['not valid JSON']],
		['a query', 'GET', '/partners/tags?limit=1', undefined, 400, ['query/limit']],
		['a body to delete', 'DELETE', '/partners/tags/front', {}, 400, ['takes no body']],
		['an unknown path', 'GET', '/partners', undefined, 404, ['no such path']],
		['a path below another base', 'GET', '/../partners/tags', undefined, 404, ['no such path']],
		['a single get', 'GET', '/partners/tags/front', undefined, 404, ['no such method']],
		['an unreadable path', 'DELETE', '/partners/tags/%zz', undefined, 400, ['cannot be read']],
	])('refuses %s', async (_case, method, url, data, expected, reasons) => {
		const headers = { 'Content-Type': 'application/json' };
		const { status } = await client.request({
			method,
			url: url.startsWith('/..') ? emulator.origin + url.slice(3) : url,
			headers: data === undefined ? {} : headers,
			data: typeof data === 'object' ? JSON.stringify(data) : data,
			// As it is: axios would mend broken JSON.
			transformRequest: (text: unknown) => text,
		});
		expect(status).toBe(expected);
		const violations = emulator.journal.violations();
		expect(violations).toEqual(reasons.map((reason) => expect.stringContaining(reason)));
		expect(emulator.state.tags().size).toBe(1);
	});

	it('refuses a body that does not say that it is JSON', async () => {
		const headers = { 'Content-Type': 'text/plain' };
		expect((await client.post('/partners/tags', '{}', { headers })).status).toBe(400);
		expect(emulator.journal.violations()).toEqual([
			'POST /v1/partners/tags: body Content-Type must be application/json',
		]);
	});

	it.each(['array', 'tags', 'data', 'items', 'single'] as const)(
		'lists as %s',
		async (listShape) => {
			emulator.readings.listShape = listShape;
			const one = (await client.get('/partners/tags')).data;
			emulator.state.addTag();
			const two = (await client.get('/partners/tags')).data;
			const front = expect.objectContaining({ id: 'front' });
			const rows = [front, expect.objectContaining({ name: null })];
			const expected = {
				array: [[front], rows],
				single: [front, rows],
				tags: [{ tags: [front] }, { tags: rows }],
				data: [{ data: [front] }, { data: rows }],
				items: [{ items: [front] }, { items: rows }],
			};
			expect([one, two]).toEqual(expected[listShape]);
			expect(emulator.journal.violations()).toEqual([]);
		},
	);

	it.each(['message', 'error', 'detail'] as const)('words errors under %s', async (errorKey) => {
		emulator.readings.errorKey = errorKey;
		const { data } = await client.delete('/partners/tags/none');
		expect(data).toEqual({ [errorKey]: 'Tag not found' });
		expect(emulator.journal.violations()).toEqual([]);
	});

	it('answers by the other readings', async () => {
		Object.assign(emulator.readings, {
			createStatus: 200,
			duplicateStatus: 400,
			deleteAnswer: 'empty204',
		});
		expect((await client.post('/partners/tags', { identifier: 'new' })).status).toBe(200);
		expect((await client.post('/partners/tags', { identifier: 'new' })).status).toBe(400);
		const { status, data } = await client.delete('/partners/tags/new');
		expect([status, data]).toEqual([204, '']);
		expect(emulator.journal.violations()).toEqual([]);
	});

	it('keeps no secret in its journal', async () => {
		await client.get('/partners/tags');
		await client.get('/partners/tags', { headers: { Authorization: 'a-wrong-secret' } });
		const text = JSON.stringify(emulator.journal);
		expect(text).not.toContain(emulator.secret);
		expect(text).not.toContain('a-wrong-secret');
		expect(emulator.journal.requests.map(({ headers }) => headers.authorization)).toEqual([
			'<main>',
			'<unknown>',
		]);
	});

	it('forgets everything on reset', async () => {
		emulator.readings.listShape = 'data';
		emulator.misbehave({ status: 500, times: Infinity });
		emulator.state.addTag();
		delete emulator.state.keys.other;
		emulator.reset();
		expect((await client.get('/partners/tags')).data).toHaveLength(1);
		expect(emulator.secretOf('other')).toBe('kinktree-emulator-other');
		expect(emulator.journal.requests).toHaveLength(1);
	});
});

describe('Kinktree data', () => {
	it('lists 50,000 tags, every one by the OpenAPI document', async () => {
		const emulator = await startEmulator('kinktree', { seed: { tags: 50_000 } });
		try {
			const client = clientOf(emulator.url, { Authorization: emulator.secret });
			const { data } = await client.get('/partners/tags');
			expect(new Set(data.map(({ id }: { id: string }) => id)).size).toBe(50_000);
			expect(emulator.journal.violations()).toEqual([]);
		} finally {
			await emulator.stop();
		}
	});

	it('has a demo that is the same every time, with every kind of tag', async () => {
		const [first, second] = await Promise.all([
			startEmulator('kinktree', { seed: 'demo' }),
			startEmulator('kinktree', { seed: 'demo' }),
		]);
		try {
			const tags = [...first.state.tags().values()];
			expect(tags).toEqual([...second.state.tags().values()]);
			expect(tags.length).toBeGreaterThanOrEqual(100);
			expect(new Set(tags.map(({ locked }) => locked)).size).toBe(2);
			expect(tags.some(({ name }) => name === null)).toBe(true);
		} finally {
			await Promise.all([first.stop(), second.stop()]);
		}
	});

	it('notices an answer that breaks the OpenAPI document', async () => {
		const emulator = await startEmulator('kinktree');
		try {
			Object.assign(emulator.state.addTag({ id: 'odd' }), { locked: 'yes' });
			await clientOf(emulator.url, { Authorization: emulator.secret }).get('/partners/tags');
			expect(emulator.journal.violations()).toContainEqual(
				expect.stringContaining('answer: body/0/locked must be boolean'),
			);
		} finally {
			await emulator.stop();
		}
	});
});
