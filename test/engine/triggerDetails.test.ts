import type { IDataObject } from 'n8n-workflow';

import type { KindrynReadings, KlinkyReadings } from '../emulator';
import { type EventCase, eventCases, type PollerChanges, World } from './triggerBench';
import { inVirtualTime } from './virtualTime';

const HOUR = 3_600_000;

let world: World;
beforeAll(async () => {
	world = await World.start();
});
beforeEach(() => world.reset());
afterEach(() => {
	jest.restoreAllMocks();
	world.check();
});
afterAll(async () => await world.stop());

const cases = eventCases(() => world);
const caseOf = (event: string) => cases.find((given) => given.event === event) as EventCase;
const pollerOf = (event: string, changes?: PollerChanges) => world.poller(caseOf(event), changes);
type Poller = ReturnType<typeof pollerOf>;
const rowsOf = async (poller: Poller): Promise<IDataObject[] | undefined> =>
	(await poller.poll())?.map(({ json }) => json);
const requests = (service: EventCase['service']) => world[service].journal.requests.length;

describe('tags', () => {
	const tag = { id: 'bar', name: 'Bar', locked: false, activationCode: 'SECRET-1' };

	it('that changed say from what to what, and keep their codes out of it', async () => {
		const { kinktree } = world;
		const stored = kinktree.state.addTag(tag);
		kinktree.state.addTag({ id: 'door' });
		const poller = pollerOf('tagUpdated');
		await poller.poll();
		Object.assign(stored, { name: null, locked: true, activationCode: 'SECRET-2' });
		expect(await rowsOf(poller)).toEqual([
			{
				...stored,
				identifier: 'bar',
				changes: {
					activationCode: { changed: true },
					locked: { from: false, to: true },
					name: { from: 'Bar', to: null },
				},
			},
		]);
		expect(JSON.stringify(poller.staticData)).not.toContain('SECRET');
	});

	it('that are gone are handed on as they were, without their codes', async () => {
		const { kinktree } = world;
		kinktree.state.addTag(tag);
		kinktree.state.addTag({ id: 'door' });
		const poller = pollerOf('tagDeleted');
		await poller.poll();
		expect(JSON.stringify(poller.staticData)).not.toContain('SECRET');
		kinktree.state.tags().delete('bar');
		expect(await rowsOf(poller)).toEqual([
			{
				id: 'bar',
				identifier: 'bar',
				namespace: 'main-partner',
				name: 'Bar',
				locked: false,
				deleted: true,
			},
		]);
	});

	it('show as samples what the events emit', async () => {
		world.kinktree.state.addTag(tag);
		const sampleOf = async (event: string) =>
			(await rowsOf(pollerOf(event, { mode: 'manual' })))?.[0];
		expect(await sampleOf('tagCreated')).toMatchObject({ identifier: 'bar', name: 'Bar' });
		expect(await sampleOf('tagUpdated')).toMatchObject({
			identifier: 'bar',
			changes: { locked: { from: true, to: false } },
		});
		expect(await sampleOf('tagDeleted')).toMatchObject({ identifier: 'bar', deleted: true });
		expect(await sampleOf('tagDeleted')).not.toHaveProperty('activationCode');
	});

	it('of a list that was empty by mistake are neither deleted nor new', async () => {
		for (const event of ['tagCreated', 'tagUpdated', 'tagDeleted']) {
			const given = caseOf(event);
			given.fill(500);
			const poller = world.poller(given);
			await poller.poll();
			for (let flips = 0; flips < 2; flips++) {
				world.kinktree.misbehave({ rewrite: () => [] });
				expect(await poller.poll()).toBeNull();
				expect(await poller.poll()).toBeNull();
			}
			const due = given.happen(1);
			expect((await rowsOf(poller))?.map(given.idOf)).toEqual(due);
		}
	});

	it.each(['array', 'tags', 'data', 'items', 'single'] as const)(
		'are found in a list of the shape "%s"',
		async (listShape) => {
			world.kinktree.readings.listShape = listShape;
			world.kinktree.state.addTag(tag);
			const poller = pollerOf('tagCreated');
			await poller.poll();
			world.kinktree.state.addTag({ id: 'new' });
			expect((await rowsOf(poller))?.map(({ identifier }) => identifier)).toEqual(['new']);
			world.kinktree.readings.listShape = 'array';
		},
	);
});

