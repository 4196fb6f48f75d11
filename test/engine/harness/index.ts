/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { resolve } from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeListSearchResult,
	INodeParameters,
	INodePropertyOptions,
	INodeType,
	INodeTypeDescription,
	NodeExecutionHint,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { referencesTo } from './credentials';
import {
	type ExecutionOptions,
	inlineNode,
	type RunResult,
	runWorkflow,
	type WorkflowFile,
} from './execution';
import type { LogEntry } from './logs';
import { guardLoopback, type LoopbackGuard } from './loopback';
import {
	listSearch,
	type ListSearchOptions,
	loadOptions,
	type PanelOptions,
	testCredential,
} from './methods';
import { InstalledNodes } from './nodes';
import { Poller, type PollerOptions } from './poller';
import { Receiver, type ReceiverOptions } from './receiver';
import { findSecrets, type SecretFinding } from './secrets';
import { type CoreServices, startServices } from './services';

export type { SavedCredentials } from './credentials';
export { inlineNode } from './execution';
export type { NodeResult, RunError, RunResult, WorkflowFile } from './execution';
export type { LogEntry } from './logs';
export type { Poller } from './poller';
export type { Receiver } from './receiver';
export { findSecrets, type SecretFinding } from './secrets';

export interface EngineOptions {
	/** The folder with the built package's package.json. Default: this repository. */
	packageRoot?: string;
}

export interface RunOptions extends ExecutionOptions {
	/** A whole workflow, as exported from the editor. */
	workflow: WorkflowFile;
	/** The node to start at. Default: the trigger that n8n would choose. */
	startNode?: string;
	/** Node types that only this workflow has, by name. */
	inline?: Record<string, INodeType>;
	/** With mode `trigger`: the items that the trigger emitted, for example in a poll. */
	triggerItems?: INodeExecutionData[];
}

export interface RunNodeOptions
	extends ExecutionOptions,
		Pick<
			Partial<INode>,
			| 'alwaysOutputData'
			| 'executeOnce'
			| 'maxTries'
			| 'onError'
			| 'retryOnFail'
			| 'typeVersion'
			| 'waitBetweenTries'
		> {
	/** The node's type, such as `kinktree`, or one of another package with that package's name. */
	type: string;
	/** The parameters that differ from their defaults, as n8n saves them. Expressions start with `=`. */
	parameters?: INodeParameters;
	/** The input. Plain objects become the `json` of items. Default: one empty item. */
	items?: IDataObject[] | INodeExecutionData[];
	/** The workflow's time zone, such as `Europe/Berlin`. */
	timezone?: string;
}

export interface NodeRunResult {
	status: RunResult['status'];
	/** The items of the first output. */
	output: INodeExecutionData[];
	/** The items of the error output ("On Error: Continue (using error output)"). */
	errorOutput: INodeExecutionData[];
	error?: RunResult['error'];
	hints: NodeExecutionHint[];
	/** Everything n8n would save. */
	runData: RunResult['data'];
}

/** The name of the node under test in `runNode`, and of the one that holds its input. */
export const NODE_UNDER_TEST = 'Node';
export const INPUT_NODE = 'Input';

const INPUT_TYPE = 'engineHarness.input';

const isExecutionItem = (item: IDataObject | INodeExecutionData): item is INodeExecutionData =>
	typeof item.json === 'object' && item.json !== null;

const toItems = (items: IDataObject[] | INodeExecutionData[]): INodeExecutionData[] =>
	items.map((item) => (isExecutionItem(item) ? item : { json: item }));

/** n8n's engine with the built package installed. `startEngine` makes it. */
export class Engine {
	constructor(
		private readonly installed: InstalledNodes,
		private readonly services: CoreServices,
		private readonly guard: LoopbackGuard,
	) {}

	/** n8n's log at level debug, and the messages that nodes sent to the editor's console. */
	get logs(): LogEntry[] {
		return this.services.logger.entries;
	}

	/** Connections to other machines, which were refused, as `host:port`. */
	get refusedConnections(): string[] {
		return this.guard.refused;
	}

	/** n8n's user folder, removed by `stop`. */
	get userFolder(): string {
		return this.services.userFolder;
	}

	/** The names of the package's nodes. */
	get nodeNames(): string[] {
		return this.installed.nodeNames;
	}

	/** The names of the package's credential types. */
	get credentialNames(): string[] {
		return this.installed.credentialNames;
	}

	/**
	 * A node as the editor gets it: with codex, icon addresses and n8n's common parameters.
	 *
	 * @throws if there is no such node
	 */
	description(type: string, version?: number): INodeTypeDescription {
		return NodeHelpers.getVersionedNodeType(this.installed.node(type), version).description;
	}

	/** @throws if there is no such credential type */
	credentialType(name: string): ICredentialType {
		return this.installed.credential(name);
	}

