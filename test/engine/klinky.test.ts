import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { KlinkyReadings, Misbehaviour } from '../emulator';
import { describeOperations, type OperationCase } from './operations';
import { byId, klinkySetup, rowsOf } from './setup';
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

const setup = klinkySetup({ seed: { links: LINKS } });
const { emulator, run } = setup;

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

const CASES: OperationCase[] = [
	{
		name: 'link.create',
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
		sends: [
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
		subject: 'link "Two"',
	},
	{
		name: 'link.delete',
		parameters: { linkId: byId('={{ $json.id }}') },
		items: [{ id: ONE }, { id: TWO }],
		sends: [
			{ method: 'DELETE', path: `${PATH}/${ONE}` },
			{ method: 'DELETE', path: `${PATH}/${TWO}` },
		],
		rows: [[{ id: ONE, deleted: true }], [{ id: TWO, deleted: true }]],
		subject: `link "${TWO}"`,
	},
	{
		name: 'link.get',
		parameters: { linkId: byId('={{ $json.id }}') },
		items: [{ id: TWO }, { id: ONE }],
		sends: [
			{ method: 'GET', path: `${PATH}/${TWO}` },
			{ method: 'GET', path: `${PATH}/${ONE}` },
		],
		rows: [[{ id: TWO, name: 'Winter' }], [{ id: ONE, short_url: 'https://klinky.io/summer' }]],
		subject: `link "${ONE}"`,
	},
	{
		name: 'link.getAll',
		parameters: { returnAll: '={{ $json.all }}', limit: '={{ $json.limit }}' },
		items: [{ all: false, limit: 1 }, { all: true }],
		sends: [
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '100' } },
		],
		rows: [[{ id: TWO }], [{ id: TWO }, { id: ONE }]],
	},
	{
		name: 'link.update',
		parameters: {
			linkId: byId('={{ $json.id }}'),
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
		sends: [
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
		subject: `link "${TWO}"`,
	},
	{
		name: 'link.updateVariants',
		parameters: {
			linkId: byId('={{ $json.id }}'),
			specifyVariants: '={{ $json.how }}',
			variants: { variant: ab('={{ $json.weight }}') },
			variantsJson: '={{ $json.variants }}',
		},
		items: [
			{ id: ONE, how: 'fields', weight: 100 },
			{ id: TWO, how: 'json', variants: JSON.stringify(ab('', '')) },
		],
		sends: [
			{ method: 'PUT', path: `${PATH}/${ONE}/variants`, body: sent(100) },
			{ method: 'PUT', path: `${PATH}/${TWO}/variants`, body: sent(50, 50) },
		],
		rows: [[{ id: ONE, variants: sent(100) }], [{ id: TWO, variants: sent(50, 50) }]],
		subject: `link "${TWO}"`,
	},
	{
		name: 'link.updateWeights',
		parameters: {
			linkId: byId('={{ $json.id }}'),
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
		sends: [
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
		subject: `link "${TWO}"`,
	},
	{
		name: 'click.getAll',
		parameters: {
			linkId: byId('={{ $json.id }}'),
			returnAll: true,
			filters: { startDate: '={{ $json.from }}', endDate: '={{ $json.to }}' },
		},
		items: [{ id: ONE, from: '2026-11-21T00:00:00+01:00' }, { id: TWO }],
		sends: [
			{
				method: 'GET',
				path: `${PATH}/${ONE}/clicks`,
				query: { page: '1', per_page: '100', start_date: '2026-11-20T23:00:00.000Z' },
			},
			{ method: 'GET', path: `${PATH}/${TWO}/clicks`, query: { page: '1', per_page: '100' } },
		],
		rows: [[{ variant_label: 'a' }, { variant_label: 'b' }], []],
		subject: `link "${TWO}"`,
	},
	{
		name: 'rateLimit.get',
		parameters: { options: { waitForRateLimit: '={{ $json.wait }}' } },
		items: [{ wait: false }, { wait: true }],
		sends: [
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
			{ method: 'GET', path: PATH, query: { page: '1', per_page: '1' } },
		],
		rows: [
			[{ limit: 1000, remaining: 999, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) }],
			[{ limit: 1000, remaining: 998, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) }],
		],
	},
];

describeOperations(setup, CASES);

describe('link.create', () => {
	const create = async (parameters: IDataObject, items: IDataObject[] = [{}]) =>
		await run('link.create', { parameters, items });
	const bodies = () =>
		emulator()
			.journal.find({ method: 'POST' })
			.map(({ body }) => body);

	it('needs a name and a destination, and sends nothing else by default', async () => {
		const result = await create({ name: 'Plain', destinationUrl: 'https://x.example/?a=1#b' });
		expect(rowsOf(result)).toMatchObject([{ name: 'Plain' }]);
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
			routingType: 'ab_test',
			variants: { variant: ab('', '') },
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

	it('offers and sends no winner for a single destination', async () => {
		const { properties } = setup.engine().description('klinky');
		const additional = properties.find(
			({ name, displayOptions: { show } = {} }) =>
				name === 'additionalFields' && show?.operation?.includes('create'),
		);
		const offered = (routingType: string) =>
			(additional?.options as INodeProperties[])
				.filter(({ displayOptions: { show } = {} }) => {
					const shownFor = show?.['/routingType'];
					return shownFor === undefined || (shownFor as string[]).includes(routingType);
				})
				.map(({ name }) => name)
				.filter((name) => name.startsWith('autoWinner'));
		expect(offered('single')).toEqual([]);
		expect(offered('ab_test')).toEqual(['autoWinner', 'autoWinnerThreshold']);
		await create({
			name: 'One',
			destinationUrl: 'https://x.example',
			additionalFields: { autoWinner: true },
		});
		expect(Object.keys(bodies()[0] as IDataObject)).toEqual(['name', 'variants']);
	});

	it('fills in a single empty weight up to 100, and ignores blank initial rows', async () => {
		const items = [{ rest: '' }, { rest: null }];
		await create(
			{ name: 'x', routingType: 'ab_test', variants: { variant: ab(70, '={{ $json.rest }}', 5) } },
			items,
		);
		expect(bodies()).toMatchObject([{ variants: sent(70, 25, 5) }, { variants: sent(70, 25, 5) }]);
		const blank = { label: '', destinationUrl: '', weight: '' };
		const { error } = await create({
			name: 'x',
			routingType: 'ab_test',
			variants: { variant: [blank, blank] },
		});
		expect(error?.message).toContain("'Variants' must have 2 to 5 variants, but has 0");
	});

	it('names the row that was left empty', async () => {
		const blank = { label: '', destinationUrl: '', weight: '' };
		const { error } = await create({
			name: 'x',
			routingType: 'geo',
			defaultVariant: 'v1',
			variants: { variant: [...ab(''), blank] },
		});
		expect(error).toMatchObject({
			message: "'Label' is empty (row 2 of 'Variants') [item 0]",
			description: 'Fill the row in, or remove it.',
		});
	});

	it('omits additional fields that are empty', async () => {
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

	it.each(readings)('lets every operation work with the reading %j', async (reading) => {
		Object.assign(emulator().readings, reading);
		const walk = async (name: string, parameters: object = {}) => {
			const result = await run(name, { parameters });
			expect(result.error).toBeUndefined();
			return rowsOf(result);
		};
		const [made] = await walk('link.create', {
			name: 'New',
			routingType: 'ab_test',
			variants: { variant: ab(50, 50) },
		});
		const id = String(made?.id);
		expect(await walk('link.get', { linkId: byId(id) })).toMatchObject([{ id, name: 'New' }]);
		expect(await walk('link.getAll', { returnAll: true })).toHaveLength(3);
		expect(
			await walk('link.update', { linkId: byId(id), updateFields: { name: 'Newer' } }),
		).toMatchObject([{ id, name: 'Newer' }]);
		const weights = {
			weight: [
				{ label: 'v1', weight: 100 },
				{ label: 'v2', weight: 0 },
			],
		};
		expect(await walk('link.updateWeights', { linkId: byId(id), weights })).toMatchObject([
			{ id, variants: sent(100, 0) },
		]);
		const variants = { variant: ab('', '', '') };
		expect(await walk('link.updateVariants', { linkId: byId(id), variants })).toMatchObject([
			{ id, variants: sent(34, 33, 33) },
		]);
		expect(await walk('click.getAll', { linkId: byId(ONE) })).toHaveLength(3);
		// Without a total, each of the two lists costs one more request
		const remaining = reading.listShape === 'array' ? 989 : 991;
		expect(await walk('rateLimit.get')).toMatchObject([{ limit: 1000, remaining }]);
		expect(await walk('link.delete', { linkId: byId(id) })).toEqual([{ id, deleted: true }]);
		expect(emulator().state.links).toHaveLength(2);
	});

	it.each(['insert', 'delete'] as const)(
		'returns each link once from a list that shifts during reading, and gives a hint: %s',
		async (shiftingRows) => {
			for (let more = 0; more < 248; more++) emulator().state.addLink();
			emulator().readings.shiftingRows = shiftingRows;
			const before = emulator().state.links.map(({ id }) => id);
			const result = await run('link.getAll', { parameters: { returnAll: true } });
			const ids = rowsOf(result).map(({ id }) => id);
			expect(new Set(ids).size).toBe(ids.length);
			const { links } = emulator().state;
			const isOld = new Set(before);
			const missing = links.filter(({ id }) => isOld.has(id) && !ids.includes(id));
			expect(missing).toHaveLength(shiftingRows === 'insert' ? 0 : 2);
			expect(result.hints).toMatchObject([
				{ message: expect.stringContaining('Run the node again.') },
			]);
			expect(emulator().journal.requests).toHaveLength(3);
		},
	);

	it('says that clicks may be missing if they have no ID and some were deleted during reading', async () => {
		for (let more = 0; more < 148; more++) emulator().state.addClick(ONE);
		emulator().readings.shiftingRows = 'delete';
		emulator().misbehave({
			times: Infinity,
			rewrite: (body) => {
				const { items, total } = body as { items: IDataObject[]; total: number };
				return { items: items.map(({ ip }, index) => ({ ip, index })), total };
			},
		});
		const result = await run('click.getAll', {
			parameters: { linkId: byId(ONE), returnAll: true },
		});
		expect(result.output).toHaveLength(150);
		expect(result.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('counts 151 clicks, but returned only 150'),
		]);
	});

	it.each(['link', 'click'])(
		'treats a 404 after the last page as the end of the list: %s',
		async (resource) => {
			emulator().readings.listShape = 'array';
			for (let more = 0; more < 98; more++) emulator().state.addLink();
			for (let more = 0; more < 97; more++) emulator().state.addClick(ONE);
			const behind: Misbehaviour = { match: { query: { page: '2' } }, status: 404 };
			emulator().misbehave({ ...behind, times: Infinity });
			const parameters = { linkId: byId(ONE), returnAll: true };
			const result = await run(`${resource}.getAll`, { parameters });
			expect(result.error).toBeUndefined();
			expect(result.output).toHaveLength(100);
			expect(emulator().journal.requests).toHaveLength(2);
		},
	);

	it.each(['text', 'list'] as const)(
		'shows a readable message for a 422 whose detail is a %s',
		async (validationShape) => {
			Object.assign(emulator().readings, { validationShape, put: 'replace' });
			const result = await run('link.update', {
				parameters: {
					linkId: byId(ONE),
					updateFields: { isActive: false },
				},
			});
			expect(result.error).toMatchObject({
				message: expect.stringMatching(/^Klinky: .*required.*name.*\[item 0\]$/),
				description: expect.stringContaining('Check the parameters'),
				httpCode: '422',
			});
		},
	);
});

describe('an error', () => {
	it('names every field that a 422 rejects', async () => {
		const detail = [
			{ loc: ['body', 'variants', 0, 'weight'], msg: 'Input should be an integer', type: 'int' },
			{ loc: ['body', 'name'], msg: 'Field required', type: 'missing' },
		];
		emulator().misbehave({ status: 422, body: { detail } });
		const { error } = await run('link.get', { parameters: { linkId: byId(ONE) } });
		expect(error?.message).toContain(
			'Klinky: Input should be an integer: variants.0.weight; Field required: name',
		);
	});

	it.each([
		['link.create', { name: 'New', destinationUrl: 'https://x.example' }],
		['link.getAll', {}],
		['rateLimit.get', {}],
	])(
		'advises to check the address after a 404 if no link is named: %s',
		async (name, parameters) => {
			emulator().misbehave({ status: 404, body: { detail: 'Not Found' } });
			const { error } = await run(name, { parameters });
			expect(error).toMatchObject({
				message: expect.stringMatching(/^Klinky: Not Found/),
				description: 'Check the Base URL in the credential; it usually ends in /api/v1.',
			});
		},
	);

	it('says that a key can only read', async () => {
		setup.useKey({ readOnly: true });
		const { error } = await run('link.delete', { parameters: { linkId: byId(ONE) } });
		expect(error).toMatchObject({
			message: `Klinky: This API key can only read. (link "${ONE}") [item 0]`,
			description: expect.stringContaining('may write'),
		});
	});

	it('says that a plan has no API access', async () => {
		setup.useKey({ plan: 'free' });
		const { error } = await run('link.getAll');
		expect(error).toMatchObject({
			message: 'Klinky: API access is not available on your plan. [item 0]',
			description: expect.stringContaining('whether your plan includes API access'),
		});
	});

	it('advises to look for the link if its slug is taken after a lost answer', async () => {
		const lost: Misbehaviour = { status: 500, carryOut: true };
		emulator().misbehave(lost);
		// As from a service without idempotency keys
		emulator().misbehave({ status: 409, body: { detail: 'Slug "new-one" is already taken.' } });
		const { error } = await inVirtualTime(
			async () =>
				await run('link.create', {
					parameters: {
						name: 'New',
						destinationUrl: 'https://x.example',
						additionalFields: { slug: 'new-one' },
					},
				}),
		);
		expect(emulator().state.links).toHaveLength(3);
		expect(error).toMatchObject({
			message: 'Klinky: Slug "new-one" is already taken. (link "New") [item 0]',
			description: expect.stringContaining('Check whether it is there before you run it again'),
		});
	});

	it.each([400, 422])('says how to go on if a slug is taken, also after a %i', async (status) => {
		emulator().misbehave({ status, body: { detail: 'Slug "a-b" already exists' } });
		const parameters = { name: 'A', destinationUrl: 'https://a.example' };
		const { error } = await run('link.create', { parameters });
		expect(error?.description).toContain('A slug can be used only once');
	});

	it('says that a slug is taken', async () => {
		const { error } = await run('link.create', {
			parameters: {
				name: 'Again',
				destinationUrl: 'https://x.example',
				additionalFields: { slug: 'summer' },
			},
		});
		expect(error).toMatchObject({
			message: 'Klinky: Slug "summer" is already taken. (link "Again") [item 0]',
			description: expect.stringContaining("Choose another 'Slug'"),
		});
	});

	const weights = { weights: { weight: [{ label: 'a', weight: 1 }] } };
	const variants = { variants: { variant: ab(100) } };
	it.each([
		['get', '{"name":"x"}', {}, 'an object without "id"'],
		['updateWeights', '{"id":"x"}', weights, 'without the label and destination'],
		['updateWeights', '{"id":"x","variants":[{"label":"a"}]}', weights, 'without the label and'],
		['updateVariants', '{"id":"x"}', variants, 'instead of a link or its variants'],
	])('fails %s if Klinky sends %s instead of a link', async (operation, body, more, words) => {
		emulator().misbehave({ raw: { body } });
		const parameters = { linkId: byId(ONE), ...more };
		const { error } = await run(`link.${operation}`, { parameters });
		expect(error?.message).toContain(words);
	});
});