describe("another partner's tags, whose secret was put into the same credential,", () => {
	it.each(['tagCreated', 'tagUpdated', 'tagDeleted'])('are remembered anew: %s', async (event) => {
		const { state } = world.kinktree;
		const namespace = 'other-partner';
		for (const id of ['bar', 'door', 'wc']) state.addTag({ id });
		// One that both partners have
		for (const id of ['bar', 'lounge']) state.addTag({ id, namespace, name: 'theirs' });
		const before = pollerOf(event);
		await before.poll();
		const after = pollerOf(event, {
			credentials: world.credentials('kinktree', { apiSecret: state.keys.other?.secret ?? '' }),
			staticData: before.staticData,
		});
		expect(await after.poll()).toBeNull();
		if (event === 'tagCreated') state.addTag({ id: 'lounge 2', namespace });
		if (event === 'tagUpdated')
			Object.assign(state.tags(namespace).get('bar') ?? {}, { name: null });
		if (event === 'tagDeleted') state.tags(namespace).delete('bar');
		expect(await rowsOf(after)).toHaveLength(1);
		expect(await after.poll()).toBeNull();
	});

	it('do not make those of a list that was emptied old', async () => {
		const { state } = world.kinktree;
		state.addTag({ id: 'bar' });
		const poller = pollerOf('tagCreated');
		await poller.poll();
		state.tags().clear();
		// The second poll confirms that it is empty
		expect(await poller.poll()).toBeNull();
		expect(await poller.poll()).toBeNull();
		state.addTag({ id: 'bar' });
		state.addTag({ id: 'door' });
		expect(await rowsOf(poller)).toHaveLength(2);
	});
});

