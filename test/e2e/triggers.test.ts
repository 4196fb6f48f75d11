/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ServiceName } from '../emulator';
import { freshProcesses, saveCredentials } from './lib/bench';
import { type N8n, startN8n } from './lib/n8n';
import { thisPackage, unpackPackage } from './lib/package';
import { type Processes, waitFor } from './lib/processes';
import { RestClient, rowsOf, type SavedWorkflow, type Workflow } from './lib/rest';
import { type Services, startServices, stopServices, violations } from './lib/services';
import { withCredentials } from './lib/workflows';

const TRIGGER = 'Trigger';

const POLL_TIMES = { item: [{ mode: 'everyMinute' }] };

/** The next poll is a minute away at most; what it finds is executed and saved after that, in ms. */
const POLL_AND_MORE = 100_000;

/** An event, and how it comes about. */
interface Watched {
	service: ServiceName;
	event: string;
	parameters?: () => INodeParameters;
	/** @returns what tells the emitted row apart */
	happen(): string;
	idOf(row: IDataObject): unknown;
}

let processes: Processes;
let services: Services;
let n8n: N8n;
let client: RestClient;
const saved = new Map<string, SavedWorkflow>();
const due = new Map<string, string[]>();

const busyLink = () => services.klinky.state.links.find(({ slug }) => slug === 'newsletter-16');
const identifier = ({ identifier: of }: IDataObject) => of;
const id = ({ id: of }: IDataObject) => of;
let unlocked = 0;

const watched: Watched[] = [
	{
		service: 'kinktree',
		event: 'tagCreated',
		happen: () => services.kinktree.state.addTag().id,
		idOf: identifier,
	},
	{
		service: 'kinktree',
		event: 'tagUpdated',
		happen() {
			const tags = [...services.kinktree.state.tags().values()];
			const tag = tags[unlocked++];
			if (!tag) throw new Error('there are no tags left');
			tag.locked = !tag.locked;
			return tag.id;
		},
		idOf: identifier,
	},
	{
		service: 'kindryn',
		event: 'memberAdded',
		happen: () => services.kindryn.state.addMember().id,
		idOf: id,
	},
	{
		service: 'kindryn',
		event: 'postCreated',
		happen: () => services.kindryn.state.addPost().id,
		idOf: id,
	},
	{
		service: 'klinky',
		event: 'linkCreated',
		happen: () => services.klinky.state.addLink().id,
		idOf: id,
	},
	{
		service: 'klinky',
		event: 'clickRecorded',
		parameters: () => ({ linkId: { __rl: true, mode: 'id', value: busyLink()?.id ?? '' } }),
		happen: () => services.klinky.state.addClick(busyLink()?.id ?? '').id,
		idOf: id,
	},
];

function workflowOf({ service, event, parameters }: Watched): Workflow {
	return {
		name: event,
		nodes: [
			{
				id: event,
				name: TRIGGER,
				type: `${thisPackage().name}.${service}Trigger`,
				typeVersion: 1,
				position: [0, 0],
				parameters: { pollTimes: POLL_TIMES, event, ...parameters?.() },
			},
			{
				id: `${event}-end`,
				name: 'End',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [220, 0],
				parameters: {},
			},
		],
		connections: { [TRIGGER]: { main: [[{ node: 'End', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

/** Lets each event but those left out happen so many times. */
function happen(times: number, except: string[] = []): void {
	for (const { event, happen: once } of watched) {
		if (except.includes(event)) continue;
		const ids = Array.from({ length: times }, once);
		due.set(event, [...(due.get(event) ?? []), ...ids]);
	}
}

/** What the executions of a workflow got from its trigger. */
async function emitted({ event, idOf }: Watched): Promise<string[]> {
	const ids: string[] = [];
	for (const [execution] of await client.executionStates(saved.get(event)?.id ?? '')) {
		const ended = await client.execution(execution);
		expect(ended.status).toBe('success');
		ids.push(...rowsOf(ended, TRIGGER).map((row) => String(idOf(row))));
	}
	return ids.sort();
}

/** Waits until all that is due was emitted. */
async function expectAll(): Promise<void> {
	for (const one of watched) {
		const wanted = due.get(one.event) ?? [];
		const what = `${one.event} to be emitted ${wanted.length} times`;
		await waitFor({ what, timeout: POLL_AND_MORE, interval: 1000, program: n8n }, async () => {
			const found = await emitted(one);
			return found.length >= wanted.length ? true : undefined;
		});
	}
}

async function start(): Promise<void> {
	n8n = await startN8n({
		release: 'newest',
		processes,
		userFolder: join(processes.folder, 'user'),
	});
	client = new RestClient(n8n.url);
	await client.enter();
}

beforeAll(async () => {
	processes = freshProcesses('triggers');
	services = await startServices();
	unpackPackage(join(processes.folder, 'user', '.n8n', 'nodes', 'node_modules'));
	await start();
	const credentials = await saveCredentials(client, services);
	for (const one of watched) {
		saved.set(one.event, await client.saveWorkflow(withCredentials(workflowOf(one), credentials)));
	}
});

afterAll(async () => {
	await processes.stopAll();
	await stopServices(services);
});

describe('published triggers', () => {
	it('emit nothing that is there when they are published, and what comes after it', async () => {
		for (const workflow of saved.values()) await client.activate(workflow);
		// n8n publishes in the background
		await waitFor({ what: 'the first polls', timeout: POLL_AND_MORE, program: n8n }, () => {
			const log = n8n.output();
			const isPolled = ({ event }: Watched) =>
				log.includes(`Activated trigger node "${TRIGGER}" for workflow "${event}"`);
			return watched.every(isPolled) || undefined;
		});
		// The one that stays quiet has nothing but its first poll in the database
		happen(1, ['tagCreated']);
		await expectAll();
	});

	it('go on after a crash with all that happened meanwhile, each once', async () => {
		await n8n.kill();
		happen(3);
		await start();
		await expectAll();
		happen(2);
		await expectAll();
		for (const one of watched)
			expect(await emitted(one)).toEqual([...(due.get(one.event) ?? [])].sort());
		expect(violations(services)).toEqual([]);
	});
});
