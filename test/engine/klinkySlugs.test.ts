import type { IDataObject } from 'n8n-workflow';

import { emittedBy, idOf } from './events';
import { requestsIn, type Sent } from './operations';
import { byId, klinkySetup, pairing, rowsOf } from './setup';
import { inVirtualTime } from './virtualTime';

const PATH = '/api/v1/public/links';
const idOfLink = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const variants = [
	{ label: 'a', destination_url: 'https://a.example', weight: 50 },
	{ label: 'b', destination_url: 'https://b.example', weight: 50 },
];
// The newest comes first, so the first fifty slugs are on the last of three pages
const links = Array.from({ length: 250 }, (_, index) => ({
	id: idOfLink(index + 1),
	slug: `s-${index + 1}`,
	name: `Link ${index + 1}`,
	variants: structuredClone(variants),
	clicks: 1,
}));

const setup = klinkySetup({ seed: { links } });
const { emulator, run } = setup;

const bySlug = (value: string) => ({ __rl: true, mode: 'slug', value });
const bySlugOf = { linkId: bySlug('={{ $json.slug }}') };
const page = (number: number): Sent => ({
	method: 'GET',
	path: PATH,
	query: { page: String(number), per_page: '100' },
});
const lookups = () => emulator().journal.find({ operationId: 'listLinks' }).length;
const writes = () => emulator().journal.requests.filter(({ method }) => method !== 'GET');