describe('a community', () => {
	it.each<[string, Partial<KindrynReadings>]>([
		['shows the oldest first', { order: 'oldest' }],
		['gains a row after each page', { shiftingRows: 'insert' }],
		['hands out smaller pages than it was asked for', { pageCap: 30 }],
		['answers lists without a total', { undocumentedList: 'array' }],
		['announces limits', { rateLimit: 1000 }],
	])('that %s is told in full, and once', async (_, readings) => {
		const { kindryn } = world;
		const usual = { ...kindryn.readings };
		for (const event of ['memberAdded', 'postCreated', 'eventCreated', 'invitationCreated']) {
			Object.assign(kindryn.readings, usual);
			const given = caseOf(event);
			kindryn.reset();
			given.fill();
			const poller = world.poller(given);
			await poller.poll();
			Object.assign(kindryn.readings, readings);
			const emitted: unknown[] = [];
			const due = [...given.happen(120), ...given.happen(1)];
			// Rows that came while a list was read are there in the next poll
			for (let polls = 0; polls < 2; polls++) {
				emitted.push(...((await rowsOf(poller)) ?? []).map(given.idOf));
				Object.assign(kindryn.readings, usual);
			}
			expect(emitted).toHaveLength(new Set(emitted).size);
			expect(emitted).toEqual(expect.arrayContaining(due));
		}
	});

	it('emits the oldest first', async () => {
		for (const event of ['memberAdded', 'postCreated', 'eventCreated']) {
			const given = caseOf(event);
			const poller = world.poller(given);
			await poller.poll();
			const due = given.happen(3);
			expect((await rowsOf(poller))?.map(given.idOf)).toEqual(due);
		}
	});

	it.each(['postCreated', 'eventCreated'])('%s: tells of the chosen space only', async (event) => {
		const { state, journal } = world.kindryn;
		const [here, elsewhere] = [state.addSpace().id, state.addSpace().id];
		const add = (spaceId: string) =>
			event === 'postCreated' ? state.addPost({ spaceId }) : state.addEvent({ spaceId });
		const poller = pollerOf(event, {
			parameters: { event, filters: { spaceId: { __rl: true, mode: 'list', value: here } } },
		});
		await poller.poll();
		add(elsewhere);
		const { id } = add(here);
		expect((await rowsOf(poller))?.map((row) => row.id)).toEqual([id]);
		expect(new Set(journal.requests.map(({ query }) => query.spaceId))).toEqual(new Set([here]));
	});

	it('begins anew when the space is changed', async () => {
		const { state } = world.kindryn;
		const [first, second] = [state.addSpace().id, state.addSpace().id];
		const inSpace = (value: string) => ({
			event: 'postCreated',
			filters: { spaceId: { __rl: true, mode: 'id', value } },
		});
		const before = pollerOf('postCreated', { parameters: inSpace(first) });
		await before.poll();
		state.addPost({ spaceId: second });
		const { staticData } = before;
		const after = pollerOf('postCreated', { parameters: inSpace(second), staticData });
		expect(await after.poll()).toBeNull();
	});

	it('whose newest posts are deleted does not tell of old ones', async () => {
		const given = caseOf('postCreated');
		given.fill();
		const poller = world.poller(given);
		await poller.poll();
		world.kindryn.state.posts.splice(-180);
		expect(await poller.poll()).toBeNull();
		expect((await rowsOf(poller)) ?? []).toEqual([]);
	});

	it('of 50,000 members takes less than half a megabyte, also when half of them left', async () => {
		const { state } = world.kindryn;
		for (let number = 0; number < 50_000; number++) state.addMember();
		const poller = pollerOf('memberAdded');
		await poller.poll();
		expect(poller.staticDataSize).toBeLessThan(500_000);
		const before = poller.saves;
		expect(await poller.poll()).toBeNull();
		expect(poller.saves).toBe(before);
		state.members.splice(0, 25_000);
		const { id } = state.addMember();
		expect((await rowsOf(poller))?.map((row) => row.id)).toEqual([id]);
		expect(poller.staticDataSize).toBeLessThan(500_000);
	}, 120_000);

	it('with more invitations than are shown is logged', async () => {
		const { state } = world.kindryn;
		for (let number = 0; number < 250; number++) state.addInvitation();
		const poller = pollerOf('invitationCreated');
		await poller.poll();
		expect(requests('kindryn')).toBe(5);
		const logged = world.engine.logs.filter(({ message }) =>
			String(message).includes('at most 200 invitations'),
		);
		expect(logged).not.toEqual([]);
	});

	it('that shows the oldest of 250 invitations makes the poll fail and say why', async () => {
		const { state, readings } = world.kindryn;
		readings.order = 'oldest';
		for (let number = 0; number < 250; number++) state.addInvitation();
		const poller = pollerOf('invitationCreated');
		await expect(poller.poll()).rejects.toMatchObject({
			message: expect.stringMatching(/^Kindryn shows 200 invitations that are pending and no more/),
			description: expect.stringContaining('fewer than 200 that are pending'),
		});
		expect(poller.staticData).toEqual({});
		readings.order = 'newest';
	});

	it('whose key lacks the scope says which', async () => {
		const { state } = world.kindryn;
		const key = state.addKey({ name: 'posts alone', scopes: ['posts:read'] });
		const poller = pollerOf('memberAdded', {
			credentials: world.credentials('kindryn', { apiKey: key.secret }),
		});
		await expect(poller.poll()).rejects.toMatchObject({
			message: 'Kindryn: API key does not have "members:read" scope',
			description: expect.stringContaining('grant the scope "members:read"'),
			httpCode: '403',
		});
		expect(poller.staticData).toEqual({});
	});

	it.each(['memberAdded', 'postCreated', 'eventCreated', 'invitationCreated'])(
		'another key of which was put into the same credential has nothing new: %s',
		async (event) => {
			const given = caseOf(event);
			given.fill(150);
			const before = world.poller(given);
			await before.poll();
			world.kindryn.reset();
			const { secret } = world.kindryn.state.addKey({ name: 'another community' });
			given.fill(150);
			const after = world.poller(given, {
				credentials: world.credentials('kindryn', { apiKey: secret }),
				staticData: before.staticData,
			});
			expect(await after.poll()).toBeNull();
			const due = given.happen(1);
			expect((await rowsOf(after))?.map(given.idOf)).toEqual(due);
		},
	);

	it('that takes no more requests makes the poll fail, and loses nothing', async () => {
		const given = caseOf('memberAdded');
		given.fill();
		const poller = world.poller(given);
		await poller.poll();
		const due = given.happen(1);
		world.kindryn.misbehave({ status: 429, headers: { 'retry-after': '1800' } });
		await expect(poller.poll()).rejects.toMatchObject({ httpCode: '429' });
		const later = Date.now() + 1_801_000;
		jest.spyOn(Date, 'now').mockImplementation(() => later);
		expect((await rowsOf(poller))?.map(given.idOf)).toEqual(due);
	});

	it.each(['memberAdded', 'postCreated', 'eventCreated'])(
		'%s: a list that is refused in its middle goes on where it was refused',
		async (event) => {
			const given = caseOf(event);
			given.fill(2000);
			// A key of its own: what is left of its requests is known until the end of the hour
			const { secret } = world.kindryn.state.addKey({ name: event });
			const poller = world.poller(given, {
				credentials: world.credentials('kindryn', { apiKey: secret }),
			});
			const emitted: unknown[] = [];
			let now = Date.now();
			/** Of each hour Kindryn takes four requests. */
			const pollHourly = async (times: number) => {
				for (let polls = 0; polls < times; polls++) {
					now += HOUR;
					jest.spyOn(Date, 'now').mockImplementation(() => now);
					const rule = world.kindryn.misbehave({
						skip: 4,
						times: Infinity,
						status: 429,
						headers: { 'retry-after': '1800' },
					});
					emitted.push(...((await rowsOf(poller)) ?? []).map(given.idOf));
					rule.cancel();
				}
			};
			await pollHourly(10);
			expect(emitted).toEqual([]);
			const due = given.happen(600);
			await pollHourly(16);
			expect(emitted.sort()).toEqual([...due].sort());
		},
		60_000,
	);
});