	/** The output schema that the editor offers before a first run, or undefined. */
	schema(
		type: string,
		resource: string,
		operation: string,
		version?: number,
	): IDataObject | undefined {
		return this.installed.outputSchema(type, resource, operation, version);
	}

	/**
	 * Runs a workflow. Its nodes of this package get the given credentials by type.
	 *
	 * @throws if there is no node to start at, or if a node is not installed
	 */
	async run(options: RunOptions): Promise<RunResult> {
		const { installed, services } = this;
		return await runWorkflow({ installed, logger: services.logger, ...options });
	}

	/** Runs one node on the given items, which come from a node named `INPUT_NODE` before it. */
	async runNode(options: RunNodeOptions): Promise<NodeRunResult> {
		const { type, parameters = {}, items = [{}], timezone, credentials = {}, ...rest } = options;
		const { alwaysOutputData, executeOnce, maxTries, onError, retryOnFail, ...more } = rest;
		// n8n's default is to wait a second, which no test needs.
		const { typeVersion, waitBetweenTries = 1, ...execution } = more;
		const input = toItems(items);
		const { status, nodes, error, data } = await runWorkflow({
			...execution,
			installed: this.installed,
			logger: this.services.logger,
			credentials,
			inline: { [INPUT_TYPE]: inlineNode(async () => [input]) },
			startNode: INPUT_NODE,
			workflow: {
				nodes: [
					{
						id: 'input',
						name: INPUT_NODE,
						type: INPUT_TYPE,
						typeVersion: 1,
						position: [0, 0],
						parameters: {},
					},
					{
						id: 'node',
						name: NODE_UNDER_TEST,
						type: this.installed.fullType(type),
						typeVersion: typeVersion ?? this.installed.currentVersion(type),
						position: [200, 0],
						parameters,
						credentials: referencesTo(credentials),
						alwaysOutputData,
						executeOnce,
						maxTries,
						onError,
						retryOnFail,
						waitBetweenTries,
					},
				],
				connections: {
					[INPUT_NODE]: { main: [[{ node: NODE_UNDER_TEST, type: 'main', index: 0 }]] },
				},
				settings: { executionOrder: 'v1', ...(timezone === undefined ? {} : { timezone }) },
			},
		});
		const result = nodes[NODE_UNDER_TEST];
		const outputs = result?.items ?? [];
		const hasErrorOutput = onError === 'continueErrorOutput';
		return {
			status,
			output: outputs[0] ?? [],
			errorOutput: (hasErrorOutput ? outputs.at(-1) : undefined) ?? [],
			error: result?.error ?? error,
			hints: result?.hints ?? [],
			runData: data,
		};
	}

	/**
	 * One page of the list behind "From List".
	 *
	 * @throws the error of the method
	 */
	async listSearch(options: ListSearchOptions): Promise<INodeListSearchResult> {
		return await listSearch(this.installed, this.services.logger, options);
	}

	/**
	 * The options of a dropdown that a method fills.
	 *
	 * @throws the error of the method
	 */
	async loadOptions(options: PanelOptions): Promise<INodePropertyOptions[]> {
		return await loadOptions(this.installed, this.services.logger, options);
	}

	/**
	 * Tests a credential as n8n's credential panel does.
	 *
	 * @throws if nothing tests this type, or the error of a node's test function
	 */
	async testCredential(
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<INodeCredentialTestResult> {
		return await testCredential(this.installed, this.services.logger, type, data);
	}

	/** A trigger of the package that the test polls. */
	poller(options: PollerOptions): Poller {
		return new Poller(this.installed, this.services.logger, options);
	}

	/** A workflow that a webhook of the package starts. */
	receiver(options: ReceiverOptions): Receiver {
		return new Receiver(this.installed, this.services.logger, options);
	}

	/** Searches a value (a result, an error, a poller's state) and the whole log for secrets. */
	findSecrets(value: unknown, secrets: readonly string[]): SecretFinding[] {
		return findSecrets({ value, logs: this.logs }, secrets);
	}

	/** Removes the user folder and opens the network again. */
	stop(): void {
		this.guard.stop();
		this.services.stop();
		running = undefined;
	}
}

let running: Engine | undefined;

/**
 * Starts n8n's engine with the built package. The user folder is new, the log stays in memory, and
 * connections reach loopback only.
 *
 * @throws if an engine is running in this process, or if the built package cannot be loaded
 */
export const startEngine = async ({ packageRoot }: EngineOptions = {}): Promise<Engine> => {
	if (running) throw new Error('An engine is running already: stop it first');
	const services = startServices();
	const guard = guardLoopback();
	try {
		const root = packageRoot ?? resolve(__dirname, '..', '..', '..');
		running = new Engine(await InstalledNodes.load(root), services, guard);
		return running;
	} finally {
		if (!running) {
			guard.stop();
			services.stop();
		}
	}
};
