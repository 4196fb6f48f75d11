import type { IDataObject } from 'n8n-workflow';

import { byId, klinkySetup, rowsOf } from './setup';

const setup = klinkySetup();
const { emulator, run } = setup;

const LINK = byId('00000000-0000-4000-8000-000000000001');
const row = (label: string, weight: unknown = '', destinationUrl = `https://${label}.example`) => ({
	label,
	destinationUrl,
	weight,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => row(`v${index + 1}`));
const abTest = (variant: unknown): IDataObject => ({
	name: 'Test',
	routingType: 'ab_test',
	variants: { variant } as IDataObject,
});
const single = (more: IDataObject): IDataObject => ({
	name: 'Single',
	destinationUrl: 'https://x.example',
	...more,
});
const withSlug = (slug: string) => single({ additionalFields: { slug } });
const geo = (more: IDataObject): IDataObject => ({
	name: 'Geo',
	routingType: 'geo',
	variants: { variant: many(2) },
	defaultVariant: 'v1',
	...more,
});
const ruleFor = (country: string, variant = 'v1') =>
	geo({ geoRules: { rule: [{ country, variant }] } });
const web = (length: number) => `https://x.example/${'a'.repeat(length - 18)}`;

describe('link.create', () => {
	const refused: Array<[what: string, parameters: IDataObject, words: string]> = [
		['a name of white space', single({ name: '={{ "  " }}' }), "'Name' is empty"],
		[
			'a name of 101 characters',
			single({ name: 'n'.repeat(101) }),
			"'Name' must have at most 100 characters",
		],
		['no destination', { name: 'x', destinationUrl: '={{ null }}' }, "'Destination URL' is empty"],
		[
			'ftp:',
			single({ destinationUrl: 'ftp://x.example/file' }),
			`'Destination URL' must be a web address, but is "ftp://x.example/file"`,
		],
		[
			'2,049 characters',
			single({ destinationUrl: web(2049) }),
			"'Destination URL' must have at most 2048 characters",
		],
		['1 variant', abTest(many(1)), "'Variants' must have 2 to 5 variants, but has 1"],
		['6 variants', abTest(many(6)), "'Variants' must have 2 to 5 variants, but has 6"],
		[
			'weights of 99',
			abTest([row('a', 50), row('b', 49)]),
			"'Weight' must add up to 100 over all variants, but 50 + 49 is 99",
		],
		[
			'a weight of 33.3',
			abTest([row('a', 33.3), row('b', 66.7)]),
			`'Weight' must be a whole number from 0 to 100, but is "33.3" (row 1 of 'Variants')`,
		],
		[
			'a negative weight in the second row',
			abTest([row('a', 100), row('b', -1)]),
			`'Weight' must be a whole number from 0 to 100, but is "-1" (row 2 of 'Variants')`,
		],
		[
			'a doubled label',
			abTest([row('a'), row('b'), row('a')]),
			`'Label' must be different in each row, but "a" appears twice (in 'Variants')`,
		],
		[
			'a label of 51 characters',
			abTest([row('a'), { ...row('b'), label: 'b'.repeat(51) }]),
			"'Label' must have at most 50 characters",
		],
		[
			'an empty label',
			abTest([row('a'), { ...row('b'), label: '={{ null }}' }]),
			"'Label' is empty (row 2 of 'Variants')",
		],
		[
			'a wrong address in a row',
			abTest([row('a'), row('b', '', 'javascript:void(0)')]),
			`'Destination URL' must be a web address, but is "javascript:void(0)" (row 2 of 'Variants')`,
		],
		[
			'JSON that is no list',
			{ ...abTest([]), specifyVariants: 'json', variantsJson: '{"a": [}' },
			"'Variants (JSON)' must be a list of rows with label, destinationUrl, weight",
		],
		[
			'an empty list as JSON',
			{ ...abTest([]), specifyVariants: 'json' },
			"'Variants (JSON)' must have 2 to 5 variants, but has 0",
		],
		[
			'JSON with a wrong address',
			{
				...abTest([]),
				specifyVariants: 'json',
				variantsJson: JSON.stringify([row('a'), row('b', 50, 'b.example')]),
			},
			`'destinationUrl' must be a web address, but is "b.example" (row 2 of 'Variants (JSON)')`,
		],
		[
			'JSON without a label',
			{ ...abTest([]), specifyVariants: 'json', variantsJson: '[{"weight": 50}]' },
			"'label' is empty (row 1 of 'Variants (JSON)')",
		],
		[
			'JSON with a doubled label',
			{
				...abTest([]),
				specifyVariants: 'json',
				variantsJson: JSON.stringify([row('a'), row('a')]),
			},
			`'label' must be different in each row, but "a" appears twice`,
		],
		[
			'JSON with weights of 99',
			{
				...abTest([]),
				specifyVariants: 'json',
				variantsJson: JSON.stringify([row('a', 50), row('b', 49)]),
			},
			"'weight' must add up to 100 over all variants",
		],
		[
			'weights of which two are empty',
			abTest([row('a', 50), row('b'), row('c')]),
			`'Weight' is empty for "b", "c", but not for the others (in 'Variants')`,
		],
		[
			'texts instead of rows',
			abTest('={{ ["a", "b"] }}'),
			`'Variants' must be a list of rows with label, destinationUrl, weight, but row 1 is "a"`,
		],
		[
			'a number instead of rows',
			abTest('={{ 5 }}'),
			`'Variants' must be a list of rows with label, destinationUrl, weight, but is "5"`,
		],
		[
			'a slug of 2 characters',
			withSlug('ab'),
			`'Slug' must have 3 to 32 characters, but "ab" has 2`,
		],
		[
			'a slug with a slash',
			withSlug('a/b/c'),
			"'Slug' contains a character that a short link cannot have",
		],
		[
			'the country uk',
			ruleFor('uk'),
			`'Country' must be a two-letter country code, but is "uk" (row 1 of 'Geo Rules')`,
		],
		[
			'a country twice',
			geo({
				geoRules: {
					rule: [
						{ country: 'US', variant: 'v1' },
						{ country: 'us', variant: 'v2' },
					],
				},
			}),
			`'Country' must be different in each row, but "US" appears twice (in 'Geo Rules')`,
		],
		[
			'a rule to a label that is not there',
			ruleFor('US', 'V1'),
			`'Variant' of the rule for US is "V1", but the link has no variant with that label`,
		],
		[
			'a default that is not there',
			geo({ defaultVariant: 'other' }),
			`'Default Variant' is "other", but the link has no variant with that label`,
		],
		['geo without a default', geo({ defaultVariant: '={{ "" }}' }), "'Default Variant' is empty"],
		[
			'geo with 6 variants',
			geo({ variants: { variant: many(6) } }),
			"'Variants' must have 1 to 5 variants, but has 6",
		],
		[
			'a threshold of 9',
			{ ...abTest(many(2)), additionalFields: { autoWinnerThreshold: 9 } },
			`'Auto Winner Threshold' must be a whole number of at least 10, but is "9"`,
		],
		[
			'a redirect that is no address',
			single({ additionalFields: { conversionRedirectUrl: 'thanks' } }),
			`'Conversion Redirect URL' must be a web address, but is "thanks"`,
		],
		[
			'a key that no header can carry',
			single({ additionalFields: { idempotencyKey: 'ä' } }),
			`'Idempotency Key' contains a character that cannot be sent ("ä")`,
		],
		[
			'a routing type that is not offered',
			single({ routingType: '={{ "random" }}' }),
			`'Routing Type' must be one of ab_test, geo, single, but is "random"`,
		],
	];

	it.each(refused)('refuses %s before a request is spent', async (_what, parameters, words) => {
		const { error } = await run('link.create', { parameters });
		expect(error?.message).toContain(words);
		expect(error?.message).toMatch(/\[item 0\]$/);
		expect(emulator().journal.requests).toEqual([]);
	});

	it('sends nothing at all if one of many items is wrong', async () => {
		const parameters = { name: 'Test', destinationUrl: '={{ $json.url }}' };
		const items = [
			{ url: 'https://a.example' },
			{ url: 'b.example' },
			{ url: 'https://c.example' },
		];
		const stopped = await run('link.create', { parameters, items });
		expect(stopped.error?.message).toContain(
			'is "b.example". None of 3 links were created [item 1]',
		);
		expect(emulator().journal.requests).toEqual([]);

		const onError = 'continueRegularOutput';
		const continued = await run('link.create', { parameters, items, onError });
		expect(rowsOf(continued)).toMatchObject([
			{ name: 'Test' },
			{ error: expect.stringContaining('is "b.example" [item 1]') },
			{ name: 'Test' },
		]);
		expect(emulator().journal.requests).toHaveLength(2);
	});
});

describe('link.create within the limits', () => {
	it.each<[string, IDataObject, IDataObject]>([
		['2 variants', abTest(many(2)), { variants: [{ weight: 50 }, { weight: 50 }] }],
		[
			'5 variants',
			abTest(many(5)),
			{ variants: Array.from({ length: 5 }, () => ({ weight: 20 })) },
		],
		[
			'weights as text',
			abTest([row('a', '50'), row('b', '50')]),
			{ variants: [{ weight: 50 }, { weight: 50 }] },
		],
		[
			'weights of 0 and 100',
			abTest([row('a', 0), row('b', 100)]),
			{ variants: [{ weight: 0 }, { weight: 100 }] },
		],
		['labels that differ in capitals', abTest([row('a'), { ...row('A'), label: 'A' }]), {}],
		[
			'a name of 100 characters that are more in memory',
			single({ name: '😀'.repeat(100) }),
			{ name: '😀'.repeat(100) },
		],
		['a slug of 3 characters', withSlug('abc'), { slug: 'abc' }],
		['a slug of 32 characters', withSlug('a'.repeat(32)), { slug: 'a'.repeat(32) }],
		[
			'an address of 2,048 characters',
			single({ destinationUrl: web(2048) }),
			{ variants: [{ destination_url: web(2048) }] },
		],
		[
			'an address with white space around it',
			single({ destinationUrl: ' https://x.example/a\n' }),
			{ variants: [{ destination_url: 'https://x.example/a' }] },
		],
		[
			'http://',
			single({ destinationUrl: 'http://x.example' }),
			{ variants: [{ destination_url: 'http://x.example' }] },
		],
		['a country in small letters', ruleFor('gb'), { geo_rules: { default: 'v1', GB: 'v1' } }],
		[
			'a threshold of 10',
			{ ...abTest(many(2)), additionalFields: { autoWinnerThreshold: '10' } },
			{ auto_winner_threshold: 10 },
		],
	])('accepts %s', async (_what, parameters, body) => {
		const { error } = await run('link.create', { parameters });
		expect(error).toBeUndefined();
		expect(emulator().journal.requests).toMatchObject([{ body }]);
	});
});

describe('other operations', () => {
	it.each<[string, string, IDataObject, string]>([
		['update', 'nothing to change', {}, "'Update Fields' is empty"],
		[
			'update',
			'fields that were added and left empty',
			{ updateFields: { name: '', conversionRedirectUrl: '={{ $json.no }}', geoRouting: {} } },
			"'Update Fields' is empty",
		],
		[
			'update',
			'rules without a default',
			{ updateFields: { geoRouting: { rule: [{ country: 'US', variant: 'a' }] } } },
			"'Default Variant' in 'Geo Routing' is empty",
		],
		[
			'update',
			'a wrong country',
			{
				updateFields: {
					geoRouting: { defaultVariant: 'a', rule: [{ country: 'USA', variant: 'a' }] },
				},
			},
			`'Country' must be a two-letter country code, but is "USA" (row 1 of 'Rules')`,
		],
		[
			'update',
			'a rule without a variant',
			{ updateFields: { geoRouting: { defaultVariant: 'a', rule: [{ country: 'US' }] } } },
			"'Variant' is empty (row 1 of 'Rules')",
		],
		[
			'update',
			'a name of 101 characters',
			{ updateFields: { name: 'n'.repeat(101) } },
			"'Name' must have at most 100 characters",
		],
		[
			'update',
			'yes instead of true',
			{ updateFields: { isActive: '={{ "yes" }}' } },
			`'Is Active' must be true or false, but is "yes"`,
		],
		['updateVariants', 'no rows', {}, "'Variants' must have 1 to 5 variants, but has 0"],
		[
			'updateVariants',
			'weights of 99',
			{ variants: { variant: [row('a', 99)] } },
			"'Weight' must add up to 100 over all variants, but 99 is 99",
		],
		['updateWeights', 'no rows', {}, "'Weights' is empty"],
		[
			'updateWeights',
			'a row without a weight',
			{ weights: { weight: [{ label: 'a' }] } },
			"'Weight' is empty (row 1 of 'Weights')",
		],
		[
			'updateWeights',
			'a label twice',
			{
				weights: {
					weight: [
						{ label: 'a', weight: 1 },
						{ label: 'a', weight: 2 },
					],
				},
			},
			"'Label' must be different in each row",
		],
		[
			'updateWeights',
			'6 rows',
			{ weights: { weight: many(6).map(({ label }) => ({ label, weight: 10 })) } },
			"'Weights' can have at most 5 rows, but has 6",
		],
		[
			'updateWeights',
			'a weight of 101',
			{ weights: { weight: [{ label: 'a', weight: 101 }] } },
			"'Weight' must be a whole number from 0 to 100",
		],
		[
			'updateWeights',
			'weights of 101',
			{
				weights: {
					weight: [
						{ label: 'a', weight: 50 },
						{ label: 'b', weight: 51 },
					],
				},
			},
			"'Weight' must add up to 100 over all variants, but 50 + 51 is 101 (in 'Weights')",
		],
	])(
		'refuse before a request is spent: %s with %s',
		async (operation, _what, parameters, words) => {
			const { error } = await run(`link.${operation}`, {
				parameters: { linkId: LINK, ...parameters },
			});
			expect(error?.message).toContain(words);
			expect(emulator().journal.requests).toEqual([]);
		},
	);

	it.each<[string, IDataObject, string]>([
		[
			'a day that is none',
			{ startDate: '2026-02-30' },
			`'Start Date' must be a date, but is "2026-02-30"`,
		],
		['words', { endDate: 'yesterday' }, `'End Date' must be a date, but is "yesterday"`],
		[
			'a last day that is none',
			{ endDate: '2026-02-30' },
			`'End Date' must be a date, but is "2026-02-30"`,
		],
		[
			'an end before its start',
			{ startDate: '2026-11-22', endDate: '2026-11-21' },
			"'End Date' is before 'Start Date'",
		],
	])('refuse before a request is spent: clicks with %s', async (_what, filters, words) => {
		const { error } = await run('click.getAll', { parameters: { linkId: LINK, filters } });
		expect(error?.message).toContain(words);
		expect(emulator().journal.requests).toEqual([]);
	});
});

describe('link.updateWeights', () => {
	const shift = async (weight: IDataObject[]) => {
		emulator().state.addLink({ id: LINK.value });
		return await run('link.updateWeights', { parameters: { linkId: LINK, weights: { weight } } });
	};

	it('refuses a label that is not on the link', async () => {
		const { error } = await shift([{ label: 'Control', weight: 10 }]);
		expect(error).toMatchObject({
			message: `'Label' in 'Weights' is "Control", but the link has no variant with that label [item 0]`,
			description: 'The labels are "control", "variant_b". They are case-sensitive.',
		});
		expect(emulator().journal.find({ method: 'PUT' })).toEqual([]);
	});

	it('refuses weights that do not add up to 100 with the unchanged weights', async () => {
		const { error } = await shift([{ label: 'control', weight: 90 }]);
		expect(error).toMatchObject({
			message: `'Weight' must add up to 100 over all variants, but 90 + 50 is 140 (in 'Weights') [item 0]`,
			description: 'The variants and their weights: control 90, variant_b 50.',
		});
		expect(emulator().journal.find({ method: 'PUT' })).toEqual([]);
	});
});

describe('dates of clicks', () => {
	it('are read in the time zone of the workflow', async () => {
		const { id } = emulator().state.addLink();
		const result = await run('click.getAll', {
			parameters: {
				linkId: byId(id),
				filters: { startDate: '2026-11-22T08:00:00', endDate: '={{ $json.end }}' },
			},
			items: [{ end: '2026-11-22T12:00:00Z' }],
			timezone: 'Asia/Tokyo',
		});
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.query).toMatchObject({
			start_date: '2026-11-21T23:00:00.000Z',
			end_date: '2026-11-22T12:00:00.000Z',
		});
	});

	it.each([
		['a day', '2026-11-22', 'Asia/Tokyo', '2026-11-21T15:00:00.000Z', '2026-11-22T14:59:59.999Z'],
		[
			'a day of 25 hours',
			' 2026-10-25 ',
			'Europe/Berlin',
			'2026-10-24T22:00:00.000Z',
			'2026-10-25T22:59:59.999Z',
		],
		[
			'a day whose last hour comes twice',
			'2026-04-04',
			'America/Santiago',
			'2026-04-04T03:00:00.000Z',
			'2026-04-05T03:59:59.999Z',
		],
		['the last day', '9999-12-31', 'UTC', '9999-12-31T00:00:00.000Z', '9999-12-31T00:00:00.000Z'],
		[
			'a time',
			'2026-11-22T00:00:00',
			'Asia/Tokyo',
			'2026-11-21T15:00:00.000Z',
			'2026-11-21T15:00:00.000Z',
		],
	])('cover %s that is both start and end', async (_what, date, timezone, start, end) => {
		const { id } = emulator().state.addLink();
		const result = await run('click.getAll', {
			parameters: {
				linkId: byId(id),
				filters: { startDate: '={{ $json.date }}', endDate: '={{ $json.date }}' },
			},
			items: [{ date }],
			timezone,
		});
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.query).toMatchObject({
			start_date: start,
			end_date: end,
		});
	});

	it('may come as date objects from expressions', async () => {
		const { id } = emulator().state.addLink();
		const result = await run('click.getAll', {
			parameters: {
				linkId: byId(id),
				filters: {
					startDate: '={{ DateTime.fromISO("2026-11-21T08:00:00", { zone: "Europe/Berlin" }) }}',
					endDate: '={{ new Date("2026-11-22T08:00:00Z") }}',
				},
			},
		});
		expect(result.error).toBeUndefined();
		expect(emulator().journal.requests[0]?.query).toMatchObject({
			start_date: '2026-11-21T07:00:00.000Z',
			end_date: '2026-11-22T08:00:00.000Z',
		});
	});
});

