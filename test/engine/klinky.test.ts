import type { IDataObject } from 'n8n-workflow';

import { startTrap } from '../emulator';
import type { KlinkyReadings, Misbehaviour } from '../emulator';
import { loadOpenApi } from '../emulator/openapi';
import { findSecrets } from './harness';
import { jsonOf, KlinkyBench, linkId } from './klinkyBench';
import { describeOperation, onTheWire } from './operations';
import { inVirtualTime } from './virtualTime';

const ONE = '00000000-0000-4000-8000-000000000001';
const TWO = '00000000-0000-4000-8000-000000000002';
const PATH = '/api/v1/public/links';
const LINKS = [
	{
		id: ONE,
		name: 'Summer',
		slug: 'summer',
		variants: [
			{ label: 'a', destination_url: 'https://a.example', weight: 50 },
			{ label: 'b', destination_url: 'https://b.example', weight: 50 },
		],
		clicks: [
			{ at: '2026-11-20T10:00:00.000Z', variant: 'a' },
			{ at: '2026-11-21T10:00:00.000Z', variant: 'b' },
			{ at: '2026-11-22T10:00:00.000Z', variant: 'a' },
		],
	},
	{
		id: TWO,
		name: 'Winter',
		slug: 'winter',
		variants: [
			{ label: 'a', destination_url: 'https://c.example', weight: 20 },
			{ label: 'b', destination_url: 'https://d.example', weight: 30 },
			{ label: 'c', destination_url: 'https://e.example', weight: 50 },
		],
	},
];

const bench = new KlinkyBench({ seed: { links: LINKS } });
bench.setUp();
const { engine, emulator, credentials } = bench;

const breaks = (operationId: string, skip = 1): Misbehaviour => ({
	match: { operationId },
	skip,
	status: 400,
	body: { detail: 'The service says no' },
});
const ab = (...weights: Array<number | string>) =>
	weights.map((weight, index) => ({
		label: `v${index + 1}`,
		destinationUrl: `https://v${index + 1}.example`,
		weight,
	}));
const sent = (...weights: number[]) =>
	weights.map((weight, index) => ({
		label: `v${index + 1}`,
		destination_url: `https://v${index + 1}.example`,
		weight,
	}));

describeOperation(bench, {
	resource: 'link',
	operation: 'create',
	parameters: {
		name: '={{ $json.name }}',
		routingType: '={{ $json.routing }}',
		destinationUrl: '={{ $json.url }}',
		variants: { variant: ab('={{ $json.first }}', '={{ 100 - $json.first }}') },
		defaultVariant: '={{ $json.elsewhere }}',
		additionalFields: { slug: '={{ $json.slug }}', autoWinner: '={{ $json.winner }}' },
	},
	items: [
		{ name: 'One', routing: 'single', url: 'https://one.example', slug: 'one-link' },
		{ name: 'Two', routing: 'ab_test', first: 90, winner: true },
	],
	wire: [
		{
			method: 'POST',
			path: PATH,
			body: {
				name: 'One',
				slug: 'one-link',
				variants: [{ label: 'main', destination_url: 'https://one.example', weight: 100 }],
			},
		},
		{
			method: 'POST',
			path: PATH,
			body: { name: 'Two', variants: sent(90, 10), routing_type: 'ab_test', auto_winner: true },
		},
	],
	rows: [
		[{ id: expect.any(String), name: 'One', slug: 'one-link' }],
		[{ id: expect.any(String), name: 'Two', auto_winner: true, variants: sent(90, 10) }],
	],
	fails: breaks('createLink'),
	says: 'Klinky: The service says no (link "Two")',
});

describeOperation(bench, {
	resource: 'link',
	operation: 'delete',
	parameters: { linkId: linkId('={{ $json.id }}') },
	items: [{ id: ONE }, { id: TWO }],
	wire: [
		{ method: 'DELETE', path: `${PATH}/${ONE}` },
		{ method: 'DELETE', path: `${PATH}/${TWO}` },
	],
	rows: [[{ id: ONE, deleted: true }], [{ id: TWO, deleted: true }]],
	fails: breaks('deleteLink'),
	says: `Klinky: The service says no (link "${TWO}")`,
});

describeOperation(bench, {
	resource: 'link',
	operation: 'get',
	parameters: { linkId: linkId('={{ $json.id }}') },
	items: [{ id: TWO }, { id: ONE }],
	wire: [
		{ method: 'GET', path: `${PATH}/${TWO}` },
		{ method: 'GET', path: `${PATH}/${ONE}` },
	],
	rows: [[{ id: TWO, name: 'Winter' }], [{ id: ONE, short_url: 'https://klinky.io/summer' }]],
	fails: breaks('getLink'),
	says: `Klinky: The service says no (link "${ONE}")`,
});

