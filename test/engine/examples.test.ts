/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { resolve } from 'node:path';

import { type EmulatedWorld, startWorld } from '../../scripts/demo/emulated';
import { readExamples, runExample } from '../../scripts/demo/example';
import { type Engine, findSecrets, startEngine, type WorkflowFile } from './harness';

const examples = readExamples(resolve(__dirname, '../..'));

/** In ms; six hundred runs of a node take seconds, and more on a busy machine. */
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
		'%s runs as it is imported, and no secret shows',
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
		'%s runs a second time on what the first run has left',
		async (_file, example) => {
			await runExample(engine, world, example);
			const again = await runExample(engine, world, example, true);
			expect(again.troubles).toEqual([]);
			expect(again.rows).not.toEqual([]);
		},
	);

	it.each(examples.map(({ file, workflow }) => [file, workflow] as const))(
		'%s carries no credential and no pinned data of whoever made it',
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
		'makes 300 links on a plan of 100 an hour, and gives them back when it is run again',
		async () => {
			const { rows, sleeps, nodes } = await run('klinky-hundreds-of-links.json');
			expect(rows).toHaveLength(300);
			expect(new Set(rows.map((row) => row['Short link'])).size).toBe(300);
			expect(rows.filter((row) => row['Not made because'] !== '')).toEqual([]);
			expect(sleeps.map((ms) => Math.round(ms / 60_000))).toEqual([60, 60]);
			// The window is known to be closed, so that neither the link nor the question is sent
			expect(sum(nodes)).toBe(300);
			const again = await run('klinky-hundreds-of-links.json', true);
			expect(again.rows).toEqual(rows);
		},
		LONG,
	);

	it('lists who of a CSV file was not invited, and why, and those who joined when it is run again', async () => {
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

	it('fails when it breaks an OpenAPI document', async () => {
		const strict: EmulatedWorld = { ...world, violations: () => ['GET /x: no such path'] };
		const { troubles } = await runExample(engine, strict, { file: 'x.json', workflow });
		expect(troubles).toContain('Against the documents: GET /x: no such path');
	});
});
