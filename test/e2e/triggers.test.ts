/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ServiceName } from '../emulator';
import { type N8n, startN8n } from './lib/n8n';
import { thisPackage, unpackPackage } from './lib/package';
import { freshProcesses, type Processes, waitFor } from './lib/processes';
import { RestClient, rowsOf, type SavedWorkflow, type Workflow } from './lib/rest';
import { type Services, startServices, stopServices, violations } from './lib/services';
import { chainOf, saveCredentials, withCredentials } from './lib/workflows';

const TRIGGER = 'Trigger';

const POLL_TIMES = { item: [{ mode: 'everyMinute' }] };

/** In ms: at most a minute until the next poll, plus time to execute the workflow and save the result. */
const POLL_TIMEOUT = 100_000;

/** An event, and a way to make it happen. */
interface Watched {
	service: ServiceName;
	event: string;
	parameters?: () => INodeParameters;
	/** @returns the ID of the row that the trigger must then emit */
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
	return chainOf(event, [
		{
			...{ name: TRIGGER, type: `${thisPackage().name}.${service}Trigger` },
			parameters: { pollTimes: POLL_TIMES, event, ...parameters?.() },
		},
		{ name: 'End', type: 'n8n-nodes-base.noOp', parameters: {} },
	]);
}

/** Makes each event happen so many times, except for the given ones. */
function happen(times: number, except: string[] = []): void {
	for (const { event, happen: once } of watched) {
		if (except.includes(event)) continue;
		const ids = Array.from({ length: times }, once);
		due.set(event, [...(due.get(event) ?? []), ...ids]);
	}
}

/** The IDs of the rows that a trigger emitted. */
async function emitted({ event, idOf }: Watched): Promise<string[]> {
	const ids: string[] = [];
	for (const [execution] of await client.executionStates(saved.get(event)?.id ?? '')) {
		const ended = await client.execution(execution);
		expect(ended.status).toBe('success');
		ids.push(...rowsOf(ended, TRIGGER).map((row) => String(idOf(row))));
	}
	return ids.sort();
}

/** Waits until the triggers have emitted all rows that are due. */
async function expectAll(): Promise<void> {
	for (const one of watched) {
		const wanted = due.get(one.event) ?? [];
		const goal = `${one.event} to be emitted ${wanted.length} times`;
		await waitFor({ goal, timeout: POLL_TIMEOUT, interval: 1000, program: n8n }, async () => {
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
	await client.logIn();
}

beforeAll(async () => {
	processes = freshProcesses('triggers');
	services = await startServices();
	unpackPackage(join(processes.folder, 'user'));
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

describe('a published trigger', () => {
	it('emits no row that existed before, and every row that appears afterwards', async () => {
		for (const workflow of saved.values()) await client.activate(workflow);
		// n8n publishes in the background
		await waitFor({ goal: 'the first polls', timeout: POLL_TIMEOUT, program: n8n }, () => {
			const log = n8n.output();
			const isPolled = ({ event }: Watched) =>
				log.includes(`Activated trigger node "${TRIGGER}" for workflow "${event}"`);
			return watched.every(isPolled) || undefined;
		});
		// One trigger stays quiet, so that the database holds only the state of its first poll
		happen(1, ['tagCreated']);
		await expectAll();
	});

	it('emits each event once, even if it happens while n8n is down after a crash', async () => {
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
