/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { INode } from 'n8n-workflow';

import { readExamples } from '../../scripts/demo/example';
import { type ServiceName, SERVICES } from '../emulator';
import { EXAMPLE_CHECKS, type ExampleCheck } from './examples';
import { freshProcesses, saveCredentials } from './lib/bench';
import { installedN8n, RELEASES } from './lib/installations';
import { type N8n, startN8n } from './lib/n8n';
import { packPackage, thisPackage } from './lib/package';
import { PROJECT } from './lib/paths';
import { freePort, waitFor } from './lib/processes';
import { type Registry, startRegistry } from './lib/registry';
import { type Execution, RestClient, rowsOf, type SavedWorkflow } from './lib/rest';
import { readDatabase, searchForSecrets } from './lib/secrets';
import {
	type Credential,
	credentialOf,
	FACES,
	resetServices,
	type Services,
	startServices,
	stopServices,
	violations,
	WEBHOOK_SECRET,
} from './lib/services';
import { type CredentialIds, withCredentials } from './lib/workflows';

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
const POLLED = 150_000;

const WRONG_KEY = 'not-the-key-of-anyone';

const EVERY_MINUTE = { item: [{ mode: 'everyMinute' }] };

const triggerOf = ({ nodes }: { nodes: INode[] }): string =>
	nodes.find((node) => /trigger$/i.test(node.type))?.name ?? '';

function checkOf(file: string): ExampleCheck {
	const check = EXAMPLE_CHECKS[file];
	if (!check) throw new Error(`${file} has no check`);
	return check;
}

/** Where a published workflow is told of events, if it listens for them. */
const webhookPathOf = ({ nodes }: SavedWorkflow): string =>
	`/webhook/${nodes.find(({ webhookId }) => webhookId)?.webhookId}/webhook`;

/** The workflow with its trigger polling as often as n8n lets it. */
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
		await client.enter();
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

	it('saves a credential for each service, and the examples with them', async () => {
		credentials = await saveCredentials(client, services);
		for (const { file, workflow } of EXAMPLES) {
			const name = workflow.name ?? file;
			const made = await client.saveWorkflow(withCredentials({ ...workflow, name }, credentials));
			saved.set(file, await client.workflow(made.id));
		}
		expect((await client.workflows()).length).toBe(EXAMPLES.length);
	});

	const verdictOn = async (service: ServiceName, data: Credential['data']) => {
		const credential = credentialOf(service, services[service]);
		const saved = credentials[credential.type];
		return await client.testCredential(saved?.id ?? '', {
			...{ ...credential, ...saved },
			data: { ...credential.data, ...data },
		});
	};

	/** Keys that the services know, and that may not do what the test of a credential asks for. */
	const keysWithoutRights = () => [
		services.kindryn.secretOf('unscoped'),
		services.klinky.secretOf('free'),
	];

	describe.each(SERVICES)('tests the credential of %s', (service) => {
		const { label, secretField } = FACES[service];

		it('that is right', async () => {
			expect(await verdictOn(service, {})).toMatchObject({ status: 'OK' });
		});

		it('with a wrong key', async () => {
			const { status, message } = await verdictOn(service, { [secretField]: WRONG_KEY });
			expect(status).toBe('Error');
			expect(message).toContain(label);
			expect(message).not.toContain(WRONG_KEY);
		});

		it('with a host that cannot be reached', async () => {
			const nobody = `http://127.0.0.1:${await freePort()}`;
			const { status, message } = await verdictOn(service, { baseUrl: nobody });
			expect(status).toBe('Error');
			expect(message).toContain(`${label} could not be reached`);
		});
	});

	it('tests a Kindryn key that lacks scopes: it is valid, and the message says what it lacks', async () => {
		const [apiKey = ''] = keysWithoutRights();
		const { status, message } = await verdictOn('kindryn', { apiKey });
		expect(status).toBe('OK');
		expect(message).toContain('community:read');
	});

	it('tests a Klinky key whose plan has no API access, in the words of Klinky', async () => {
		const [, apiKey = ''] = keysWithoutRights();
		const { status, message } = await verdictOn('klinky', { apiKey });
		expect(status).toBe('Error');
		expect(message).toContain('Klinky: API access is not available on your plan');
	});

	it('knows every example by its check', () => {
		expect(Object.keys(EXAMPLE_CHECKS).sort()).toEqual(FILES);
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

	it.each(FILES.filter((file) => !EXAMPLE_CHECKS[file]?.awaits))(
		'executes examples/%s',
		runExample,
	);

	it('executes the examples that wait for something to happen, when it happens', async () => {
		const waiting = FILES.flatMap((file) => {
			const { awaits } = checkOf(file);
			return awaits ? [{ file, ...awaits }] : [];
		});
		const published = new Map<string, SavedWorkflow>();
		for (const { file } of waiting) {
			const workflow = await client.saveWorkflow(pollingOften(saved.get(file)));
			published.set(file, await client.workflow(workflow.id));
			await client.activate(await client.workflow(workflow.id));
		}
		await quiet(() =>
			waiting.every(
				({ service, looksBy }) =>
					looksBy === undefined ||
					services[service].journal.find({ operationId: looksBy }).length > 0,
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
			const id = await waitFor({ what: `${file} to be executed`, timeout: POLLED }, async () => {
				const [[first] = []] = await client.executionStates(workflow.id);
				return first;
			});
			compare(file, await client.execution(id));
			await client.deactivate(await client.workflow(workflow.id));
		}
	});

	/** Waits for something, and then until no service was asked anything for some seconds. */
	const quiet = async (condition: () => boolean): Promise<void> => {
		let asked = -1;
		await waitFor({ what: 'the first polls', timeout: POLLED, interval: 3000 }, () => {
			const before = asked;
			asked = SERVICES.reduce((sum, name) => sum + services[name].journal.requests.length, 0);
			return (condition() && asked === before) || undefined;
		});
	};

	it('shows what the service said when an item fails', async () => {
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

	it('upgrades the package, and workflows saved before go on running', async () => {
		await registry.publish(packPackage(join(processes.folder, 'packed'), NEWER_VERSION));
		const { installedVersion } = await client.updatePackage(PACKAGE);
		expect(installedVersion).toBe(NEWER_VERSION);
		await runExample('kinktree-tag-batch.json');
		await runExample('kindryn-invite-list.json');
		await runExample('klinky-traffic-shift.json');
	});

	it('starts again with the package and the workflows', async () => {
		await n8n.stop();
		n8n = await startN8n({ release, processes, userFolder, env: registry.env });
		client = new RestClient(n8n.url);
		await client.enter();
		await runExample('klinky-campaign-links.json');
	});

	it('writes no secret anywhere', async () => {
		// What must be there shows that the search reaches it: a credential's name, and a row's value.
		const written = {
			database: await readDatabase(userFolder),
			userFolders: [userFolder],
			logs: [n8n.log],
		};
		const known = searchForSecrets(written, ['Kinktree (emulated)', 'club-121']);
		for (const table of ['credentials_entity', 'execution_data']) {
			expect(known).toContainEqual(expect.stringContaining(`database.${table}`));
		}
		const secrets = [
			...SERVICES.map((service) => services[service].secret),
			...keysWithoutRights(),
		];
		expect(searchForSecrets(written, [...secrets, WRONG_KEY])).toEqual([]);
	});

	it('uninstalls the package', async () => {
		await client.uninstallPackage(PACKAGE);
		expect(await client.packages()).toEqual([]);
		expect(existsSync(join(userFolder, '.n8n', 'nodes', 'node_modules', PACKAGE))).toBe(false);
	});
});
