import type { IDataObject } from 'n8n-workflow';

import type { Misbehaviour } from '../emulator';
import { inlineNode } from './harness';
import type { NodeRunResult, RunNodeOptions } from './harness';
import { farFromTheHour, HOUR, jsonOf, KlinkyBench, linkId } from './klinkyBench';
import { pairing } from './operations';
import { inVirtualTime } from './virtualTime';

const now = farFromTheHour();
let clock = () => now;
const bench = new KlinkyBench({ now: () => clock() });
bench.setUp();
const { engine, emulator } = bench;

interface Tool {
	invoke(toolArguments: IDataObject): Promise<string>;
}

const isoTime = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const opens = Math.ceil(now / HOUR) * HOUR;
const UNTIL = `Klinky takes no more requests until ${isoTime(opens)}. Nothing was sent`;

const create = async (
	count: number,
	options: Partial<RunNodeOptions> = {},
	more: IDataObject = {},
) =>
	await bench.run(
		'link',
		'create',
		{
			name: '=Link {{ $json.number }}',
			destinationUrl: '=https://x.example/{{ $json.number }}',
			...more,
		} as never,
		{ items: Array.from({ length: count }, (_, number) => ({ number })), ...options },
	);
const messages = (result: NodeRunResult) => result.hints.map(({ message }) => message);
const posts = () => emulator().journal.find({ method: 'POST' });
const keysSent = () => posts().map(({ headers }) => headers['idempotency-key']);
const names = () => emulator().state.links.map(({ name }) => name);