describeOperation(bench, {
	resource: 'link',
	operation: 'getAll',
	parameters: { returnAll: '={{ $json.all }}', limit: '={{ $json.limit }}' },
	items: [{ all: false, limit: 1 }, { all: true }],
	wire: [
		{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
		{ method: 'GET', path: PATH, query: { page: '1', per_page: '100' } },
	],
	rows: [[{ id: TWO }], [{ id: TWO }, { id: ONE }]],
	fails: breaks('listLinks'),
	says: 'Klinky: The service says no',
});

describeOperation(bench, {
	resource: 'link',
	operation: 'update',
	parameters: {
		linkId: linkId('={{ $json.id }}'),
		updateFields: {
			name: '={{ $json.name }}',
			isActive: '={{ $json.active }}',
			geoRouting: {
				defaultVariant: '={{ $json.geo }}',
				rule: [{ country: '={{ $json.country }}', variant: 'b' }],
			},
			autoWinnerThreshold: '={{ $json.threshold }}',
			conversionRedirectUrl: '={{ $json.redirect }}',
		},
	},
	items: [
		{ id: ONE, geo: 'a', country: 'de', active: false },
		{
			id: TWO,
			geo: 'c',
			country: 'US',
			name: 'Ice',
			threshold: '10',
			redirect: ' https://x.example',
		},
	],
	wire: [
		{
			method: 'PUT',
			path: `${PATH}/${ONE}`,
			body: { is_active: false, geo_rules: { default: 'a', DE: 'b' } },
		},
		{
			method: 'PUT',
			path: `${PATH}/${TWO}`,
			body: {
				name: 'Ice',
				auto_winner_threshold: 10,
				conversion_redirect_url: 'https://x.example',
				geo_rules: { default: 'c', US: 'b' },
			},
		},
	],
	rows: [[{ id: ONE, is_active: false, name: 'Summer' }], [{ id: TWO, name: 'Ice' }]],
	fails: breaks('updateLink'),
	says: `Klinky: The service says no (link "${TWO}")`,
});

describeOperation(bench, {
	resource: 'link',
	operation: 'updateVariants',
	parameters: {
		linkId: linkId('={{ $json.id }}'),
		specifyVariants: '={{ $json.how }}',
		variants: { variant: ab('={{ $json.weight }}') },
		variantsJson: '={{ $json.variants }}',
	},
	items: [
		{ id: ONE, how: 'fields', weight: 100 },
		{ id: TWO, how: 'json', variants: JSON.stringify(ab('', '')) },
	],
	wire: [
		{ method: 'PUT', path: `${PATH}/${ONE}/variants`, body: sent(100) },
		{ method: 'PUT', path: `${PATH}/${TWO}/variants`, body: sent(50, 50) },
	],
	rows: [[{ id: ONE, variants: sent(100) }], [{ id: TWO, variants: sent(50, 50) }]],
	fails: breaks('replaceVariants'),
	says: `Klinky: The service says no (link "${TWO}")`,
});

describeOperation(bench, {
	resource: 'link',
	operation: 'updateWeights',
	parameters: {
		linkId: linkId('={{ $json.id }}'),
		weights: {
			weight: [
				{ label: 'a', weight: '={{ $json.a }}' },
				{ label: '={{ $json.other }}', weight: '={{ $json.rest }}' },
			],
		},
	},
	items: [
		{ id: ONE, a: 90, other: 'b', rest: 10 },
		{ id: TWO, a: '0', other: 'b', rest: '50' },
	],
	wire: [
		{ method: 'GET', path: `${PATH}/${ONE}` },
		{
			method: 'PUT',
			path: `${PATH}/${ONE}/variants`,
			body: [
				{ label: 'a', destination_url: 'https://a.example', weight: 90 },
				{ label: 'b', destination_url: 'https://b.example', weight: 10 },
			],
		},
		{ method: 'GET', path: `${PATH}/${TWO}` },
		{
			method: 'PUT',
			path: `${PATH}/${TWO}/variants`,
			body: [
				{ label: 'a', destination_url: 'https://c.example', weight: 0 },
				{ label: 'b', destination_url: 'https://d.example', weight: 50 },
				{ label: 'c', destination_url: 'https://e.example', weight: 50 },
			],
		},
	],
	rows: [
		[{ id: ONE, variants: [{ weight: 90 }, { weight: 10 }] }],
		[{ id: TWO, variants: [{ weight: 0 }, { weight: 50 }, { weight: 50 }] }],
	],
	fails: breaks('replaceVariants'),
	says: `Klinky: The service says no (link "${TWO}")`,
});

describeOperation(bench, {
	resource: 'click',
	operation: 'getAll',
	parameters: {
		linkId: linkId('={{ $json.id }}'),
		returnAll: true,
		filters: { startDate: '={{ $json.from }}', endDate: '={{ $json.to }}' },
	},
	items: [{ id: ONE, from: '2026-11-21T00:00:00+01:00' }, { id: TWO }],
	wire: [
		{
			method: 'GET',
			path: `${PATH}/${ONE}/clicks`,
			query: { page: '1', per_page: '100', start_date: '2026-11-20T23:00:00.000Z' },
		},
		{ method: 'GET', path: `${PATH}/${TWO}/clicks`, query: { page: '1', per_page: '100' } },
	],
	rows: [[{ variant_label: 'a' }, { variant_label: 'b' }], []],
	fails: breaks('listClicks'),
	says: `Klinky: The service says no (link "${TWO}")`,
});

describeOperation(bench, {
	resource: 'rateLimit',
	operation: 'get',
	parameters: { options: { waitForRateLimit: '={{ $json.wait }}' } },
	items: [{ wait: false }, { wait: true }],
	wire: [
		{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
		{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
	],
	rows: [
		[{ limit: 1000, remaining: 999, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) }],
		[{ limit: 1000, remaining: 998, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) }],
	],
	fails: breaks('listLinks'),
	says: 'Klinky: The service says no',
});

describe('link: create', () => {
	const create = async (parameters: IDataObject, items: IDataObject[] = [{}]) =>
		await bench.run('link', 'create', parameters as never, { items });
	const bodies = () =>
		emulator()
			.journal.find({ method: 'POST' })
			.map(({ body }) => body);

	it('needs a name and a destination, and sends nothing else at the defaults', async () => {
		const result = await create({ name: 'Plain', destinationUrl: 'https://x.example/?a=1#b' });
		expect(jsonOf(result)).toMatchObject([{ name: 'Plain' }]);
		expect(bodies()).toEqual([
			{
				name: 'Plain',
				variants: [{ label: 'main', destination_url: 'https://x.example/?a=1#b', weight: 100 }],
			},
		]);
	});

	it('sends every additional field that was added', async () => {
		await create({
			name: 'Full',
			destinationUrl: 'https://x.example',
			additionalFields: {
				autoWinner: false,
				autoWinnerThreshold: 500,
				conversionRedirectUrl: 'https://x.example/thanks',
				enableConversionTracking: true,
				idempotencyKey: 'my key',
				slug: 'full',
			},
		});
		expect(bodies()).toMatchObject([
			{
				slug: 'full',
				auto_winner: false,
				auto_winner_threshold: 500,
				enable_conversion_tracking: true,
				conversion_redirect_url: 'https://x.example/thanks',
			},
		]);
		expect(emulator().journal.requests[0]?.headers['idempotency-key']).toBe('my key');
	});

	it('leaves out additional fields that were added and left empty', async () => {
		await create({
			name: 'Empty',
			destinationUrl: 'https://x.example',
			additionalFields: {
				autoWinnerThreshold: '',
				conversionRedirectUrl: '',
				idempotencyKey: '',
				slug: '={{ $json.nothing }}',
			},
		});
		expect(Object.keys(bodies()[0] as IDataObject)).toEqual(['name', 'variants']);
	});

	it('routes by country', async () => {
		const result = await create({
			name: 'Geo',
			routingType: 'geo',
			variants: { variant: ab('', '', '') },
			geoRules: {
				rule: [
					{ country: 'US', variant: 'v1' },
					{ country: ' gb ', variant: 'v3' },
				],
			},
			defaultVariant: 'v2',
		});
		expect(result.error).toBeUndefined();
		expect(bodies()).toEqual([
			{
				name: 'Geo',
				routing_type: 'geo',
				variants: sent(34, 33, 33),
				geo_rules: { default: 'v2', US: 'v1', GB: 'v3' },
			},
		]);
	});

	it('routes by country with one variant and no rule', async () => {
		await create({
			name: 'Geo',
			routingType: 'geo',
			variants: { variant: ab('') },
			defaultVariant: 'v1',
		});
		expect(bodies()).toMatchObject([{ variants: sent(100), geo_rules: { default: 'v1' } }]);
	});
});

describe('rows', () => {
	const given = ab(60, 40);
	const onTheWireAs = [
		{ label: 'v1', destination_url: 'https://v1.example', weight: 60 },
		{ label: 'v2', destination_url: 'https://v2.example', weight: 40 },
	];

	it.each<[string, unknown, unknown]>([
		['rows', { variant: given }, undefined],
		['an expression for the list', { variant: '={{ $json.v }}' }, given],
		['an expression for all of it', '={{ $json.v }}', given],
		['an expression for all of it, wrapped', '={{ $json.v }}', { variant: given }],
		['JSON text', { variant: '={{ $json.v }}' }, JSON.stringify(given)],
		['wrapped JSON text', '={{ $json.v }}', JSON.stringify({ variant: given })],
		['variants as Klinky writes them', { variant: '={{ $json.v }}' }, onTheWireAs],
		['numbers as text', { variant: ab('60', '40') }, undefined],
		['expressions in cells', { variant: ab('={{ $json.v }}', '={{ 100 - $json.v }}') }, 60],
	])('of variants may be %s', async (_what, variants, v) => {
		const result = await bench.run(
			'link',
			'updateVariants',
			{ linkId: linkId(ONE), variants: variants as never },
			{ items: [{ v }] as IDataObject[] },
		);
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.body).toEqual(onTheWireAs);
	});

	it.each<[string, unknown, unknown]>([
		['one object', { variant: '={{ $json.v }}' }, ab(100)[0]],
		['one object as JSON', { variant: '={{ $json.v }}' }, JSON.stringify(ab(100)[0])],
		['one object for all of it', '={{ $json.v }}', ab('')[0]],
	])('of variants may be %s', async (_what, variants, v) => {
		await bench.run(
			'link',
			'updateVariants',
			{ linkId: linkId(ONE), variants: variants as never },
			{ items: [{ v }] as IDataObject[] },
		);
		expect(emulator().journal.requests[0]?.body).toEqual(sent(100));
	});

	it.each<[string, unknown]>([
		['a list', given],
		['JSON text', JSON.stringify(given)],
		['what Klinky answers', { variants: onTheWireAs }.variants],
	])('in the JSON parameter may be %s', async (_what, v) => {
		await bench.run(
			'link',
			'updateVariants',
			{ linkId: linkId(ONE), specifyVariants: 'json', variantsJson: '={{ $json.v }}' },
			{ items: [{ v }] as IDataObject[] },
		);
		expect(emulator().journal.requests[0]?.body).toEqual(onTheWireAs);
	});

	it.each<[string, unknown, unknown]>([
		['rows', { weight: [{ label: 'a', weight: 10 }] }, undefined],
		['a list', { weight: '={{ $json.v }}' }, [{ label: 'a', weight: 10 }]],
		['one object', '={{ $json.v }}', { label: 'a', weight: '10' }],
		['JSON text', { weight: '={{ $json.v }}' }, '[{"label":"a","weight":10}]'],
	])('of weights may be %s', async (_what, weights, v) => {
		emulator().state.links[0]?.variants.splice(1, 1, {
			label: 'b',
			destination_url: 'https://b.example',
			weight: 90,
		});
		const result = await bench.run(
			'link',
			'updateWeights',
			{ linkId: linkId(ONE), weights: weights as never },
			{ items: [{ v }] as IDataObject[] },
		);
		expect(result.error).toBeUndefined();
		expect(jsonOf(result)).toMatchObject([{ variants: [{ weight: 10 }, { weight: 90 }] }]);
	});

	it.each<[string, unknown, unknown]>([
		['a list', { rule: '={{ $json.v }}' }, [{ country: 'de', variant: 'v1' }]],
		['one object', '={{ $json.v }}', { country: 'DE', variant: 'v1' }],
		['JSON text', { rule: '={{ $json.v }}' }, '{"country":"DE","variant":"v1"}'],
	])('of geo rules may be %s', async (_what, geoRules, v) => {
		const result = await bench.run(
			'link',
			'create',
			{
				name: 'Geo',
				routingType: 'geo',
				variants: { variant: ab('', '') },
				defaultVariant: 'v2',
				geoRules: geoRules as never,
			},
			{ items: [{ v }] as IDataObject[] },
		);
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.body).toMatchObject({
			geo_rules: { default: 'v2', DE: 'v1' },
		});
	});

	it('of geo rules in an update may come from an expression too', async () => {
		const result = await bench.run(
			'link',
			'update',
			{
				linkId: linkId(ONE),
				updateFields: { geoRouting: { defaultVariant: 'a', rule: '={{ $json.v }}' } },
			},
			{ items: [{ v: [{ country: 'DE', variant: 'b' }] }] },
		);
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.body).toEqual({ geo_rules: { default: 'a', DE: 'b' } });
	});
});