describe('a link by its slug', () => {
	const about = (method: string, rest = '', more: Partial<Sent> = {}) => [
		{ method, path: `${PATH}/${idOfLink(250)}${rest}`, ...more },
		{ method, path: `${PATH}/${idOfLink(151)}${rest}`, ...more },
	];
	const sent = [{ label: 'a', destination_url: 'https://x.example', weight: 100 }];

	it.each<[name: string, parameters: IDataObject, sends: Sent[]]>([
		['link.get', {}, about('GET')],
		['link.delete', {}, about('DELETE')],
		['link.update', { updateFields: { name: 'New' } }, about('PUT', '', { body: { name: 'New' } })],
		[
			'link.updateVariants',
			{ variants: { variant: [{ label: 'a', destinationUrl: 'https://x.example' }] } },
			about('PUT', '/variants', { body: sent }),
		],
		[
			'link.updateWeights',
			{ weights: { weight: [{ label: 'a', weight: 50 }] } },
			about('GET').flatMap((get, index) => [
				get,
				...about('PUT', '/variants', { body: variants }).slice(index, index + 1),
			]),
		],
		[
			'click.getAll',
			{ returnAll: true },
			about('GET', '/clicks', { query: { page: '1', per_page: '100' } }),
		],
	])('is found once for both items of %s', async (name, parameters, sends) => {
		const result = await run(name, {
			parameters: { ...bySlugOf, ...parameters },
			items: [{ slug: 's-250' }, { slug: 'https://klinky.io/s-151/?utm_source=mail' }],
		});
		expect(result.error).toBeUndefined();
		expect(requestsIn(emulator().journal)).toEqual([page(1), ...sends]);
		expect(pairing(result.output)).toEqual([0, 1]);
	});

	it.each<[what: string, slugs: string[], pages: number]>([
		['of the first page', ['s-250', 's-151', 's-200'], 1],
		['of the second page', ['s-150', 's-250'], 2],
		['of all pages', ['s-1', 's-250', 's-100', 's-1'], 3],
		['of which one is unknown', ['s-250', 'unknown'], 3],
	])('costs only the pages that are needed to find slugs %s', async (_, slugs, pages) => {
		const items = slugs.map((slug) => ({ slug }));
		const result = await run('link.get', {
			parameters: bySlugOf,
			items,
			onError: 'continueRegularOutput',
		});
		expect(rowsOf(result)).toMatchObject(
			slugs.map((slug) => (slug === 'unknown' ? { error: expect.any(String) } : { slug })),
		);
		expect(lookups()).toBe(pages);
	});

	it.each(['array', 'items'] as const)(
		'is searched for up to the end of the list: %s',
		async (listShape) => {
			emulator().readings.listShape = listShape;
			const { error } = await run('link.get', { parameters: { linkId: bySlug('nobody') } });
			expect(error?.message).toBe(`'Link' was not found: no link has the slug "nobody" [item 0]`);
			// Without a total, only an empty page marks the end
			expect(lookups()).toBe(listShape === 'array' ? 4 : 3);
		},
	);

	it('is not looked up if every item has an ID, from the list or entered', async () => {
		const picked = { __rl: true, mode: 'list', value: idOfLink(7), cachedResultName: 's-7' };
		for (const linkId of [byId(idOfLink(7)), picked, idOfLink(7)]) {
			const result = await run('link.get', { parameters: { linkId } });
			expect(rowsOf(result)).toMatchObject([{ slug: 's-7' }]);
		}
		expect(lookups()).toBe(0);
	});

	it('and by its ID is the same link, which is fetched once', async () => {
		const linkId = '={{ $json.link }}';
		const items = [{ link: idOfLink(250) }, { link: bySlug('s-250') }] as unknown as IDataObject[];
		const result = await run('link.get', { parameters: { linkId }, items });
		expect(rowsOf(result)).toMatchObject([{ slug: 's-250' }, { slug: 's-250' }]);
		expect(emulator().journal.requests).toHaveLength(2);
	});

	it('is looked up before the first link is deleted, because the others then move up', async () => {
		const items = ['s-250', 's-249', 's-150', 's-50'].map((slug) => ({ slug }));
		const onError = 'continueRegularOutput';
		const result = await run('link.delete', { parameters: bySlugOf, items, onError });
		expect(rowsOf(result)).toEqual(
			[250, 249, 150, 50].map((number) => ({ id: idOfLink(number), deleted: true })),
		);
		expect(lookups()).toBe(3);
	});

	it('is not changed if another slug of the run is unknown', async () => {
		const items = [{ slug: 's-250' }, { slug: 'unknown' }];
		const { error } = await run('link.delete', { parameters: bySlugOf, items });
		expect(error).toMatchObject({
			message: `'Link' was not found: no link has the slug "unknown". None of 2 links were deleted [item 1]`,
			description: expect.stringContaining('pick the link from the list'),
		});
		expect(writes()).toEqual([]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'is still processed if another slug of the run is unknown: %s',
		async (onError) => {
			const items = [{ slug: 'unknown' }, { slug: 's-250' }];
			const result = await run('link.delete', { parameters: bySlugOf, items, onError });
			const failed = onError === 'continueErrorOutput' ? result.errorOutput : result.output;
			expect(failed[0]?.json.error).toContain('was not found');
			expect(writes()).toHaveLength(1);
		},
	);

	it('is case-sensitive, and the error names the right spelling', async () => {
		const { error } = await run('link.delete', { parameters: { linkId: bySlug('S-250') } });
		expect(error?.message).toContain(`no link has the slug "S-250"`);
		expect(error?.description).toContain('There is a slug "s-250"');
		expect(writes()).toEqual([]);
	});

	it('is refused if several links have it', async () => {
		emulator().state.addLink({ slug: 's-250' });
		const { error } = await run('link.delete', { parameters: { linkId: bySlug('s-250') } });
		expect(error?.message).toBe(`'Link' is not clear: 2 links have the slug "s-250" [item 0]`);
		expect(writes()).toEqual([]);
	});

	it('is not called unknown if Klinky sends no slugs', async () => {
		emulator().misbehave({ raw: { body: `{"items":[{"id":"${idOfLink(1)}"}],"total":1}` } });
		const { error } = await run('link.get', { parameters: { linkId: bySlug('s-1') } });
		expect(error?.message).toContain('Klinky returned links without "slug"');
		expect(error?.description).toContain("choose 'By ID'");
	});

	it('may be missing, says the error, if links were deleted during reading', async () => {
		emulator().readings.shiftingRows = 'delete';
		const { error } = await run('link.get', { parameters: { linkId: bySlug('unknown') } });
		expect(error?.description).toContain('Links were added or deleted while the list was read');
	});

	it.each(['https://other.example/s-1', 'https://klinky.io/', 'two words', idOfLink(1)])(
		'is refused before a request is spent if it is %j',
		async (value) => {
			const { error } = await run('link.get', { parameters: { linkId: bySlug(value) } });
			expect(error).toMatchObject({
				message: `'Link' must be a slug or a short link, but is "${value}" [item 0]`,
				description: expect.stringContaining("For an ID, choose 'By ID'"),
			});
			expect(emulator().journal.requests).toEqual([]);
		},
	);

	it('is deleted once if the answer is lost, even though its slug is then unknown', async () => {
		emulator().misbehave({ match: { method: 'DELETE' }, drop: 'after', times: 4 });
		const result = await inVirtualTime(
			async () =>
				await run('link.delete', {
					parameters: { linkId: bySlug('s-250') },
					retryOnFail: true,
					maxTries: 2,
				}),
		);
		expect(rowsOf(result)).toEqual([{ id: idOfLink(250), deleted: true }]);
		expect(lookups()).toBe(1);
	});

	it('is looked up after a wait for the budget if the option is on', async () => {
		setup.useKey({ plan: 'growth' });
		emulator().readings.window = 'sliding';
		const linkId = bySlug('s-250');
		const [stopped, waited] = await inVirtualTime(async () => {
			setup.leave(0);
			const options = { waitForRateLimit: true };
			return [
				await run('link.get', { parameters: { linkId } }),
				await run('link.get', { parameters: { linkId, options } }),
			];
		});
		expect(stopped?.error?.message).toContain('Rate limit exceeded');
		expect(waited && rowsOf(waited)).toMatchObject([{ slug: 's-250' }]);
		expect(lookups()).toBe(2);
	});
});

describe('what is no ID', () => {
	it.each([
		'https://klinky.io/s-1',
		'klinky.io/s-1',
		'summer-sale',
		'Summer campaign',
		'jane@example.org',
	])(
		'is refused before a request is spent, and the text names the other way: %j',
		async (value) => {
			for (const linkId of [byId(value), { __rl: true, mode: 'list', value }, value]) {
				const { error } = await run('link.delete', { parameters: { linkId } });
				expect(error).toMatchObject({
					message: `'Link' must be an ID, but is "${value}" [item 0]`,
					description: expect.stringContaining("Choose 'By Slug or Short Link'"),
				});
			}
			expect(emulator().journal.requests).toEqual([]);
		},
	);

	it('is called unknown by Klinky if it may be one, and the text names the other way', async () => {
		const { error } = await run('link.get', { parameters: { linkId: byId('summer') } });
		expect(error?.message).toContain('Link not found');
		expect(error?.description).toContain("choose 'By Slug or Short Link'");
	});
});

describe('the trigger', () => {
	const published = (value: string) =>
		setup.poller('clickRecorded', { parameters: { linkId: bySlug(value) } });

	it('looks the link up once, and remembers it', async () => {
		const poller = published('https://klinky.io/s-150');
		expect(await poller.poll()).toBeNull();
		expect(lookups()).toBe(2);
		emulator().journal.clear();
		const click = emulator().state.addClick(idOfLink(150));
		expect((await emittedBy(poller))?.map(idOf)).toEqual([click.id]);
		expect(await poller.poll()).toBeNull();
		poller.restart();
		expect(await poller.poll()).toBeNull();
		expect(lookups()).toBe(0);
	});

	it('fails and says so when no link has the slug', async () => {
		await expect(published('unknown').poll()).rejects.toThrow(
			`'Link' was not found: no link has the slug "unknown"`,
		);
	});

	it('goes on with another link that got the slug after the first one was deleted', async () => {
		const poller = published('s-250');
		await poller.poll();
		emulator().state.links.pop();
		await expect(poller.poll()).rejects.toThrow('no link has the slug "s-250"');
		const { id } = emulator().state.addLink({ slug: 's-250', clicks: 1 });
		expect(await poller.poll()).toBeNull();
		const click = emulator().state.addClick(id);
		expect((await emittedBy(poller))?.map(idOf)).toEqual([click.id]);
	});

	it('shows the newest click of the link as a test event', async () => {
		const linkId = bySlug('s-150');
		const poller = setup.poller('clickRecorded', { parameters: { linkId }, mode: 'manual' });
		const [click] = emulator().state.clicks.get(idOfLink(150)) ?? [];
		expect((await emittedBy(poller))?.map(idOf)).toEqual([click?.id]);
	});
});
