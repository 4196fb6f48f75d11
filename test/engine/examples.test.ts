/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { resolve } from 'node:path';

import { type EmulatedWorld, startWorld } from '../../scripts/demo/emulated';
import { readExamples, runExample } from '../../scripts/demo/example';
import { type Engine, findSecrets, startEngine, type WorkflowFile } from './harness';

const examples = readExamples(resolve(__dirname, '../..'));

/** In ms: six hundred runs of a node take seconds, and longer on a busy machine. */
const LONG = 120_000;

let engine: Engine;
let world: EmulatedWorld;
beforeAll(async () => {
	world = await startWorld();
	engine = await startEngine();
});
afterAll(async () => {
	engine.stop();
	await world.stop();
});

describe('an example', () => {
	it.each(examples.map((example) => [example.file, example] as const))(
		'%s runs as imported and shows no secret',
		async (_file, example) => {
			const run = await runExample(engine, world, example);
			expect(run.troubles).toEqual([]);
			expect(run.rows).not.toEqual([]);
			expect(run.nodes.some(({ requests }) => requests > 0)).toBe(true);
			expect(findSecrets({ run, logs: engine.logs }, world.secrets)).toEqual([]);
			expect(engine.refusedConnections).toEqual([]);
		},
		LONG,
	);

	it.each(examples.map((example) => [example.file, example] as const))(
		'%s runs again on the data that the first run left',
		async (_file, example) => {
			await runExample(engine, world, example);
			const again = await runExample(engine, world, example, true);
			expect(again.troubles).toEqual([]);
			expect(again.rows).not.toEqual([]);
		},
	);

	it.each(examples.map(({ file, workflow }) => [file, workflow] as const))(
		"%s carries none of its author's credentials and no pinned data",
		(_file, workflow) => {
			expect(workflow.nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
			expect(workflow.pinData ?? {}).toEqual({});
		},
	);

	const run = async (name: string, isAgain = false) => {
		const example = examples.find(({ file }) => file === name);
		if (!example) throw new Error(`There is no examples/${name}`);
		const done = await runExample(engine, world, example, isAgain);
		expect(done.troubles).toEqual([]);
		return done;
	};
	const sum = (nodes: Array<{ requests: number }>) =>
		nodes.reduce((total, { requests }) => total + requests, 0);

	it(
		'creates 300 links on a plan of 100 an hour, and returns the same links when it runs again',
		async () => {
			const { rows, sleeps, nodes } = await run('klinky-hundreds-of-links.json');
			expect(rows).toHaveLength(300);
			expect(new Set(rows.map((row) => row['Short link'])).size).toBe(300);
			expect(rows.filter((row) => row['Not made because'] !== '')).toEqual([]);
			expect(sleeps.map((ms) => Math.round(ms / 60_000))).toEqual([60, 60]);
			// The node knows that the window is closed, so it sends neither the link nor the question
			expect(sum(nodes)).toBe(300);
			const again = await run('klinky-hundreds-of-links.json', true);
			expect(again.rows).toEqual(rows);
		},
		LONG,
	);

	it('lists the people of a CSV file who were not invited, and why, including new members in a second run', async () => {
		const { rows, nodes } = await run('kindryn-invite-csv.json');
		const notInvited = [
			{ Name: 'Liam Okafor', Why: expect.stringContaining("'Email' must be") },
			{ Name: 'Janick Thiel', Why: expect.stringContaining('already a member') },
			{ Name: 'Mateo Rossi', Why: expect.stringContaining("'Email' is empty") },
		];
		expect(rows).toMatchObject(notInvited);
		expect(sum(nodes)).toBe(1);
		const again = await run('kindryn-invite-csv.json', true);
		const joined = { Name: 'Geraldine Tromp', Why: expect.stringContaining('already a member') };
		expect(again.rows).toMatchObject([joined, ...notInvited]);
	});

	const workflow: WorkflowFile = {
		name: 'A tag that is not there',
		nodes: [
			{
				id: '1',
				name: 'Start',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			{
				id: '2',
				name: 'Lookup',
				type: 'n8n-nodes-kinktree-kindryn-klinky.kinktree',
				typeVersion: 1,
				position: [200, 0],
				parameters: {
					resource: 'tag',
					operation: 'get',
					tagId: { __rl: true, mode: 'id', value: 'not-there' },
				},
			},
		],
		connections: { Start: { main: [[{ node: 'Lookup', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};

	it('names the node that failed and what happened', async () => {
		const { troubles, nodes } = await runExample(engine, world, { file: 'x.json', workflow });
		expect(troubles).toEqual([expect.stringMatching(/^Lookup: .*not-there/)]);
		expect(nodes).toMatchObject([
			{ name: 'Start', itemsIn: 0, itemsOut: 1, requests: 0 },
			{ name: 'Lookup', itemsIn: 1, itemsOut: 0, requests: 1 },
		]);
	});

	it('fails if it violates an OpenAPI document', async () => {
		const strict: EmulatedWorld = { ...world, violations: () => ['GET /x: no such path'] };
		const { troubles } = await runExample(engine, strict, { file: 'x.json', workflow });
		expect(troubles).toContain('Against the documents: GET /x: no such path');
	});
});