describe('where the documents are silent', () => {
	const readings: Array<Partial<KlinkyReadings>> = [
		{ listShape: 'items' },
		{ listShape: 'array' },
		{ order: 'oldest' },
		{ createStatus: 200 },
		{ createStatus: 201 },
		{ deleteAnswer: 'empty204' },
		{ deleteAnswer: 'body' },
		{ variantsAnswer: 'link' },
		{ variantsAnswer: 'variants' },
		{ window: 'fixed' },
		{ window: 'sliding' },
		{ reset: 'seconds' },
		{ clickKeys: 'timestamp' },
		{ put: 'replace' },
		{ deletedSlug: 'free' },
	];

	it.each(readings)('every operation works with %j', async (reading) => {
		Object.assign(emulator().readings, reading);
		const walk = async (resource: string, operation: string, parameters: IDataObject = {}) => {
			const result = await bench.run(resource, operation, parameters as never);
			expect(result.error).toBeUndefined();
			return jsonOf(result);
		};
		const [made] = await walk('link', 'create', {
			name: 'New',
			routingType: 'ab_test',
			variants: { variant: ab(50, 50) },
		});
		const id = String(made?.id);
		expect(await walk('link', 'get', { linkId: linkId(id) })).toMatchObject([{ id, name: 'New' }]);
		expect(await walk('link', 'getAll', { returnAll: true })).toHaveLength(3);
		expect(
			await walk('link', 'update', { linkId: linkId(id), updateFields: { name: 'Newer' } }),
		).toMatchObject([{ id, name: 'Newer' }]);
		const weights = {
			weight: [
				{ label: 'v1', weight: 100 },
				{ label: 'v2', weight: 0 },
			],
		};
		expect(await walk('link', 'updateWeights', { linkId: linkId(id), weights })).toMatchObject([
			{ id, variants: sent(100, 0) },
		]);
		const variants = { variant: ab('', '', '') };
		expect(await walk('link', 'updateVariants', { linkId: linkId(id), variants })).toMatchObject([
			{ id, variants: sent(34, 33, 33) },
		]);
		expect(await walk('click', 'getAll', { linkId: linkId(ONE) })).toHaveLength(3);
		// Without a total, each of the two lists costs one request more
		const remaining = reading.listShape === 'array' ? 989 : 991;
		expect(await walk('rateLimit', 'get')).toMatchObject([{ limit: 1000, remaining }]);
		expect(await walk('link', 'delete', { linkId: linkId(id) })).toEqual([{ id, deleted: true }]);
		expect(emulator().state.links).toHaveLength(2);
	});

	it.each(['insert', 'delete'] as const)(
		'a list that shifts while it is read (%s) brings each link once, and hints that it did',
		async (shiftingRows) => {
			for (let more = 0; more < 248; more++) emulator().state.addLink();
			emulator().readings.shiftingRows = shiftingRows;
			const before = emulator().state.links.map(({ id }) => id);
			const result = await bench.run('link', 'getAll', { returnAll: true });
			const ids = jsonOf(result).map(({ id }) => id);
			expect(new Set(ids).size).toBe(ids.length);
			const { links } = emulator().state;
			const isOld = new Set(before);
			const missing = links.filter(({ id }) => isOld.has(id) && !ids.includes(id));
			expect(missing).toHaveLength(shiftingRows === 'insert' ? 0 : 2);
			expect(result.hints).toMatchObject([
				{ message: expect.stringContaining('Some may have come or gone meanwhile') },
			]);
			expect(emulator().journal.requests).toHaveLength(3);
		},
	);

	it('clicks that cannot be told apart, of which some went meanwhile, are said to be incomplete', async () => {
		for (let more = 0; more < 148; more++) emulator().state.addClick(ONE);
		emulator().readings.shiftingRows = 'delete';
		emulator().misbehave({
			times: Infinity,
			rewrite: (body) => {
				const { items, total } = body as { items: IDataObject[]; total: number };
				return { items: items.map(({ ip }, index) => ({ ip, index })), total };
			},
		});
		const result = await bench.run('click', 'getAll', { linkId: linkId(ONE), returnAll: true });
		expect(result.output).toHaveLength(150);
		expect(result.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('counts 151 clicks, but showed only 150'),
		]);
	});

	it.each(['link', 'click'])(
		'the end of a list may be answered with 404 (%s)',
		async (resource) => {
			emulator().readings.listShape = 'array';
			for (let more = 0; more < 98; more++) emulator().state.addLink();
			for (let more = 0; more < 97; more++) emulator().state.addClick(ONE);
			const behind: Misbehaviour = { match: { query: { page: '2' } }, status: 404 };
			emulator().misbehave({ ...behind, times: Infinity });
			const parameters = { linkId: linkId(ONE), returnAll: true };
			const result = await bench.run(resource, 'getAll', parameters);
			expect(result.error).toBeUndefined();
			expect(result.output).toHaveLength(100);
			expect(emulator().journal.requests).toHaveLength(2);
		},
	);

	it.each(['text', 'list'] as const)(
		'a 422 whose detail is a %s is shown in words',
		async (validationShape) => {
			Object.assign(emulator().readings, { validationShape, put: 'replace' });
			const result = await bench.run('link', 'update', {
				linkId: linkId(ONE),
				updateFields: { isActive: false },
			});
			expect(result.error).toMatchObject({
				message: expect.stringMatching(/^Klinky: .*required.*name.*\[item 0\]$/),
				description: expect.stringContaining('Check the parameters'),
				httpCode: '422',
			});
		},
	);
});

