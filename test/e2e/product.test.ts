/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import type { INode } from 'n8n-workflow';

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readExamples } from '../../scripts/demo/example';
import { type ServiceName, SERVICES } from '../emulator';
import { EXAMPLE_CHECKS, type ExampleCheck } from './examples';
import { installedN8n, RELEASES } from './lib/installations';
import { type N8n, startN8n } from './lib/n8n';
import { packageFolder, packPackage, thisPackage } from './lib/package';
import { PROJECT } from './lib/paths';
import { freePort, freshProcesses, waitFor } from './lib/processes';
import { type Registry, startRegistry } from './lib/registry';
import { type Execution, RestClient, rowsOf, type SavedWorkflow } from './lib/rest';
import { readDatabase, searchForSecrets } from './lib/secrets';
import {
	type Credential,
	credentialOf,
	SERVICE_DETAILS,
	resetServices,
	type Services,
	startServices,
	stopServices,
	violations,
	WEBHOOK_SECRET,
} from './lib/services';
import {
	chainOf,
	type CredentialIds,
	saveCredentials,
	triggerOf,
	withCredentials,
} from './lib/workflows';

const { name: PACKAGE, version: VERSION } = thisPackage();
const NEWER_VERSION = VERSION.replace(/\d+$/, (patch) => String(Number(patch) + 1));

const EXAMPLES = readExamples(PROJECT);

const NODES = [
	'kindryn',
	'kindrynTrigger',
	'kindrynWebhookTrigger',
	'kinktree',
	'kinktreeTrigger',
	'klinky',
	'klinkyTrigger',
];

const FILES = EXAMPLES.map(({ file }) => file);

/** n8n polls once a minute at most. In ms, with room for a busy machine. */
const POLL_TIMEOUT = 150_000;

/**
 * An hour of Klinky's (ms). What is left of it after 100 links must be more than the minute for which
 * the node waits by itself, and than the 65 seconds for which n8n keeps an execution in memory.
 */
const SHORT_HOUR = 110_000;

const WRONG_KEY = 'not-the-key-of-anyone';

const EVERY_MINUTE = { item: [{ mode: 'everyMinute' }] };

function checkOf(file: string): ExampleCheck {
	const check = EXAMPLE_CHECKS[file];
	if (!check) throw new Error(`${file} has no check`);
	return check;
}

/** The path at which a published workflow receives events by webhook. */
const webhookPathOf = ({ nodes }: SavedWorkflow): string =>
	`/webhook/${nodes.find(({ webhookId }) => webhookId)?.webhookId}/webhook`;

/** Makes the workflow's trigger poll as often as n8n allows. */
function pollingOften(workflow: SavedWorkflow | undefined): SavedWorkflow {
	if (!workflow) throw new Error('The example was not saved');
	const nodes = workflow.nodes.map((node) =>
		'pollTimes' in node.parameters
			? { ...node, parameters: { ...node.parameters, pollTimes: EVERY_MINUTE } }
			: node,
	);
	return { ...workflow, nodes };
}

