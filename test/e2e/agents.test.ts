/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { type ServiceName, SERVICES } from '../emulator';
import { type Release, RELEASES } from './lib/installations';
import { type ModelServer, startModelServer } from './lib/modelServer';
import { type N8n, startN8n } from './lib/n8n';
import { thisPackage, unpackPackage } from './lib/package';
import { freshProcesses } from './lib/processes';
import { RestClient, rowsOf, type Workflow } from './lib/rest';
import {
	resetServices,
	type Services,
	startServices,
	stopServices,
	violations,
} from './lib/services';
import { type CredentialIds, saveCredentials, withCredentials } from './lib/workflows';

/** A tool, a call by the model that works, and a call that fails. */
interface ToolCase {
	parameters: INodeParameters;
	works: (services: Services) => IDataObject;
	/** Checks the call's effect in the emulator, and its answer. */
	expectDone: (services: Services, told: string) => void;
	fails: (services: Services) => IDataObject;
	/** The error and its remedy, as the model reads them. */
	told: RegExp;
}

const jane = ({ kindryn }: Services) => kindryn.state.members[7]?.email ?? '';

const destinations = (...weights: number[]) =>
	weights.map((weight, index) => ({
		label: `v${index}`,
		destinationUrl: `https://shop.example/${index}`,
		weight,
	}));

const CASES: Record<ServiceName, ToolCase> = {
	kinktree: {
		parameters: {
			resource: 'tag',
			operation: 'get',
			tagId: { __rl: true, mode: 'id', value: "={{ $fromAI('tag', 'identifier of the tag') }}" },
		},
		works: () => ({ tag: 'club-107' }),
		expectDone({ kinktree }, told) {
			expect(kinktree.journal.find({ operationId: 'listTags' })).toHaveLength(1);
			expect(told).toContain(kinktree.state.tags().get('club-107')?.activationCode);
		},
		fails: () => ({ tag: 'nobody' }),
		told: /Kinktree has no tag \W+nobody\W+ in your namespace\. Identifiers are case-sensitive\./,
	},
	kindryn: {
		parameters: {
			resource: 'member',
			operation: 'add',
			email: "={{ $fromAI('email', 'address of the person') }}",
		},
		works: () => ({ email: 'fresh@example.org' }),
		expectDone({ kindryn }, told) {
			const [sent] = kindryn.journal.find({ operationId: 'addMember' });
			expect(sent?.body).toEqual({ email: 'fresh@example.org' });
			expect(told).toContain('invitation_sent');
		},
		fails: (services) => ({ email: jane(services) }),
		told: /User is already a member of this community.*This person is already a member\./,
	},
	klinky: {
		parameters: {
			resource: 'link',
			operation: 'create',
			name: "={{ $fromAI('name', 'name of the link') }}",
			routingType: 'ab_test',
			specifyVariants: 'json',
			variantsJson:
				"={{ $fromAI('variants', 'label, destinationUrl and weight of each', 'json') }}",
		},
		works: () => ({ name: 'Boots', variants: destinations(70, 30) }),
		expectDone({ klinky }, told) {
			const [link] = klinky.state.links.filter(({ name }) => name === 'Boots');
			expect(link?.variants.map(({ weight }) => weight)).toEqual([70, 30]);
			expect(told).toContain(link?.short_url);
		},
		fails: () => ({ name: 'Boots', variants: destinations(70, 40) }),
		told: /weight.*110.*\. [A-Z].+\./i,
	},
};

/** An agent, and the tool's "On Error" setting. */
interface Agent {
	version: number;
	onError?: 'continueRegularOutput';
}

/**
 * The agents that people use in each release. In the newest release, the old agent does not pass a
 * tool's error on to the model, whatever the node.
 */
const AGENTS: Record<Release, Agent[]> = {
	newest: [{ version: 3.1 }, { version: 2, onError: 'continueRegularOutput' }],
	oldest: [{ version: 2 }],
};

describe.each(RELEASES)('an agent in the %s n8n', (release) => {
	const processes = freshProcesses(`agents-${release}`);
	let services: Services;
	let model: ModelServer;
	let n8n: N8n;
	let client: RestClient;
	let credentials: CredentialIds;

	beforeAll(async () => {
		services = await startServices();
		model = await startModelServer();
		const userFolder = join(processes.folder, 'user');
		unpackPackage(userFolder);
		n8n = await startN8n({ release, processes, userFolder });
		client = new RestClient(n8n.url);
		await client.logIn();
		const data = { apiKey: 'of no model', url: model.url };
		const openAiApi = await client.saveCredential({ name: 'Model', type: 'openAiApi', data });
		credentials = { ...(await saveCredentials(client, services)), openAiApi };
	});

	afterAll(async () => {
		await processes.stopAll();
		await model.stop();
		await stopServices(services);
	});

	beforeEach(() => resetServices(services));

	afterEach(() => expect(violations(services)).toEqual([]));

	const agentWith = (service: ServiceName, { version, onError }: Agent): Workflow => {
		const at = { position: [0, 0] as [number, number] };
		const { id = '', name = '' } = credentials.openAiApi ?? {};
		const into = (type: 'main' | 'ai_tool' | 'ai_languageModel') => ({
			[type]: [[{ node: 'Agent', type, index: 0 }]],
		});
		return withCredentials(
			{
				name: `${service} by agent ${version}`,
				nodes: [
					{
						...{ ...at, id: '1', name: 'Start', typeVersion: 1, parameters: {} },
						type: 'n8n-nodes-base.manualTrigger',
					},
					{
						...{ ...at, id: '2', name: 'Agent', typeVersion: version },
						type: '@n8n/n8n-nodes-langchain.agent',
						parameters: { promptType: 'define', text: 'Do it.' },
					},
					{
						...{ ...at, id: '3', name: 'Model', typeVersion: 1.2 },
						type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
						parameters: { model: { __rl: true, mode: 'id', value: 'test' } },
						credentials: { openAiApi: { id, name } },
					},
					{
						...{ ...at, id: '4', name: 'Tool', typeVersion: 1 },
						type: `${thisPackage().name}.${service}Tool`,
						parameters: CASES[service].parameters,
						onError,
					},
				],
				connections: {
					Start: into('main'),
					Model: into('ai_languageModel'),
					Tool: into('ai_tool'),
				},
				settings: { executionOrder: 'v1' },
			},
			credentials,
		);
	};

	/** Lets the model call the tool. @returns the tool's answer to the model */
	const call = async (service: ServiceName, agent: Agent, args: IDataObject) => {
		model.callWith(args);
		const workflow = await client.saveWorkflow(agentWith(service, agent));
		const execution = await client.execute(workflow, 'Start');
		expect(rowsOf(execution, 'Agent')).toMatchObject([{ output: 'Done.' }]);
		return model.told ?? '';
	};

	describe.each(AGENTS[release])('of version $version', (agent) => {
		it.each(SERVICES)('calls the tool of %s and reads its answer', async (service) => {
			const { works, expectDone } = CASES[service];
			expectDone(services, await call(service, agent, works(services)));
		});

		it.each(SERVICES)('reads why a call of %s failed and how to fix it', async (service) => {
			const { fails, told } = CASES[service];
			const text = await call(service, agent, fails(services));
			expect(text).toMatch(told);
			expect(text).not.toContain('[item');
		});
	});
});
