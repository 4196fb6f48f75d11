/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- these rules are for code that runs inside n8n */
import { randomUUID } from 'node:crypto';

import { parse } from 'flatted';
import type {
	IConnections,
	IDataObject,
	INode,
	IPinData,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';

import { OWNER } from './n8n';
import { waitFor } from './processes';
import type { Credential } from './services';

/** A workflow as it is exported. */
export interface Workflow {
	id?: string;
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
	active?: boolean;
}

/** A workflow that n8n has saved. */
export type SavedWorkflow = Workflow & { id: string; versionId: string };

/** An execution that has ended. */
export interface Execution {
	id: string;
	status: string;
	workflowId: string;
	data: IRunExecutionData;
}

/** What became of publishing a workflow. */
export interface Publication {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: Array<{ status: string; errorMessage: string | null }>;
}

interface ExecutionSummary {
	id: string;
	status: string;
	startedAt: string;
}

/** A package as the page "Community nodes" lists it. */
export interface CommunityPackage {
	packageName: string;
	installedVersion: string;
	installedNodes: Array<{ name: string; type: string; latestVersion: number }>;
	failedLoading?: boolean;
}

/** The result of a credential's test. */
export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

/** An error answer of n8n. */
export class RestError extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

const EXECUTION_TIMEOUT = 120_000;

/** The most executions that n8n 2 lists at once. */
const EXECUTIONS_PAGE = 100;

/** Sends n8n the requests that its editor sends. */
export class RestClient {
	private cookie = '';

	/** n8n binds a session to the browser that it was opened in. */
	readonly browserId = randomUUID();

	constructor(readonly url: string) {}

	/** @throws RestError with n8n's message */
	async call<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				'content-type': 'application/json',
				'browser-id': this.browserId,
				'push-ref': this.browserId,
				cookie: this.cookie,
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const [session] = response.headers.getSetCookie();
		if (session) this.cookie = session.split(';')[0] ?? '';
		const text = await response.text();
		if (!response.ok) throw new RestError(response.status, `${method} ${path}: ${messageIn(text)}`);
		const answer = (text === '' ? {} : JSON.parse(text)) as { data?: T };
		return answer.data as T;
	}

	/** The session as a browser keeps it: name and value of the cookie. */
	get session(): { name: string; value: string } {
		const [name = '', value = ''] = this.cookie.split('=');
		return { name, value };
	}

	/** Makes the owner of a fresh instance, or logs in to one that has its owner. */
	async logIn(password = OWNER.password): Promise<void> {
		const { userManagement } = await this.call<{
			userManagement: { showSetupOnFirstLoad: boolean };
		}>('GET', '/settings');
		if (userManagement.showSetupOnFirstLoad) {
			await this.call('POST', '/owner/setup', { ...OWNER, password });
		}
		const { email } = OWNER;
		await this.call('POST', '/login', { email, emailOrLdapLoginId: email, password });
	}

	async saveCredential({ name, type, data }: Credential): Promise<{ id: string; name: string }> {
		return await this.call('POST', '/credentials', { name, type, data });
	}

	async changeCredential(id: string, { name, type, data }: Credential): Promise<void> {
		await this.call('PATCH', `/credentials/${id}`, { name, type, data });
	}

	async credentials(): Promise<Array<{ id: string; name: string; type: string }>> {
		return await this.call('GET', '/credentials');
	}

	/** The test behind the button of the credential's window. */
	async testCredential(id: string, credential: Credential): Promise<CredentialTestResult> {
		return await this.call('POST', '/credentials/test', { credentials: { id, ...credential } });
	}

	async saveWorkflow(workflow: Workflow): Promise<SavedWorkflow> {
		const { name, nodes, connections, settings = {}, pinData } = workflow;
		return await this.call('POST', '/workflows', {
			...{ name, nodes, connections, settings, pinData },
			active: false,
		});
	}

	async workflows(): Promise<Array<{ id: string; name: string }>> {
		return await this.call('GET', '/workflows');
	}

	async workflow(id: string): Promise<SavedWorkflow> {
		return await this.call('GET', `/workflows/${id}`);
	}

	/** Publishes a workflow, or turns it on, as n8n 1 calls it. */
	async activate({ id, versionId }: SavedWorkflow): Promise<void> {
		try {
			await this.call('POST', `/workflows/${id}/activate`, { versionId });
		} catch (error) {
			if (!(error instanceof RestError) || error.status !== 404) throw error;
			await this.call('PATCH', `/workflows/${id}`, { active: true, versionId });
		}
	}

	/** How far n8n 2 has published a workflow in the background, and its triggers' error messages. */
	async publication(workflowId: string): Promise<Publication> {
		return await this.call('GET', `/workflows/${workflowId}/publication-status`);
	}

	/** Takes a published workflow back. */
	async deactivate({ id, versionId }: SavedWorkflow): Promise<void> {
		try {
			await this.call('POST', `/workflows/${id}/deactivate`, {});
		} catch (error) {
			if (!(error instanceof RestError) || error.status !== 404) throw error;
			await this.call('PATCH', `/workflows/${id}`, { active: false, versionId });
		}
	}

	/**
	 * Starts a workflow as the button of the canvas does.
	 * @param trigger name of the node to start from
	 * @returns the ID of the execution
	 */
	async start(workflow: SavedWorkflow, trigger: string): Promise<string> {
		const { executionId } = await this.call<{ executionId: string }>(
			'POST',
			`/workflows/${workflow.id}/run`,
			{
				// n8n 1 executes what it is sent, n8n 2 what it has saved
				workflowData: workflow,
				triggerToStartFrom: { name: trigger },
				startNodes: [],
			},
		);
		return executionId;
	}

	/** Starts a workflow and waits for its end; see {@link start}. */
	async execute(workflow: SavedWorkflow, trigger: string): Promise<Execution> {
		return await this.execution(await this.start(workflow, trigger));
	}

	/** Waits for the end of an execution. @param timeout ms */
	async execution(id: string, timeout = EXECUTION_TIMEOUT): Promise<Execution> {
		return await waitFor({ goal: `execution ${id} to end`, timeout }, async () => {
			const found = await this.call<Omit<Execution, 'data'> & { data: string }>(
				'GET',
				`/executions/${id}`,
			);
			if (['new', 'running', 'waiting'].includes(found.status)) return undefined;
			const data = parse(found.data) as IRunExecutionData | undefined;
			// The status is saved before the data is, in n8n 1 over data without a run.
			const { runData = {}, error } = data?.resultData ?? {};
			const isSaved = error !== undefined || Object.keys(runData).length > 0;
			return data && isSaved ? { ...found, data } : undefined;
		});
	}

	/** How the executions of a workflow ended, or that they have not yet, by ID. */
	async executionStates(workflowId: string): Promise<Map<string, string>> {
		const states = new Map<string, string>();
		for (let startedBefore: string | undefined; ; ) {
			const filter = encodeURIComponent(JSON.stringify({ workflowId, startedBefore }));
			const { results }: { results: ExecutionSummary[] } = await this.call(
				'GET',
				`/executions?limit=${EXECUTIONS_PAGE}&filter=${filter}`,
			);
			const before = states.size;
			for (const { id, status } of results) states.set(id, status);
			if (results.length < EXECUTIONS_PAGE || states.size === before) return states;
			// n8n sorts by start but pages by ID, and so leaves some out where workers start side by side
			startedBefore = results.at(-1)?.startedAt;
		}
	}

	/** Installs a package, by n8n's own installer. */
	async installPackage(name: string, version?: string): Promise<CommunityPackage> {
		const wanted = version === undefined ? name : `${name}@${version}`;
		return await this.call('POST', '/community-packages', { name: wanted });
	}

	async updatePackage(name: string): Promise<CommunityPackage> {
		return await this.call('PATCH', '/community-packages', { name });
	}

	async uninstallPackage(name: string): Promise<void> {
		await this.call('DELETE', `/community-packages?name=${encodeURIComponent(name)}`);
	}

	async packages(): Promise<CommunityPackage[]> {
		return await this.call('GET', '/community-packages');
	}

	/** All nodes or credentials that the editor offers, as it loads them. */
	async types<T>(kind: 'nodes' | 'credentials'): Promise<T[]> {
		const headers = { 'browser-id': this.browserId, cookie: this.cookie };
		const response = await fetch(`${this.url}/types/${kind}.json`, { headers });
		return (await response.json()) as T[];
	}
}

function messageIn(text: string): string {
	try {
		const { message } = JSON.parse(text) as { message?: string };
		return message ?? text;
	} catch {
		return text.slice(0, 300);
	}
}

/** The rows of a node's first output in its last run. */
export function rowsOf(execution: Execution, node: string): IDataObject[] {
	const runs = execution.data.resultData.runData[node] ?? [];
	return (runs.at(-1)?.data?.main?.[0] ?? []).map(({ json }) => json);
}
