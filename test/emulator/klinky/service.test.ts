import { type Emulator, type KlinkyReadings, startEmulator } from '..';
import { loadOpenApi } from '../openapi';
import { clientOf, errorCodeOf } from '../client';

const NOW = Date.parse('2026-11-02T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LINK = '00000000-0000-4000-a000-000000000001';
const NONE = '00000000-0000-4000-a000-00000000000f';

const at = (fromNow: number) => new Date(NOW + fromNow).toISOString();

const variant = (label: string, weight: number, destination_url = 'https://a.example.com') => ({
	label,
	destination_url,
	weight,
});
const pair = [variant('control', 50), variant('variant_b', 50, 'http://b.example.com/x?y=1')];
const link = { name: 'Homepage Test', slug: 'homepage-test', variants: pair };

describe('Klinky emulator', () => {
	let emulator: Emulator<'klinky'>;
	let now = NOW;

	beforeAll(async () => {
		emulator = await startEmulator('klinky', {
			now: () => now,
			seed: {
				links: [
					{
						id: LINK,
						name: 'First',
						slug: 'first',
						auto_winner: true,
						conversion_redirect_url: 'https://thanks.example.com',
						clicks: [{ at: at(-3 * DAY) }, { at: at(-DAY) }, { at: at(-HOUR), country: 'DE' }],
					},
					{ name: 'Second', slug: 'second' },
				],
			},
		});
	});

	beforeEach(() => {
		now = NOW;
		emulator.reset();
	});

	afterAll(async () => await emulator.stop());

	const as = (key = 'main', headers: Record<string, string> = {}) =>
		clientOf(emulator.url, { 'X-API-Key': emulator.secretOf(key), ...headers });
	const create = async (body: unknown = link, headers: Record<string, string> = {}) =>
		await as('main', headers).post('/public/links', body);

	/** One valid request for each operation, in an order in which all can succeed. */
	const walk: Record<string, { url: string; data?: unknown; status: number }> = {
		listLinks: { url: '/public/links?page=1&per_page=1', status: 200 },
		createLink: { url: '/public/links', data: link, status: 201 },
		getLink: { url: `/public/links/${LINK}`, status: 200 },
		updateLink: {
			url: `/public/links/${LINK}`,
			data: { name: 'N', is_active: false },
			status: 200,
		},
		replaceVariants: { url: `/public/links/${LINK}/variants`, data: pair, status: 200 },
		listClicks: {
			url: `/public/links/${LINK}/clicks?page=1&per_page=100&start_date=2026-10-01&end_date=${at(0)}`,
			status: 200,
		},
		deleteLink: { url: `/public/links/${LINK}`, status: 204 },
	};

	const { operations } = loadOpenApi('klinky');

	const send = async (operationId: string, key = 'main') => {
		const method = operations.find((operation) => operation.operationId === operationId)?.method;
		const { url, data } = walk[operationId] ?? { url: '/' };
		return await as(key).request({ method, url, data });
	};

	it('is walked through as a whole', () => {
		expect(Object.keys(walk).sort()).toEqual(operations.map((o) => o.operationId).sort());
	});

	const otherReadings: Array<Partial<KlinkyReadings>> = [
		{},
		{ listShape: 'array', order: 'oldest', variantsAnswer: 'variants', clickKeys: 'timestamp' },
		{ put: 'replace', window: 'sliding', shiftingRows: 'insert', validationShape: 'list' },
		{ reset: 'seconds', shiftingRows: 'delete', deletedSlug: 'free', idempotencyConflict: 422 },
	];

	it.each(otherReadings)('answers every operation as documented, reading %j', async (readings) => {
		Object.assign(emulator.readings, readings);
		for (const [operationId, { status }] of Object.entries(walk)) {
			expect([operationId, (await send(operationId)).status]).toEqual([operationId, status]);
		}
		expect((await create({})).status).toBe(422);
		expect(emulator.journal.find({ status: 422 })).toHaveLength(1);
		expect(emulator.journal.violations()).toEqual([expect.stringContaining('body/name')]);
	});

	it('answers create and delete by the other readings', async () => {
		Object.assign(emulator.readings, { createStatus: 200, deleteAnswer: 'body' });
		expect((await create()).status).toBe(200);
		const { status, data } = await as().delete(`/public/links/${LINK}`);
		expect([status, data]).toEqual([200, { message: 'Link deleted' }]);
		expect(emulator.journal.violations()).toEqual([]);
	});

	describe('keys', () => {
		it.each([
			['missing', {}, 'Missing API key. Include X-API-Key header.'],
			['wrong', { 'X-API-Key': 'klinky_live_wrong' }, 'Invalid API key.'],
			[
				'in another header',
				{ Authorization: 'Bearer x' },
				'Missing API key. Include X-API-Key header.',
			],
		])('refuses a key that is %s', async (_case, headers: Record<string, string>, detail) => {
			const { status, data } = await clientOf(emulator.url, headers).get('/public/links');
			expect([status, data]).toEqual([401, { detail }]);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('refuses a plan without API access', async () => {
			expect((await as('free').get('/public/links')).status).toBe(403);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it.each(Object.keys(walk))('lets a read-only key read only: %s', async (operationId) => {
			const reads = ['listLinks', 'getLink', 'listClicks'].includes(operationId);
			expect((await send(operationId, 'readonly')).status === 403).toBe(!reads);
			expect(emulator.state.links).toHaveLength(2);
		});
	});

	describe('links', () => {
		it('are created with their defaults and can be read back', async () => {
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
			expect((await as().get(`/public/links/${data.id}`)).data).toEqual(data);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('take every documented field', async () => {
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
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('have a slug of their own, deleted ones included by one reading', async () => {
			expect((await create({ ...link, slug: 'first' })).status).toBe(409);
			await as().delete(`/public/links/${LINK}`);
			expect((await create({ ...link, slug: 'first' })).status).toBe(409);
			emulator.readings.deletedSlug = 'free';
			expect((await create({ ...link, slug: 'first' })).status).toBe(201);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('are deleted softly', async () => {
			expect((await as().delete(`/public/links/${LINK}`)).status).toBe(204);
			for (const url of [`/public/links/${LINK}`, `/public/links/${LINK}/clicks`]) {
				expect((await as().get(url)).data).toEqual({ detail: 'Link not found.' });
			}
			expect((await as().delete(`/public/links/${LINK}`)).status).toBe(404);
			expect((await as().get('/public/links')).data.total).toBe(1);
			expect(emulator.state.deleted.map(({ slug }) => slug)).toEqual(['first']);
		});

		it('keep what a partial PUT does not name', async () => {
			const { data } = await as().put(`/public/links/${LINK}`, { name: 'Renamed' });
			expect(data).toMatchObject({ name: 'Renamed', auto_winner: true });
			expect(data.conversion_redirect_url).toBe('https://thanks.example.com');
		});

		it('lose what a replacing PUT does not name', async () => {
			emulator.readings.put = 'replace';
			const { data } = await as().put(`/public/links/${LINK}`, { name: 'Renamed' });
			expect(data).toMatchObject({ auto_winner: false, conversion_redirect_url: null });
			const nameless = await as().put(`/public/links/${LINK}`, { is_active: false });
			expect([nameless.status, nameless.data]).toEqual([422, { detail: 'field required: name' }]);
		});

		it('get all their variants replaced', async () => {
			const three = [variant('a', 34), variant('b', 33), variant('c', 33)];
			const answer = await as().put(`/public/links/${LINK}/variants`, three);
			expect([answer.data.id, answer.data.variants]).toEqual([LINK, three]);
			emulator.readings.variantsAnswer = 'variants';
			expect((await as().put(`/public/links/${LINK}/variants`, pair)).data).toEqual(pair);
			expect((await as().put(`/public/links/${NONE}/variants`, pair)).status).toBe(404);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('come in pages, in the order of the reading', async () => {
			const slugs = async (query: string) =>
				((await as().get(`/public/links?${query}`)).data.items ?? []).map(
					({ slug }: { slug: string }) => slug,
				);
			expect(await slugs('per_page=1&page=1')).toEqual(['second']);
			expect(await slugs('per_page=1&page=2')).toEqual(['first']);
			expect(await slugs('per_page=1&page=3')).toEqual([]);
			emulator.readings.order = 'oldest';
			expect(await slugs('per_page=100')).toEqual(['first', 'second']);
			emulator.readings.listShape = 'array';
			expect((await as().get('/public/links')).data).toHaveLength(2);
		});

		it.each([
			['insert', ['second', 'second']],
			['delete', ['second']],
		] as const)('shift between pages: %s', async (shiftingRows, expected) => {
			emulator.readings.shiftingRows = shiftingRows;
			const pages = [
				await as().get('/public/links?per_page=1&page=1'),
				await as().get('/public/links?per_page=1&page=2'),
			];
			expect(pages.flatMap(({ data }) => data.items).map(({ slug }) => slug)).toEqual(expected);
		});
	});

	const nameTooLong = 'x'.repeat(101);
	const longAddress = (length: number) => `https://a.example/${'x'.repeat(length - 18)}`;

	it.each<[string, string, string, unknown, string]>([
		['no name', 'POST', '', { variants: pair }, 'body/name'],
		['an empty name', 'POST', '', { ...link, name: '' }, 'fewer than 1'],
		['a name of 101', 'POST', '', { ...link, name: nameTooLong }, 'more than 100'],
		['a slug of 2', 'POST', '', { ...link, slug: 'ab' }, 'fewer than 3'],
		['a slug of 33', 'POST', '', { ...link, slug: 'x'.repeat(33) }, 'more than 32'],
		['a slug with a blank', 'POST', '', { ...link, slug: 'a b c' }, 'body/slug'],
		['no variants', 'POST', '', { ...link, variants: [] }, 'fewer than 1 items'],
		['6 variants', 'POST', '', { ...link, variants: Array(6).fill(pair[0]) }, 'more than 5'],
		['weights of 99', 'POST', '', { ...link, variants: [variant('a', 99)] }, 'must sum to 100'],
		[
			'weights of 101',
			`PUT`,
			`/${LINK}/variants`,
			[variant('a', 50), variant('b', 51)],
			'sum to 100',
		],
		[
			'a weight of 33.3',
			'POST',
			'',
			{ ...link, variants: [variant('a', 33.3)] },
			'must be integer',
		],
		['a weight of -1', 'POST', '', { ...link, variants: [variant('a', -1)] }, '>= 0'],
		[
			'a weight as text',
			'PUT',
			`/${LINK}/variants`,
			[{ ...pair[0], weight: '50' }],
			'must be integer',
		],
		['a doubled label', 'POST', '', { ...link, variants: [pair[0], pair[0]] }, 'must be unique'],
		[
			'a label of 51',
			'POST',
			'',
			{ ...link, variants: [variant('x'.repeat(51), 100)] },
			'more than 50',
		],
		[
			'an ftp address',
			'POST',
			'',
			{ ...link, variants: [variant('a', 100, 'ftp://a.org')] },
			'pattern',
		],
		['a script', 'POST', '', { ...link, variants: [variant('a', 100, 'javascript:1')] }, 'pattern'],
		[
			'2,049 characters',
			'POST',
			'',
			{ ...link, variants: [variant('a', 100, longAddress(2049))] },
			'2048',
		],
		[
			'a variant with more',
			'PUT',
			`/${LINK}/variants`,
			[{ ...variant('a', 100), id: 1 }],
			'body/0/id',
		],
		['variants in an object', 'PUT', `/${LINK}/variants`, { variants: pair }, 'must be array'],
		['a threshold of 9', 'POST', '', { ...link, auto_winner_threshold: 9 }, '>= 10'],
		['single routing', 'POST', '', { ...link, routing_type: 'single' }, 'body/routing_type'],
		[
			'country uk',
			'POST',
			'',
			{ ...link, geo_rules: { default: 'control', uk: 'control' } },
			'geo_rules/uk',
		],
		[
			'country USA',
			'POST',
			'',
			{ ...link, geo_rules: { default: 'control', USA: 'control' } },
			'rules/USA',
		],
		['no default rule', 'POST', '', { ...link, geo_rules: { US: 'control' } }, 'geo_rules/default'],
		[
			'a rule to no label',
			'POST',
			'',
			{ ...link, geo_rules: { default: 'none' } },
			'no variant is',
		],
		['geo without rules', 'POST', '', { ...link, routing_type: 'geo' }, 'required for geo'],
		['null', 'POST', '', { ...link, conversion_redirect_url: null }, 'must be string'],
		['nothing to change', 'PUT', `/${LINK}`, {}, 'fewer than 1 properties'],
		['a slug to change', 'PUT', `/${LINK}`, { slug: 'other' }, 'body/slug'],
		['variants to change', 'PUT', `/${LINK}`, { variants: pair }, 'body/variants'],
		[
			'a changed rule to no label',
			'PUT',
			`/${LINK}`,
			{ geo_rules: { default: 'none' } },
			'no variant',
		],
		['page 0', 'GET', '?page=0', undefined, 'query/page'],
		['101 a page', 'GET', '?per_page=101', undefined, 'query/per_page'],
		['a limit', 'GET', '?limit=10', undefined, 'query/limit'],
		[
			'a date in words',
			'GET',
			`/${LINK}/clicks?start_date=yesterday`,
			undefined,
			'query/start_date',
		],
	])('refuses %s with 422, in both shapes', async (_case, method, url, data, breach) => {
		const before = JSON.stringify([emulator.state.links, emulator.state.deleted]);
		for (const validationShape of ['text', 'list'] as const) {
			emulator.readings.validationShape = validationShape;
			const answer = await as().request({ method, url: `/public/links${url}`, data });
			const row = { loc: expect.any(Array), msg: expect.any(String), type: expect.any(String) };
			const detail =
				validationShape === 'text' ? expect.any(String) : expect.arrayContaining([row]);
			expect([answer.status, answer.data]).toEqual([422, { detail }]);
		}
		expect(emulator.journal.violations().length).toBeGreaterThanOrEqual(2);
		expect(emulator.journal.violations()[0]).toContain(breach);
		expect(JSON.stringify([emulator.state.links, emulator.state.deleted])).toBe(before);
	});

	it('takes what is just allowed', async () => {
		const five = [1, 2, 3, 4, 5].map((n) => variant(`v${n}`, 20, longAddress(2048)));
		for (const slug of ['abc', 'x'.repeat(32)]) {
			const body = { name: 'x'.repeat(100), slug, variants: five, auto_winner_threshold: 10 };
			expect((await create(body)).status).toBe(201);
		}
		expect((await create({ name: 'N', variants: [variant('x'.repeat(50), 100)] })).status).toBe(
			201,
		);
		expect(emulator.journal.violations()).toEqual([]);
	});

	it('words a missing field as the public pages do, and as a list', async () => {
		expect((await create({ variants: pair })).data).toEqual({ detail: 'field required: name' });
		emulator.readings.validationShape = 'list';
		const { data } = await create({ ...link, variants: [{ ...pair[0], weight: 101 }] });
		expect(data.detail).toEqual([
			{ loc: ['body', 'variants', 0, 'weight'], msg: 'must be <= 100', type: 'value_error' },
		]);
	});

	describe('clicks', () => {
		it.each([
			['', 3],
			['?start_date=2026-11-01', 2],
			[`?start_date=${at(-2 * HOUR)}`, 1],
			['?end_date=2026-11-01', 2],
			[`?start_date=${at(-DAY)}&end_date=${at(-DAY)}`, 1],
			['?per_page=2&page=2', 1],
		])('are filtered and cut: %s', async (query, expected) => {
			const { data } = await as().get(`/public/links/${LINK}/clicks${query}`);
			expect(data.items).toHaveLength(expected);
		});

		it('name time and variant by the reading', async () => {
			const first = async () => (await as().get(`/public/links/${LINK}/clicks`)).data.items[0];
			expect(await first()).toMatchObject({ clicked_at: at(-HOUR), variant_label: 'control' });
			emulator.readings.clickKeys = 'timestamp';
			expect(await first()).toMatchObject({
				timestamp: at(-HOUR),
				variant: 'control',
				country: 'DE',
			});
		});
	});

	describe('hourly budget', () => {
		const spend = async (count: number, key = 'main') => {
			const answers = [];
			for (let number = 0; number < count; number += 1) {
				answers.push(await as(key).get('/public/links'));
			}
			return answers;
		};

		it('is told in every answer, errors included', async () => {
			const answers = [
				await as().get('/public/links'),
				await as().get(`/public/links/${NONE}`),
				await create({}),
				await create({ ...link, slug: 'first' }),
			];
			expect(answers.map(({ headers }) => headers['x-ratelimit-remaining'])).toEqual([
				'99',
				'98',
				'97',
				'96',
			]);
			expect(new Set(answers.map(({ headers }) => headers['x-ratelimit-limit']))).toEqual(
				new Set(['100']),
			);
			expect((await as('scale').get('/public/links')).headers).toMatchObject({
				'x-ratelimit-limit': '1000',
				'x-ratelimit-remaining': '999',
				'x-ratelimit-reset': String((NOW + HOUR) / 1000),
			});
		});

		it('opens anew at the full hour, by the fixed reading', async () => {
			emulator.state.limits.growth = 2;
			now = NOW + 30 * MINUTE;
			const refused = (await spend(3))[2];
			expect([refused?.status, refused?.data]).toEqual([
				429,
				{ detail: 'Rate limit exceeded. Please try again later.' },
			]);
			expect(refused?.headers).toMatchObject({
				'x-ratelimit-remaining': '0',
				'x-ratelimit-reset': String((NOW + HOUR) / 1000),
				'retry-after': '1800',
			});
			now = NOW + HOUR - 1;
			expect((await spend(1))[0]?.status).toBe(429);
			now = NOW + HOUR;
			expect((await spend(3)).map(({ status }) => status)).toEqual([200, 200, 429]);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('frees one request at a time, by the sliding reading', async () => {
			emulator.readings.window = 'sliding';
			emulator.state.limits.growth = 2;
			await spend(1);
			now = NOW + 20 * MINUTE;
			const [, refused] = await spend(2);
			expect(refused?.headers).toMatchObject({
				'x-ratelimit-reset': String((NOW + HOUR) / 1000),
				'retry-after': '2400',
			});
			now = NOW + HOUR;
			expect((await spend(2)).map(({ status }) => status)).toEqual([200, 429]);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('may tell its reset in seconds to go', async () => {
			emulator.readings.reset = 'seconds';
			now = NOW + 15 * MINUTE;
			expect((await spend(1))[0]?.headers['x-ratelimit-reset']).toBe('2700');
		});

		it('carries nothing out once it is spent', async () => {
			emulator.state.limits.growth = 1;
			await spend(1);
			expect((await create()).status).toBe(429);
			expect((await as().delete(`/public/links/${LINK}`)).status).toBe(429);
			expect(emulator.state.links).toHaveLength(2);
		});
	});

	describe('idempotency keys', () => {
		const once = { 'Idempotency-Key': 'key-1' };
		const made = () => emulator.state.links.length - 2;

		it('make the second create answer as the first', async () => {
			const slugless = { name: link.name, variants: pair };
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
			expect(emulator.journal.violations()).toEqual([]);
		});

		it.each([409, 422] as const)('refuse another body with %d', async (status) => {
			emulator.readings.idempotencyConflict = status;
			await create(link, once);
			expect((await create({ ...link, name: 'Other' }, once)).status).toBe(status);
			expect(made()).toBe(1);
			expect(emulator.journal.violations()).toEqual([]);
		});

		it('belong to one API key', async () => {
			await create({ ...link, slug: undefined }, once);
			await as('scale', once).post('/public/links', { ...link, slug: undefined });
			expect(made()).toBe(2);
		});

		it('stay free when the create is refused, and end in time', async () => {
			expect((await create({ ...link, slug: 'first' }, once)).status).toBe(409);
			expect((await create(link, once)).status).toBe(201);
			now = NOW + DAY;
			expect((await create(link, once)).status).toBe(409);
			expect((await create({ ...link, slug: 'another' }, once)).status).toBe(201);
		});

		it.each([
			['a lost answer', { drop: 'after' }],
			['a 500 after the work was done', { status: 500, carryOut: true }],
			['a cut answer', { truncate: 'connection' }],
		] as const)('make one link of a create that is repeated after %s', async (_case, rule) => {
			emulator.misbehave(rule);
			await errorCodeOf(create({ name: 'N', variants: pair }, once));
			const { status } = await create({ name: 'N', variants: pair }, once);
			expect([status, made()]).toEqual([201, 1]);
		});

		it('must not be empty', async () => {
			expect((await create(link, { 'Idempotency-Key': '' })).status).toBe(422);
		});
	});

	it('answers 405 and 404 with a detail', async () => {
		for (const [method, url, status] of [
			['PATCH', `/public/links/${LINK}`, 405],
			['GET', '/public/keys/rate-limit', 404],
			['GET', `/public/links/${NONE}`, 404],
		] as const) {
			const answer = await as().request({ method, url });
			expect([answer.status, Object.keys(answer.data)]).toEqual([status, ['detail']]);
		}
	});
});

describe('Klinky demo', () => {
	it('is a believable account, the same every time, that keeps to the OpenAPI document', async () => {
		const options = { seed: 'demo', now: () => NOW } as const;
		const [first, second] = await Promise.all([
			startEmulator('klinky', options),
			startEmulator('klinky', options),
		]);
		try {
			expect(JSON.stringify(first.state)).toBe(JSON.stringify(second.state));
			const { links, clicks } = first.state;
			expect([...clicks]).toEqual([...second.state.clicks]);
			expect(links.length).toBeGreaterThan(100);
			expect(new Set(links.map(({ slug }) => slug)).size).toBe(links.length);
			expect(new Set(links.map(({ routing_type: type }) => type)).size).toBe(2);
			expect(new Set(links.map(({ variants }) => variants.length))).toEqual(new Set([1, 2, 3]));
			const all = [...clicks.values()].flat();
			expect(all.length).toBeGreaterThan(1000);
			expect(all.filter((click) => Date.parse(click.at) > NOW - DAY).length).toBeGreaterThan(10);
			expect(all.every((click) => click.variant !== '')).toBe(true);
			const client = clientOf(first.url, { 'X-API-Key': first.secret });
			await client.get('/public/links?per_page=100&page=1');
			expect((await client.get('/public/links?per_page=100&page=2')).data.items).toHaveLength(
				links.length - 100,
			);
			const busy = links.find(({ id }) => (clicks.get(id)?.length ?? 0) > 100);
			expect((await client.get(`/public/links/${busy?.id}/clicks?per_page=100`)).status).toBe(200);
			expect(first.journal.violations()).toEqual([]);
		} finally {
			await Promise.all([first.stop(), second.stop()]);
		}
	});
});
