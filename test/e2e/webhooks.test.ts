/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { INodeParameters } from 'n8n-workflow';

import { type Delivery, isAccepted, padding, type Switches } from '../emulator/kindryn/webhooks';
import { type N8n, startN8n } from './lib/n8n';
import { thisPackage, unpackPackage } from './lib/package';
import {
	freePort,
	freshProcesses,
	type Processes,
	type RunningProgram,
	waitFor,
} from './lib/processes';
import { type QueueMode, startQueueMode } from './lib/queueMode';
import { type Publication, RestClient, type SavedWorkflow, type Workflow } from './lib/rest';
import { readDatabase, searchForSecrets, type WrittenData } from './lib/secrets';
import {
	credentialOf,
	type Services,
	startServices,
	stopServices,
	WEBHOOK_SECRET,
} from './lib/services';
import { type CredentialIds, saveCredentials, withCredentials } from './lib/workflows';

const DELIVERIES = 500;
const REPEATED = 100;

/** How many deliveries are under way at once. */
const AT_ONCE = 10;

const TIMEOUT = 180_000;
const WEBHOOK_ID = '0b8a5f1e-3c55-4f0e-9f6e-c0ffee000001';

/** Pauses between tries, in ms. Kindryn gives up after 31 s, but a busy machine restarts n8n more slowly. */
const PATIENT = Array.from({ length: 300 }, () => 500);

const workflowOf = (parameters: INodeParameters = { event: 'any' }): Workflow => ({
	name: 'Deliveries',
	nodes: [
		{
			...{ id: 'trigger', name: 'Trigger', type: `${thisPackage().name}.kindrynWebhookTrigger` },
			...{ typeVersion: 1, position: [0, 0], parameters, webhookId: WEBHOOK_ID },
		},
		{
			...{ id: 'end', name: 'End', type: 'n8n-nodes-base.noOp', typeVersion: 1 },
			...{ position: [220, 0], parameters: {} },
		},
	],
	connections: { Trigger: { main: [[{ node: 'End', type: 'main', index: 0 }]] } },
	settings: { executionOrder: 'v1' },
});

const FORM = '--b\r\nContent-Disposition: form-data; name="event"\r\n\r\na\r\n--b--\r\n';

/** A running n8n and the means to test it. */
interface Setup {
	client: RestClient;
	/** The URL at which n8n answers webhooks. */
	url(): string;
	/** Kills the process that answers webhooks, and starts it again. */
	crash(): Promise<void>;
	/** Everything that n8n has written so far. */
	written(): Promise<WrittenData>;
	processes: Processes;
}

let services: Services;
const webhooks = () => services.kindryn.state.webhooks;