describe('error texts', () => {
	it.each([
		[400, 'Bad request', 'Check the parameters'],
		[401, 'Missing API key. Include X-API-Key header.', 'Settings → API Keys'],
		[401, 'Invalid API key.', 'Settings → API Keys'],
		[403, 'API access is not available on your plan.', 'Growth and Scale'],
		[404, 'Link not found.', 'Pick the link from the list'],
		[409, 'Slug "x" is already taken.', "Choose another 'Slug'"],
		[409, 'Idempotency-Key was used with a different request.', 'Start a new execution'],
		[422, 'Idempotency key reused', 'Start a new execution'],
		[422, 'field required: name', 'Check the parameters that are named'],
		[429, 'Rate limit exceeded.', 'Wait for Rate Limit'],
		[418, 'I am a teapot', 'Check the parameters'],
	])('%d %s', async (status, words, advice) => {
		const headers = { 'retry-after': '1800' };
		emulator().misbehave({ status, body: { detail: words }, ...(status === 429 && { headers }) });
		const { error } = await bench.run('link', 'get', { linkId: linkId(ONE) });
		expect(error).toMatchObject({
			message: expect.stringMatching(/^Klinky: .* \(link "[^"]+"\) \[item 0\]$/),
			description: expect.stringContaining(advice),
			httpCode: String(status),
		});
		expect(error?.message).toContain(words);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('a 422 with a list says what is wrong where', async () => {
		const detail = [
			{ loc: ['body', 'variants', 0, 'weight'], msg: 'Input should be an integer', type: 'int' },
			{ loc: ['body', 'name'], msg: 'Field required', type: 'missing' },
		];
		emulator().misbehave({ status: 422, body: { detail } });
		const { error } = await bench.run('link', 'get', { linkId: linkId(ONE) });
		expect(error?.message).toContain(
			'Klinky: Input should be an integer: variants.0.weight; Field required: name',
		);
	});

	it.each([500, 502, 503, 504])('%d: after four tries', async (status) => {
		emulator().misbehave({ status, body: { detail: 'Out of order' }, times: Infinity });
		const { error } = await inVirtualTime(async () => await bench.run('link', 'getAll'));
		expect(error).toMatchObject({
			message: 'Klinky: Out of order [item 0]',
			description: expect.stringContaining('Try again later'),
		});
		expect(emulator().journal.requests).toHaveLength(4);
	});

	it.each([
		['link', 'create', { name: 'New', destinationUrl: 'https://x.example' }],
		['link', 'getAll', {}],
		['rateLimit', 'get', {}],
	])(
		'404 for %s: %s, which name no link, is about the address',
		async (resource, operation, parameters) => {
			emulator().misbehave({ status: 404, body: { detail: 'Not Found' } });
			const { error } = await bench.run(resource, operation, parameters);
			expect(error).toMatchObject({
				message: expect.stringMatching(/^Klinky: Not Found/),
				description: 'Check the Base URL in the credential; it usually ends in /api/v1.',
			});
		},
	);

	it('a key that may only read says so', async () => {
		bench.useKey({ readOnly: true });
		const { error } = await bench.run('link', 'delete', { linkId: linkId(ONE) });
		expect(error).toMatchObject({
			message: `Klinky: This API key can only read. (link "${ONE}") [item 0]`,
			description: expect.stringContaining('may write'),
		});
	});

	it('a plan without API access says so', async () => {
		bench.useKey({ plan: 'free' });
		const { error } = await bench.run('link', 'getAll');
		expect(error).toMatchObject({
			message: 'Klinky: API access is not available on your plan. [item 0]',
			description: expect.stringContaining('Growth and Scale'),
		});
	});

	it('a slug that is taken after a lost answer may be taken by the link itself', async () => {
		const lost: Misbehaviour = { status: 500, carryOut: true };
		emulator().misbehave(lost);
		// A service that knows no idempotency keys
		emulator().misbehave({ status: 409, body: { detail: 'Slug "new-one" is already taken.' } });
		const { error } = await inVirtualTime(
			async () =>
				await bench.run('link', 'create', {
					name: 'New',
					destinationUrl: 'https://x.example',
					additionalFields: { slug: 'new-one' },
				}),
		);
		expect(emulator().state.links).toHaveLength(3);
		expect(error).toMatchObject({
			message: 'Klinky: Slug "new-one" is already taken. (link "New") [item 0]',
			description: expect.stringContaining('Look whether it is there before you run it again'),
		});
	});

	it('a slug that is taken says so', async () => {
		const { error } = await bench.run('link', 'create', {
			name: 'Again',
			destinationUrl: 'https://x.example',
			additionalFields: { slug: 'summer' },
		});
		expect(error).toMatchObject({
			message: 'Klinky: Slug "summer" is already taken. (link "Again") [item 0]',
			description: expect.stringContaining("Choose another 'Slug'"),
		});
	});

	it.each<[string, Misbehaviour, string]>([
		['HTML with 200', { html: true }, 'answered a web page in place of JSON'],
		['null', { raw: { body: 'null' } }, 'answered null in place of JSON'],
		['truncated JSON', { truncate: 'consistent' }, 'JSON that is cut off'],
		['nothing', { raw: { body: '' } }, 'answered nothing in place of JSON'],
		['an object', { raw: { body: '{"total":2}' } }, 'answered an object in place of a list'],
		[
			'a list of texts',
			{ raw: { body: '["a"]' } },
			'answered a list of something else than objects in place of a list',
		],
	])('%s in place of the list is never zero items', async (_, rule, words) => {
		emulator().misbehave({ ...rule, times: Infinity });
		const { status, error } = await bench.run('link', 'getAll');
		expect(status).toBe('error');
		expect(error?.message).toContain(words);
	});

	it.each<[string, string, IDataObject, string]>([
		['get', '{"name":"x"}', {}, 'an object without "id"'],
		['updateWeights', '{"id":"x"}', {}, 'without the label and the destination'],
		['updateWeights', '{"id":"x","variants":[{"label":"a"}]}', {}, 'without the label and the'],
		['updateVariants', '{"id":"x"}', {}, 'in place of a link or its variants'],
	])('%s: %s in place of a link', async (operation, body, _parameters, words) => {
		emulator().misbehave({ raw: { body } });
		const { error } = await bench.run('link', operation, {
			linkId: linkId(ONE),
			...(operation === 'updateWeights' && { weights: { weight: [{ label: 'a', weight: 1 }] } }),
			...(operation === 'updateVariants' && { variants: { variant: ab(100) } }),
		});
		expect(error?.message).toContain(words);
	});
});

describe('the credential', () => {
	const tested = async (changes: IDataObject = {}) =>
		await engine().testCredential('klinkyApi', { ...credentials().klinkyApi, ...changes } as never);

	it('spends one request on its test, and tells what is left', async () => {
		expect(await tested()).toEqual({
			status: 'OK',
			message:
				'Connection successful: 2 links in your account, 999 of 1000 requests left this hour',
		});
		expect(onTheWire(emulator().journal)).toEqual([
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
		]);
	});

	it('counts no links where the service tells no total', async () => {
		emulator().readings.listShape = 'array';
		expect(await tested()).toEqual({
			status: 'OK',
			message: 'Connection successful, 999 of 1000 requests left this hour',
		});
	});

	it('says nothing of a limit that the service does not tell', async () => {
		const reset = String(Math.ceil(Date.now() / 1000) + 600);
		emulator().misbehave({
			raw: { body: '{"total":1,"items":[{"id":"a"}]}' },
			headers: { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset },
		});
		expect(await tested()).toEqual({
			status: 'OK',
			message: 'Connection successful: 1 link in your account, 7 requests left this hour',
		});
	});

	it('takes white space around what was pasted away', async () => {
		const { apiKey, baseUrl } = credentials().klinkyApi;
		const changes = { apiKey: ` ${apiKey}\n`, baseUrl: ` ${baseUrl}/ ` };
		expect(await tested(changes)).toMatchObject({ status: 'OK' });
	});

	it('takes a key of any form', async () => {
		const newer = ['klinky', 'sk', '0123456789'].join('_');
		emulator().state.addKey({ name: 'newer', secret: newer });
		expect(await tested({ apiKey: newer })).toMatchObject({ status: 'OK' });
	});

	it.each<[IDataObject, string]>([
		[{ apiKey: '' }, "'API Key' is empty"],
		[{ apiKey: 'two words' }, "'API Key' holds a space"],
		[{ baseUrl: 'klinky-api.fly.dev' }, "'Base URL' does not start with https://"],
		[{ baseUrl: 'http://klinky-api.fly.dev/api/v1' }, 'would send the secret unencrypted'],
	])('%j is refused before a request is sent', async (changes, words) => {
		expect(await tested(changes)).toMatchObject({
			status: 'Error',
			message: expect.stringContaining(words),
		});
		const { error } = await bench.run(
			'link',
			'getAll',
			{},
			{ credentials: { klinkyApi: { ...credentials().klinkyApi, ...changes } as never } },
		);
		expect(error?.message).toContain(words);
		expect(emulator().journal.requests).toEqual([]);
	});

	it('says in the words of the service that a key is wrong', async () => {
		expect(await tested({ apiKey: 'klinky_live_wrong' })).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^Klinky: Invalid API key\. Open the credential/),
		});
	});

	it('says that the address is wrong', async () => {
		emulator().misbehave({ status: 404, body: { detail: 'Not Found' } });
		expect(await tested()).toEqual({
			status: 'Error',
			message:
				'Klinky: Not Found. Check the Base URL in the credential; it usually ends in /api/v1.',
		});
	});

	it('says that the plan has no API access', async () => {
		bench.useKey({ plan: 'free' });
		expect(await tested()).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('Growth and Scale'),
		});
	});
});