describe('the budget', () => {
	it('1,000 links are listed with 10 requests', async () => {
		for (let link = 0; link < 1000; link++) emulator().state.addLink();
		const result = await bench.run('link', 'getAll', { returnAll: true });
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
	])('Limit %i asks for no page more than it needs', async (limit, pages) => {
		for (let link = 0; link < 300; link++) emulator().state.addLink();
		const result = await bench.run('link', 'getAll', { limit });
		expect(result.output).toHaveLength(limit);
		expect(emulator().journal.requests.map(({ query }) => [query.page, query.per_page])).toEqual(
			pages,
		);
		expect(messages(result)).toEqual([expect.stringContaining(`${limit} of 300 links`)]);
	});

	it('what several items ask alike is asked once', async () => {
		const { id } = emulator().state.addLink();
		for (const [resource, operation] of [
			['link', 'getAll'],
			['link', 'get'],
			['click', 'getAll'],
			['rateLimit', 'get'],
		] as const) {
			emulator().journal.clear();
			const parameters = { linkId: linkId(id) };
			const result = await bench.run(resource, operation, parameters, { items: [{}, {}, {}] });
			expect(result.error).toBeUndefined();
			expect(emulator().journal.requests).toHaveLength(1);
			expect(new Set(pairing(result.output)).size).toBe(
				operation === 'getAll' && resource === 'click' ? 0 : 3,
			);
		}
	});

	it('says what is left when that is less than a tenth', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(11);
		expect(messages(await bench.run('link', 'getAll'))).toEqual([]);
		expect(messages(await bench.run('link', 'getAll'))).toEqual([
			`Klinky: 9 of 100 requests left until ${isoTime(opens)}`,
		]);
	});

	it('70 of 100 links are created, the others send nothing and say until when', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(70);
		const result = await create(100, { onError: 'continueErrorOutput' });
		expect(result.output).toHaveLength(70);
		expect(result.errorOutput).toHaveLength(30);
		expect(result.errorOutput[0]?.json).toEqual({ number: 70, error: `${UNTIL} [item 70]` });
		expect(result.errorOutput[29]?.json).toEqual({ number: 99, error: `${UNTIL} [item 99]` });
		expect(emulator().journal.requests).toHaveLength(70);
		expect(messages(result)).toEqual([`Klinky: 0 of 100 requests left until ${isoTime(opens)}`]);
	});

	it('a retry of the execution goes on where it stopped, and makes no second link', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(70);
		const stopped = await create(100, { executionId: '1' });
		expect(stopped.error).toMatchObject({
			message: `${UNTIL} [item 70]`,
			description: expect.stringContaining('retry the execution after that time'),
		});
		expect(emulator().state.links).toHaveLength(70);
		expect(emulator().journal.requests).toHaveLength(70);

		// An hour later: another key, because neither clock moves
		bench.useKey({ plan: 'growth' });
		const retried = await create(100, { executionId: '2', retryOf: stopped.runData });
		expect(retried.error).toBeUndefined();
		expect(jsonOf(retried).map(({ name }) => name)).toEqual(
			Array.from({ length: 100 }, (_, number) => `Link ${number}`),
		);
		expect(emulator().state.links).toHaveLength(100);
		expect(emulator().journal.requests).toHaveLength(100);
		expect(messages(retried)).toEqual([expect.stringContaining('were not sent again')]);
	});

	it('a retry of the execution sends the key of the first, should the answer have been lost', async () => {
		emulator().misbehave({ skip: 1, drop: 'after', times: 4 });
		const stopped = await inVirtualTime(async () => await create(2, { executionId: '1' }));
		expect(stopped.error?.message).toContain('the connection was closed before the answer arrived');
		expect(names()).toEqual(['Link 0', 'Link 1']);
		const before = new Set(keysSent());

		const retried = await create(2, { executionId: '2', retryOf: stopped.runData });
		expect(jsonOf(retried)).toMatchObject([{ name: 'Link 0' }, { name: 'Link 1' }]);
		expect(names()).toEqual(['Link 0', 'Link 1']);
		expect(new Set(keysSent())).toEqual(before);
	});

	it('a window that is closed already costs no request', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(1);
		await bench.run('link', 'getAll');
		emulator().journal.clear();
		const result = await bench.run('link', 'getAll');
		expect(result.error?.message).toBe(`${UNTIL} [item 0]`);
		expect(emulator().journal.requests).toEqual([]);
		await expect(
			engine().listSearch({
				type: 'klinky',
				method: 'searchLinks',
				credentials: bench.credentials(),
			}),
		).rejects.toThrow(UNTIL);
		expect(emulator().journal.requests).toEqual([]);
	});

	it.each([true, false])(
		'list and credential test, which have no options, advise none (%s: the window is known)',
		async (isKnown) => {
			bench.useKey({ plan: 'growth' });
			bench.leave(isKnown ? 1 : 0);
			if (isKnown) await bench.run('link', 'getAll');
			const list = { type: 'klinky', method: 'searchLinks', credentials: bench.credentials() };
			await expect(engine().listSearch(list)).rejects.toMatchObject({
				message: expect.stringContaining('Klinky'),
				description:
					"Your plan has used up its requests for this hour. Try again later, or enter the link's ID under 'By ID'.",
			});
			const tested = await engine().testCredential('klinkyApi', bench.credentials().klinkyApi);
			expect(tested).toEqual({
				status: 'Error',
				message: expect.stringMatching(
					/^Klinky .*\. Your plan has used up its requests for this hour\. Try again later\.$/,
				),
			});
		},
	);

	it('a 429 closes the window for what follows', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(0);
		const result = await create(3, { onError: 'continueRegularOutput' });
		const said = jsonOf(result).map(({ error }) => String(error));
		// Retry-After counts from now, whatever the clock of the service shows
		const [time] = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/.exec(said[0] ?? '') ?? [];
		expect(said).toEqual([
			`Klinky: Rate limit exceeded. Please try again later. Requests are taken again at ${time} (link "Link 0") [item 0]`,
			`Klinky takes no more requests until ${time}. Nothing was sent [item 1]`,
			`Klinky takes no more requests until ${time}. Nothing was sent [item 2]`,
		]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('the rate limit of a closed window is known without a further request', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(1);
		const [known] = jsonOf(await bench.run('rateLimit', 'get'));
		expect(known).toEqual({ limit: 100, remaining: 0, resetsAt: new Date(opens).toISOString() });
		// From memory: asking would be refused
		expect(jsonOf(await bench.run('rateLimit', 'get'))).toEqual([known]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('the rate limit is read from a refusal too', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(0);
		expect(jsonOf(await bench.run('rateLimit', 'get'))).toEqual([
			{ limit: 100, remaining: 0, resetsAt: expect.stringMatching(/^\d{4}-.*Z$/) },
		]);
		expect(emulator().journal.requests).toHaveLength(1);
	});

	it('an answer without the headers says nothing of the rate limit', async () => {
		emulator().misbehave({ raw: { body: '{"total":0,"items":[]}' } });
		const { error } = await bench.run('rateLimit', 'get');
		expect(error?.message).toBe('Klinky answered without X-RateLimit-Remaining [item 0]');
	});

	it.each([false, true])(
		'a short wait is taken, whatever the option says (%s)',
		async (waitForRateLimit) => {
			emulator().misbehave({
				status: 429,
				headers: { 'retry-after': '1', 'x-ratelimit-remaining': '0' },
			});
			const result = await inVirtualTime(
				async () => await bench.run('link', 'getAll', { options: { waitForRateLimit } }),
			);
			expect(result.error).toBeUndefined();
			expect(emulator().journal.requests).toHaveLength(2);
		},
	);

	it('a long wait is taken with the option, and all links are made', async () => {
		bench.useKey({ plan: 'growth' });
		emulator().readings.window = 'sliding';
		const result = await inVirtualTime(async () => {
			clock = () => Date.now();
			bench.leave(70);
			return await create(100, {}, { options: { waitForRateLimit: true } });
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

	it('a long wait ends at once when the execution is cancelled', async () => {
		bench.useKey({ plan: 'growth' });
		bench.leave(1);
		const controller = new AbortController();
		const running = bench.run(
			'link',
			'create',
			{
				name: '={{ $json.name }}',
				destinationUrl: 'https://x.example',
				options: { waitForRateLimit: true },
			},
			{
				items: [{ name: 'One' }, { name: 'Two' }, { name: 'Three' }],
				onError: 'continueRegularOutput',
				signal: controller.signal,
			},
		);
		await emulator().journal.arrival();
		controller.abort();
		expect((await running).status).toBe('canceled');
		expect(names()).toEqual(['One']);
		expect(emulator().journal.requests).toHaveLength(1);
	});
});

describe('one link for each item', () => {
	it.each<[string, Misbehaviour]>([
		['a connection that closes before', { drop: 'before', times: 2 }],
		['a connection that closes after', { drop: 'after', times: 2 }],
		['500', { status: 500, times: 2 }],
		['500 although it was carried out', { status: 500, carryOut: true, times: 2 }],
		['504 although it was carried out', { status: 504, carryOut: true, times: 3 }],
		['an answer that breaks off', { truncate: 'connection' }],
		['429 with a short wait', { status: 429, headers: { 'retry-after': '0' } }],
	])('whatever happens: %s', async (_, rule) => {
		emulator().misbehave({ ...rule, skip: 1 });
		const result = await inVirtualTime(async () => await create(3));
		expect(result.error).toBeUndefined();
		expect(jsonOf(result).map(({ name }) => name)).toEqual(['Link 0', 'Link 1', 'Link 2']);
		expect(names().sort()).toEqual(['Link 0', 'Link 1', 'Link 2']);
		expect(posts()).toHaveLength(3 + (rule.times ?? 1));
		expect(new Set(keysSent()).size).toBe(3);
	});

	it.each<[string, Misbehaviour]>([
		['refused', { status: 400, body: { detail: 'no' } }],
		['lost four times', { drop: 'after', times: 4 }],
		['500 four times', { status: 500, carryOut: true, times: 4 }],
	])('when n8n runs the node again, because the second was %s', async (_, rule) => {
		emulator().misbehave({ ...rule, skip: 1 });
		const retrying = { retryOnFail: true, maxTries: 2 };
		const result = await inVirtualTime(async () => await create(3, retrying));
		expect(result.error).toBeUndefined();
		expect(names().sort()).toEqual(['Link 0', 'Link 1', 'Link 2']);
		expect(new Set(keysSent()).size).toBe(3);
		// What was created in the first try is not asked for again
		expect(posts()).toHaveLength(3 + (rule.times ?? 1));
	});

	it('an execution that another worker runs again makes no second link', async () => {
		await create(2, { executionId: '1', instanceBaseUrl: 'http://worker-1:5678/' });
		await create(2, { executionId: '1', instanceBaseUrl: 'http://worker-2:5678/' });
		expect(posts()).toHaveLength(4);
		expect(new Set(keysSent()).size).toBe(2);
		expect(names()).toHaveLength(2);
	});

	it('keys differ for each item, node, loop and execution', async () => {
		await create(2, { executionId: '1' });
		await create(2, { executionId: '2' });
		expect(new Set(keysSent()).size).toBe(4);
		for (const key of keysSent())
			expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		expect(names()).toHaveLength(4);
	});

	it('keys differ in a loop and in two nodes, even for the same link', async () => {
		const node = (name: string, type: string, typeVersion: number, parameters = {}) => ({
			...{ id: name, name, type, typeVersion, parameters },
			position: [0, 0] as [number, number],
		});
		const make = (name: string) =>
			node(name, 'n8n-nodes-kinktree-kindryn-klinky.klinky', 1, {
				resource: 'link',
				operation: 'create',
				name: 'The same',
				destinationUrl: 'https://x.example',
			});
		const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
		const result = await engine().run({
			credentials: bench.credentials(),
			workflow: {
				nodes: [
					node('Start', 'n8n-nodes-base.manualTrigger', 1),
					node('Rounds', 'n8n-nodes-base.set', 3.4, {
						mode: 'raw',
						jsonOutput: '{ "rounds": [1, 2, 3] }',
					}),
					node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'rounds' }),
					node('Loop', 'n8n-nodes-base.splitInBatches', 3),
					make('First'),
					make('Second'),
				],
				connections: {
					Start: { main: [to('Rounds')] },
					Rounds: { main: [to('Split')] },
					Split: { main: [to('Loop')] },
					Loop: { main: [[], to('First')] },
					First: { main: [to('Second')] },
					Second: { main: [to('Loop')] },
				},
			},
		});
		expect(result.error).toBeUndefined();
		expect(result.nodes.First?.runs).toBe(3);
		expect(new Set(keysSent()).size).toBe(6);
		expect(names()).toHaveLength(6);
	});

	it('when the node is a tool of an agent, where n8n counts each try as a run', async () => {
		emulator().misbehave({ drop: 'after', times: 4 });
		const agent = inlineNode(async function () {
			const [tool] = (await this.getInputConnectionData('ai_tool', 0)) as [Tool];
			return [[{ json: { said: JSON.parse(await tool.invoke({})) as IDataObject[] } }]];
		});
		agent.description.inputs = ['main', 'ai_tool'];
		const at = { typeVersion: 1, position: [0, 0] as [number, number] };
		const result = await inVirtualTime(
			async () =>
				await engine().run({
					inline: { 'test.agent': agent },
					credentials: bench.credentials(),
					startNode: 'Agent',
					workflow: {
						nodes: [
							{ ...at, id: 'a', name: 'Agent', type: 'test.agent', parameters: {} },
							{
								...at,
								id: 't',
								name: 'Tool',
								type: 'n8n-nodes-kinktree-kindryn-klinky.klinkyTool',
								retryOnFail: true,
								maxTries: 2,
								parameters: {
									resource: 'link',
									operation: 'create',
									name: 'By an agent',
									destinationUrl: 'https://x.example',
								},
							},
						],
						connections: {
							Tool: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
						},
					},
				}),
		);
		expect(result.error).toBeUndefined();
		expect(result.nodes.Agent?.items[0]?.[0]?.json.said).toMatchObject([{ name: 'By an agent' }]);
		expect(posts()).toHaveLength(5);
		expect(new Set(keysSent()).size).toBe(1);
		expect(names()).toEqual(['By an agent']);
	});

	it('the key of the user wins, and a constant one is noticed', async () => {
		const result = await create(
			3,
			{},
			{
				name: 'The same',
				destinationUrl: 'https://x.example',
				additionalFields: { idempotencyKey: 'order-77' },
			},
		);
		expect(jsonOf(result).map(({ id }) => id)).toEqual(
			Array(3).fill(emulator().state.links[0]?.id),
		);
		expect(names()).toEqual(['The same']);
		expect(keysSent()).toEqual(['order-77']);
		expect(messages(result)).toEqual([
			expect.stringContaining("'Idempotency Key' is the same for several items"),
		]);
	});

	it('a key of the user makes one link over several executions', async () => {
		const more = { additionalFields: { idempotencyKey: '=order-{{ $json.number }}' } };
		await create(2, { executionId: '1' }, more);
		const again = await create(2, { executionId: '2' }, more);
		expect(jsonOf(again)).toMatchObject([{ name: 'Link 0' }, { name: 'Link 1' }]);
		expect(messages(again)).toEqual([]);
		expect(names()).toHaveLength(2);
		expect(keysSent()).toEqual(['order-0', 'order-1', 'order-0', 'order-1']);
	});

	it.each([409, 422] as const)(
		'a key that was used for something else is refused in words (%i)',
		async (idempotencyConflict) => {
			emulator().readings.idempotencyConflict = idempotencyConflict;
			const { error } = await create(2, {}, { additionalFields: { idempotencyKey: 'constant' } });
			expect(error).toMatchObject({
				message: expect.stringContaining('Idempotency-Key was used with a different request.'),
				description: expect.stringContaining("change 'Idempotency Key'"),
				httpCode: String(idempotencyConflict),
			});
			expect(names()).toEqual(['Link 0']);
		},
	);
});