/** Works through the list, a few entries at once. */
async function withAll<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
	const left = [...all];
	const lane = async () => {
		for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** How many quiet polls to wait for an execution that may never have been queued. */
const PATIENCE = 15;

/**
 * Waits for the executions of a workflow to end, and returns the IDs of the deliveries that started them.
 * If n8n dies between creating an execution and queueing it, the execution stays "new" for ever. There
 * can be at most one of these for each delivery under way.
 *
 * @param atLeast how many executions to wait for
 */
async function startedBy(
	client: RestClient,
	{ id }: SavedWorkflow,
	atLeast: number,
): Promise<string[]> {
	let quietPolls = 0;
	const executions = await waitFor(
		{ goal: 'all executions to end', timeout: TIMEOUT, interval: 1000 },
		async () => {
			const states = [...(await client.executionStates(id))];
			const inState = (...wanted: string[]) =>
				states.filter(([, status]) => wanted.includes(status)).length;
			const isQuiet =
				states.length >= atLeast &&
				inState('running', 'waiting') === 0 &&
				inState('new') <= AT_ONCE;
			quietPolls = isQuiet ? quietPolls + 1 : 0;
			const isOver = isQuiet && (inState('new') === 0 || quietPolls >= PATIENCE);
			return isOver ? states : undefined;
		},
	);
	const ids: string[] = [];
	await withAll(executions, async ([execution]) => {
		const { data } = await client.call<{ data: string }>('GET', `/executions/${execution}`);
		ids.push(/whd_[a-z0-9]{24}/.exec(data)?.[0] ?? `execution ${execution}`);
	});
	return ids;
}

/** @returns the time within which this share of the answers came, in ms */
const quantile = (times: number[], share: number): number =>
	Math.round(
		[...times].sort((one, other) => one - other)[Math.ceil(times.length * share) - 1] ?? 0,
	);

/** Tests for any mode of n8n. */
function describeDeliveries(mode: string, start: () => Promise<Setup>): void {
	describe(`n8n in ${mode} mode`, () => {
		let setup: Setup;
		let credentials: CredentialIds;
		let workflow: SavedWorkflow;

		const save = async (parameters?: INodeParameters) =>
			await setup.client.saveWorkflow(withCredentials(workflowOf(parameters), credentials));
		const register = (path: 'webhook' | 'webhook-test', url = setup.url()) => {
			webhooks().register({ url: `${url}/${path}/${WEBHOOK_ID}/webhook`, secret: WEBHOOK_SECRET });
		};
		const published = async ({ id }: SavedWorkflow, status: Publication['status']) =>
			await waitFor({ goal: `a workflow to be ${status}`, timeout: TIMEOUT }, async () => {
				const publication = await setup.client.publication(id);
				return publication.status === status ? publication : undefined;
			});
		const send = async (switches?: Switches) =>
			await webhooks().send('onMemberJoin', { memberId: 'm1' }, switches);
		const statuses = ({ tries }: Delivery) => tries.map(({ status }) => status);

		beforeAll(async () => {
			services = await startServices();
			setup = await start();
			credentials = await saveCredentials(setup.client, services);
			webhooks().pauses = [];
		});

		afterAll(async () => {
			await setup?.processes.stopAll();
			await stopServices(services);
		});

		it('refuses to publish a trigger whose credential has no secret, and names the field', async () => {
			const credential = credentialOf('kindryn', services.kindryn);
			const data = { ...credential.data, webhookSecret: ' ' };
			const bare = await setup.client.saveCredential({ ...credential, name: 'Bare', data });
			const saved = await setup.client.saveWorkflow(
				withCredentials(workflowOf(), { kindrynApi: { id: bare.id, name: bare.name } }),
			);
			await setup.client.activate(saved);
			const { triggers } = await published(saved, 'failed');
			expect(triggers).toMatchObject([
				{ errorMessage: expect.stringContaining("'Webhook Secret' of the credential is empty") },
			]);
			await setup.client.deactivate(saved);
		});

		it('publishes a trigger whose credential has a secret, and accepts only signed events', async () => {
			workflow = await save();
			await setup.client.activate(workflow);
			await published(workflow, 'published');
			register('webhook');
			const tries: Array<[Switches, number]> = [
				[{}, 200],
				[{ sign: () => `sha256=${'0'.repeat(64)}` }, 401],
				[{ change: (body) => `${body}\n` }, 401],
				[{ write: () => '{"event":7}' }, 400],
				[{ write: () => '[]' }, 400],
				// n8n parses a JSON body before the node sees it
				[{ write: () => '{' }, 422],
				[{ sign: () => undefined }, 401],
				[{ write: () => '{', headers: { 'Content-Type': 'text/plain' } }, 400],
				// n8n keeps no bytes of a form, so nothing can be signed
				[
					{ write: () => FORM, headers: { 'Content-Type': 'multipart/form-data; boundary=b' } },
					401,
				],
			];
			for (const [switches, status] of tries) {
				expect(statuses(await send(switches))).toEqual([status]);
			}
			const large = await webhooks().send('onMemberJoin', padding(5_000_000));
			expect(statuses(large)).toEqual([200]);
			const taken = webhooks().deliveries.filter(
				({ tries: [first] }) => first && isAccepted(first),
			);
			expect((await startedBy(setup.client, workflow, taken.length)).sort()).toEqual(
				taken.map(({ envelope }) => envelope.deliveryId).sort(),
			);
		});

		it(`starts an execution for each of ${DELIVERIES} deliveries across a crash, and none for ${REPEATED} repeated ones`, async () => {
			const before = new Set(await startedBy(setup.client, workflow, 2));
			const numbers = Array.from({ length: DELIVERIES }, (_, number) => number);
			const deliveries: Delivery[] = [];
			webhooks().pauses = PATIENT;
			let crash: Promise<void> | undefined;
			await withAll(numbers, async (number) => {
				deliveries.push(await webhooks().send('onMemberJoin', { number }));
				if (deliveries.length === DELIVERIES / 2) crash = setup.crash();
			});
			await crash;
			const accepted = deliveries.map(({ tries }) => tries.filter(isAccepted).length);
			expect(accepted).toEqual(deliveries.map(() => 1));

			// Repeat deliveries from around the crash: after it, n8n recognises them only by its saved data
			const from = DELIVERIES / 2 - REPEATED / 2;
			const repeated = deliveries.slice(from, from + REPEATED);
			await withAll(repeated, async (delivery) => await webhooks().repeat(delivery));
			expect(repeated.map(({ tries }) => tries.at(-1)?.status)).toEqual(repeated.map(() => 200));

			const all = await startedBy(setup.client, workflow, before.size + DELIVERIES);
			const started = all.filter((id) => !before.has(id));
			expect(new Set(started)).toEqual(
				new Set(deliveries.map(({ envelope }) => envelope.deliveryId)),
			);
			// If the crash swallows an answer, Kindryn sends the delivery again, although it may have started
			const twice = started.filter((id, place) => started.indexOf(id) !== place);
			const unanswered = deliveries.filter(({ tries }) => !tries.slice(0, 1).some(isAccepted));
			expect(unanswered.map(({ envelope }) => envelope.deliveryId)).toEqual(
				expect.arrayContaining(twice),
			);

			const times = deliveries.flatMap(({ tries }) => tries.slice(0, 1).filter(isAccepted));
			const [median = 0, last = 0] = [0.5, 0.99].map((share) =>
				quantile(
					times.map(({ time }) => time),
					share,
				),
			);
			console.log(
				`${mode} mode: answers to ${times.length} deliveries took ${median} ms (median), ${last} ms (99 %); ${unanswered.length} met the crash, ${twice.length} of them started twice.`,
			);
			// Kindryn waits 10 s for an answer
			expect(last).toBeLessThan(10_000);
		});

		it('shows a repeated delivery each time it listens for a test event', async () => {
			webhooks().pauses = [];
			register('webhook-test', setup.client.url);
			const tested = await save({ event: 'onMemberJoin' });
			const listen = async () =>
				await setup.client.call('POST', `/workflows/${tested.id}/run`, {
					workflowData: tested,
					triggerToStartFrom: { name: 'Trigger' },
					startNodes: [],
				});
			await listen();
			const delivery = await send();
			await listen();
			await webhooks().repeat(delivery);
			expect(statuses(delivery)).toEqual([200, 200]);
			const { deliveryId } = delivery.envelope;
			expect(await startedBy(setup.client, tested, 2)).toEqual([deliveryId, deliveryId]);
		});

		it('writes no secret anywhere', async () => {
			const written = await setup.written();
			expect(searchForSecrets(written, ['Kindryn (emulated)'])).not.toEqual([]);
			expect(searchForSecrets(written, [WEBHOOK_SECRET])).toEqual([]);
		});
	});
}

describeDeliveries('regular', async () => {
	const processes = freshProcesses('webhooks-regular');
	const userFolder = join(processes.folder, 'user');
	unpackPackage(userFolder);
	const port = await freePort();
	const startAgain = async () => await startN8n({ release: 'newest', processes, userFolder, port });
	let n8n: N8n = await startAgain();
	const client = new RestClient(n8n.url);
	await client.logIn();
	return {
		...{ client, processes },
		url: () => n8n.url,
		crash: async () => {
			await n8n.kill();
			n8n = await startAgain();
		},
		written: async () => ({
			database: await readDatabase(userFolder),
			...{ userFolders: [userFolder], logs: [n8n.log] },
		}),
	};
});

describeDeliveries('queue', async () => {
	const processes = freshProcesses('webhooks-queue');
	const queue: QueueMode = await startQueueMode('newest', processes);
	const port = await freePort();
	let receiver: RunningProgram & { url: string } = await queue.startReceiver(port);
	return {
		...{ client: queue.client, processes },
		url: () => receiver.url,
		crash: async () => {
			await receiver.kill();
			receiver = await queue.startReceiver(port);
		},
		written: async () => {
			const written = await queue.written();
			return { ...written, logs: [...written.logs, receiver.log] };
		},
	};
});
