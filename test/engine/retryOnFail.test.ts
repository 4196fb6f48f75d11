import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { inlineNode } from './harness';
import type { NodeRunResult, RunResult } from './harness';
import { pairing } from './setup';
import { inVirtualTime } from './virtualTime';
import {
	byId,
	context,
	COUNT,
	createMany,
	credentials,
	engine,
	errors,
	fail,
	items,
	numbers,
	post,
	refusal,
	retrying,
	run,
	sent,
	services,
	setUpWrites,
	tag,
	titled,
	writes,
	WRITES,
} from './writesSetup';
import type { Write } from './writesSetup';

/* n8n runs a node again with all its items: through "Retry On Fail", or when a person retries. */

setUpWrites();

describe.each(titled)('%s', (_, write) => {
	const expectEachOnce = (result: NodeRunResult) => {
		expect(result.error).toBeUndefined();
		expect(pairing(result.output)).toEqual(numbers);
		expect(errors(result.output)).toEqual([]);
		expect(new Set(writes(write)).size).toBe(COUNT);
		expect(sent(write)).toHaveLength(COUNT + 1);
		expect(context(result.runData)).toEqual({});
	};

	it('leaves nothing behind after a success', async () => {
		const result = await run(write, retrying);
		expect(pairing(result.output)).toEqual(numbers);
		expect(new Set(writes(write)).size).toBe(COUNT);
		expect(sent(write)).toHaveLength(COUNT);
		expect(context(result.runData)).toEqual({});
	});

	it.each([0, 2, COUNT - 1])(
		'sends each item once if n8n retries because request %i was refused',
		async (skip) => {
			fail(write, { skip, ...refusal });
			expectEachOnce(await run(write, retrying));
		},
	);

	it.each([0, 2, COUNT - 1])(
		'sends each item once if a person retries because request %i was refused',
		async (skip) => {
			fail(write, { skip, ...refusal });
			const failed = await run(write, { executionId: '1' });
			expect(failed.status).toBe('error');
			expectEachOnce(await run(write, { executionId: '2', retryOf: failed.runData }));
		},
	);

	describe.each(['continueRegularOutput', 'continueErrorOutput'] as const)('%s', (onError) => {
		it('sends each item once if n8n retries because the first was refused', async () => {
			fail(write, refusal);
			const result = await run(write, { ...retrying, onError });
			expectEachOnce(result);
			expect(result.errorOutput).toEqual([]);
		});

		it.each([2, COUNT - 1])(
			'goes on with the other items if request %i was refused',
			async (skip) => {
				fail(write, { skip, ...refusal });
				const result = await run(write, { ...retrying, onError });
				expect(sent(write)).toHaveLength(COUNT);
				expect(writes(write)).toHaveLength(COUNT - 1);
				expect(result.output).toHaveLength(onError === 'continueErrorOutput' ? COUNT - 1 : COUNT);
				expect([...errors(result.output), ...errors(result.errorOutput)]).toHaveLength(1);
				expect(context(result.runData)).toEqual({});
			},
		);

		it('sends only the first item again if it is refused in every try', async () => {
			fail(write, { ...refusal });
			fail(write, { skip: COUNT - 1, times: Infinity, ...refusal });
			const result = await run(write, { ...retrying, onError });
			expect(sent(write)).toHaveLength(COUNT + 2);
			expect(new Set(writes(write)).size).toBe(COUNT - 1);
			expect([...errors(result.output), ...errors(result.errorOutput)]).toHaveLength(1);
			expect(context(result.runData)).toEqual({});
		});
	});
});

const named = (name: string): Write => WRITES.find((write) => write.name === name) ?? post;
const lost = { drop: 'after' } as const;