describe('the list of links in the panel', () => {
	const search = async (filter?: string, paginationToken?: string) =>
		await engine().listSearch({
			type: 'klinky',
			method: 'searchLinks',
			credentials: credentials(),
			filter,
			paginationToken,
		});

	it('shows slug and name, and opens the short link', async () => {
		expect(await search()).toEqual({
			results: [
				{ name: 'winter – Winter', value: TWO, url: 'https://klinky.io/winter' },
				{ name: 'summer – Summer', value: ONE, url: 'https://klinky.io/summer' },
			],
		});
		expect(onTheWire(emulator().journal)).toEqual([
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '100' } },
		]);
	});

	it.each([
		['SUM', [ONE]],
		['winter', [TWO]],
		[ONE, [ONE]],
		[' er ', [TWO, ONE]],
		['nothing', []],
	])('finds %j', async (filter, values) => {
		expect((await search(filter)).results.map(({ value }) => value)).toEqual(values);
	});

	it.each(['items', 'array'] as const)(
		'spends one request for each page that is scrolled to (%s)',
		async (listShape) => {
			emulator().readings.listShape = listShape;
			for (let more = 0; more < 148; more++) emulator().state.addLink({ name: `More ${more}` });
			const first = await search('more');
			expect(first.results).toHaveLength(100);
			expect(emulator().journal.requests).toHaveLength(1);
			const second = await search('more', first.paginationToken as string);
			expect(second.results).toHaveLength(48);
			// Without a total only an empty page is the end: pages may be smaller than asked for
			expect(second.paginationToken).toBe(listShape === 'array' ? '200' : undefined);
			expect(emulator().journal.requests.map(({ query }) => query.page)).toEqual(['1', '2']);
		},
	);

	it('may be answered with 404 behind its end', async () => {
		emulator().readings.listShape = 'array';
		for (let more = 0; more < 98; more++) emulator().state.addLink();
		const { paginationToken } = await search();
		emulator().misbehave({ status: 404 });
		expect(await search('', paginationToken as string)).toEqual({ results: [] });
	});

	it('says what is wrong', async () => {
		emulator().misbehave({ status: 401, body: { detail: 'Invalid API key.' } });
		await expect(search()).rejects.toMatchObject({
			message: 'Klinky: Invalid API key.',
			description: expect.stringContaining('paste the API key'),
		});
	});
});

