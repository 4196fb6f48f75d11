import { PollContext } from 'n8n-core';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';
import { referencesTo, type SavedCredentials } from './credentials';
import { additionalDataFor } from './execution';
import type { MemoryLogger } from './logs';
import { type InstalledNodes, NodeTypes } from './nodes';

export interface PollerOptions {
	/** The trigger's type, such as `kinktreeTrigger`. */
	type: string;
	parameters?: INodeParameters;
	credentials?: SavedCredentials;
	/** The node's state after an earlier poll. */
	staticData?: IDataObject;
	/** `trigger` (default) is a published workflow, `manual` the editor's "Fetch test event". */
	mode?: 'trigger' | 'manual';
	timezone?: string;
	typeVersion?: number;
	/** Milliseconds that n8n allows for one poll. `none` stands for an older n8n, which gives no number. */
	budget?: number | 'none';
}

const NODE = 'Trigger';
const STATE = `node:${NODE}`;

/** A trigger that the test polls, in a published workflow or in the editor. */
export class Poller {
	/** How often n8n would have written the state to its database. */
	saves = 0;

	private saved: string;

	/** Whether a poll has succeeded since the workflow was loaded. */
	private isActive = false;

	private workflow: Workflow;

	constructor(
		private readonly installed: InstalledNodes,
		private readonly logger: MemoryLogger,
		private readonly options: PollerOptions,
	) {
		this.saved = JSON.stringify(options.staticData ?? {});
		this.workflow = this.load();
	}

	/** The node's saved state, which survives a crash. */
	get staticData(): IDataObject {
		return JSON.parse(this.saved) as IDataObject;
	}

	/** The size of the saved state, in bytes. */
	get staticDataSize(): number {
		return Buffer.byteLength(this.saved);
	}

	/**
	 * Polls once.
	 *
	 * As in an n8n that keeps running, the next poll gets the same state object. n8n saves the object
	 * after the poll that activates the workflow (on publishing and on each restart) and after a poll
	 * that emits (n8n 2.41.1, ActiveWorkflowManager.add and
	 * TriggerExecutionContextFactory.getExecutePollFunctions). A crash loses the changes of other polls.
	 * A manual poll leaves the state alone.
	 *
	 * @returns the new items, or null if there are none
	 * @throws the error of the node
	 */
	async poll(): Promise<INodeExecutionData[] | null> {
		const { type, credentials = {}, mode = 'trigger', budget } = this.options;
		const node = this.workflow.getNode(NODE);
		const nodeType = this.installed.node(type);
		if (!node || !('poll' in nodeType) || nodeType.poll === undefined) {
			throw new Error(`The node "${type}" does not poll`);
		}
		const context = new PollContext(
			this.workflow,
			node,
			additionalDataFor(this.installed, this.logger, credentials),
			mode,
			mode === 'manual' ? 'manual' : 'activate',
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			typeof budget === 'number' ? () => budget : undefined,
		);
		if (budget === 'none') Reflect.deleteProperty(context, 'getPollBudgetMs');
		const outputs = await nodeType.poll.call(context);
		if (mode === 'manual') this.restart();
		else if (!this.isActive || outputs !== null) this.save();
		this.isActive = true;
		return outputs?.[0] ?? null;
	}

	/** Starts again from the saved state, as n8n does after a crash. */
	restart(): void {
		this.workflow = this.load();
		this.isActive = false;
	}

	private save(): void {
		if (this.workflow.staticData.__dataChanged === true) {
			this.saves += 1;
			this.saved = JSON.stringify(this.workflow.staticData[STATE]);
			this.workflow.staticData.__dataChanged = false;
		}
	}

	private load(): Workflow {
		const { type, parameters = {}, credentials = {}, timezone, typeVersion } = this.options;
		return new Workflow({
			id: 'engine-harness',
			name: 'Engine harness',
			active: this.options.mode !== 'manual',
			nodes: [
				{
					id: 'trigger',
					name: NODE,
					type: this.installed.fullType(type),
					typeVersion: typeVersion ?? this.installed.currentVersion(type),
					position: [0, 0],
					parameters,
					credentials: referencesTo(credentials),
				},
			],
			connections: {},
			settings: timezone === undefined ? {} : { timezone },
			staticData: { [STATE]: this.staticData },
			nodeTypes: new NodeTypes(this.installed),
		});
	}
}
