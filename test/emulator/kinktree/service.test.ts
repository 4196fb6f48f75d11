import { startEmulator } from '../index';
import { clientFor, clientOf, setUp, withDemo } from '../testing';

const TAGS = '/partners/tags';
const front = { id: 'front', activationCode: 'CODE', name: 'Front desk', locked: true };

const { as, emulator, takeViolations } = setUp('kinktree', { tags: [front] });

it('lists, creates, updates and deletes tags', async () => {
	const listed = await as().get(TAGS);
	expect([listed.status, listed.data]).toEqual([200, [{ ...front, namespace: 'main-partner' }]]);
	const created = await as().post(TAGS, { identifier: 'bar', activationCode: 'A' });
	const bar = { identifier: 'bar', namespace: 'main-partner' };
	expect([created.status, created.data]).toEqual([201, { ...bar, activationCode: 'A' }]);
	const updated = await as().patch(`${TAGS}/bar`, { activationCode: 'B' });
	expect([updated.status, updated.data]).toEqual([200, { ...bar, activationCode: 'B' }]);
	expect(emulator().state.tags().get('bar')?.activationCode).toBe('B');
	const deleted = await as().delete(`${TAGS}/bar`);
	expect([deleted.status, deleted.data]).toEqual([200, { ...bar, deleted: true }]);
	expect([...emulator().state.tags().keys()]).toEqual(['front']);
});

it('makes up a new value for each field that is left out', async () => {
	const first = (await as().post(TAGS, {})).data;
	const second = (await as().post(TAGS, {})).data;
	expect(first.identifier).not.toBe(second.identifier);
	expect(first.activationCode).not.toBe(second.activationCode);
	const rotated = (await as().patch(`${TAGS}/${first.identifier}`, {})).data;
	expect(rotated.activationCode).not.toBe(first.activationCode);
});

it('keeps identifiers unique per namespace and case-sensitive', async () => {
	const statusOf = async (identifier: string, key?: string) =>
		(await as(key).post(TAGS, { identifier })).status;
	expect(await statusOf('front')).toBe(409);
	expect(await statusOf('Front')).toBe(201);
	expect(await statusOf('front', 'other')).toBe(201);
	expect((await as().delete(`${TAGS}/FRONT`)).status).toBe(404);
	expect(emulator().state.tags('other-partner').get('front')?.namespace).toBe('other-partner');
	expect(emulator().journal.requests.map(({ key }) => key)).toContain('other');
});

it.each(['a/b', 'ä?#%2F', '%', '%25', ' ', '+', 'a&b=c', '#', '..x', '日本', 'x'.repeat(10_240)])(
	'finds a tag by the percent-encoded identifier "%.20s"',
	async (identifier) => {
		await as().post(TAGS, { identifier });
		const path = `${TAGS}/${encodeURIComponent(identifier)}`;
		const { status, data } = await as().patch(path, { activationCode: 'NEW' });
		expect([status, data.identifier]).toEqual([200, identifier]);
		expect((await as().delete(path)).data).toMatchObject({ identifier, deleted: true });
		expect(emulator().journal.find({ method: 'patch' })[0]?.path).toBe(`/v1${path}`);
	},
);

it.each<[string, Record<string, string>, string | undefined]>([
	['no secret', {}, undefined],
	['a wrong secret', { Authorization: 'nope' }, 'unknown'],
	['a secret after "Bearer"', { Authorization: 'Bearer kinktree-emulator-main' }, 'unknown'],
])('refuses %s with 401', async (_case, headers, key) => {
	const { status, data } = await clientOf(emulator().url, headers).get(TAGS);
	expect([status, Object.keys(data)]).toEqual([401, ['message']]);
	expect(emulator().journal.requests[0]?.key).toBe(key);
});

const json = (value: unknown) => JSON.stringify(value);

it.each<[string, string, string, string | undefined, number, string]>([
	['an unknown tag', 'PATCH', `${TAGS}/none`, '{}', 404, ''],
	['an unknown field', 'POST', TAGS, json({ id: 'a' }), 400, 'body/id must NOT have'],
	['an empty identifier', 'POST', TAGS, json({ identifier: '' }), 400, 'body/identifier'],
	['a number', 'POST', TAGS, json({ identifier: 7 }), 400, 'must be string'],
	['null', 'POST', TAGS, json({ activationCode: null }), 400, 'must be string'],
	['a list', 'POST', TAGS, '[{}]', 400, 'must be object'],
	['an empty code', 'PATCH', `${TAGS}/front`, json({ activationCode: '' }), 400, 'fewer than 1'],
	['no body', 'POST', TAGS, undefined, 400, 'a body is required'],
	['broken JSON', 'POST', TAGS, '{"identifier":', 400, 'not valid JSON'],
	['a query parameter', 'GET', `${TAGS}?limit=1`, undefined, 400, 'query/limit'],
	['a delete with a body', 'DELETE', `${TAGS}/front`, '{}', 400, 'takes no body'],
	['an unknown path', 'GET', '/partners', undefined, 404, 'no such path'],
	['a path below another base', 'GET', '/../partners/tags', undefined, 404, 'no such path'],
	['a get of one tag', 'GET', `${TAGS}/front`, undefined, 404, 'no such method'],
	['an unreadable path', 'DELETE', `${TAGS}/%zz`, undefined, 400, 'cannot be read'],
])('refuses %s', async (_case, method, url, data, expected, violation) => {
	const { status } = await as('main', data ? { 'Content-Type': 'application/json' } : {}).request({
		method,
		url: url.startsWith('/..') ? emulator().origin + url.slice(3) : url,
		data,
		// Send the text unchanged: axios would repair broken JSON.
		transformRequest: (text: unknown) => text,
	});
	expect(status).toBe(expected);
	expect(takeViolations()).toEqual(violation ? [expect.stringContaining(violation)] : []);
	expect(emulator().state.tags().size).toBe(1);
});