describe('the sample', () => {
	it.each(['memberAdded', 'eventCreated', 'linkCreated', 'clickRecorded'])(
		'%s: is the newest row, with one request more where the oldest come first',
		async (event) => {
			const given = caseOf(event);
			const { readings } = world[given.service] as { readings: { order: string } };
			given.fill();
			for (const [order, asked] of [
				['oldest', 2],
				['newest', 1],
			] as const) {
				const due = given.happen(1);
				readings.order = order;
				const before = requests(given.service);
				const rows = await rowsOf(world.poller(given, { mode: 'manual' }));
				expect(rows?.map(given.idOf)).toEqual(due);
				expect(requests(given.service) - before).toBe(asked);
			}
		},
	);
});

describe('links and clicks', () => {
	const links = caseOf('linkCreated');
	const clicks = caseOf('clickRecorded');
	const leave = (left: number) => {
		const { state, readings } = world.klinky;
		const key = state.keys.trigger;
		if (!key) throw new Error('there is no key');
		const limit = { limit: state.limits[key.plan], windowMs: HOUR, kind: readings.window };
		while (state.window(key).look(Date.now(), limit).remaining > left) {
			state.window(key).take(Date.now(), limit);
		}
	};
	const nextHour = () => {
		// The next window of the same key: the trigger waits for it, whatever its clock says
		world.klinky.state.windows.clear();
	};

	it.each<[string, Partial<KlinkyReadings>, number]>([
		['that show the oldest first', { order: 'oldest' }, 1],
		// Without a count all of it is read, and one page more to see its end
		['without a total', { listShape: 'array' }, 4],
		['without a total, the oldest first', { listShape: 'array', order: 'oldest' }, 4],
		['in a list that gains a row after each page', { shiftingRows: 'insert' }, 1],
	])(
		'links %s are told once, and cost as few requests as can be when nothing is new',
		async (_, readings, idle) => {
			const { klinky } = world;
			const usual = { ...klinky.readings };
			const { shiftingRows = 'none', ...always } = readings;
			Object.assign(klinky.readings, always);
			links.fill();
			const poller = world.poller(links);
			await poller.poll();
			const before = requests('klinky');
			expect(await poller.poll()).toBeNull();
			expect(requests('klinky') - before).toBe(idle);
			klinky.readings.shiftingRows = shiftingRows;
			const due = links.happen(230);
			const emitted = ((await rowsOf(poller)) ?? []).map(links.idOf);
			klinky.readings.shiftingRows = 'none';
			emitted.push(...((await rowsOf(poller)) ?? []).map(links.idOf));
			expect(emitted).toHaveLength(new Set(emitted).size);
			expect(emitted).toEqual(expect.arrayContaining(due));
			Object.assign(klinky.readings, usual);
		},
	);

	it('links without a time are told all the same, and cost one request when nothing is new', async () => {
		const { klinky } = world;
		klinky.misbehave({
			match: { operationId: 'listLinks' },
			times: Infinity,
			rewrite: (body) => ({
				...(body as IDataObject),
				items: (body as { items: IDataObject[] }).items.map((link) => ({
					...link,
					created_at: undefined,
				})),
			}),
		});
		links.fill();
		const poller = world.poller(links);
		await poller.poll();
		const before = requests('klinky');
		expect(await poller.poll()).toBeNull();
		expect(requests('klinky') - before).toBe(1);
		const due = links.happen(3);
		klinky.state.links.splice(0, 2);
		expect((await rowsOf(poller))?.map(links.idOf).sort()).toEqual(due.sort());
	});

	it('links of another account, whose key was put into the same credential, are no news', async () => {
		links.fill();
		const before = world.poller(links);
		await before.poll();
		world.klinky.state.links.length = 0;
		links.fill();
		world.useNewKey();
		const after = world.poller(links, { staticData: before.staticData });
		expect(await after.poll()).toBeNull();
		const due = links.happen(1);
		expect((await rowsOf(after))?.map(links.idOf)).toEqual(due);
	});

	it.each(['clicked_at', 'timestamp'] as const)(
		'clicks with their time under "%s" are asked for from before the first poll on',
		async (clickKeys) => {
			world.klinky.readings.clickKeys = clickKeys;
			clicks.fill();
			const poller = world.poller(clicks);
			const published = Date.now();
			await poller.poll();
			const due = clicks.happen(2);
			expect((await rowsOf(poller))?.map(clicks.idOf)).toEqual(due);
			const asked = Date.parse(String(world.klinky.journal.requests.at(-1)?.query.start_date));
			expect(Math.abs(published - 10 * 60_000 - asked)).toBeLessThan(5000);
			world.klinky.readings.clickKeys = 'clicked_at';
		},
	);

	it('clicks of a link that is gone: the poll says so', async () => {
		clicks.fill();
		const poller = world.poller(clicks);
		await poller.poll();
		world.klinky.state.links.length = 0;
		await expect(poller.poll()).rejects.toMatchObject({
			message: expect.stringMatching(/^Klinky: Link not found\. \(link ".+"\)$/),
			httpCode: '404',
		});
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		'%s: a budget that is used up is waited for, without a request and without an error',
		async (_, given) => {
			given.fill();
			const poller = world.poller(given);
			await poller.poll();
			const due = given.happen(2);
			leave(0);
			const { staticData } = poller;
			const logged = world.engine.logs.length;
			expect(await poller.poll()).toBeNull();
			const before = requests('klinky');
			for (let polls = 0; polls < 5; polls++) expect(await poller.poll()).toBeNull();
			expect(requests('klinky')).toBe(before);
			expect(poller.staticData).toEqual(staticData);
			const said = world.engine.logs.slice(logged).map(({ level, message }) => [level, message]);
			expect(said).toContainEqual(['info', expect.stringMatching(/The next poll looks again\.$/)]);

			nextHour();
			const opened = Date.now() + HOUR;
			jest.spyOn(Date, 'now').mockImplementation(() => opened);
			const emitted = (await rowsOf(poller))?.map(given.idOf);
			jest.restoreAllMocks();
			expect(emitted?.sort()).toEqual(due.sort());
		},
	);

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		"%s: n8n's scheduler is told when to come back where the budget is used up",
		async (_, given) => {
			given.fill();
			const poller = world.poller(given, { budget: 36_000 });
			await poller.poll();
			const due = given.happen(2);
			leave(0);
			const { staticData } = poller;
			for (let polls = 0; polls < 2; polls++) {
				const failure: unknown = await poller.poll().catch((error: unknown) => error);
				expect(failure).toMatchObject({
					name: 'NodeApiError',
					failure: { cause: 'rate-limited', retryAfterMs: expect.any(Number) },
				});
				const { retryAfterMs } = (failure as { failure: { retryAfterMs: number } }).failure;
				expect(retryAfterMs).toBeGreaterThan(0);
				expect(retryAfterMs).toBeLessThanOrEqual(HOUR);
			}
			expect(poller.staticData).toEqual(staticData);
			nextHour();
			const opened = Date.now() + HOUR;
			jest.spyOn(Date, 'now').mockImplementation(() => opened);
			expect((await rowsOf(poller))?.map(given.idOf).sort()).toEqual(due.sort());
		},
	);

	it('an n8n that gives no time for a poll waits in silence', async () => {
		links.fill();
		const poller = world.poller(links, { budget: 'none' });
		await poller.poll();
		leave(0);
		expect(await poller.poll()).toBeNull();
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		'%s: publishing while the budget is used up says when to try again, and nothing is lost then',
		async (_, given) => {
			given.fill();
			leave(0);
			const poller = world.poller(given);
			// n8n would not save what a later poll remembers: a restart would take news for old
			await expect(poller.poll()).rejects.toMatchObject({
				message: expect.stringMatching(/Requests are taken again at \d{4}-.+ UTC/),
				description: 'Publish the workflow again after that.',
			});
			await expect(poller.poll()).rejects.toMatchObject({
				message: expect.stringMatching(/takes no more requests until \d{4}-.+ UTC/),
			});
			expect(poller.staticData).toEqual({});
			const later = Date.now() + HOUR;
			jest.spyOn(Date, 'now').mockImplementation(() => later);
			expect(await poller.poll()).toBeNull();
			const due = given.happen(1);
			poller.restart();
			expect((await rowsOf(poller))?.map(given.idOf)).toEqual(due);
		},
	);

	it('a workflow that is published already starts with n8n while the budget is used up', async () => {
		links.fill();
		const poller = world.poller(links);
		await poller.poll();
		const due = links.happen(1);
		leave(0);
		poller.restart();
		expect(await poller.poll()).toBeNull();
		nextHour();
		const later = Date.now() + HOUR;
		jest.spyOn(Date, 'now').mockImplementation(() => later);
		expect((await rowsOf(poller))?.map(links.idOf)).toEqual(due);
	});

	it('the editor is told when the budget is used up', async () => {
		links.fill();
		leave(0);
		await expect(world.poller(links, { mode: 'manual' }).poll()).rejects.toMatchObject({
			message: expect.stringContaining('Rate limit exceeded'),
			description: 'Fetch the test event again after that.',
		});
	});

	it.each([
		['linkCreated', links],
		['clickRecorded', clicks],
	])(
		'%s: 5,000 new rows arrive over several windows of a small budget, each once',
		async (_, given) => {
			given.fill();
			const poller = world.poller(given);
			await poller.poll();
			const due = given.happen(5000);
			const emitted: unknown[] = [];
			let windows = 0;
			let now = Date.now();
			for (; windows < 10; windows++) {
				nextHour();
				now += HOUR;
				jest.spyOn(Date, 'now').mockImplementation(() => now);
				leave(20);
				emitted.push(...((await rowsOf(poller)) ?? []).map(given.idOf));
				jest.restoreAllMocks();
				if (emitted.length >= due.length) break;
			}
			expect(windows).toBeGreaterThan(1);
			expect(emitted.sort()).toEqual([...due].sort());
		},
		60_000,
	);

	it('a short refusal is waited out', async () => {
		links.fill();
		const poller = world.poller(links);
		await poller.poll();
		const due = links.happen(1);
		world.klinky.misbehave({ status: 429, headers: { 'retry-after': '2' } });
		const rows = await inVirtualTime(async () => await rowsOf(poller));
		expect(rows?.map(links.idOf)).toEqual(due);
	});
});
