import type { KlinkyReadings } from '../index';
import { DAY, HOUR, MINUTE, NOW, clientOf, errorCodeOf, iso, setUp, withDemo } from '../testing';

const FIRST = '00000000-0000-4000-a000-000000000001';
const NONE = '00000000-0000-4000-a000-00000000000f';
const LINKS = '/public/links';

const variant = (label: string, weight: number, destination_url = 'https://a.example.com') => ({
	label,
	destination_url,
	weight,
});
const pair = [variant('control', 50), variant('variant_b', 50, 'http://b.example.com/x?y=1')];
const link = { name: 'Homepage Test', slug: 'homepage-test', variants: pair };
const slugless = { name: link.name, variants: pair };

const period = `start_date=2026-10-01&end_date=${iso(0)}`;
const requests = {
	listLinks: { url: `${LINKS}?page=1&per_page=1`, status: 200 },
	createLink: { url: LINKS, data: link, status: 201 },
	getLink: { url: `${LINKS}/${FIRST}`, status: 200 },
	updateLink: { url: `${LINKS}/${FIRST}`, data: { name: 'N', is_active: false }, status: 200 },
	replaceVariants: { url: `${LINKS}/${FIRST}/variants`, data: pair, status: 200 },
	listClicks: { url: `${LINKS}/${FIRST}/clicks?page=1&per_page=100&${period}`, status: 200 },
	deleteLink: { url: `${LINKS}/${FIRST}`, status: 204 },
};

const setup = setUp(
	'klinky',
	{
		links: [
			{
				id: FIRST,
				name: 'First',
				slug: 'first',
				auto_winner: true,
				conversion_redirect_url: 'https://thanks.example.com',
				clicks: [{ at: iso(-3 * DAY) }, { at: iso(-DAY) }, { at: iso(-HOUR), country: 'DE' }],
			},
			{ name: 'Second', slug: 'second' },
		],
	},
	requests,
);
const { as, emulator, expectEveryAnswer, operations, send, takeViolations } = setup;

const create = async (body: unknown = link, headers: Record<string, string> = {}) =>
	await as('main', headers).post(LINKS, body);
const slugsOf = async (query: string) =>
	(await as().get(`${LINKS}?${query}`)).data.items.map(({ slug }: { slug: string }) => slug);

const readings: Array<Partial<KlinkyReadings>> = [
	{},
	{ listShape: 'array', order: 'oldest', variantsAnswer: 'variants', clickKeys: 'timestamp' },
	{ put: 'replace', window: 'sliding', shiftingRows: 'insert', validationShape: 'list' },
	{ reset: 'seconds', shiftingRows: 'delete', deletedSlug: 'free', idempotencyConflict: 422 },
];

it.each(readings)('answers every operation as documented with the readings %j', async (reading) => {
	Object.assign(emulator().readings, reading);
	await expectEveryAnswer();
	expect(takeViolations()).toEqual([]);
	expect((await create({})).status).toBe(422);
	expect(takeViolations()).toEqual([expect.stringContaining('body/name')]);
});

it('answers a create with 200 and a delete with a body if the readings say so', async () => {
	Object.assign(emulator().readings, { createStatus: 200, deleteAnswer: 'body' });
	expect((await create()).status).toBe(200);
	const { status, data } = await as().delete(`${LINKS}/${FIRST}`);
	expect([status, data]).toEqual([200, { message: 'Link deleted' }]);
});

it.each([
	['PATCH', `${LINKS}/${FIRST}`, 405, 1],
	['GET', '/public/keys/rate-limit', 404, 1],
	['GET', `${LINKS}/${NONE}`, 404, 0],
])('answers %s %s with %d and a detail', async (method, url, status, violations) => {
	const answer = await as().request({ method, url });
	expect([answer.status, Object.keys(answer.data)]).toEqual([status, ['detail']]);
	expect(takeViolations()).toHaveLength(violations);
});

