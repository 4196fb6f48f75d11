/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { Agent, request as send } from 'node:http';
import { text } from 'node:stream/consumers';

import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
} from 'n8n-workflow';

import {
	type Engine,
	inlineNode,
	type SavedCredentials,
	type WorkflowFile,
} from '../../test/engine/harness';
import { mapConcurrently } from '../../nodes/shared/http/concurrency';
import { name } from '../../package.json';
import type { Address } from './server';
import type { BareRequest, Job, Work } from './work';

/** A candidate that does a job. `run` returns the number of rows that came out. */
export interface Runner {
	run(): Promise<number>;
	/** prepares the first run */
	prepare?(): Promise<void>;
	/** how many times one run does the job */
	times: number;
}

interface Place extends Address {
	engine: Engine;
	job: Job;
	work: Work;
	/** polls in one run */
	polls: number;
}

const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';
const SPLIT_OUT = 'n8n-nodes-base.splitOut';
const INPUT = 'bench.input';
const LOOP = 'bench.loop';

/** The fields of each service's credential. */
const CREDENTIALS: Record<Job['service'], (address: Address) => SavedCredentials> = {
	kinktree: ({ url, secret }) => ({ kinktreeApi: { apiSecret: secret, baseUrl: url } }),
	// At the documented 10 requests a second, the benchmark would only measure the waiting
	kindryn: ({ url, secret }) => ({
		kindrynApi: { apiKey: secret, baseUrl: url, maxRequestsPerSecond: 100_000 },
	}),
	klinky: ({ url, secret }) => ({ klinkyApi: { apiKey: secret, baseUrl: url } }),
};

const HEADERS: Record<Job['service'], (secret: string) => Record<string, string>> = {
	kinktree: (secret) => ({ Authorization: secret }),
	kindryn: (secret) => ({ Authorization: `Bearer ${secret}` }),
	klinky: (secret) => ({ 'X-API-Key': secret }),
};

const credentialType = ({ service }: Job): string => `${service}Api`;

const fullUrl = (base: string, { path, query = {} }: BareRequest): string => {
	const url = new URL(base + path);
	for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
	return url.href;
};

const rowsOf = (body: unknown, { listIn }: Job): IDataObject[] =>
	listIn === undefined ? [body as IDataObject] : (body as Record<string, IDataObject[]>)[listIn]!;

/** A workflow of nodes in a row. The first one holds the input. */
const chain = (
	nodes: Array<{ type: string; parameters?: INodeParameters; version?: number }>,
	credential: string,
): WorkflowFile => {
	const named = nodes.map(
		({ type, parameters = {}, version = 1 }, index): INode => ({
			id: `node${index}`,
			name: `Node ${index}`,
			type,
			typeVersion: version,
			position: [200 * index, 0],
			parameters,
			credentials: index === 1 ? { [credential]: { id: credential, name: credential } } : {},
		}),
	);
	const steps = named
		.slice(1)
		.map(({ name }, index) => [
			`Node ${index}`,
			{ main: [[{ node: name, type: 'main' as const, index: 0 }]] },
		]);
	return {
		nodes: named,
		connections: Object.fromEntries(steps),
		settings: { executionOrder: 'v1' },
	};
};

/** Runs a chain and returns the number of rows of its last node. */
const runChain = async (
	{ engine, job, url, secret, work }: Place,
	nodes: Parameters<typeof chain>[0],
	items = work.items,
	loop?: INodeType,
): Promise<number> => {
	const input = items.map((json): INodeExecutionData => ({ json }));
	const {
		status,
		nodes: results,
		lastNode = '',
		error,
	} = await engine.run({
		workflow: chain([{ type: INPUT }, ...nodes], credentialType(job)),
		inline: { [INPUT]: inlineNode(async () => [input]), ...(loop ? { [LOOP]: loop } : {}) },
		credentials: CREDENTIALS[job.service]({ url, secret }),
		startNode: 'Node 0',
	});
	if (status !== 'success') throw new Error(`${job.name} failed: ${error?.message ?? status}`);
	return results[lastNode]?.itemsOut ?? 0;
};

const times = async (count: number, work: () => Promise<number>): Promise<number> => {
	let rows = 0;
	for (let done = 0; done < count; done += 1) rows += await work();
	return rows;
};

