import type { IDataObject } from 'n8n-workflow';

import type { Misbehaviour } from '../emulator';
import { inlineNode } from './harness';
import type { NodeRunResult } from './harness';
import { klinkySetup, rowsOf } from './setup';
import { inVirtualTime } from './virtualTime';

const setup = klinkySetup();
const { create, emulator, engine } = setup;

interface Tool {
	invoke(toolArguments: IDataObject): Promise<string>;
}

const messages = (result: NodeRunResult) => result.hints.map(({ message }) => message);
const posts = () => emulator().journal.find({ method: 'POST' });
const keysSent = () => posts().map(({ headers }) => headers['idempotency-key']);
const names = () => emulator().state.links.map(({ name }) => name);

describe('Create', () => {
	it.each<[string, Misbehaviour]>([
		['a connection that closes before the request is handled', { drop: 'before', times: 2 }],
		['a connection that closes after the request is handled', { drop: 'after', times: 2 }],
		['500', { status: 500, times: 2 }],
		['500 although it was carried out', { status: 500, carryOut: true, times: 2 }],
		['504 although it was carried out', { status: 504, carryOut: true, times: 3 }],
		['an answer that breaks off', { truncate: 'connection' }],
		['429 with a short wait', { status: 429, headers: { 'retry-after': '0' } }],
	])('creates one link for each item after %s', async (_, rule) => {
		emulator().misbehave({ ...rule, skip: 1 });
		const result = await inVirtualTime(async () => await create(3));
		expect(result.error).toBeUndefined();
		expect(rowsOf(result).map(({ name }) => name)).toEqual(['Link 0', 'Link 1', 'Link 2']);
		expect(names().sort()).toEqual(['Link 0', 'Link 1', 'Link 2']);
		expect(posts()).toHaveLength(3 + (rule.times ?? 1));
		expect(new Set(keysSent()).size).toBe(3);
	});

	it.each<[string, Misbehaviour]>([
		['refused', { status: 400, body: { detail: 'no' } }],
		['lost four times', { drop: 'after', times: 4 }],
		['500 four times', { status: 500, carryOut: true, times: 4 }],
	])(
		'creates one link for each item if n8n runs the node again because the second was %s',
		async (_, rule) => {
			emulator().misbehave({ ...rule, skip: 1 });
			const retrying = { retryOnFail: true, maxTries: 2 };
			const result = await inVirtualTime(async () => await create(3, retrying));
			expect(result.error).toBeUndefined();
			expect(names().sort()).toEqual(['Link 0', 'Link 1', 'Link 2']);
			expect(new Set(keysSent()).size).toBe(3);
			// The links of the first try are not requested again
			expect(posts()).toHaveLength(3 + (rule.times ?? 1));
		},
	);

	it('creates no second link if another worker runs the execution again', async () => {
		await create(2, { executionId: '1', instanceBaseUrl: 'http://worker-1:5678/' });
		await create(2, { executionId: '1', instanceBaseUrl: 'http://worker-2:5678/' });
		expect(posts()).toHaveLength(4);
		expect(new Set(keysSent()).size).toBe(2);
		expect(names()).toHaveLength(2);
	});

	it('sends a different key for each item and execution', async () => {
		await create(2, { executionId: '1' });
		await create(2, { executionId: '2' });
		expect(new Set(keysSent()).size).toBe(4);
		for (const key of keysSent())
			expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		expect(names()).toHaveLength(4);
	});

	it('sends a different key in each node and round of a loop, even for the same link', async () => {
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
			credentials: setup.credentials(),
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

	it('creates one link as a tool of an agent, even though n8n counts each try as a run', async () => {
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
					credentials: setup.credentials(),
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

	it("sends the user's key, and gives a hint if it is the same for all items", async () => {
		const additionalFields = { idempotencyKey: 'order-77' };
		const result = await create(3, {
			parameters: { name: 'The same', destinationUrl: 'https://x.example', additionalFields },
		});
		expect(rowsOf(result).map(({ id }) => id)).toEqual(
			Array(3).fill(emulator().state.links[0]?.id),
		);
		expect(names()).toEqual(['The same']);
		expect(keysSent()).toEqual(['order-77']);
		expect(messages(result)).toEqual([
			expect.stringContaining("Items with the same 'Idempotency Key' share one link"),
		]);
	});

	it("creates one link over several executions with the user's key", async () => {
		const additionalFields = { idempotencyKey: '=order-{{ $json.number }}' };
		const parameters = { additionalFields };
		await create(2, { executionId: '1', parameters });
		const again = await create(2, { executionId: '2', parameters });
		expect(rowsOf(again)).toMatchObject([{ name: 'Link 0' }, { name: 'Link 1' }]);
		expect(messages(again)).toEqual([]);
		expect(names()).toHaveLength(2);
		expect(keysSent()).toEqual(['order-0', 'order-1', 'order-0', 'order-1']);
	});

	it.each([409, 422] as const)(
		'says that a key was already used for something else (%i)',
		async (idempotencyConflict) => {
			emulator().readings.idempotencyConflict = idempotencyConflict;
			const parameters = { additionalFields: { idempotencyKey: 'constant' } };
			const { error } = await create(2, { parameters });
			expect(error).toMatchObject({
				message: expect.stringContaining('Idempotency-Key was used with a different request.'),
				description: expect.stringContaining("change 'Idempotency Key'"),
				httpCode: String(idempotencyConflict),
			});
			expect(names()).toEqual(['Link 0']);
		},
	);

	it('goes on from where it stopped when the execution is retried, and creates no second link', async () => {
		setup.useKey({ plan: 'growth' });
		setup.leave(70);
		const stopped = await create(100, { executionId: '1' });
		expect(stopped.error).toMatchObject({
			message: expect.stringMatching(
				/^Klinky takes no more requests until .*\. 70 of 100 links were created \[item 70\]$/,
			),
			description: expect.stringMatching(
				/^Your plan's .* 'Wait for Rate Limit' .* "Retry" in the list of executions goes on with the rest; "Execute step" starts over\.$/,
			),
		});
		expect(emulator().state.links).toHaveLength(70);
		expect(emulator().journal.requests).toHaveLength(70);

		// An hour later: another key, because neither clock moves
		setup.useKey({ plan: 'growth' });
		const retried = await create(100, { executionId: '2', retryOf: stopped.runData });
		expect(retried.error).toBeUndefined();
		expect(rowsOf(retried).map(({ name }) => name)).toEqual(
			Array.from({ length: 100 }, (_, number) => `Link ${number}`),
		);
		expect(emulator().state.links).toHaveLength(100);
		expect(emulator().journal.requests).toHaveLength(100);
		expect(messages(retried)).toEqual([expect.stringContaining('were not sent again')]);
	});

	it('sends the same key when the execution is retried, because the answer may have been lost', async () => {
		emulator().misbehave({ skip: 1, drop: 'after', times: 4 });
		const stopped = await inVirtualTime(async () => await create(2, { executionId: '1' }));
		expect(stopped.error?.message).toContain('the connection was closed before the answer arrived');
		expect(names()).toEqual(['Link 0', 'Link 1']);
		const before = new Set(keysSent());

		const retried = await create(2, { executionId: '2', retryOf: stopped.runData });
		expect(rowsOf(retried)).toMatchObject([{ name: 'Link 0' }, { name: 'Link 1' }]);
		expect(names()).toEqual(['Link 0', 'Link 1']);
		expect(new Set(keysSent())).toEqual(before);
	});
});