describe('a write whose answer was lost', () => {
	it.each([
		['post.create', 'the posts of the space in Kindryn'],
		['event.create', 'the events of the space in Kindryn'],
		['member.add', 'the members and invitations in Kindryn'],
		['invitation.create', 'the invitations in Kindryn'],
	])('is sent again by a person who has looked, not by n8n: %s', async (name, where) => {
		const write = named(name);
		fail(write, lost);
		const failed = await run(write, { ...retrying, executionId: '1' });
		const words = `It may have been carried out: look at ${where} [item 0]`;
		expect(failed.error?.message).toContain(words);
		expect(failed.error?.description).toContain('"Retry" in the list of executions sends it.');
		expect(sent(write)).toHaveLength(1);

		const retried = await run(write, { executionId: '2', retryOf: failed.runData });
		// The service may refuse a duplicate
		expect(sent(write).length).toBeGreaterThan(1);
		expect(retried.runData.resultData.lastNodeExecuted).toBe('Node');
	});

	it('fails with the same text in each try, and earlier posts are not sent again', async () => {
		fail(post, { skip: 2, status: 500, body: { message: 'Oops' }, carryOut: true });
		const failed = await run(post, { ...retrying, executionId: '1' });
		expect(failed.error).toMatchObject({
			message:
				'Kindryn: Oops (post "Post 2"). It may have been carried out: look at the posts of the space in Kindryn. 2 of 5 posts were created [item 2]',
			description:
				'It was not sent a second time. If it is not there, "Retry" in the list of executions sends it. "Retry" in the list of executions goes on with the rest; "Execute step" starts over.',
		});
		expect(sent(post)).toHaveLength(3);

		const retried = await run(post, { executionId: '2', retryOf: failed.runData });
		expect(retried.error).toBeUndefined();
		expect(sent(post)).toHaveLength(6);
		expect(context(retried.runData)).toEqual({});
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'fails only its own item if On Error is Continue: %s',
		async (onError) => {
			fail(post, lost);
			const result = await run(post, { ...retrying, onError });
			expect(sent(post)).toHaveLength(COUNT);
			const said = [...errors(result.output), ...errors(result.errorOutput)];
			expect(said).toEqual([expect.stringMatching(/look at the posts .* \[item 0\]$/)]);
			expect(context(result.runData)).toEqual({});
		},
	);

	it('is found by its identifier: a tag', async () => {
		fail(tag, { skip: 1, ...lost });
		const result = await run(tag, retrying);
		expect(result.error).toBeUndefined();
		expect(pairing(result.output)).toEqual(numbers);
		expect(sent(tag)).toHaveLength(COUNT);
		expect(context(result.runData)).toEqual({});
	});

	it('is sent again if the list does not hold it: a tag', async () => {
		fail(tag, { skip: 1, drop: 'before' });
		const result = await run(tag, retrying);
		expect(result.error).toBeUndefined();
		expect(sent(tag)).toHaveLength(COUNT + 1);
		expect(services().kinktree.state.tags().size).toBe(2 * COUNT);
	});

	it.each(['tag.delete', 'link.delete'])(
		'counts as done if the row to delete is gone: %s',
		async (name) => {
			const write = named(name);
			fail(write, { status: 503, carryOut: true });
			fail(write, { status: 503, times: 3 });
			const result = await inVirtualTime(async () => await run(write, retrying));
			expect(result.error).toBeUndefined();
			expect(result.output.map(({ json }) => json.deleted)).toEqual(numbers.map(() => true));
			expect(sent(write)).toHaveLength(COUNT + 4);
		},
	);

	it('leaves a batch in doubt, and only a person invites these people again', async () => {
		const parameters = { email: '={{ $json.email }}', options: { batchSize: 2 } };
		const bulk = { ...createMany, parameters };
		fail(bulk, { skip: 1, ...lost });
		const failed = await run(bulk, { ...retrying, executionId: '1' });
		expect(failed.error?.message).toMatch(
			/Some of these people may have been invited\. Already invited: items 0 to 1 \[item 2\]$/,
		);
		expect(sent(bulk)).toHaveLength(2);

		const retried = await run(bulk, { executionId: '2', retryOf: failed.runData });
		expect(retried.error).toBeUndefined();
		expect(sent(bulk).map(({ body }) => (body as unknown[]).length)).toEqual([2, 2, 2, 1]);
	});

	it('becomes a row with its outcome in Create Many if On Error is Continue', async () => {
		fail(createMany, { skip: 1, ...lost });
		const { output } = await run(createMany, { ...retrying, onError: 'continueRegularOutput' });
		expect(output[1]?.json).toEqual({
			email: 'p1@example.org',
			outcome: 'unknown',
			error: expect.stringContaining('Some of these people may have been invited'),
		});
		expect(sent(createMany)).toHaveLength(COUNT);
	});
});

describe('a row in which the service itself sent a field "error"', () => {
	const withError = (body: unknown) => ({ ...(body as IDataObject), error: 'of the service' });

	it('makes n8n retry, which sends nothing', async () => {
		fail(post, { rewrite: withError });
		const result = await run(post, retrying);
		expect(sent(post)).toHaveLength(COUNT);
		expect(errors(result.output)).toEqual(['of the service']);
		expect(context(result.runData)).toEqual({});
	});

	it('is requested again in Create Many, because there it means that a person was not invited', async () => {
		Object.assign(services().kindryn.readings, { bulkFailureKey: 'error' });
		const people = [{ email: 'jane@example.org' }, ...items.slice(0, 2)];
		const result = await run(createMany, { ...retrying, items: people });
		expect(sent(createMany)).toHaveLength(3 + 2);
		expect(result.output.map(({ json }) => json.outcome)).toEqual([
			'error',
			'invitation_sent',
			'invitation_sent',
		]);
		expect(context(result.runData)).toEqual({});
	});
});

it('invites nobody twice if the first item has no address', async () => {
	const people = [{ email: '' }, ...items];
	const onError = 'continueRegularOutput';
	const result = await run(createMany, { ...retrying, items: people, onError });
	expect(sent(createMany)).toHaveLength(COUNT);
	expect(result.output[0]?.json).toEqual({
		email: '',
		outcome: 'error',
		error: "'Email' is empty [item 0]",
	});
	expect(context(result.runData)).toEqual({});
});

describe('a workflow that was changed before the retry', () => {
	/** Fails at the last item. A person then changes the node and retries with the saved workflow. */
	const retryChanged = async (write: Write, changes: INodeParameters) => {
		fail(write, { skip: COUNT - 1, ...refusal });
		const { runData } = await run(write, { executionId: '1' });
		const retryOf = structuredClone(runData);
		const [next] = retryOf.executionData?.nodeExecutionStack ?? [];
		Object.assign(next?.node.parameters ?? {}, changes);
		return await run(write, { executionId: '2', retryOf });
	};

	it('sends the failed item again, and each item whose parameters changed', async () => {
		const body = "={{ $json.number === 1 ? 'Changed' : 'Post ' + $json.number }}";
		expect((await retryChanged(post, { body })).error).toBeUndefined();
		expect(writes(post).slice(COUNT - 1)).toEqual([
			expect.stringContaining('Changed'),
			expect.stringContaining('Post 4'),
		]);
	});

	it('sends no item again for an option that only changes how it is sent', async () => {
		const create = named('link.create');
		const options = { waitForRateLimit: true };
		expect((await retryChanged(create, { options })).error).toBeUndefined();
		expect(sent(create)).toHaveLength(COUNT + 1);
	});

	it('sends no item again if only the order of its optional fields changed', async () => {
		const member = named('member.add');
		const fields = { role: 'MEMBER', sendWelcomeEmail: false };
		const write = { ...member, parameters: { ...member.parameters, additionalFields: fields } };
		const { sendWelcomeEmail, role } = fields;
		await retryChanged(write, { additionalFields: { sendWelcomeEmail, role } });
		expect(sent(member)).toHaveLength(COUNT + 1);
	});
});

it('remembers items by a hash, under no name that holds an address', async () => {
	fail(createMany, { skip: 2, ...refusal });
	const failed = await run(createMany);
	const names: string[] = [];
	JSON.stringify(context(failed.runData), (name, value: unknown) => {
		names.push(name);
		return value;
	});
	expect(names.filter((name) => /@|example/.test(name))).toEqual([]);
	expect(names).toContain('hash');
});

const at = (name: string, type: string, typeVersion: number, more: IDataObject = {}) => ({
	...{ id: name, name, type, typeVersion, parameters: {}, ...more },
	position: [0, 0] as [number, number],
});
/** A node that creates the same post each time. */
const posting = (name: string, type: 'kindryn' | 'kindrynTool') =>
	at(name, `n8n-nodes-kinktree-kindryn-klinky.${type}`, 1, {
		...retrying,
		waitBetweenTries: 1,
		parameters: {
			resource: 'post',
			operation: 'create',
			spaceId: byId('talk'),
			authorId: byId('u1'),
			body: 'Good morning',
		},
	});
const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];