describe('keys', () => {
	const missing = 'Missing API key. Include X-API-Key header.';

	it.each<[string, Record<string, string>, string]>([
		['missing', {}, missing],
		['wrong', { 'X-API-Key': 'klinky_live_wrong' }, 'Invalid API key.'],
		['in another header', { Authorization: 'Bearer x' }, missing],
	])('refuses a key that is %s', async (_case, headers, detail) => {
		const { status, data } = await clientOf(emulator().url, headers).get(LINKS);
		expect([status, data]).toEqual([401, { detail }]);
	});

	it('refuses a plan without API access', async () => {
		expect((await as('free').get(LINKS)).status).toBe(403);
	});

	it.each(operations.map(({ operationId, method }) => [operationId, method] as const))(
		'lets a read-only key call %s only if it reads',
		async (operationId, method) => {
			expect((await send(operationId, 'readonly')).status === 403).toBe(method !== 'GET');
			expect(emulator().state.links).toHaveLength(2);
		},
	);
});

describe('links', () => {
	it('creates a link with the defaults, and returns the same link later', async () => {
		const { data } = await create({ name: 'Plain', variants: [variant('main', 100)] });
		expect(data).toMatchObject({
			name: 'Plain',
			short_url: `https://klinky.io/${data.slug}`,
			is_active: true,
			auto_winner: false,
			auto_winner_threshold: 100,
			routing_type: 'ab_test',
		});
		expect(data.slug.length).toBeGreaterThanOrEqual(3);
		expect((await as().get(`${LINKS}/${data.id}`)).data).toEqual(data);
	});

	it('accepts every documented field', async () => {
		const full = {
			...link,
			routing_type: 'geo',
			geo_rules: { default: 'control', US: 'variant_b' },
			auto_winner: true,
			auto_winner_threshold: 10,
			enable_conversion_tracking: true,
			conversion_redirect_url: 'https://thanks.example.com',
		};
		expect((await create(full)).data).toMatchObject(full);
	});

	it('gives each slug to one link, and frees a deleted slug if the reading says so', async () => {
		expect((await create({ ...link, slug: 'first' })).status).toBe(409);
		await as().delete(`${LINKS}/${FIRST}`);
		expect((await create({ ...link, slug: 'first' })).status).toBe(409);
		emulator().readings.deletedSlug = 'free';
		expect((await create({ ...link, slug: 'first' })).status).toBe(201);
	});

	it('deletes a link softly', async () => {
		expect((await as().delete(`${LINKS}/${FIRST}`)).status).toBe(204);
		for (const url of [`${LINKS}/${FIRST}`, `${LINKS}/${FIRST}/clicks`]) {
			expect((await as().get(url)).data).toEqual({ detail: 'Link not found.' });
		}
		expect((await as().delete(`${LINKS}/${FIRST}`)).status).toBe(404);
		expect((await as().get(LINKS)).data.total).toBe(1);
		expect(emulator().state.deleted.map(({ slug }) => slug)).toEqual(['first']);
	});

	it('keeps fields that a PUT leaves out, and resets them if the reading says so', async () => {
		const put = async (data: unknown) => await as().put(`${LINKS}/${FIRST}`, data);
		const conversion_redirect_url = 'https://thanks.example.com';
		const kept = { name: 'Renamed', auto_winner: true, conversion_redirect_url };
		expect((await put({ name: 'Renamed' })).data).toMatchObject(kept);
		emulator().readings.put = 'replace';
		const reset = { auto_winner: false, conversion_redirect_url: null };
		expect((await put({ name: 'Renamed' })).data).toMatchObject(reset);
		const nameless = await put({ is_active: false });
		expect([nameless.status, nameless.data]).toEqual([422, { detail: 'field required: name' }]);
	});

	it('replaces all variants of a link', async () => {
		const three = [variant('a', 34), variant('b', 33), variant('c', 33)];
		const answer = await as().put(`${LINKS}/${FIRST}/variants`, three);
		expect([answer.data.id, answer.data.variants]).toEqual([FIRST, three]);
		emulator().readings.variantsAnswer = 'variants';
		expect((await as().put(`${LINKS}/${FIRST}/variants`, pair)).data).toEqual(pair);
		expect((await as().put(`${LINKS}/${NONE}/variants`, pair)).status).toBe(404);
	});

	it('lists links in pages, in the order of the reading', async () => {
		expect(await slugsOf('per_page=1&page=1')).toEqual(['second']);
		expect(await slugsOf('per_page=1&page=2')).toEqual(['first']);
		expect(await slugsOf('per_page=1&page=3')).toEqual([]);
		emulator().readings.pageCap = 1;
		expect(await slugsOf('per_page=2&page=2')).toEqual(['first']);
		Object.assign(emulator().readings, { order: 'oldest', pageCap: 100 });
		expect(await slugsOf('per_page=100')).toEqual(['first', 'second']);
		emulator().readings.listShape = 'array';
		expect((await as().get(LINKS)).data).toHaveLength(2);
	});

	it('lists every link even if the pages after the first are smaller', async () => {
		for (let number = 0; number < 4; number += 1) emulator().state.addLink({ slug: `s${number}` });
		emulator().readings.laterPageCap = 2;
		const pages = [];
		for (const page of [1, 2, 3]) pages.push(await slugsOf(`per_page=3&page=${page}`));
		expect(pages).toEqual([['s3', 's2', 's1'], ['s0', 'second'], ['first']]);
	});

	it.each([
		['exact', 2],
		['text', '2'],
		['missing', undefined],
		['unfiltered', 3],
		['ofPage', 1],
		[1e11, 1e11],
	] as const)(
		'gives the total of clicks that the reading "%s" asks for',
		async (total, expected) => {
			emulator().readings.total = total;
			const query = 'per_page=1&start_date=2026-11-01';
			const { data } = await as().get(`${LINKS}/${FIRST}/clicks?${query}`);
			expect(data.total).toBe(expected);
		},
	);

	it.each([
		['insert', ['second', 'second']],
		['delete', ['second']],
	] as const)('shifts rows between two pages with the reading "%s"', async (shift, expected) => {
		emulator().readings.shiftingRows = shift;
		const first = await slugsOf('per_page=1&page=1');
		expect([...first, ...(await slugsOf('per_page=1&page=2'))]).toEqual(expected);
	});
});

