import { randomUUID } from 'node:crypto';
import { ExecutionLifecycleHooks, ExternalSecretsProxy, WorkflowExecute } from 'n8n-core';
import type {
	ExecutionStatus,
	IConnections,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeType,
	IPinData,
	IRun,
	IRunExecutionData,
	ITaskData,
	IWorkflowExecuteAdditionalData,
	IWorkflowSettings,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { createRunExecutionData, NodeHelpers, Workflow } from 'n8n-workflow';
import { CredentialsHelper, type SavedCredentials } from './credentials';
import type { MemoryLogger } from './logs';
import { type InstalledNodes, NodeTypes } from './nodes';

/** A workflow as n8n's editor exports it. */
export interface WorkflowFile {
	id?: string;
	name?: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
	staticData?: IDataObject;
}

/** An error as n8n saves it in an execution: a plain object made from, for example, a NodeApiError. */
export interface RunError {
	name?: string;
	message: string;
	description?: string | null;
	/** The service's status, as text. */
	httpCode?: string | null;
	context?: IDataObject;
	stack?: string;
	[property: string]: unknown;
}

/** The result of one node in a workflow, over all of its runs. */
export interface NodeResult {
	/** The items of each output. With "On Error: Continue (using error output)", the last one holds errors. */
	items: INodeExecutionData[][];
	itemsIn: number;
	itemsOut: number;
	error?: RunError;
	hints: NodeExecutionHint[];
	/** Milliseconds. */
	executionTime: number;
	/** How often the node ran: more than once in a loop. */
	runs: number;
}

/** The result of an execution. */
export interface RunResult {
	status: ExecutionStatus;
	nodes: Record<string, NodeResult>;
	/** The node that ran last. */
	lastNode?: string;
	error?: RunError;
	/** Everything n8n would save. */
	data: IRunExecutionData;
}

export interface ExecutionOptions {
	credentials?: SavedCredentials;
	/** `manual` (default) is the editor's "Execute workflow", `trigger` a published workflow's run. */
	mode?: WorkflowExecuteMode;
	executionId?: string;
	/** The executing process's address of n8n. A worker may have another one. */
	instanceBaseUrl?: string;
	/** The data of a failed execution. The run goes on from the failed node, as "Retry execution" does. */
	retryOf?: IRunExecutionData;
	/** Cancels the execution, as its "Stop" button does. */
	signal?: AbortSignal;
	/**
	 * Called when a Wait node puts the execution to sleep. Move the clock forward here: the saved
	 * execution then resumes at once. Without `onWait`, the run ends as `waiting`.
	 */
	onWait?: (until: Date) => void;
	onNodeStart?: (nodeName: string) => void;
	onNodeEnd?: (nodeName: string) => void;
}

const notHere = (what: string) => async (): Promise<never> => {
	throw new Error(`${what} cannot run in the engine harness: it needs a whole n8n`);
};

/** The parts of n8n that an execution uses besides its workflow. */
export const additionalDataFor = (
	installed: InstalledNodes,
	logger: MemoryLogger,
	saved: SavedCredentials,
	executionId?: string,
): IWorkflowExecuteAdditionalData => ({
	credentialsHelper: new CredentialsHelper(installed, saved),
	externalSecretsProxy: new ExternalSecretsProxy(),
	executionId,
	currentNodeExecutionIndex: 0,
	instanceBaseUrl: 'http://localhost:5678/',
	restApiUrl: 'http://localhost:5678/rest',
	formBaseUrl: 'http://localhost:5678/form',
	formWaitingBaseUrl: 'http://localhost:5678/form-waiting',
	formTestBaseUrl: 'http://localhost:5678/form-test',
	webhookBaseUrl: 'http://localhost:5678/webhook',
	webhookWaitingBaseUrl: 'http://localhost:5678/webhook-waiting',
	webhookTestBaseUrl: 'http://localhost:5678/webhook-test',
	mcpBaseUrl: 'http://localhost:5678/mcp',
	mcpTestBaseUrl: 'http://localhost:5678/mcp-test',
	variables: {},
	setExecutionStatus: () => {},
	logAiEvent: () => {},
	sendDataToUI: (type, data) => logger.add('ui', type, data),
	executeWorkflow: notHere('A sub-workflow'),
	getRunExecutionData: notHere('Waiting for a sub-workflow'),
	getRuntimeCredential: notHere('A runtime credential'),
	startRunnerTask: notHere('The Code node'),
});

/** A node that the harness needs in one workflow, for example to hold the input items. */
export const inlineNode = (execute: NonNullable<INodeType['execute']>): INodeType => ({
	description: {
		displayName: 'Engine Harness',
		name: 'inline',
		group: ['transform'],
		version: 1,
		description: 'A node that the engine harness adds',
		defaults: { name: 'Engine Harness' },
		inputs: [],
		outputs: ['main'],
		properties: [],
	},
	execute,
});

/** Counts declared outputs: a Filter, for example, returns discarded items in a second, undeclared one. */
const declaredOutputs = (workflow: Workflow, name: string): number => {
	const node = workflow.getNode(name);
	if (!node) return 0;
	const { description } = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	return NodeHelpers.getNodeOutputs(workflow, node, description).length;
};

const itemsIntoRun = (task: ITaskData, runs: Record<string, ITaskData[]>): number =>
	task.source.reduce((sum, source) => {
		if (source === null) return sum;
		const { previousNode, previousNodeOutput = 0, previousNodeRun = 0 } = source;
		const items = runs[previousNode]?.[previousNodeRun]?.data?.main?.[previousNodeOutput];
		return sum + (items?.length ?? 0);
	}, 0);

const nodeResult = (
	tasks: ITaskData[],
	runs: Record<string, ITaskData[]>,
	outputs: number,
): NodeResult => {
	const items = Array.from({ length: outputs }, (_, index) =>
		tasks.flatMap(({ data }) => data?.main?.[index] ?? []),
	);
	const sum = (count: (task: ITaskData) => number): number =>
		tasks.reduce((total, task) => total + count(task), 0);
	return {
		items,
		itemsIn: sum((task) => itemsIntoRun(task, runs)),
		itemsOut: items.reduce((total, output) => total + output.length, 0),
		error: tasks.map(({ error }) => error).find(Boolean) as RunError | undefined,
		hints: tasks.flatMap(({ hints }) => hints ?? []),
		executionTime: sum(({ executionTime }) => executionTime),
		runs: tasks.length,
	};
};

const resultOf = (
	status: ExecutionStatus,
	data: IRunExecutionData,
	workflow: Workflow,
): RunResult => {
	const { runData, lastNodeExecuted, error } = data.resultData;
	const nodes = Object.entries(runData).map(
		([name, tasks]) => [name, nodeResult(tasks, runData, declaredOutputs(workflow, name))] as const,
	);
	return {
		status,
		nodes: Object.fromEntries(nodes),
		lastNode: lastNodeExecuted,
		error: error as RunError | undefined,
		data,
	};
};

/** Gives the nodes of an imported workflow the credentials of the run, by type. */
const withCredentials = (
	node: INode,
	installed: InstalledNodes,
	saved: SavedCredentials,
): INode => {
	const wanted = new NodeTypes(installed)
		.getByNameAndVersion(node.type, node.typeVersion)
		.description.credentials?.filter(({ name }) => name in saved);
	const references = (wanted ?? []).map(({ name }) => [name, { id: name, name }] as const);
	return { ...node, credentials: { ...Object.fromEntries(references), ...node.credentials } };
};

interface Execution extends ExecutionOptions {
	installed: InstalledNodes;
	logger: MemoryLogger;
	workflow: WorkflowFile;
	/** Node types that only this workflow has. */
	inline?: Record<string, INodeType>;
	/** The node to start at, if not the trigger that n8n would choose. */
	startNode?: string;
	/** The start node's input, which a trigger passes on in a published workflow. */
	triggerItems?: INodeExecutionData[];
}

const startStack = (
	workflow: Workflow,
	{ startNode, triggerItems = [{ json: {} }] }: Execution,
): IRunExecutionData => {
	const node = startNode === undefined ? workflow.getStartNode() : workflow.getNode(startNode);
	if (!node) throw new Error(`The workflow has no node to start at: ${startNode ?? 'no trigger'}`);
	return createRunExecutionData({
		executionData: {
			nodeExecutionStack: [{ node, data: { main: [triggerItems] }, source: null }],
		},
	});
};

/** The data of a failed execution as n8n saves it, without the run that failed. */
const retryData = (failed: IRunExecutionData): IRunExecutionData => {
	const { resultData } = failed;
	const { lastNodeExecuted = '', runData } = resultData;
	const finished = (runData[lastNodeExecuted] ?? []).filter(({ error }) => error === undefined);
	const kept = {
		...resultData,
		error: undefined,
		runData: { ...runData, [lastNodeExecuted]: finished },
	};
	return JSON.parse(JSON.stringify({ ...failed, resultData: kept })) as IRunExecutionData;
};

const runToEnd = async (
	execute: WorkflowExecute,
	workflow: Workflow,
	signal?: AbortSignal,
): Promise<IRun> => {
	const execution = execute.processRunExecutionData(workflow);
	const cancel = (): void => execution.cancel();
	if (signal?.aborted === true) cancel();
	signal?.addEventListener('abort', cancel, { once: true });
	try {
		const run = await execution;
		// A node that throws when it is cancelled ends the promise with `error`, but n8n has saved
		// the execution as cancelled by then.
		return execution.isCanceled ? { ...run, status: 'canceled' } : run;
	} finally {
		signal?.removeEventListener('abort', cancel);
	}
};

/**
 * Runs a workflow to its end in n8n's engine. The result holds every error, also one that n8n finds
 * before the first node runs (for example an empty required parameter).
 *
 * @throws if the workflow has no node to start at or names a node that is not installed
 */
export const runWorkflow = async (options: Execution): Promise<RunResult> => {
	const { installed, logger, inline = {}, credentials = {}, mode = 'manual' } = options;
	const { workflow: file, executionId = randomUUID(), onNodeStart, onNodeEnd } = options;
	const nodes = structuredClone(file.nodes).map((node) =>
		node.type in inline ? node : withCredentials(node, installed, credentials),
	);
	const workflow = new Workflow({
		id: 'engine-harness',
		name: 'Engine harness',
		active: mode !== 'manual',
		...file,
		nodes,
		nodeTypes: new NodeTypes(installed, inline),
	});
	const data = options.retryOf ? retryData(options.retryOf) : startStack(workflow, options);
	if (mode === 'manual' && file.pinData) data.resultData.pinData = file.pinData;
	const additionalData = {
		...additionalDataFor(installed, logger, credentials, executionId),
		...(options.instanceBaseUrl ? { instanceBaseUrl: options.instanceBaseUrl } : {}),
	};
	const hooks = new ExecutionLifecycleHooks(mode, executionId, {
		...file,
		id: workflow.id,
		name: workflow.name ?? '',
		active: workflow.active,
		isArchived: false,
		createdAt: new Date(),
		updatedAt: new Date(),
		activeVersionId: null,
	});
	if (onNodeStart) hooks.addHandler('nodeExecuteBefore', (name) => onNodeStart(name));
	if (onNodeEnd) hooks.addHandler('nodeExecuteAfter', (name) => onNodeEnd(name));
	additionalData.hooks = hooks;
	try {
		const execute = async (from: IRunExecutionData): Promise<IRun> =>
			await runToEnd(new WorkflowExecute(additionalData, mode, from), workflow, options.signal);
		let run = await execute(data);
		while (run.status === 'waiting' && run.data.waitTill && options.onWait) {
			options.onWait(run.data.waitTill);
			run = await execute(JSON.parse(JSON.stringify(run.data)) as IRunExecutionData);
		}
		return resultOf(run.status, run.data, workflow);
	} catch (error) {
		const refusal = error as RunError;
		return { ...resultOf('error', data, workflow), error: refusal };
	}
};