/** This package's node, or its trigger. */
export const ownNode = (place: Place): Runner => {
	const { engine, job, polls } = place;
	if (!job.polls) {
		const nodes = [{ type: `${name}.${job.service}`, parameters: job.parameters }];
		return { times: 1, run: async () => await runChain(place, nodes) };
	}
	const poller = engine.poller({
		type: `${job.service}Trigger`,
		parameters: job.parameters,
		credentials: CREDENTIALS[job.service](place),
	});
	const poll = async () => (await poller.poll())?.length ?? 0;
	return {
		times: polls,
		prepare: async () => void (await poll()),
		run: async () => await times(polls, poll),
	};
};

/** n8n's HTTP Request node, with Split Out if an answer holds several rows. */
export const httpRequestNode = (place: Place): Runner => {
	const { job, url, work, polls, engine } = place;
	const { url: path, ...parameters } = job.httpRequest;
	const nodes = [
		{
			type: HTTP_REQUEST,
			version: engine.description(HTTP_REQUEST).defaultVersion,
			parameters: {
				...parameters,
				url: `=${url}${String(path)}`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: credentialType(job),
			},
		},
		...(job.listIn === undefined
			? []
			: [{ type: SPLIT_OUT, parameters: { fieldToSplitOut: job.listIn, options: {} } }]),
	];
	const items = work.httpItems ?? work.items;
	return {
		times: polls,
		run: async () => await times(polls, async () => await runChain(place, nodes, items)),
	};
};

/** The expressions in a node's parameters. n8n resolves them for each item. */
const expressionsIn = (value: unknown): string[] => {
	if (typeof value === 'string') return value.startsWith('=') ? [value] : [];
	return value && typeof value === 'object' ? Object.values(value).flatMap(expressionsIn) : [];
};

/**
 * A node that only reads its parameters and calls n8n's request helper: no node can cost less.
 */
export const helperLoop = (place: Place): Runner => {
	const { job, url, work, polls } = place;
	const type = credentialType(job);
	const parameters = Object.fromEntries(
		expressionsIn(job.parameters).map((value, index) => [`value${index}`, value]),
	);
	const loop = inlineNode(async function (this: IExecuteFunctions) {
		const { httpRequestWithAuthentication } = this.helpers;
		for (const itemIndex of work.items.keys()) {
			for (const name of Object.keys(parameters)) this.getNodeParameter(name, itemIndex);
		}
		const answers = await mapConcurrently(work.requests.length, job.atOnce, async (index) => {
			const { method, path, query, body } = work.requests[index] as BareRequest;
			const options: IHttpRequestOptions = {
				method,
				url: url + path,
				qs: query,
				body: body as IDataObject,
				json: true,
			};
			return rowsOf(await httpRequestWithAuthentication.call(this, type, options), job);
		});
		return [answers.flat().map((json) => ({ json }))];
	});
	loop.description.credentials = [{ name: type, required: true }];
	loop.description.properties = Object.keys(parameters).map((name) => ({
		displayName: name,
		name,
		type: 'string',
		default: '',
	}));
	const nodes = [{ type: LOOP, parameters }];
	return {
		times: polls,
		run: async () => await times(polls, async () => await runChain(place, nodes, work.items, loop)),
	};
};

/** Node.js alone, on connections that stay open. */
export const rawLoop = ({ job, url, secret, work, polls }: Place): Runner => {
	const agent = new Agent({ keepAlive: true });
	const exchange = async (request: BareRequest): Promise<IDataObject[]> => {
		const body = request.body === undefined ? undefined : JSON.stringify(request.body);
		const answer = await new Promise<string>((resolve, reject) => {
			const headers = { ...HEADERS[job.service](secret), 'Content-Type': 'application/json' };
			const sent = send(fullUrl(url, request), { method: request.method, agent, headers });
			sent.on('error', reject);
			sent.on('response', (response) => void text(response).then(resolve, reject));
			sent.end(body);
		});
		return rowsOf(JSON.parse(answer), job);
	};
	const all = async () => {
		const answers = await mapConcurrently(
			work.requests.length,
			job.atOnce,
			async (index) => await exchange(work.requests[index] as BareRequest),
		);
		return answers.flat().length;
	};
	return { times: polls, run: async () => await times(polls, all) };
};