describe.each(RELEASES)('the %s n8n', (release) => {
	const processes = freshProcesses(release);
	const userFolder = join(processes.folder, 'user');
	let services: Services;
	let registry: Registry;
	let n8n: N8n;
	let client: RestClient;
	let credentials: CredentialIds;
	const saved = new Map<string, SavedWorkflow>();

	beforeAll(async () => {
		services = await startServices();
		registry = await startRegistry(processes);
		registry.prepare(userFolder);
		await registry.publish(packPackage(join(processes.folder, 'packed')));
		n8n = await startN8n({ release, processes, userFolder, env: registry.env });
		client = new RestClient(n8n.url);
		await client.logIn();
	});

	afterAll(async () => {
		await processes.stopAll();
		await registry.stop();
		await stopServices(services);
	});

	beforeEach(() => resetServices(services));

	afterEach(() => expect(violations(services)).toEqual([]));

	it(`is n8n ${installedN8n(release).version} on Node ${installedN8n(release).nodeVersion}`, async () => {
		const { versionCli } = await client.call<{ versionCli: string }>('GET', '/settings');
		expect(versionCli).toBe(installedN8n(release).version);
	});

	it('installs the package from a registry', async () => {
		const installed = await client.installPackage(PACKAGE);
		expect(installed.installedVersion).toBe(VERSION);
		const [listed] = await client.packages();
		expect(listed?.installedNodes.map(({ type }) => type).sort()).toEqual(
			NODES.map((node) => `${PACKAGE}.${node}`),
		);
		expect(listed?.failedLoading).not.toBe(true);
	});

	it('saves a credential for each service, and all examples', async () => {
		credentials = await saveCredentials(client, services);
		for (const { file, workflow } of EXAMPLES) {
			const name = workflow.name ?? file;
			const made = await client.saveWorkflow(withCredentials({ ...workflow, name }, credentials));
			saved.set(file, await client.workflow(made.id));
		}
		expect((await client.workflows()).length).toBe(EXAMPLES.length);
	});

	const testCredential = async (service: ServiceName, data: Credential['data']) => {
		const credential = credentialOf(service, services[service]);
		const saved = credentials[credential.type];
		return await client.testCredential(saved?.id ?? '', {
			...{ ...credential, ...saved },
			data: { ...credential.data, ...data },
		});
	};

	/** Valid keys without enough rights for the test of a credential. */
	const keysWithoutRights = () => ({
		kindryn: services.kindryn.secretOf('unscoped'),
		klinky: services.klinky.secretOf('free'),
	});

	describe.each(SERVICES)('the credential test of %s', (service) => {
		const { label, secretField } = SERVICE_DETAILS[service];

		it('accepts the right key', async () => {
			expect(await testCredential(service, {})).toMatchObject({ status: 'OK' });
		});

		it('refuses a wrong key without repeating it', async () => {
			const { status, message } = await testCredential(service, { [secretField]: WRONG_KEY });
			expect(status).toBe('Error');
			expect(message).toContain(label);
			expect(message).not.toContain(WRONG_KEY);
		});

		it('reports a host that cannot be reached', async () => {
			const nobody = `http://127.0.0.1:${await freePort()}`;
			const { status, message } = await testCredential(service, { baseUrl: nobody });
			expect(status).toBe('Error');
			expect(message).toContain(`${label} could not be reached`);
		});
	});

	it('accepts a Kindryn key without scopes, and names a missing scope', async () => {
		const apiKey = keysWithoutRights().kindryn;
		const { status, message } = await testCredential('kindryn', { apiKey });
		expect(status).toBe('OK');
		expect(message).toContain('community:read');
	});

	it("refuses a Klinky key whose plan has no API access, with Klinky's message", async () => {
		const apiKey = keysWithoutRights().klinky;
		const { status, message } = await testCredential('klinky', { apiKey });
		expect(status).toBe('Error');
		expect(message).toContain('Klinky: API access is not available on your plan');
	});

	const compare = (file: string, execution: Execution): void => {
		expect(execution.data.resultData.error).toBeUndefined();
		expect(execution.status).toBe('success');
		const { node, compare: compareRows } = checkOf(file);
		compareRows(rowsOf(execution, node), services);
	};

	const runExample = async (file: string): Promise<void> => {
		const workflow = saved.get(file);
		if (!workflow) throw new Error(`${file} was not saved`);
		compare(file, await client.execute(workflow, triggerOf(workflow)));
	};

	it.each(FILES.filter((file) => !EXAMPLE_CHECKS[file]?.event && !EXAMPLE_CHECKS[file]?.sleeps))(
		'executes examples/%s',
		runExample,
	);

	it('executes each example with a trigger when its event happens', async () => {
		const waiting = FILES.flatMap((file) => {
			const { event } = checkOf(file);
			return event ? [{ file, ...event }] : [];
		});
		const published = new Map<string, SavedWorkflow>();
		for (const { file } of waiting) {
			const workflow = await client.saveWorkflow(pollingOften(saved.get(file)));
			published.set(file, await client.workflow(workflow.id));
			await client.activate(await client.workflow(workflow.id));
		}
		await quiet(() =>
			waiting.every(
				({ service, operationId }) =>
					operationId === undefined || services[service].journal.find({ operationId }).length > 0,
			),
		);
		const publishedOf = (file: string): SavedWorkflow => {
			const workflow = published.get(file);
			if (!workflow) throw new Error(`${file} was not published`);
			return workflow;
		};
		for (const { file, happen } of waiting) {
			const url = `${n8n.url}${webhookPathOf(publishedOf(file))}`;
			happen(services, { url, secret: WEBHOOK_SECRET });
		}
		for (const { file } of waiting) {
			const workflow = publishedOf(file);
			const id = await waitFor(
				{ goal: `${file} to be executed`, timeout: POLL_TIMEOUT },
				async () => {
					const [[first] = []] = await client.executionStates(workflow.id);
					return first;
				},
			);
			compare(file, await client.execution(id));
			await client.deactivate(await client.workflow(workflow.id));
		}
	});

	/** Waits for a condition, and then until no service has received a request for some seconds. */
	const quiet = async (condition: () => boolean): Promise<void> => {
		let requests = -1;
		await waitFor({ goal: 'the first polls', timeout: POLL_TIMEOUT, interval: 3000 }, () => {
			const before = requests;
			requests = SERVICES.reduce((sum, name) => sum + services[name].journal.requests.length, 0);
			return (condition() && requests === before) || undefined;
		});
	};

	it("passes on the service's message when an item fails", async () => {
		const workflow = saved.get('kinktree-tag-batch.json');
		if (!workflow) throw new Error('The example was not saved');
		services.kinktree.misbehave({
			match: { method: 'GET' },
			status: 403,
			body: { message: 'No.' },
		});
		const { data, status } = await client.execute(workflow, triggerOf(workflow));
		expect(status).toBe('error');
		expect(data.resultData.error?.message).toContain('Kinktree: No.');
	});

	describe('writes each item once', () => {
		/** Saves a workflow that writes five posts, and makes Kindryn refuse the third one once. */
		const postFive = async (settings: Partial<INode>) => {
			const { spaces, members } = services.kindryn.state;
			const byId = (value = '') => ({ __rl: true, mode: 'id', value });
			const at = (name: string, type: string, typeVersion: number, more: Partial<INode>) => ({
				...{ id: name, name, type, typeVersion, parameters: {}, ...more },
				position: [0, 0] as [number, number],
			});
			const to = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
			const rows = { mode: 'raw', jsonOutput: '{ "number": [0, 1, 2, 3, 4] }' };
			const workflow = await client.saveWorkflow(
				withCredentials(
					{
						name: `Five posts ${JSON.stringify(settings)}`,
						nodes: [
							at('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
							at('Numbers', 'n8n-nodes-base.set', 3.4, { parameters: rows }),
							at('Split', 'n8n-nodes-base.splitOut', 1, {
								parameters: { fieldToSplitOut: 'number' },
							}),
							at('Post', `${PACKAGE}.kindryn`, 1, {
								...settings,
								parameters: {
									resource: 'post',
									operation: 'create',
									spaceId: byId(spaces[0]?.id),
									authorId: byId(members[0]?.userId),
									body: '=Post {{ $json.number }}',
								},
							}),
						],
						connections: { Start: to('Numbers'), Numbers: to('Split'), Split: to('Post') },
						settings: { executionOrder: 'v1' as const },
					},
					credentials,
				),
			);
			const rule = { match: { operationId: 'createPost' }, skip: 2, status: 400 };
			services.kindryn.misbehave({ ...rule, body: { message: 'Not now.' } });
			return workflow;
		};
		const expectFive = (execution: Execution) => {
			const bodies = [0, 1, 2, 3, 4].map((number) => `<p>Post ${number}</p>`);
			expect(execution.status).toBe('success');
			expect(rowsOf(execution, 'Post')).toMatchObject(bodies.map((body) => ({ body })));
			const sent = services.kindryn.journal.find({ operationId: 'createPost' });
			expect(sent).toHaveLength(6);
			const posts = sent.filter(({ status }) => status !== 400).map(({ body }) => body);
			expect(posts).toMatchObject(bodies.map((body) => ({ body })));
		};

		it('sends only the refused item again with "Retry On Fail"', async () => {
			const workflow = await postFive({ retryOnFail: true, maxTries: 2, waitBetweenTries: 10 });
			expectFive(await client.execute(workflow, 'Start'));
		});

		it('sends only the refused item again when a person retries the execution', async () => {
			const workflow = await postFive({});
			const failed = await client.execute(workflow, 'Start');
			expect(failed.data.resultData.error?.message).toContain('2 of 5 posts were created');
			await client.call('POST', `/executions/${failed.id}/retry`, { loadWorkflow: false });
			const [retried] = [...(await client.executionStates(workflow.id)).keys()].filter(
				(id) => id !== failed.id,
			);
			expectFive(await client.execution(retried ?? ''));
		});
	});

	describe.each(SERVICES)('Custom API Call with %s', (service) => {
		const { credentialType } = SERVICE_DETAILS[service];
		const paths = { kinktree: 'partners/tags', kindryn: 'members', klinky: 'public/links' };

		/** The HTTP Request node as Custom API Call leaves it: with the credential, and nothing else. */
		const call = async (): Promise<Execution> => {
			const workflow = chainOf(`Custom API Call ${service}`, [
				{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
				{
					name: 'Call',
					type: 'n8n-nodes-base.httpRequest',
					typeVersion: 4.2,
					parameters: {
						url: `${services[service].url}/${paths[service]}`,
						authentication: 'predefinedCredentialType',
						nodeCredentialType: credentialType,
						options: {},
					},
					credentials: { [credentialType]: credentials[credentialType] ?? { id: '', name: '' } },
				},
			]);
			const made = await client.saveWorkflow(workflow);
			return await client.execute(await client.workflow(made.id), 'Start');
		};
		const sent = () => services[service].journal.requests;

		it('sends the secret of the credential and hands over the answer', async () => {
			const execution = await call();
			expect(execution.status).toBe('success');
			expect(rowsOf(execution, 'Call')).not.toEqual([]);
			expect(sent()).toMatchObject([{ key: 'main', status: 200 }]);
		});

		it('repeats nothing when the service is busy, as the README warns', async () => {
			services[service].misbehave({ status: 503, times: Infinity });
			expect((await call()).status).toBe('error');
			expect(sent()).toHaveLength(1);
		});
	});

	it('upgrades the package, and still executes the workflows saved before', async () => {
		await registry.publish(packPackage(join(processes.folder, 'packed'), NEWER_VERSION));
		const { installedVersion } = await client.updatePackage(PACKAGE);
		expect(installedVersion).toBe(NEWER_VERSION);
		await runExample('kinktree-tag-batch.json');
		await runExample('kindryn-invite-list.json');
		await runExample('klinky-traffic-shift.json');
	});

	it('goes on after a restart with an execution that slept, and executes the workflows', async () => {
		const [file = ''] = FILES.filter((name) => EXAMPLE_CHECKS[name]?.sleeps);
		const workflow = saved.get(file);
		if (!workflow) throw new Error('The example was not saved');
		const { state } = services.klinky;
		Object.assign(state.hour, { ms: SHORT_HOUR, opens: Date.now() });
		const id = await client.start(workflow, triggerOf(workflow));
		await waitFor({ goal: `${file} to sleep`, timeout: SHORT_HOUR }, async () =>
			(await client.executionStates(workflow.id)).get(id) === 'waiting' ? true : undefined,
		);
		expect(state.links.filter(({ name }) => name.startsWith('Flyer '))).toHaveLength(100);
		// One sleep is enough: the demo has two
		state.limits.growth = 1000;
		await n8n.stop();
		n8n = await startN8n({ release, processes, userFolder, env: registry.env });
		client = new RestClient(n8n.url);
		await client.logIn();
		await runExample('kindryn-invite-csv.json');
		compare(file, await client.execution(id, 2 * SHORT_HOUR));
	});

	it('writes no secret anywhere', async () => {
		// A credential's name and a row's value must be found: the search reaches their tables
		const written = {
			database: await readDatabase(userFolder),
			userFolders: [userFolder],
			logs: [n8n.log],
		};
		const found = searchForSecrets(written, ['Kinktree (emulated)', 'club-121']);
		for (const table of ['credentials_entity', 'execution_data']) {
			expect(found).toContainEqual(expect.stringContaining(`database.${table}`));
		}
		const secrets = [
			...SERVICES.map((service) => services[service].secret),
			...Object.values(keysWithoutRights()),
		];
		expect(searchForSecrets(written, [...secrets, WRONG_KEY])).toEqual([]);
	});

	it('uninstalls the package', async () => {
		await client.uninstallPackage(PACKAGE);
		expect(await client.packages()).toEqual([]);
		expect(existsSync(packageFolder(userFolder))).toBe(false);
	});

	if (release === 'newest') {
		it('installs the package when the environment says so, in the words of the README', async () => {
			const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
			const settings = [...readme.matchAll(/^(N8N_\w+)='?(.+?)'?$/gm)].map(
				([, name = '', value]) => [name, value] as const,
			);
			expect(settings.map(([name]) => name)).toContain('N8N_COMMUNITY_PACKAGES');
			await n8n.stop();
			const env = { ...registry.env, ...Object.fromEntries(settings) };
			n8n = await startN8n({ release, processes, userFolder, env });
			client = new RestClient(n8n.url);
			await client.logIn();
			expect(await client.packages()).toMatchObject([
				{ packageName: PACKAGE, installedVersion: VERSION },
			]);
			await runExample('kinktree-tag-batch.json');
		});
	}
});
