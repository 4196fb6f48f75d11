import type { INodeParameters } from 'n8n-workflow';

import { type ServiceName, SERVICES } from '../emulator';
import { thisPackage } from './lib/package';
import { freshProcesses, waitFor } from './lib/processes';
import { type QueueMode, startQueueMode, WORKER_CONCURRENCY } from './lib/queueMode';
import { rowsOf, type Workflow } from './lib/rest';
import { searchForSecrets } from './lib/secrets';
import { type Services, startServices, stopServices, violations } from './lib/services';
import { chainOf, saveCredentials, withCredentials } from './lib/workflows';

/** Delay of each write, in ms. Long enough to catch both workers while they write, and to kill one. */
const HOLD = 10_000;
const TIMEOUT = 180_000;

/** How many calls of a webhook, or requests to n8n, are open at once. */
const AT_ONCE = 10;

const CODE = '={{ $json.body.code }}';

/** A write that leaves a second row if it is carried out twice. */
interface Write {
	operationId: string;
	/** The field for the call's code, both in the request and in the row. */
	codeField: string;
	parameters(services: Services): INodeParameters;
	stored(services: Services): Array<object>;
}

const byId = (value: string | undefined) => ({ __rl: true, mode: 'id', value: value ?? '' });

const WRITES: Record<ServiceName, Write> = {
	kinktree: {
		operationId: 'createTag',
		codeField: 'activationCode',
		parameters: () => ({
			...{ resource: 'tag', operation: 'create' },
			additionalFields: { activationCode: CODE },
		}),
		stored: ({ kinktree }) => [...kinktree.state.tags().values()],
	},
	kindryn: {
		operationId: 'createPost',
		codeField: 'title',
		parameters: ({ kindryn: { state } }) => ({
			...{ resource: 'post', operation: 'create', body: '<p>Hello</p>' },
			spaceId: byId(state.spaces[0]?.id),
			authorId: byId(state.members[0]?.userId),
			additionalFields: { title: CODE },
		}),
		stored: ({ kindryn }) => kindryn.state.posts,
	},
	klinky: {
		operationId: 'createLink',
		codeField: 'name',
		parameters: () => ({
			...{ resource: 'link', operation: 'create', name: CODE, routingType: 'single' },
			destinationUrl: 'https://example.com/',
		}),
		stored: ({ klinky }) => klinky.state.links,
	},
};

/** A workflow that writes once for each call of its webhook. */
function webhookWorkflow(service: ServiceName, services: Services): Workflow {
	const path = `write-${service}`;
	return chainOf(`One write for each call: ${service}`, [
		{
			...{ name: 'Call', type: 'n8n-nodes-base.webhook', typeVersion: 2, webhookId: path },
			parameters: { httpMethod: 'POST', path, options: {} },
		},
		{
			...{ name: 'Write', type: `${thisPackage().name}.${service}` },
			parameters: WRITES[service].parameters(services),
		},
	]);
}

