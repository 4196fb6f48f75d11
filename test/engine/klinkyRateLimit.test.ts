import { DateTime } from 'luxon';

import type { NodeRunResult } from './harness';
import { byId, farFromTheHour, HOUR, klinkySetup, pairing, rowsOf } from './setup';
import { inVirtualTime } from './virtualTime';

const now = farFromTheHour();
let clock = () => now;
// The emulator's clock differs from n8n's, and a valid Date header would reveal that
const setup = klinkySetup({ now: () => clock(), readings: { dateSkewMs: NaN } });
const { emulator } = setup;

const run: typeof setup.run = async (name, options) =>
	await setup.run(name, { timezone: ZONE, ...options });
const create: typeof setup.create = async (count, options) =>
	await setup.create(count, { timezone: ZONE, ...options });

const ZONE = 'Asia/Kolkata';
/** n8n's own zone. Lists use it, because they have no workflow. */
const ZONE_OF_N8N = 'America/New_York';
const timeAt = (ms: number, zone = ZONE) =>
	`${DateTime.fromMillis(ms).setZone(zone).toFormat('yyyy-MM-dd HH:mm:ss')} ${zone}`;
const opens = Math.ceil(now / HOUR) * HOUR;
const UNTIL = `Klinky takes no more requests until ${timeAt(opens)}`;

const messages = (result: NodeRunResult) => result.hints.map(({ message }) => message);