it('refuses a body whose content type is not JSON', async () => {
	expect((await as('main', { 'Content-Type': 'text/plain' }).post(TAGS, '{}')).status).toBe(400);
	expect(takeViolations()).toEqual([
		'POST /v1/partners/tags: body Content-Type must be application/json',
	]);
});

it.each([
	['array', (rows: unknown[]) => rows],
	['single', (rows: unknown[]) => (rows.length === 1 ? rows[0] : rows)],
	['tags', (tags: unknown[]) => ({ tags })],
	['data', (data: unknown[]) => ({ data })],
	['items', (items: unknown[]) => ({ items })],
] as const)('lists one tag and two tags in the shape "%s"', async (listShape, shape) => {
	emulator().readings.listShape = listShape;
	const rows = [expect.objectContaining({ id: 'front' })];
	expect((await as().get(TAGS)).data).toEqual(shape(rows));
	emulator().state.addTag();
	const two = [...rows, expect.objectContaining({ name: null })];
	expect((await as().get(TAGS)).data).toEqual(shape(two));
});

it.each(['message', 'error', 'detail'] as const)(
	'puts the text of an error under "%s"',
	async (errorKey) => {
		emulator().readings.errorKey = errorKey;
		const { data } = await as().delete(`${TAGS}/none`);
		expect(data).toEqual({ [errorKey]: 'Tag not found' });
	},
);

it('answers creates and deletes as the other readings say', async () => {
	const other = { createStatus: 200, duplicateStatus: 400, deleteAnswer: 'empty204' };
	Object.assign(emulator().readings, other);
	expect((await as().post(TAGS, { identifier: 'new' })).status).toBe(200);
	expect((await as().post(TAGS, { identifier: 'new' })).status).toBe(400);
	const { status, data } = await as().delete(`${TAGS}/new`);
	expect([status, data]).toEqual([204, '']);
});

it('keeps no secret in its journal', async () => {
	await as().get(TAGS);
	await as('main', { Authorization: 'a-wrong-secret' }).get(TAGS);
	expect(JSON.stringify(emulator().journal)).not.toContain(emulator().secret);
	expect(JSON.stringify(emulator().journal)).not.toContain('a-wrong-secret');
	const shown = emulator().journal.requests.map(({ headers }) => headers.authorization);
	expect(shown).toEqual(['<main>', '<unknown>']);
});

it('forgets everything on reset', async () => {
	emulator().readings.listShape = 'data';
	emulator().misbehave({ status: 500, times: Infinity });
	emulator().state.addTag();
	delete emulator().state.keys.other;
	emulator().reset();
	expect((await as().get(TAGS)).data).toHaveLength(1);
	expect(emulator().secretOf('other')).toBe('kinktree-emulator-other');
	expect(emulator().journal.requests).toHaveLength(1);
});

it('notices an answer that breaks the OpenAPI document', async () => {
	Object.assign(emulator().state.addTag(), { locked: 'yes' });
	await as().get(TAGS);
	expect(takeViolations()[0]).toContain('answer: body/1/locked must be boolean');
});

it('lists 50,000 tags that all conform to the OpenAPI document', async () => {
	const large = await startEmulator('kinktree', { seed: { tags: 50_000 } });
	try {
		const { data } = await clientFor(large).get(TAGS);
		expect(new Set(data.map(({ id }: { id: string }) => id)).size).toBe(50_000);
		expect(large.journal.violations()).toEqual([]);
	} finally {
		await large.stop();
	}
});

it('has demo tags of every kind, the same every time', async () => {
	await withDemo('kinktree', ({ state }) => {
		const tags = [...state.tags().values()];
		expect(tags.length).toBeGreaterThanOrEqual(100);
		expect(new Set(tags.map(({ locked }) => locked)).size).toBe(2);
		expect(tags.some(({ name }) => name === null)).toBe(true);
	});
});