describe('trouble on the way', () => {
	it('a DELETE whose first answer is lost has succeeded', async () => {
		emulator().misbehave({ drop: 'after' });
		const result = await inVirtualTime(
			async () => await bench.run('link', 'delete', { linkId: linkId(ONE) }),
		);
		expect(jsonOf(result)).toEqual([{ id: ONE, deleted: true }]);
		expect(emulator().journal.requests).toHaveLength(2);
	});

	it.each<[string, Misbehaviour]>([
		['503 twice', { status: 503, times: 2 }],
		['a connection that closes', { drop: 'before' }],
		['429 with Retry-After: 1', { status: 429, headers: { 'retry-after': '1' } }],
	])('a read survives %s', async (_, rule) => {
		emulator().misbehave(rule);
		const result = await inVirtualTime(async () => await bench.run('link', 'getAll'));
		expect(jsonOf(result)).toHaveLength(2);
		expect(emulator().journal.requests).toHaveLength((rule.times ?? 1) + 1);
	});

	it('a redirect carries the key nowhere', async () => {
		const trap = await startTrap();
		try {
			emulator().misbehave({ redirect: trap.url });
			const { error } = await bench.run('link', 'getAll');
			expect(error?.message).toContain('answered with a redirect, which was not followed');
			expect(trap.arrivals).toEqual([]);
		} finally {
			await trap.stop();
		}
	});

	it('no secret is left behind by anything that went wrong', async () => {
		const [secret = ''] = bench.secrets();
		const trouble: Misbehaviour[] = [
			{ status: 401, body: { detail: `Unknown key ${secret}` } },
			{ drop: 'before', times: Infinity },
			{ html: true },
			{ redirect: 'https://elsewhere.example/' },
		];
		for (const rule of trouble) {
			const active = emulator().misbehave(rule);
			const result = await inVirtualTime(async () => await bench.run('link', 'getAll'));
			active.cancel();
			expect(result.status).toBe('error');
			expect(findSecrets([result, engine().logs], [secret])).toEqual([]);
		}
	});

	it('white space around a pasted link ID is taken away', async () => {
		for (const operation of ['get', 'delete']) {
			const { error } = await bench.run('link', operation, { linkId: linkId(` ${ONE}\n`) });
			expect(error).toBeUndefined();
		}
		const paths = emulator().journal.requests.map(({ path }) => path);
		expect(paths).toEqual([`${PATH}/${ONE}`, `${PATH}/${ONE}`]);
	});

	it.each(['', '  ', '.', '..', ' .. '])(
		'link ID %j is refused before a request is sent',
		async (id) => {
			for (const operation of ['get', 'delete']) {
				const result = await bench.run(
					'link',
					operation,
					{ linkId: linkId('={{ $json.id }}') },
					{ items: [{ id }] },
				);
				expect(result.error?.message).toMatch(/'Link' (is empty|cannot be)/);
			}
			expect(emulator().journal.requests).toEqual([]);
		},
	);

	it('a link ID is percent-encoded', async () => {
		await bench.run('link', 'get', { linkId: linkId('a/b?c') });
		expect(emulator().journal.requests[0]?.path).toBe(`${PATH}/a%2Fb%3Fc`);
	});
});

