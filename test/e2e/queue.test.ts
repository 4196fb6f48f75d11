import type { IDataObject, INode } from 'n8n-workflow';

import { type ServiceName, SERVICES } from '../emulator';
import { freshProcesses, saveCredentials } from './lib/bench';
import { thisPackage } from './lib/package';
import { waitFor } from './lib/processes';
import { type QueueMode, startQueueMode, WORKER_CONCURRENCY } from './lib/queueMode';
import { rowsOf, type Workflow } from './lib/rest';
import { searchForSecrets } from './lib/secrets';
import { type Services, startServices, stopServices, violations } from './lib/services';
import { withCredentials } from './lib/workflows';

/** Long enough for both workers to be in the middle of their writes, and one of them killed (ms). */
const HOLD = 10_000;
const TIMEOUT = 180_000;

/** Calls of a webhook, or requests to n8n, that are open at once. */
const AT_ONCE = 10;

const CODE = '={{ $json.body.code }}';

/** A write that would leave a second row if it were carried out twice. */
interface Write {
	operationId: string;
	/** What carries the call's code, in the request as in the row. */
	carrier: string;
	parameters(services: Services): IDataObject;
	stored(services: Services): Array<object>;
}

const byId = (value: string | undefined) => ({ __rl: true, mode: 'id', value: value ?? '' });

const WRITES: Record<ServiceName, Write> = {
	kinktree: {
		operationId: 'createTag',
		carrier: 'activationCode',
		parameters: () => ({
			...{ resource: 'tag', operation: 'create' },
			additionalFields: { activationCode: CODE },
		}),
		stored: ({ kinktree }) => [...kinktree.state.tags().values()],
	},
	kindryn: {
		operationId: 'createPost',
		carrier: 'title',
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
		carrier: 'name',
		parameters: () => ({
			...{ resource: 'link', operation: 'create', name: CODE, routingType: 'single' },
			destinationUrl: 'https://example.com/',
		}),
		stored: ({ klinky }) => klinky.state.links,
	},
};

/** A webhook that makes one write of each call. */
function webhookWorkflow(service: ServiceName, services: Services): Workflow {
	const nodes: INode[] = [
		{
			...{ id: `${service}-1`, name: 'Call', type: 'n8n-nodes-base.webhook', typeVersion: 2 },
			...{ webhookId: `write-${service}`, position: [0, 0] },
			parameters: { httpMethod: 'POST', path: `write-${service}`, options: {} },
		},
		{
			...{ id: `${service}-2`, name: 'Write', type: `${thisPackage().name}.${service}` },
			...{ typeVersion: 1, position: [220, 0] },
			parameters: WRITES[service].parameters(services) as INode['parameters'],
		},
	];
	return {
		...{ name: `One write for each call: ${service}`, nodes },
		connections: { Call: { main: [[{ node: 'Write', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

/** Does all the work, a few at once. */
async function withAll<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
	const left = [...all];
	const lane = async () => {
		for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const carried = (service: ServiceName, row: unknown): string =>
	String((row as Record<string, unknown>)[WRITES[service].carrier]);

describe.each([
	{
		release: 'newest',
		calls: 200,
		services: SERVICES,
		// n8n 2 reports an execution whose worker is gone
		outcome: 'error',
		times: 1,
	},
	{
		release: 'oldest',
		calls: 60,
		// n8n 1 runs it again, with the ID that it had. Only Klinky knows a write that it has seen.
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

	const look = async () => {
		const states = [...workflows.values()].map(async (id) => [
			...(await queue.client.executionStates(id)),
		]);
		return (await Promise.all(states)).flat();
	};

	const call = async (code: string) => {
		const service = used[codes.indexOf(code) % used.length];
		// Published is one thing; the address being there comes a moment later
		await waitFor({ what: `the webhook of ${service} to answer`, timeout: TIMEOUT }, async () => {
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
		// It would take its time to end, and nothing of it is needed any more
		await queue?.main.kill();
		await processes.stopAll();
		await stopServices(services);
	});

	it('brings the package to both workers', () => {
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

		await waitFor({ what: 'both workers to be held', timeout: TIMEOUT, interval: 50 }, () => {
			const open = requests().filter(({ status }) => status === undefined);
			return open.length === 2 * WORKER_CONCURRENCY || undefined;
		});
		const [killed] = queue.workers;
		const shares = queue.workers.map(({ began }) => began.length);
		await killed.program.kill();
		for (const hold of holds) hold.cancel();
		expect(Math.min(...shares)).toBeGreaterThan(calls / 10);
		interrupted = await waitFor({ what: 'the log of the killed worker', timeout: TIMEOUT }, () => {
			const { unfinished } = killed;
			return unfinished.length === WORKER_CONCURRENCY ? unfinished : undefined;
		});

		const states = await waitFor(
			{ what: `${calls} executions to end`, timeout: TIMEOUT, interval: 1000 },
			async () => {
				const seen = await look();
				const open = seen.some(([, status]) => ['new', 'running', 'waiting'].includes(status));
				return seen.length < calls || open ? undefined : seen;
			},
		);
		for (const [id, status] of states) ended.set(id, status);
	});

	it('loses none of them', () => {
		expect(ended.size).toBe(calls);
		const unlike = [...ended].filter(([, status]) => status !== 'success').map(([id]) => id);
		expect(unlike.sort()).toEqual(expected.outcome === 'success' ? [] : [...interrupted].sort());
		expect(interrupted.map((id) => ended.get(id))).toEqual(interrupted.map(() => expected.outcome));
	});

	it(`begins what was interrupted ${expected.times === 1 ? 'once' : 'twice'}, and all else once`, () => {
		const began = queue.workers.flatMap((worker) => worker.began);
		const twice = began.filter((id, place) => began.indexOf(id) !== place);
		expect(new Set(began).size).toBe(calls);
		expect(twice.sort()).toEqual(expected.times === 1 ? [] : [...interrupted].sort());
	});

	it('writes once for each of them', () => {
		const stored = used.flatMap((service) =>
			WRITES[service].stored(services).map((row) => carried(service, row)),
		);
		expect(stored.filter((code) => code.startsWith('call-')).sort()).toEqual([...codes].sort());
		expect(requests().length).toBe(calls + (expected.times - 1) * WORKER_CONCURRENCY);
		expect(violations(services)).toEqual([]);
	});

	it('shows in each execution that did well what it wrote', async () => {
		const serviceOf = new Map([...workflows].map(([service, id]) => [id, service]));
		const shown: string[] = [];
		const well = [...ended].filter(([, status]) => status === 'success');
		await withAll(well, async ([id]) => {
			const execution = await queue.client.execution(id);
			const service = serviceOf.get(execution.workflowId);
			const [row] = rowsOf(execution, 'Write');
			if (service && row) shown.push(carried(service, row));
		});
		expect(shown.length).toBe(well.length);
		expect(codes).toEqual(expect.arrayContaining(shown));
		expect(new Set(shown).size).toBe(shown.length);
	});

	it('writes no secret anywhere', async () => {
		const written = await queue.written();
		// What must be there shows that the search reaches it: a credential's name, and a row's value.
		const known = ['Klinky (emulated)', 'call-59'];
		expect(known.map((text) => searchForSecrets(written, [text]))).toEqual(
			known.map(() => expect.arrayContaining(['database'])),
		);
		const secrets = SERVICES.map((service) => services[service].secret);
		expect(searchForSecrets(written, secrets)).toEqual([]);
	});
});