describe('the budget', () => {
	it('lists 1,000 links in 10 requests', async () => {
		for (let link = 0; link < 1000; link++) emulator().state.addLink();
		const result = await run('link.getAll', { parameters: { returnAll: true } });
		expect(result.output).toHaveLength(1000);
		expect(emulator().journal.requests).toHaveLength(10);
	});

	it.each([
		[1, [['1', '1']]],
		[50, [['1', '50']]],
		[100, [['1', '100']]],
		[
			101,
			[
				['1', '100'],
				['2', '100'],
			],
		],
	])('pays for no more pages than a Limit of %i needs', async (limit, pages) => {
		for (let link = 0; link < 300; link++) emulator().state.addLink();
		const result = await run('link.getAll', { parameters: { limit } });
		expect(result.output).toHaveLength(limit);
		expect(emulator().journal.requests.map(({ query }) => [query.page, query.per_page])).toEqual(
			pages,
		);
		expect(messages(result)).toEqual([expect.stringContaining(`${limit} of 300 links`)]);
	});

	it('pays for one request for all items that ask the same', async () => {
		const { id } = emulator().state.addLink();
		for (const name of ['link.getAll', 'link.get', 'click.getAll', 'rateLimit.get']) {
			emulator().journal.clear();
			const parameters = { linkId: byId(id) };
			const result = await run(name, { parameters, items: [{}, {}, {}] });
			expect(result.error).toBeUndefined();
			expect(emulator().journal.requests).toHaveLength(1);
			expect(new Set(pairing(result.output)).size).toBe(name === 'click.getAll' ? 0 : 3);
		}
	});

	it('is in a hint if less than a tenth is left', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(11);
		expect(messages(await run('link.getAll'))).toEqual([]);
		expect(messages(await run('link.getAll'))).toEqual([
			`Klinky: 9 of 100 requests left until ${timeAt(opens)}.`,
		]);
	});

	it('is never exceeded: the other items fail and say until when', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(70);
		const result = await create(100, { onError: 'continueErrorOutput' });
		expect(result.output).toHaveLength(70);
		expect(result.errorOutput).toHaveLength(30);
		expect(result.errorOutput[0]?.json).toEqual({ number: 70, error: `${UNTIL} [item 70]` });
		expect(result.errorOutput[29]?.json).toEqual({ number: 99, error: `${UNTIL} [item 99]` });
		expect(emulator().journal.requests).toHaveLength(70);
		expect(messages(result)).toEqual([`Klinky: 0 of 100 requests left until ${timeAt(opens)}.`]);
	});

	it('causes no further request once it is used up', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(1);
		await run('link.getAll');
		emulator().journal.clear();
		const result = await run('link.getAll');
		expect(result.error?.message).toBe(`${UNTIL} [item 0]`);
		expect(emulator().journal.requests).toEqual([]);
		await expect(setup.search('searchLinks')).rejects.toThrow('Klinky takes no more requests');
		expect(emulator().journal.requests).toEqual([]);
	});

	it('stops 105 links at row 65: the text says how many were created, until when, and how to go on', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(65);
		const { error } = await create(105);
		expect(error).toMatchObject({
			message: `${UNTIL}. 65 of 105 links were created [item 65]`,
			description: `Your plan's requests for this hour are used up. Turn on 'Wait for Rate Limit' in the options of this node, or run it again after that time. "Retry" in the list of executions goes on with the rest; "Execute step" starts over.`,
		});
		expect(emulator().state.links).toHaveLength(65);
	});

	it('says that no link was created if it was used up before', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(1);
		await run('link.getAll');
		const { error } = await create(3);
		expect(error?.message).toBe(`${UNTIL}. None of 3 links were created [item 0]`);
		expect(error?.description).not.toContain('"Retry"');
	});

	it('is shown in a list with a time whose dashes the panel keeps', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(1);
		await run('link.getAll');
		const [refusal] = await Promise.allSettled([setup.search('searchLinks')]);
		const { message } = (refusal as PromiseRejectedResult).reason as Error;
		// As n8n's editor words it (n8n 2.41, ResourceLocator.vue)
		const parts = /[-–—]/.test(message)
			? message.split(/\s*[-–—]\s*/)
			: message.split(/(?<=[.!?])\s+/);
		expect(parts.join(' ')).toBe(
			`Klinky takes no more requests until ${timeAt(opens, ZONE_OF_N8N).replaceAll('-', '\u2011')}`,
		);
	});

	it.each([true, false])(
		'gives a list and a credential test advice that names no options (window known: %s)',
		async (isKnown) => {
			setup.useKey({ plan: 'growth' });
			setup.leave(isKnown ? 1 : 0);
			if (isKnown) await run('link.getAll');
			await expect(setup.search('searchLinks')).rejects.toMatchObject({
				message: expect.stringContaining('Klinky'),
				description: 'Open the list again later, or enter the ID.',
			});
			expect(await setup.testCredential()).toEqual({
				status: 'Error',
				message: expect.stringMatching(
					/^Klinky .* \d\d:\d\d:\d\d UTC\. Test the credential again later\.$/,
				),
			});
		},
	);

	it('counts as used up after a 429', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(0);
		const result = await create(3, { onError: 'continueRegularOutput' });
		const said = rowsOf(result).map(({ error }) => String(error));
		// Retry-After counts from now, whatever the clock of the service shows
		const [time] = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Asia\/Kolkata/.exec(said[0] ?? '') ?? [];
		expect(said).toEqual([
			`Klinky: Rate limit exceeded. Please try again later. Requests are accepted again at ${time} (link "Link 0") [item 0]`,
			`Klinky takes no more requests until ${time} [item 1]`,
			`Klinky takes no more requests until ${time} [item 2]`,
		]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('is answered from memory when it is used up', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(1);
		const [known] = rowsOf(await run('rateLimit.get'));
		expect(known).toEqual({ limit: 100, remaining: 0, resetsAt: new Date(opens).toISOString() });
		// From memory: asking would be refused
		expect(rowsOf(await run('rateLimit.get'))).toEqual([known]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('is also read from a refusal', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(0);
		expect(rowsOf(await run('rateLimit.get'))).toEqual([
			{ limit: 100, remaining: 0, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) },
		]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('cannot be read if Klinky answers without the headers', async () => {
		emulator().misbehave({ raw: { body: '{"total":0,"items":[]}' } });
		const { error } = await run('rateLimit.get');
		expect(error?.message).toBe('Klinky returned no X-RateLimit-Remaining header [item 0]');
	});

	it.each([false, true])(
		'is waited for if the wait is short, whatever the option says (%s)',
		async (waitForRateLimit) => {
			emulator().misbehave({
				status: 429,
				headers: { 'retry-after': '1', 'x-ratelimit-remaining': '0' },
			});
			const result = await inVirtualTime(
				async () => await run('link.getAll', { parameters: { options: { waitForRateLimit } } }),
			);
			expect(result.error).toBeUndefined();
			expect(emulator().journal.requests).toHaveLength(2);
		},
	);

	it('is waited for with the option, until all links are created', async () => {
		setup.useKey({ plan: 'growth' });
		emulator().readings.window = 'sliding';
		const result = await inVirtualTime(async () => {
			clock = () => Date.now();
			setup.leave(70);
			return await create(100, { parameters: { options: { waitForRateLimit: true } } });
		}).finally(() => {
			clock = () => now;
		});
		expect(result.error).toBeUndefined();
		expect(result.output).toHaveLength(100);
		const { requests } = emulator().journal;
		expect(requests.map(({ status }) => status)).toEqual(Array(100).fill(201));
		const [last = 0, next = 0] = requests.slice(69, 71).map(({ at }) => at);
		expect(next - last).toBeGreaterThan(HOUR - 60_000);
	});

	it('is no longer waited for when the execution is cancelled', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(1);
		const controller = new AbortController();
		const running = run('link.create', {
			parameters: {
				name: '={{ $json.name }}',
				destinationUrl: 'https://x.example',
				options: { waitForRateLimit: true },
			},
			items: [{ name: 'One' }, { name: 'Two' }, { name: 'Three' }],
			onError: 'continueRegularOutput',
			signal: controller.signal,
		});
		await emulator().journal.arrival();
		controller.abort();
		expect((await running).status).toBe('canceled');
		expect(emulator().state.links).toMatchObject([{ name: 'One' }]);
		expect(emulator().journal.requests).toHaveLength(1);
	});
});