describe('the package as n8n loads it', () => {
	it('knows node and credential', () => {
		expect(engine().nodeNames).toContain('klinky');
		expect(engine().credentialNames).toContain('klinkyApi');
		const { codex, iconUrl, usableAsTool } = engine().description('klinky');
		expect(codex).toMatchObject({ alias: expect.arrayContaining(['short link', 'A/B test']) });
		expect(iconUrl).toMatchObject({ light: expect.any(String), dark: expect.any(String) });
		expect(usableAsTool).toBe(true);
	});

	it('reaches each endpoint of the OpenAPI document, and no operation without one', async () => {
		const given: Record<string, IDataObject> = {
			'link/create': { name: 'New', destinationUrl: 'https://x.example' },
			'link/update': { updateFields: { isActive: true } },
			'link/updateVariants': { variants: { variant: ab(100) } },
			'link/updateWeights': {
				weights: {
					weight: [
						{ label: 'a', weight: 1 },
						{ label: 'b', weight: 99 },
					],
				},
			},
		};
		const { properties } = engine().description('klinky');
		const pairs = properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ options = [], displayOptions }) =>
				options.map((option) => [
					String(displayOptions?.show?.resource?.[0]),
					'value' in option ? String(option.value) : '',
				]),
			);
		const reached = new Set<string | undefined>();
		for (const [resource = '', operation = ''] of pairs) {
			emulator().reset();
			bench.useKey();
			const result = await bench.run(resource, operation, {
				linkId: linkId(ONE),
				...given[`${resource}/${operation}`],
			} as never);
			expect([resource, operation, result.error]).toEqual([resource, operation, undefined]);
			expect(emulator().journal.requests).not.toEqual([]);
			for (const { operationId } of emulator().journal.requests) reached.add(operationId);
		}
		expect(pairs).toHaveLength(9);
		const documented = loadOpenApi('klinky').operations.map(({ operationId }) => operationId);
		expect([...reached].sort()).toEqual(documented.sort());
	});
});
