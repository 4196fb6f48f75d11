import { CredentialTestContext, ExecuteContext, LoadOptionsContext, RoutingNode } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunction,
	ICredentialTestRequest,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeListSearchResult,
	INodeParameters,
	INodePropertyOptions,
	INodeType,
} from 'n8n-workflow';
import { createEmptyRunExecutionData, Workflow } from 'n8n-workflow';
import { CredentialsHelper, referencesTo, type SavedCredentials } from './credentials';
import { additionalDataFor, inlineNode } from './execution';
import type { MemoryLogger } from './logs';
import { type InstalledNodes, NodeTypes } from './nodes';

/** A node in the panel, with the fields filled in so far. */
export interface PanelOptions {
	type: string;
	/** The name of the list search or load options method. */
	method: string;
	parameters?: INodeParameters;
	credentials?: SavedCredentials;
	/** The path of the parameter that asks, such as `parameters.filters.spaceId`. */
	path?: string;
	typeVersion?: number;
}

export interface ListSearchOptions extends PanelOptions {
	/** The text in the list's search field. */
	filter?: string;
	/** The token from the end of the previous page. */
	paginationToken?: string;
}

const panelContext = (
	installed: InstalledNodes,
	logger: MemoryLogger,
	options: PanelOptions,
): { nodeType: INodeType; context: LoadOptionsContext } => {
	const { type, parameters = {}, credentials = {}, path = '' } = options;
	const typeVersion = options.typeVersion ?? installed.currentVersion(type);
	const node: INode = {
		id: 'panel',
		name: 'Panel',
		type: installed.fullType(type),
		typeVersion,
		position: [0, 0],
		parameters,
		credentials: referencesTo(credentials),
	};
	const nodeTypes = new NodeTypes(installed);
	// The workflow fills in the parameters' defaults, which the editor sends too.
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const additionalData = additionalDataFor(installed, logger, credentials);
	additionalData.currentNodeParameters = node.parameters;
	return {
		nodeType: nodeTypes.getByNameAndVersion(node.type, typeVersion),
		context: new LoadOptionsContext(workflow, node, additionalData, path),
	};
};

const missing = (kind: string, { type, method }: PanelOptions): Error =>
	new Error(`The node "${type}" has no ${kind} method "${method}"`);

/** One page of a resource locator's list. */
export const listSearch = async (
	installed: InstalledNodes,
	logger: MemoryLogger,
	options: ListSearchOptions,
): Promise<INodeListSearchResult> => {
	const { nodeType, context } = panelContext(installed, logger, options);
	const method = nodeType.methods?.listSearch?.[options.method];
	if (method === undefined) throw missing('list search', options);
	return await method.call(context, options.filter, options.paginationToken);
};

/** The options of a dropdown that the service fills. */
export const loadOptions = async (
	installed: InstalledNodes,
	logger: MemoryLogger,
	options: PanelOptions,
): Promise<INodePropertyOptions[]> => {
	const { nodeType, context } = panelContext(installed, logger, options);
	const method = nodeType.methods?.loadOptions?.[options.method];
	if (method === undefined) throw missing('load options', options);
	return await method.call(context);
};

interface CredentialTest {
	run?: ICredentialTestFunction;
	request?: ICredentialTestRequest;
}

/** n8n asks the credential type first, then the nodes that use it. */
const findTest = (installed: InstalledNodes, type: string): CredentialTest | undefined => {
	const { test } = installed.credential(type);
	if (test !== undefined) return { request: test };
	for (const { description, methods } of installed.nodesWith(type)) {
		const testedBy = description.credentials?.find(({ name }) => name === type)?.testedBy;
		if (typeof testedBy === 'object') return { request: testedBy };
		if (testedBy !== undefined) {
			const run = methods?.credentialTest?.[testedBy];
			if (run === undefined) throw new Error(`No node has the credential test "${testedBy}"`);
			return { run };
		}
	}
	return undefined;
};

const failed = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });

const PROBE = 'engineHarness.credentialTest';

const probeNode = (type: string, { request }: ICredentialTestRequest): INodeType => {
	const { description } = inlineNode(async () => []);
	return {
		description: {
			...description,
			credentials: [{ name: type, required: true }],
			properties: [
				{ displayName: 'Probe', name: 'probe', type: 'string', default: '', routing: { request } },
			],
		},
	};
};

interface HttpFailure extends Error {
	cause?: { response?: { status: number; statusText?: string }; code?: string };
}

const describeFailure = (
	error: HttpFailure,
	rules: NonNullable<ICredentialTestRequest['rules']>,
): INodeCredentialTestResult => {
	const { response, code } = error.cause ?? {};
	if (response === undefined) return failed(code ?? error.message);
	const { status, statusText } = response;
	for (const rule of rules) {
		if (rule.type === 'responseCode' && rule.properties.value === status) {
			return failed(rule.properties.message);
		}
	}
	return failed(statusText || `Received HTTP status code: ${status}`);
};

const at = (json: IDataObject | undefined, path: string): unknown =>
	path.split('.').reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], json);

const runRequest = async (
	installed: InstalledNodes,
	logger: MemoryLogger,
	test: ICredentialTestRequest,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> => {
	const { type } = credential;
	const saved = { [type]: credential.data ?? {} };
	const probe = probeNode(type, test);
	const node: INode = {
		id: 'probe',
		name: 'Credential test',
		type: PROBE,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: referencesTo(saved),
	};
	const nodeTypes = new NodeTypes(installed, { [PROBE]: probe });
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const input = { main: [[{ json: {} }]] };
	const context = new ExecuteContext(
		workflow,
		node,
		additionalDataFor(installed, logger, saved),
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		input,
		{ node, data: input, source: null },
		[],
	);
	const rules = test.rules ?? [];
	try {
		const outputs = await new RoutingNode(context, probe, credential).runNode();
		for (const rule of rules) {
			if (rule.type !== 'responseSuccessBody') continue;
			const { key, value, message } = rule.properties;
			if (at(outputs?.[0]?.[0]?.json, key) === value) return failed(message);
		}
		return { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		return describeFailure(error as HttpFailure, rules);
	}
};

/**
 * Tests a credential as the "Save" button of n8n's credential panel does: by the credential's own
 * request, or else by the function that a node names in `testedBy`.
 *
 * @throws if nothing tests this type, or the error of the node's function
 */
export const testCredential = async (
	installed: InstalledNodes,
	logger: MemoryLogger,
	type: string,
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> => {
	const test = findTest(installed, type);
	const helper = new CredentialsHelper(installed, { [type]: data });
	const credential: ICredentialsDecrypted = {
		id: type,
		name: type,
		type,
		data: helper.applyDefaults(type, data, 'internal'),
	};
	if (test?.run) return await test.run.call(new CredentialTestContext(), credential);
	if (test?.request) return await runRequest(installed, logger, test.request, credential);
	throw new Error(`Neither the credential type "${type}" nor a node tests it`);
};