/** Works through the list, a few entries at once. */
async function withAll<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
	const left = [...all];
	const lane = async () => {
		for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const codeIn = (service: ServiceName, row: unknown): string =>
	String((row as Record<string, unknown>)[WRITES[service].codeField]);

describe.each([
	{
		release: 'newest',
		calls: 200,
		services: SERVICES,
		// n8n 2 reports an error if the worker of an execution is gone
		outcome: 'error',
		times: 1,
	},
	{
		release: 'oldest',
		calls: 60,
		// n8n 1 runs the execution again, under the same ID. Only Klinky recognises a repeated write.
		services: ['klinky'],
		outcome: 'success',
		times: 2,
	},
] as const)('queue mode of the $release n8n', ({ release, calls, services: used, ...expected }) => {
	const processes = freshProcesses(`queue-${release}`);
	const workflows = new Map<ServiceName, string>();
	const codes = Array.from({ length: calls }, (_, number) => `call-${number}`);
	const ended = new Map<string, string>();
	let services: Services;
	let queue: QueueMode;
	let interrupted: string[];

	const requests = () =>
		used.flatMap((service) =>
			services[service].journal.find({ operationId: WRITES[service].operationId }),
		);

	const executionStates = async () => {
		const all = [...workflows.values()].map(async (id) => [
			...(await queue.client.executionStates(id)),
		]);
		return (await Promise.all(all)).flat();
	};

	const call = async (code: string) => {
		const service = used[codes.indexOf(code) % used.length];
		// n8n takes a moment to open the address of a published workflow
		await waitFor({ goal: `the webhook of ${service} to answer`, timeout: TIMEOUT }, async () => {
			const answer = await fetch(`${queue.main.url}/webhook/write-${service}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ code }),
			});
			return answer.ok || undefined;
		});
	};

	beforeAll(async () => {
		services = await startServices();
		queue = await startQueueMode(release, processes);
	});

	afterAll(async () => {
		// A proper end would take long, and no test needs main any more
		await queue?.main.kill();
		await processes.stopAll();
		await stopServices(services);
	});

	it('installs the package on both workers', () => {
		expect(queue.workers.map(({ hasPackage }) => hasPackage)).toEqual([true, true]);
	});

	it(`runs ${calls} executions on two workers, one of which is killed half-way`, async () => {
		const credentials = await saveCredentials(queue.client, services);
		for (const service of used) {
			const workflow = withCredentials(webhookWorkflow(service, services), credentials);
			const saved = await queue.client.saveWorkflow(workflow);
			await queue.client.activate(saved);
			workflows.set(service, saved.id);
		}
		const holds = used.map((service) =>
			services[service].misbehave({
				match: { operationId: WRITES[service].operationId },
				...{ skip: Math.floor(calls / 2 / used.length), times: Infinity, delayMs: HOLD },
			}),
		);
		await withAll(codes, call);

		await waitFor({ goal: 'both workers to be held', timeout: TIMEOUT, interval: 50 }, () => {
			const open = requests().filter(({ status }) => status === undefined);
			return open.length === 2 * WORKER_CONCURRENCY || undefined;
		});
		const [killed] = queue.workers;
		await killed.program.kill();
		for (const hold of holds) hold.cancel();
		interrupted = await waitFor({ goal: 'the log of the killed worker', timeout: TIMEOUT }, () => {
			const { unfinished } = killed;
			return unfinished.length === WORKER_CONCURRENCY ? unfinished : undefined;
		});

		const final = await waitFor(
			{ goal: `${calls} executions to end`, timeout: TIMEOUT, interval: 1000 },
			async () => {
				const states = await executionStates();
				const open = states.some(([, status]) => ['new', 'running', 'waiting'].includes(status));
				return states.length < calls || open ? undefined : states;
			},
		);
		for (const [id, status] of final) ended.set(id, status);
	});

	it('loses no execution', () => {
		expect(ended.size).toBe(calls);
		const failed = [...ended].filter(([, status]) => status !== 'success').map(([id]) => id);
		expect(failed.sort()).toEqual(expected.outcome === 'success' ? [] : [...interrupted].sort());
		expect(interrupted.map((id) => ended.get(id))).toEqual(interrupted.map(() => expected.outcome));
	});

	it(`begins each interrupted execution ${expected.times === 1 ? 'once' : 'twice'}, and every other one once`, () => {
		const began = queue.workers.flatMap((worker) => worker.began);
		const twice = began.filter((id, place) => began.indexOf(id) !== place);
		expect(new Set(began).size).toBe(calls);
		expect(twice.sort()).toEqual(expected.times === 1 ? [] : [...interrupted].sort());
	});

	it('writes one row for each execution', () => {
		const stored = used.flatMap((service) =>
			WRITES[service].stored(services).map((row) => codeIn(service, row)),
		);
		expect(stored.filter((code) => code.startsWith('call-')).sort()).toEqual([...codes].sort());
		expect(requests().length).toBe(calls + (expected.times - 1) * WORKER_CONCURRENCY);
		expect(violations(services)).toEqual([]);
	});

	it('reports the written row in each successful execution', async () => {
		const serviceOf = new Map([...workflows].map(([service, id]) => [id, service]));
		const reported: string[] = [];
		const successful = [...ended].filter(([, status]) => status === 'success');
		await withAll(successful, async ([id]) => {
			const execution = await queue.client.execution(id);
			const service = serviceOf.get(execution.workflowId);
			const [row] = rowsOf(execution, 'Write');
			if (service && row) reported.push(codeIn(service, row));
		});
		expect(reported.length).toBe(successful.length);
		expect(codes).toEqual(expect.arrayContaining(reported));
		expect(new Set(reported).size).toBe(reported.length);
	});

	it('writes no secret anywhere', async () => {
		const written = await queue.written();
		// A credential's name and a row's value must be found, to prove that the search works
		const findable = ['Klinky (emulated)', 'call-59'];
		expect(findable.map((text) => searchForSecrets(written, [text]))).toEqual(
			findable.map(() => expect.arrayContaining(['database'])),
		);
		const secrets = SERVICES.map((service) => services[service].secret);
		expect(searchForSecrets(written, secrets)).toEqual([]);
	});
});
