import type { IDataObject, INodeListSearchItems } from 'n8n-workflow';

import type { Emulator, ServiceName } from '../emulator';
import { COMMUNITY } from './kindrynCommunity';
import { kindrynSetup, kinktreeSetup, klinkySetup, type Setup } from './setup';
import { inVirtualTime } from './virtualTime';

/** The methods of this kind that a node's parameters name, at any depth. */
function methodsNamed(parameters: unknown, kind: 'searchListMethod' | 'loadOptionsMethod') {
	const found = JSON.stringify(parameters).matchAll(new RegExp(`"${kind}":"(\\w+)"`, 'g'));
	return [...new Set([...found].map(([, method = '']) => method))];
}

/** The values of every page of a list, as the panel reads it when the user scrolls. */
async function scroll<S extends ServiceName>(
	{ search }: Setup<S>,
	method: string,
	options: { on: Emulator<S>; filter?: string },
) {
	const pages: unknown[][] = [];
	let paginationToken: unknown;
	do {
		const page = await search(method, { ...options, paginationToken });
		pages.push(page.results.map(({ value }) => value));
		({ paginationToken } = page);
	} while (paginationToken !== undefined);
	return pages;
}

/** Tests the rules for the lists of every service. */
function describeLists<S extends ServiceName>(
	setup: Setup<S>,
	given: {
		/** every list without a filter */
		shown: Record<string, INodeListSearchItems[]>;
		/** the results of filters */
		found: Array<[method: string, filter: string, values: string[]]>;
		/** a service with 250 rows in every list */
		many: Parameters<Setup<S>['startAnother']>[0];
	},
) {
	const { emulator, engine, search } = setup;
	const methods = Object.keys(given.shown);

	it('are all tested here', () => {
		for (const type of [setup.service, `${setup.service}Trigger`]) {
			const { properties } = engine().description(type);
			const named = methodsNamed(properties, 'searchListMethod');
			expect(named.filter((method) => !methods.includes(method))).toEqual([]);
		}
	});

	it('fill every dropdown that the parameters name', async () => {
		for (const type of [setup.service, `${setup.service}Trigger`]) {
			const { properties } = engine().description(type);
			for (const method of methodsNamed(properties, 'loadOptionsMethod')) {
				const options = await engine().loadOptions({
					type,
					method,
					credentials: setup.credentials(),
				});
				expect([method, options]).not.toEqual([method, []]);
			}
		}
	});

	it.each(methods)('show rows by the names that people use: %s', async (method) => {
		expect(await search(method)).toEqual({ results: given.shown[method] });
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it.each(given.found)('find in %s with the filter %j', async (method, filter, values) => {
		expect((await search(method, { filter })).results.map(({ value }) => value)).toEqual(values);
	});

	it.each(methods)('come in pages of a hundred: %s', async (method) => {
		const on = await setup.startAnother(given.many);
		const pages = await scroll(setup, method, { on });
		expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
		expect(new Set(pages.flat()).size).toBe(250);
	});

	it("show an error in the service's words", async () => {
		emulator().misbehave({ status: 401, body: { message: 'Go away', detail: 'Go away' } });
		await expect(search(methods[0] ?? '')).rejects.toMatchObject({
			message: expect.stringMatching(/^K\w+: Go away$/),
			description: expect.stringMatching(/paste the API (key|secret)/),
		});
	});
}

describe('the lists of Kinktree', () => {
	const tags = [
		{ id: 'a', name: 'Front desk', locked: false },
		{ id: 'b', name: null, locked: true },
		{ id: 'B', name: 'Bar', locked: false },
	];
	describeLists(kinktreeSetup({ seed: { tags } }), {
		shown: {
			searchTags: [
				{ name: 'a – Front desk', value: 'a' },
				{ name: 'b (locked)', value: 'b' },
				{ name: 'B – Bar', value: 'B' },
			],
		},
		found: [
			['searchTags', 'front', ['a']],
			['searchTags', 'BAR', ['B']],
			['searchTags', 'b', ['b', 'B']],
			['searchTags', ' locked ', ['b']],
			['searchTags', 'nothing', []],
		],
		many: { seed: { tags: 250 } },
	});
});

describe('the lists of Kindryn', () => {
	const setup = kindrynSetup({ seed: COMMUNITY });
	const { emulator, search, startAnother } = setup;
	const people = (prefix: string) => [
		{ name: 'Mary Jane – mary@example.org', value: `${prefix}3` },
		{ name: 'Bob Ray – bob@example.org', value: `${prefix}2` },
		{ name: 'Jane Doe – jane@example.org', value: `${prefix}1` },
	];
	const dated = (title: string) =>
		expect.stringMatching(new RegExp(`^${title} – 20\\d\\d-\\d\\d-\\d\\d$`)) as string;
	describeLists(setup, {
		shown: {
			searchSpaces: [
				{ name: 'Demo Nights (Event Series)', value: 'night' },
				{ name: 'Introductions (Discussion)', value: 'talk' },
				{ name: 'One to One (Coaching)', value: 'one' },
				{ name: 'Pricing Basics (Course)', value: 'basics' },
			],
			searchPostSpaces: [{ name: 'Introductions (Discussion)', value: 'talk' }],
			searchMembers: people('m'),
			searchAuthors: people('u'),
			searchPosts: [
				{ name: dated('Homework'), value: 'p3' },
				{ name: dated('Good morning'), value: 'p2' },
				{ name: dated('Hello'), value: 'p1' },
			],
			searchEvents: [
				{ name: 'Demo Night II – 2120-05-01 (draft)', value: 'e2' },
				{ name: 'Demo Night – 2020-05-01', value: 'e1' },
			],
		},
		found: [
			['searchSpaces', 'night', ['night']],
			['searchSpaces', ' INTRO ', ['talk']],
			['searchSpaces', 'event series', ['night']],
			['searchPostSpaces', 'night', []],
			['searchMembers', 'jane', ['m3', 'm1']],
			['searchAuthors', 'bob', ['u2']],
			['searchPosts', 'good', ['p2']],
			['searchEvents', '2120', ['e2']],
			['searchEvents', 'nothing', []],
		],
		many: {
			seed: {
				spaces: Array.from({ length: 250 }, (_, number) => ({
					id: `s${number}`,
					type: 'DISCUSSION' as const,
				})),
				...{ members: 250, posts: 250 },
				events: Array.from({ length: 250 }, () => ({ spaceId: 's0' })),
			},
		},
	});

	it('let Kindryn search the members', async () => {
		await search('searchMembers', { filter: 'jane' });
		expect(emulator().journal.requests).toMatchObject([
			{ query: { search: 'jane', limit: '100', offset: '0' } },
		]);
	});

	it.each(['page', 'array'] as const)(
		'search beyond the first page if the node does the search: %s',
		async (undocumentedList) => {
			const events = Array.from({ length: 1234 }, (_, number) => ({
				id: `e${number}`,
				title: number % 1000 === 0 ? 'Picnic' : 'Talk',
			}));
			const on = await startAnother({ seed: { events }, readings: { undocumentedList } });
			const found = await scroll(setup, 'searchEvents', { on, filter: 'picnic' });
			expect(found).toEqual([['e1000'], ['e0']]);
		},
	);

	it('also offer a space of an unknown type for posts', async () => {
		emulator().misbehave({
			raw: {
				body: '{"data":[{"id":"a","name":"A","type":"CHAT"},{"id":"b","name":"B"},{"id":"c","name":"C","type":"COURSE"}],"total":3}',
			},
		});
		expect((await search('searchPostSpaces')).results).toEqual([
			{ name: 'A (CHAT)', value: 'a' },
			{ name: 'B', value: 'b' },
		]);
	});

	it('show a link if the community sends one', async () => {
		emulator().misbehave({
			raw: { body: '{"data":[{"id":"x","name":"X","url":"https://c.example/x"}],"total":1}' },
		});
		expect((await search('searchSpaces')).results).toEqual([
			{ name: 'X', value: 'x', url: 'https://c.example/x' },
		]);
	});

	it.each([
		['searchAuthors', 'members', 'userId'],
		['searchMembers', 'members', 'id'],
		['searchSpaces', 'spaces', 'id'],
		['searchPosts', 'posts', 'id'],
		['searchEvents', 'events', 'id'],
	])('fail instead of being empty: %s of %s without %s', async (method, things, key) => {
		emulator().misbehave({ raw: { body: '{"data":[{"name":"A"},{"name":"B"}],"total":2}' } });
		await expect(search(method)).rejects.toMatchObject({
			message: `Kindryn returned ${things} without "${key}"`,
			description: expect.stringContaining("Choose 'By ID'"),
		});
	});

	it('hold every row that has an ID, whatever the other rows lack', async () => {
		emulator().misbehave({ raw: { body: '{"data":[{"name":"A"},{"userId":7}],"total":2}' } });
		expect((await search('searchAuthors')).results).toEqual([{ name: '7', value: '7' }]);
	});

	describe('getRoles', () => {
		const roles = async (changes: IDataObject = {}, on?: Emulator<'kindryn'>) => {
			const credentials = setup.credentials(changes, on);
			const load = { type: 'kindryn', method: 'getRoles', credentials };
			return (await setup.engine().loadOptions(load)).map(({ value }) => value);
		};
		const guild = (count: number, special: Record<number, string>) =>
			Array.from({ length: count }, (_, number) => ({ role: special[number] ?? 'MEMBER' }));

		it('offers the documented roles and those of the members', async () => {
			expect(await roles()).toEqual(['MEMBER', 'MODERATOR', 'OWNER']);
			expect(emulator().journal.requests).toHaveLength(1);
		});

		it('shows no role that repeats the key', async () => {
			const { secret } = emulator();
			emulator().misbehave({ rewrite: () => ({ data: [{ id: 'm', role: `OF ${secret}` }] }) });
			const load = { type: 'kindryn', method: 'getRoles', credentials: setup.credentials() };
			const names = (await setup.engine().loadOptions(load)).map(({ name }) => name);
			expect(names).toEqual(['MEMBER', 'MODERATOR', `OF ${secret.slice(0, 12)}…`]);
		});

		it('reads a thousand members in parallel', async () => {
			const on = await startAnother({
				seed: { members: guild(1500, { 0: 'OWNER', 700: 'ADMIN' }) },
			});
			on.misbehave({ delayMs: 100, times: Infinity });
			expect(await roles({}, on)).toEqual(['ADMIN', 'MEMBER', 'MODERATOR']);
			const inFlight = on.journal.requests.map((request) => request.inFlight);
			expect(inFlight).toHaveLength(10);
			expect(Math.max(...inFlight)).toBeGreaterThan(1);
		});

		it('waits no longer than a person would', async () => {
			emulator().misbehave({ status: 429, headers: { 'retry-after': '30' } });
			const apiKey = emulator().secretOf('moderator');
			await expect(inVirtualTime(async () => await roles({ apiKey }))).rejects.toThrow('Kindryn');
			expect(emulator().journal.requests).toHaveLength(1);
		});

		it('offers the documented roles to a key that cannot list members', async () => {
			const apiKey = emulator().secretOf('unscoped');
			expect(await roles({ apiKey })).toEqual(['MEMBER', 'MODERATOR']);
			await expect(roles({ apiKey: 'kak_wrong' })).rejects.toThrow('Invalid API key');
		});
	});
});

describe('the lists of Klinky', () => {
	const [ONE, TWO] = [
		'00000000-0000-4000-8000-000000000001',
		'00000000-0000-4000-8000-000000000002',
	];
	const links = [
		{ id: ONE, name: 'Summer', slug: 'summer' },
		{ id: TWO, name: 'Winter', slug: 'winter' },
	];
	const setup = klinkySetup({ seed: { links } });
	const { emulator, search } = setup;
	describeLists(setup, {
		shown: {
			searchLinks: [
				{ name: 'winter – Winter', value: TWO, url: 'https://klinky.io/winter' },
				{ name: 'summer – Summer', value: ONE, url: 'https://klinky.io/summer' },
			],
		},
		found: [
			['searchLinks', 'SUM', [ONE]],
			['searchLinks', 'winter', [TWO]],
			['searchLinks', ONE, [ONE]],
			['searchLinks', ' er ', [TWO, ONE]],
			['searchLinks', 'nothing', []],
		],
		many: { seed: { links: Array.from({ length: 250 }, () => ({})) } },
	});

	it.each(['items', 'array'] as const)(
		'cost one request for each page that a person scrolls to: %s',
		async (listShape) => {
			emulator().readings.listShape = listShape;
			for (let more = 0; more < 148; more++) emulator().state.addLink({ name: `More ${more}` });
			const first = await search('searchLinks', { filter: 'more' });
			expect(first.results).toHaveLength(100);
			expect(emulator().journal.requests).toHaveLength(1);
			const { paginationToken } = first;
			const second = await search('searchLinks', { filter: 'more', paginationToken });
			expect(second.results).toHaveLength(48);
			// Without a total, only an empty page marks the end, because pages may be smaller than requested
			expect(second.paginationToken).toBe(listShape === 'array' ? '200' : undefined);
			expect(emulator().journal.requests.map(({ query }) => query.page)).toEqual(['1', '2']);
		},
	);

	it('treat a 404 after the last page as the end of the list', async () => {
		emulator().readings.listShape = 'array';
		for (let more = 0; more < 98; more++) emulator().state.addLink();
		const { paginationToken } = await search('searchLinks');
		emulator().misbehave({ status: 404 });
		expect(await search('searchLinks', { paginationToken })).toEqual({ results: [] });
	});
});
