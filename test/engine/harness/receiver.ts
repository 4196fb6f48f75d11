/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HookContext, WebhookContext } from 'n8n-core';
import type {
	IDataObject,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	IWebhookData,
	IWebhookResponseData,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';
import { referencesTo, type SavedCredentials } from './credentials';
import { additionalDataFor } from './execution';
import type { MemoryLogger } from './logs';
import { type InstalledNodes, NodeTypes } from './nodes';

export interface ReceiverOptions {
	/** The trigger's type, such as `kindrynWebhookTrigger`. */
	type: string;
	parameters?: INodeParameters;
	credentials?: SavedCredentials;
	/** `webhook` (default) is a published workflow, `manual` the editor's "Listen for test event". */
	mode?: 'webhook' | 'manual';
	/** The node's name in the workflow. */
	name?: string;
	/** Another trigger in the same workflow. */
	beside?: Receiver;
	/** Whether n8n sends an answer of its own without reading the node's `webhookResponse`. */
	ignoresResponse?: boolean;
}

/** A workflow that a webhook starts, at an address on this machine. */
export class Receiver {
	/** The items that each execution began with. */
	readonly started: INodeExecutionData[][] = [];

	/** Runs when n8n would create an execution. A test may let it wait or fail. */
	onStart: () => Promise<void> | void = () => {};

	private saved = '{}';

	private readonly server = createServer((request, response) => {
		this.serve(request, response).catch((error: unknown) => {
			response.writeHead(500).end(String(error));
		});
	});

	private id: string;

	private readonly name: string;

	constructor(
		private readonly installed: InstalledNodes,
		private readonly logger: MemoryLogger,
		private readonly options: ReceiverOptions,
	) {
		this.id = options.beside?.id ?? randomUUID();
		this.name = options.name ?? 'Trigger';
	}

	/** The node's saved state, which survives a crash. */
	get staticData(): IDataObject {
		return JSON.parse(this.saved) as IDataObject;
	}

	set staticData(state: IDataObject) {
		this.saved = JSON.stringify(state);
	}

	/** The address for deliveries. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
	}

	/**
	 * Publishes the workflow, or listens for a test event.
	 *
	 * @throws the error of the node
	 */
	async publish(): Promise<void> {
		const { node, nodeType, workflow, webhook } = this.load();
		const { checkExists, create } = nodeType.webhookMethods?.default ?? {};
		const context = new HookContext(
			...[workflow, node, this.additionalData(), this.options.mode ?? 'webhook'],
			...['activate' as const, webhook],
		);
		if ((await checkExists?.call(context)) === false) await create?.call(context);
		if (!this.server.listening) {
			await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		}
	}

	/**
	 * Goes on as a new process that has nothing but the saved state. The workflow gets a new ID, because
	 * the node's memory lives on in this process.
	 */
	restart(): void {
		this.id = randomUUID();
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/**
	 * Answers a delivery in the same steps as n8n (n8n 2.41.1, LiveWebhooks.executeWebhook,
	 * WebhookHelpers.executeWebhook, WorkflowRunner.run, WorkflowStaticDataService).
	 */
	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		// n8n parses a form without keeping its bytes
		if (!request.headers['content-type']?.startsWith('multipart/')) {
			Object.assign(request, { rawBody: Buffer.concat(chunks) });
		}
		const json = (body: unknown) => {
			response.setHeader('content-type', 'application/json');
			return response.end(JSON.stringify(body));
		};
		Object.assign(response, {
			status: (code: number) => Object.assign(response, { statusCode: code }),
			json,
		});
		const { workflow, node, nodeType, webhook, rawStaticData } = this.load();
		const context = new WebhookContext(
			workflow,
			node,
			{ ...this.additionalData(), httpRequest: request, httpResponse: response } as never,
			this.options.mode ?? 'webhook',
			webhook,
			[],
			null,
		);
		const result = (await nodeType.webhook?.call(context)) as IWebhookResponseData;
		if (result.workflowData === undefined) {
			this.save(workflow);
			if (result.noWebhookResponse !== true) json(result.webhookResponse);
			return;
		}
		// n8n loads the same data again, which marks it as unchanged
		this.workflowWith(rawStaticData);
		await this.onStart();
		this.started.push(...(result.workflowData as INodeExecutionData[][]));
		const message = { message: 'Workflow was started' };
		const body = this.options.ignoresResponse ? message : (result.webhookResponse ?? message);
		this.save(workflow);
		json(body);
	}

	private get key(): string {
		return `node:${this.name}`;
	}

	private save({ staticData }: Workflow): void {
		if (staticData.__dataChanged !== true || this.options.mode === 'manual') return;
		this.saved = JSON.stringify(staticData[this.key]);
	}

	private load() {
		const { type } = this.options;
		const rawStaticData: IDataObject = this.saved === '{}' ? {} : { [this.key]: this.staticData };
		const workflow = this.workflowWith(rawStaticData);
		const node = workflow.getNode(this.name);
		const nodeType = this.installed.node(type);
		if (!node || !('webhook' in nodeType)) throw new Error(`The node "${type}" has no webhook`);
		const [webhookDescription] = (nodeType as INodeType).description.webhooks ?? [];
		const webhook = {
			...{ node: this.name, httpMethod: 'POST', path: 'webhook', workflowId: this.id },
			...{ isTest: this.options.mode === 'manual', webhookDescription },
		} as IWebhookData;
		return { workflow, node, nodeType: nodeType as INodeType, webhook, rawStaticData };
	}

	private workflowWith(staticData: IDataObject): Workflow {
		const { type, parameters = {}, credentials = {}, mode } = this.options;
		return new Workflow({
			id: this.id,
			name: 'Engine harness',
			active: mode !== 'manual',
			nodes: [
				{
					id: 'trigger',
					name: this.name,
					type: this.installed.fullType(type),
					typeVersion: this.installed.currentVersion(type),
					position: [0, 0],
					parameters,
					credentials: referencesTo(credentials),
				},
			],
			connections: {},
			settings: {},
			staticData,
			nodeTypes: new NodeTypes(this.installed),
		});
	}

	private additionalData(): IWorkflowExecuteAdditionalData {
		const { credentials = {} } = this.options;
		return additionalDataFor(this.installed, this.logger, credentials);
	}
}