describe('wrong requests', () => {
	const refuse = async (method: string, url: string, data: unknown, violation: string) => {
		const before = JSON.stringify([emulator().state.links, emulator().state.deleted]);
		const row = { loc: expect.any(Array), msg: expect.any(String), type: expect.any(String) };
		for (const [validationShape, detail] of [
			['text', expect.any(String)],
			['list', expect.arrayContaining([row])],
		] as const) {
			emulator().readings.validationShape = validationShape;
			const answer = await as().request({ method, url: `${LINKS}${url}`, data });
			expect([answer.status, answer.data]).toEqual([422, { detail }]);
			expect(takeViolations().join('\n')).toContain(violation);
		}
		expect(JSON.stringify([emulator().state.links, emulator().state.deleted])).toBe(before);
	};
	const to = (address: string) => [variant('a', 100, address)];

	it.each<[string, object, string]>([
		['no name', { name: undefined }, 'body/name'],
		['an empty name', { name: '' }, 'fewer than 1'],
		['a name of 101 characters', { name: 'x'.repeat(101) }, 'more than 100'],
		['a slug of 2 characters', { slug: 'ab' }, 'fewer than 3'],
		['a slug of 33 characters', { slug: 'x'.repeat(33) }, 'more than 32'],
		['a slug with a blank', { slug: 'a b c' }, 'body/slug'],
		['no variants', { variants: [] }, 'fewer than 1 items'],
		['6 variants', { variants: Array(6).fill(pair[0]) }, 'more than 5'],
		['weights of 99 in all', { variants: [variant('a', 99)] }, 'must sum to 100'],
		['a weight of 33.3', { variants: [variant('a', 33.3)] }, 'must be integer'],
		['a weight of -1', { variants: [variant('a', -1)] }, '>= 0'],
		['two equal labels', { variants: [pair[0], pair[0]] }, 'must be unique'],
		['a label of 51 characters', { variants: [variant('x'.repeat(51), 100)] }, 'more than 50'],
		['an FTP address', { variants: to('ftp://a.org') }, 'pattern'],
		['a script as address', { variants: to('javascript:1') }, 'pattern'],
		['2,049 characters of address', { variants: to(`https://a.eu/${'x'.repeat(2036)}`) }, '2048'],
		['a threshold of 9', { auto_winner_threshold: 9 }, '>= 10'],
		['an unknown routing', { routing_type: 'single' }, 'body/routing_type'],
		['a country in lower case', { geo_rules: { default: 'control', uk: 'control' } }, 'rules/uk'],
		['a country of 3 letters', { geo_rules: { default: 'control', USA: 'control' } }, 'rules/USA'],
		['no default rule', { geo_rules: { US: 'control' } }, 'geo_rules/default'],
		['a rule for an unknown label', { geo_rules: { default: 'none' } }, 'no variant is'],
		['geo routing without rules', { routing_type: 'geo' }, 'required for geo'],
		['null for an address', { conversion_redirect_url: null }, 'must be string'],
	])('refuses a create with %s, in both shapes of a 422', async (_case, change, violation) => {
		await refuse('POST', '', { ...link, ...change }, violation);
	});

	it.each<[string, string, unknown, string]>([
		['no change', '', {}, 'fewer than 1 properties'],
		['a new slug', '', { slug: 'other' }, 'body/slug'],
		['new variants among the fields', '', { variants: pair }, 'body/variants'],
		['a rule for an unknown label', '', { geo_rules: { default: 'none' } }, 'no variant'],
		['weights of 101 in all', '/variants', [variant('a', 50), variant('b', 51)], 'sum to 100'],
		['a weight as text', '/variants', [{ ...pair[0], weight: '50' }], 'must be integer'],
		['an unknown field', '/variants', [{ ...variant('a', 100), id: 1 }], 'body/0/id'],
		['variants in an object', '/variants', { variants: pair }, 'must be array'],
	])('refuses an update with %s, in both shapes of a 422', async (_case, url, data, violation) => {
		await refuse('PUT', `/${FIRST}${url}`, data, violation);
	});

	it.each([
		['?page=0', 'query/page'],
		['?per_page=101', 'query/per_page'],
		['?limit=10', 'query/limit'],
		[`/${FIRST}/clicks?start_date=yesterday`, 'query/start_date'],
	])('refuses to list %s, in both shapes of a 422', async (url, violation) => {
		await refuse('GET', url, undefined, violation);
	});

	it('accepts values at their limits', async () => {
		const address = `https://a.eu/${'x'.repeat(2035)}`;
		const five = [1, 2, 3, 4, 5].map((n) => variant(`v${n}`, 20, address));
		for (const slug of ['abc', 'x'.repeat(32)]) {
			const body = { name: 'x'.repeat(100), slug, variants: five, auto_winner_threshold: 10 };
			expect((await create(body)).status).toBe(201);
		}
		const label = 'x'.repeat(50);
		expect((await create({ name: 'N', variants: [variant(label, 100)] })).status).toBe(201);
	});

	it('reports a missing field as the public pages do, and a wrong weight as a list', async () => {
		expect((await create({ variants: pair })).data).toEqual({ detail: 'field required: name' });
		emulator().readings.validationShape = 'list';
		const { data } = await create({ ...link, variants: [{ ...pair[0], weight: 101 }] });
		expect(data.detail).toEqual([
			{ loc: ['body', 'variants', 0, 'weight'], msg: 'must be <= 100', type: 'value_error' },
		]);
		expect(takeViolations()).toHaveLength(2);
	});
});