describe('rows', () => {
	const given = [row('v1', 60), row('v2', 40)];
	const asSent = given.map(({ destinationUrl, ...rest }) => ({
		...rest,
		destination_url: destinationUrl,
	}));
	const one = row('v1', 100);
	const inList = { variants: { variant: '={{ $json.v }}' } };
	const inAll = { variants: '={{ $json.v }}' };
	const inJson = { specifyVariants: 'json', variantsJson: '={{ $json.v }}' };
	const cells = [row('v1', '={{ $json.v }}'), row('v2', '={{ 100 - $json.v }}')];

	it.each<[what: string, parameters: object, v: unknown, rows?: unknown]>([
		['rows', { variants: { variant: given } }, undefined],
		['an expression for the list', inList, given],
		['an expression for all of it', inAll, given],
		['an expression for all of it, wrapped', inAll, { variant: given }],
		['JSON text', inList, JSON.stringify(given)],
		['wrapped JSON text', inAll, JSON.stringify({ variant: given })],
		['variants as Klinky writes them', inList, asSent],
		['numbers as text', { variants: { variant: [row('v1', '60'), row('v2', '40')] } }, undefined],
		['expressions in cells', { variants: { variant: cells } }, 60],
		['one object', inList, one, [{ label: 'v1', weight: 100 }]],
		['one object as JSON', inList, JSON.stringify(one), [{ label: 'v1', weight: 100 }]],
		['one object for all of it', inAll, row('v1'), [{ label: 'v1', weight: 100 }]],
		['a list in the JSON parameter', inJson, given],
		['JSON text in the JSON parameter', inJson, JSON.stringify(given)],
		['what Klinky answers in the JSON parameter', inJson, asSent],
	])('may give the variants as %s', async (_what, parameters, v, rows = asSent) => {
		emulator().state.addLink({ id: LINK.value });
		const { error } = await run('link.updateVariants', {
			parameters: { linkId: LINK, ...parameters },
			items: [{ v }] as IDataObject[],
		});
		expect(error).toBeUndefined();
		expect(emulator().journal.requests).toMatchObject([{ body: rows }]);
	});

	it.each<[what: string, weights: unknown, v: unknown]>([
		['rows', { weight: [{ label: 'control', weight: 10 }] }, undefined],
		['a list', { weight: '={{ $json.v }}' }, [{ label: 'control', weight: 10 }]],
		['one object', '={{ $json.v }}', { label: 'control', weight: '10' }],
		['JSON text', { weight: '={{ $json.v }}' }, '[{"label":"control","weight":10}]'],
	])('may give the weights as %s', async (_what, weights, v) => {
		const { variants } = emulator().state.addLink({ id: LINK.value });
		for (const other of variants.slice(1)) other.weight = 90;
		const result = await run('link.updateWeights', {
			parameters: { linkId: LINK, weights },
			items: [{ v }] as IDataObject[],
		});
		expect(result.error).toBeUndefined();
		expect(rowsOf(result)).toMatchObject([{ variants: [{ weight: 10 }, { weight: 90 }] }]);
	});

	it.each<[what: string, geoRules: unknown, v: unknown]>([
		['a list', { rule: '={{ $json.v }}' }, [{ country: 'de', variant: 'v1' }]],
		['one object', '={{ $json.v }}', { country: 'DE', variant: 'v1' }],
		['JSON text', { rule: '={{ $json.v }}' }, '{"country":"DE","variant":"v1"}'],
	])('may give the geo rules as %s', async (_what, geoRules, v) => {
		const { error } = await run('link.create', {
			parameters: geo({ geoRules } as IDataObject),
			items: [{ v }] as IDataObject[],
		});
		expect(error).toBeUndefined();
		expect(emulator().journal.requests).toMatchObject([
			{ body: { geo_rules: { default: 'v1', DE: 'v1' } } },
		]);
	});

	it('may give the geo rules of an update as an expression', async () => {
		emulator().state.addLink({ id: LINK.value });
		const geoRouting = { defaultVariant: 'control', rule: '={{ $json.v }}' };
		const { error } = await run('link.update', {
			parameters: { linkId: LINK, updateFields: { geoRouting } },
			items: [{ v: [{ country: 'DE', variant: 'control' }] }],
		});
		expect(error).toBeUndefined();
		expect(emulator().journal.requests).toMatchObject([
			{ body: { geo_rules: { default: 'control', DE: 'control' } } },
		]);
	});
});