describe('a loop', () => {
	/** Three rounds with one item each. All of them write the same. */
	const loop = async (): Promise<RunResult> =>
		await engine().run({
			credentials: credentials(),
			workflow: {
				nodes: [
					at('Start', 'n8n-nodes-base.manualTrigger', 1),
					at('Rounds', 'n8n-nodes-base.set', 3.4, {
						parameters: { mode: 'raw', jsonOutput: '{ "rounds": [1, 2, 3] }' },
					}),
					at('Split', 'n8n-nodes-base.splitOut', 1, { parameters: { fieldToSplitOut: 'rounds' } }),
					at('Loop', 'n8n-nodes-base.splitInBatches', 3),
					posting('Node', 'kindryn'),
				],
				connections: {
					Start: { main: [to('Rounds')] },
					Rounds: { main: [to('Split')] },
					Split: { main: [to('Loop')] },
					Loop: { main: [[], to('Node')] },
					Node: { main: [to('Loop')] },
				},
			},
		});

	it('writes in each round', async () => {
		const result = await loop();
		expect(result.error).toBeUndefined();
		expect(sent(post)).toHaveLength(3);
		expect(context(result.data)).toEqual({});
	});

	it('writes once in a round that n8n retries', async () => {
		fail(post, { skip: 1, ...refusal });
		const result = await loop();
		expect(result.error).toBeUndefined();
		expect(writes(post)).toHaveLength(3);
		expect(sent(post)).toHaveLength(4);
		expect(context(result.data)).toEqual({});
	});
});