describe('clicks', () => {
	it.each([
		['', 3],
		['?start_date=2026-11-01', 2],
		[`?start_date=${iso(-2 * HOUR)}`, 1],
		['?end_date=2026-11-01', 2],
		[`?start_date=${iso(-DAY)}&end_date=${iso(-DAY)}`, 1],
		['?per_page=2&page=2', 1],
	])('filters and cuts the clicks for "%s"', async (query, expected) => {
		const { data } = await as().get(`${LINKS}/${FIRST}/clicks${query}`);
		expect(data.items).toHaveLength(expected);
	});

	it('uses the keys of the reading for time and variant', async () => {
		const first = async () => (await as().get(`${LINKS}/${FIRST}/clicks`)).data.items[0];
		const time = iso(-HOUR);
		expect(await first()).toMatchObject({ clicked_at: time, variant_label: 'control' });
		emulator().readings.clickKeys = 'timestamp';
		expect(await first()).toMatchObject({ timestamp: time, variant: 'control', country: 'DE' });
	});
});

describe('hourly budget', () => {
	const spend = async (count: number) => {
		const answers = [];
		for (let number = 0; number < count; number += 1) answers.push(await as().get(LINKS));
		return answers;
	};
	const statuses = async (count: number) => (await spend(count)).map(({ status }) => status);

	it('gives the budget in every answer, errors included', async () => {
		const answers = [
			await as().get(LINKS),
			await as().get(`${LINKS}/${NONE}`),
			await create({}),
			await create({ ...link, slug: 'first' }),
		];
		expect(takeViolations()).toHaveLength(1);
		const remaining = answers.map(({ headers }) => Number(headers['x-ratelimit-remaining']));
		expect(remaining).toEqual([99, 98, 97, 96]);
		expect(answers.map(({ headers }) => headers['x-ratelimit-limit'])).toEqual(
			Array(4).fill('100'),
		);
		expect((await as('scale').get(LINKS)).headers).toMatchObject({
			'x-ratelimit-limit': '1000',
			'x-ratelimit-remaining': '999',
			'x-ratelimit-reset': String((NOW + HOUR) / 1000),
		});
	});

	it('opens the budget anew at the full hour by the fixed reading', async () => {
		emulator().state.limits.growth = 2;
		setup.now = NOW + 30 * MINUTE;
		const refused = (await spend(3))[2];
		const detail = 'Rate limit exceeded. Please try again later.';
		expect([refused?.status, refused?.data]).toEqual([429, { detail }]);
		expect(refused?.headers).toMatchObject({
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': String((NOW + HOUR) / 1000),
			'retry-after': '1800',
		});
		setup.now = NOW + HOUR - 1;
		expect(await statuses(1)).toEqual([429]);
		setup.now = NOW + HOUR;
		expect(await statuses(3)).toEqual([200, 200, 429]);
	});

	it('has an hour of the set length, from the set time', async () => {
		emulator().state.limits.growth = 2;
		Object.assign(emulator().state.hour, { ms: 90_000, opens: NOW - 10_000 });
		const refused = (await spend(3))[2];
		expect(refused?.headers).toMatchObject({
			'x-ratelimit-reset': String((NOW + 80_000) / 1000),
			'retry-after': '80',
		});
		setup.now = NOW + 80_000;
		expect(await statuses(3)).toEqual([200, 200, 429]);
	});

	it('frees one request at a time by the sliding reading', async () => {
		emulator().readings.window = 'sliding';
		emulator().state.limits.growth = 2;
		await spend(1);
		setup.now = NOW + 20 * MINUTE;
		const [, refused] = await spend(2);
		expect(refused?.headers).toMatchObject({
			'x-ratelimit-reset': String((NOW + HOUR) / 1000),
			'retry-after': '2400',
		});
		setup.now = NOW + HOUR;
		expect(await statuses(2)).toEqual([200, 429]);
	});

	it('gives the reset in seconds to go if the reading says so', async () => {
		emulator().readings.reset = 'seconds';
		setup.now = NOW + 15 * MINUTE;
		expect((await spend(1))[0]?.headers['x-ratelimit-reset']).toBe('2700');
	});

	it('carries nothing out once the budget is spent', async () => {
		emulator().state.limits.growth = 1;
		await spend(1);
		expect((await create()).status).toBe(429);
		expect((await as().delete(`${LINKS}/${FIRST}`)).status).toBe(429);
		expect(emulator().state.links).toHaveLength(2);
	});
});

