/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import glob from 'fast-glob';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Engine, RunResult, WorkflowFile } from '../../test/engine/harness';
import type { EmulatedWorld } from './emulated';
import type { NodeFigures } from './tables';

/** A workflow that users can import, from the folder examples/. */
export interface Example {
	/** Name of the file. */
	file: string;
	workflow: WorkflowFile;
}

/** What a run of an example did. */
export interface ExampleRun {
	nodes: NodeFigures[];
	/** The output of the node that ran last. */
	rows: IDataObject[];
	lastNode: string;
	/** What nodes tell beside their output, with the node's name. */
	hints: string[];
	/** How long it slept each time that a Wait node put it to sleep, in ms of the turned clock. */
	sleeps: number[];
	/** What went wrong, one sentence each; empty when the example does its job. */
	troubles: string[];
	result: RunResult;
}

/** Reads all examples, by the names of their files. */
export function readExamples(root: string): Example[] {
	const folder = join(root, 'examples');
	return glob
		.sync('*.json', { cwd: folder })
		.sort()
		.map((file) => ({
			file,
			workflow: JSON.parse(readFileSync(join(folder, file), 'utf8')) as WorkflowFile,
		}));
}

function troublesOf({ status, nodes, error }: RunResult, violations: string[]): string[] {
	const failures = Object.entries(nodes).flatMap(([name, { error: failure }]) =>
		failure ? [[name, failure.message, failure.description].filter(Boolean).join(': ')] : [],
	);
	const refusal = error && failures.length === 0 ? [error.message] : [];
	const unfinished =
		status !== 'success' && failures.length + refusal.length === 0 ? [`ended as ${status}`] : [];
	const breaches = violations.map((breach) => `Against the documents: ${breach}`);
	return [...failures, ...refusal, ...unfinished, ...breaches];
}

const OUR_TRIGGER = /^n8n-nodes-kinktree-kindryn-klinky\.(\w+Trigger)$/;

/** What a trigger of this package emitted, and how many requests that cost. */
interface Emitted {
	node: string;
	items: INodeExecutionData[];
	requests: number;
}

/**
 * Makes events happen while a workflow's trigger waits for them: between two polls, or while it
 * listens for webhooks.
 *
 * @returns the trigger's output; undefined if the workflow does not start with one of our triggers
 */
async function awaitTrigger(
	engine: Engine,
	world: EmulatedWorld,
	{ nodes }: WorkflowFile,
): Promise<Emitted | undefined> {
	const trigger = nodes.find(({ type }) => OUR_TRIGGER.test(type));
	if (!trigger) return undefined;
	const { credentials, countRequests, happen } = world;
	const { name: node, parameters } = trigger;
	const options = { type: trigger.type.replace(OUR_TRIGGER, '$1'), parameters, credentials };
	if (engine.description(options.type).webhooks) {
		const receiver = engine.receiver(options);
		await receiver.publish();
		world.tell(receiver.url);
		happen();
		await world.told();
		await receiver.stop();
		return { node, items: receiver.started[0] ?? [], requests: 0 };
	}
	const poller = engine.poller(options);
	await poller.poll();
	happen();
	const before = countRequests();
	const items = (await poller.poll()) ?? [];
	return { node, items, requests: countRequests() - before };
}

/**
 * Runs an example and counts what each of its nodes did. Nodes run one after the other, so that a
 * request belongs to the node that is running when it arrives.
 *
 * @param again keeps the data of an earlier run; by default the demo data is fresh
 */
export async function runExample(
	engine: Engine,
	world: EmulatedWorld,
	{ workflow }: Example,
	again = false,
): Promise<ExampleRun> {
	if (!again) world.reset();
	const requests: Record<string, number> = {};
	let before = 0;
	const emitted = await awaitTrigger(engine, world, workflow);
	if (emitted) requests[emitted.node] = emitted.requests;
	const sleeps: number[] = [];
	const result = await engine.run({
		workflow,
		credentials: world.credentials,
		...(emitted && {
			mode: 'trigger' as const,
			startNode: emitted.node,
			triggerItems: emitted.items,
		}),
		onWait: (until) => sleeps.push(world.turnOnTo(until)),
		onNodeStart: () => {
			before = world.countRequests();
		},
		onNodeEnd: (name) => {
			requests[name] = (requests[name] ?? 0) + world.countRequests() - before;
		},
	});
	const lastNode = result.lastNode ?? '';
	const figures = Object.entries(result.nodes).map(([name, node]) => ({
		name,
		itemsIn: node.itemsIn,
		itemsOut: node.itemsOut,
		requests: requests[name] ?? 0,
		time: node.executionTime,
	}));
	return {
		nodes: figures,
		rows: (result.nodes[lastNode]?.items ?? []).flat().map(({ json }) => json),
		lastNode,
		hints: Object.entries(result.nodes).flatMap(([name, { hints }]) =>
			hints.map(({ message }) => `${name}: ${message}`),
		),
		sleeps,
		troubles: troublesOf(result, world.violations()),
		result,
	};
}