describe('a tool of an agent', () => {
	interface Tool {
		invoke(toolArguments: IDataObject): Promise<string>;
	}

	/** An agent that calls the tool a number of times, each time with the same words. */
	const agent = async (calls: number): Promise<IDataObject[]> => {
		const node = inlineNode(async function () {
			const [tool] = (await this.getInputConnectionData('ai_tool', 0)) as [Tool];
			const said: IDataObject[] = [];
			for (let call = 0; call < calls; call++) {
				const answer = tool.invoke({});
				said.push({ said: await answer.catch(({ message }: Error) => message) });
			}
			return [said.map((json) => ({ json }))];
		});
		node.description.inputs = ['main', 'ai_tool'];
		const result = await engine().run({
			inline: { 'test.agent': node },
			credentials: credentials(),
			startNode: 'Agent',
			workflow: {
				nodes: [at('Agent', 'test.agent', 1), posting('Tool', 'kindrynTool')],
				connections: { Tool: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] } },
			},
		});
		expect(result.error).toBeUndefined();
		return (result.nodes.Agent?.items[0] ?? []).map(({ json }) => json);
	};

	it('writes each time it is called', async () => {
		await agent(2);
		expect(writes(post)).toHaveLength(2);
	});

	it('writes once if n8n retries', async () => {
		fail(post, refusal);
		await agent(1);
		expect(writes(post)).toHaveLength(1);
		expect(sent(post)).toHaveLength(2);
	});

	it('does not repeat a write that may have been carried out', async () => {
		fail(post, lost);
		const [first] = await agent(1);
		expect(first?.said).toContain('It may have been carried out: look at the posts');
		expect(sent(post)).toHaveLength(1);
	});
});

describe('the data of an execution', () => {
	const sizeOf = ({ runData }: NodeRunResult) => JSON.stringify(context(runData)).length;

	it('holds the finished writes only while the node has failed', async () => {
		const many = Array.from({ length: 50 }, (_, number) => ({ number }));
		const clean = await run(post, { items: many });
		expect(sizeOf(clean)).toBe(2);
		services().kindryn.reset();
		fail(post, { skip: 49, ...refusal });
		const failed = await run(post, { items: many, executionId: '1' });
		expect(sizeOf(failed)).toBeGreaterThan(49 * 100);
		const retried = await run(post, { items: many, executionId: '2', retryOf: failed.runData });
		expect(sizeOf(retried)).toBe(2);
	});
});