describe('idempotency keys', () => {
	const once = { 'Idempotency-Key': 'key-1' };
	const made = () => emulator().state.links.length - 2;

	it('answers a repeated create like the first one, and makes only one link', async () => {
		const first = await create(slugless, once);
		const sameInOtherOrder = Object.fromEntries(Object.entries(slugless).reverse());
		const second = await create(sameInOtherOrder, once);
		expect([second.status, second.data]).toEqual([first.status, first.data]);
		expect(second.headers['idempotent-replayed']).toBe('true');
		expect(second.headers['x-ratelimit-remaining']).toBe('98');
		expect(made()).toBe(1);
		await create(slugless, { 'Idempotency-Key': 'key-2' });
		await create(slugless);
		expect(made()).toBe(3);
	});

	it.each([409, 422] as const)(
		'refuses another body for the same key with the status %d of the reading',
		async (status) => {
			emulator().readings.idempotencyConflict = status;
			await create(link, once);
			expect((await create({ ...link, name: 'Other' }, once)).status).toBe(status);
			expect(made()).toBe(1);
		},
	);

	it('keeps the idempotency keys of two API keys apart', async () => {
		await create(slugless, once);
		await as('scale', once).post(LINKS, slugless);
		expect(made()).toBe(2);
	});

	it('remembers a key for a day, but not if the create was refused', async () => {
		expect((await create({ ...link, slug: 'first' }, once)).status).toBe(409);
		expect((await create(link, once)).status).toBe(201);
		setup.now = NOW + DAY;
		expect((await create(link, once)).status).toBe(409);
		expect((await create({ ...link, slug: 'another' }, once)).status).toBe(201);
	});

	it.each([
		['a lost answer', { drop: 'after' }],
		['a 500 after the work was done', { status: 500, carryOut: true }],
		['a cut answer', { truncate: 'connection' }],
	] as const)('makes only one link if a create is repeated after %s', async (_case, rule) => {
		emulator().misbehave(rule);
		await errorCodeOf(create(slugless, once));
		const { status } = await create(slugless, once);
		expect([status, made()]).toEqual([201, 1]);
	});

	it('refuses an empty key', async () => {
		expect((await create(link, { 'Idempotency-Key': '' })).status).toBe(422);
		expect(takeViolations()).toHaveLength(1);
	});
});

it('has a realistic demo account, the same every time', async () => {
	await withDemo('klinky', async ({ state: { links, clicks } }, client) => {
		expect(links.length).toBeGreaterThan(100);
		expect(new Set(links.map(({ slug }) => slug)).size).toBe(links.length);
		expect(new Set(links.map(({ routing_type: type }) => type)).size).toBe(2);
		expect(new Set(links.map(({ variants }) => variants.length))).toEqual(new Set([1, 2, 3]));
		const all = [...clicks.values()].flat();
		expect(all.length).toBeGreaterThan(1000);
		expect(all.filter(({ at }) => Date.parse(at) > NOW - DAY).length).toBeGreaterThan(10);
		expect(all.every((click) => click.variant !== '')).toBe(true);
		await client.get(`${LINKS}?per_page=100&page=1`);
		const { data } = await client.get(`${LINKS}?per_page=100&page=2`);
		expect(data.items).toHaveLength(links.length - 100);
		const busy = links.find(({ id }) => (clicks.get(id)?.length ?? 0) > 100);
		expect((await client.get(`${LINKS}/${busy?.id}/clicks?per_page=100`)).status).toBe(200);
	});
});
