/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { readExamples } from '../../scripts/demo/example';
import { OWNER } from './lib/n8n';
import { thisPackage } from './lib/package';
import { PROJECT } from './lib/paths';
import { freshProcesses, type RunningProgram, waitFor } from './lib/processes';
import { RestClient, rowsOf } from './lib/rest';
import { chainOf, triggerOf, withCredentials } from './lib/workflows';

const TIMEOUT = 120_000;

const EXAMPLES = readExamples(PROJECT).map(({ workflow: { name } }) => name);
const COUNT = 'Count the tags';

const TAG_BATCH = 'kinktree-tag-batch.json';

const processes = freshProcesses('start');
const home = join(processes.folder, 'home');
let times = 0;
let tags: number;
let program: RunningProgram;
let client: RestClient;

/** Runs `npm start`. @returns its output */
async function start(keys: NodeJS.ProcessEnv = {}): Promise<string> {
	const { HOME, LANG, PATH, TMPDIR } = process.env;
	program = processes.start({
		name: `npm-start-${++times}`,
		command: 'npm',
		args: ['start'],
		cwd: PROJECT,
		env: { ...{ HOME, LANG, PATH, TMPDIR }, START_FOLDER: home, ...keys },
	});
	await waitFor({ goal: 'npm start', timeout: TIMEOUT, program }, () =>
		program.output().includes('Ctrl-C stops everything') ? true : undefined,
	);
	const printed = program.output();
	client = new RestClient(/Editor\s+(\S+)/.exec(printed)?.[1] ?? '');
	await client.logIn(/Password\s+(\S+)/.exec(printed)?.[1]);
	return printed;
}

/** Presses Ctrl-C, which sends a signal to every program of the terminal. */
async function interrupt(): Promise<void> {
	process.kill(-program.pid, 'SIGINT');
	await program.ended;
	await waitFor({ goal: 'npm start to end', timeout: TIMEOUT }, () =>
		existsSync(join(home, 'start.pid')) ? undefined : true,
	);
}

/** Counts the emulator's tags with the node. */
async function countTags(): Promise<number> {
	const saved = (await client.credentials()).map(({ type, id, name }) => [type, { id, name }]);
	const chain = chainOf(COUNT, [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
		{
			...{ name: 'Tags', type: `${thisPackage().name}.kinktree` },
			parameters: { resource: 'tag', operation: 'getAll', returnAll: true },
		},
	]);
	const workflow = await client.saveWorkflow(withCredentials(chain, Object.fromEntries(saved)));
	const execution = await client.execute(await client.workflow(workflow.id), 'Start');
	return rowsOf(execution, 'Tags').length;
}

const names = async () => (await client.workflows()).map(({ name }) => name).sort();

afterAll(async () => await processes.stopAll());

describe('npm start', () => {
	it('prints the address and the login, and has credentials and examples ready', async () => {
		const printed = await start();
		expect(printed).toContain(OWNER.email);
		expect(printed).not.toContain(OWNER.password);
		expect(printed).toContain(`${EXAMPLES.length} example workflows were imported`);
		expect((await client.credentials()).map(({ type }) => type).sort()).toEqual([
			...['kindrynApi', 'kinktreeApi', 'klinkyApi'],
		]);
		expect(await names()).toEqual([...EXAMPLES].sort());
	});

	it('imports examples that run', async () => {
		const example = readExamples(PROJECT).find(({ file }) => file === TAG_BATCH);
		const found = (await client.workflows()).find(({ name }) => name === example?.workflow.name);
		const workflow = await client.workflow(found?.id ?? '');
		const execution = await client.execute(workflow, triggerOf(workflow));
		expect(execution.status).toBe('success');
		expect(rowsOf(execution, 'Old and new codes').length).toBeGreaterThan(0);
		tags = await countTags();
		expect(tags).toBeGreaterThan(0);
	});

	it('ends with Ctrl-C, and leaves nothing running', async () => {
		await interrupt();
		expect(readdirSync(join(home, 'pids'))).toEqual([]);
		await expect(fetch(client.url)).rejects.toThrow('fetch failed');
	});

	it('keeps all workflows, and uses a real service when its key is in the environment', async () => {
		const printed = await start({
			KINDRYN_API_KEY: 'kak_of_a_user',
			KINDRYN_BASE_URL: 'localhost:1',
		});
		expect(printed).not.toContain('were imported');
		expect(printed).toContain('Kindryn: the real service at localhost:1');
		expect(printed).not.toContain('kak_of_a_user');
		expect(await names()).toEqual([...EXAMPLES, COUNT].sort());
		expect(await countTags()).toBe(tags);
		const saved = await client.credentials();
		expect(saved).toHaveLength(3);
		const kindryn = saved.find(({ type }) => type === 'kindrynApi');
		expect(kindryn?.name).toBe('Kindryn');
		const { data } = await client.call<{ data: { baseUrl: string } }>(
			'GET',
			`/credentials/${kindryn?.id}?includeData=true`,
		);
		expect(data.baseUrl).toBe('localhost:1');
		await interrupt();
	});
});
