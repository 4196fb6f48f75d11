import { Credentials } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsExpressionResolveValues,
	IExecuteData,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INode,
	INodeCredentials,
	INodeCredentialsDetails,
	INodeParameters,
	INodeProperties,
	IRequestOptionsSimplified,
	IWorkflowExecuteAdditionalData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { ICredentialsHelper, NodeHelpers, Workflow } from 'n8n-workflow';
import { type InstalledNodes, NodeTypes } from './nodes';

/** The credentials that a user has saved, by type. */
export type SavedCredentials = Record<string, ICredentialDataDecryptedObject>;

const PLACEHOLDER_NODE: INode = {
	id: 'credential',
	name: 'Credential',
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** n8n's references to saved credentials, as they stand on a node. */
export const referencesTo = (saved: SavedCredentials): INodeCredentials =>
	Object.fromEntries(Object.keys(saved).map((type) => [type, { id: type, name: type }]));

/** Gives nodes the credentials of one run, as n8n does with the credentials in its database. */
export class CredentialsHelper extends ICredentialsHelper {
	private readonly expressions: Workflow;

	constructor(
		private readonly installed: InstalledNodes,
		private readonly saved: SavedCredentials,
	) {
		super();
		this.expressions = new Workflow({
			nodes: [PLACEHOLDER_NODE],
			connections: {},
			active: false,
			nodeTypes: new NodeTypes(installed),
		});
	}

	getParentTypes(name: string): string[] {
		const parents = this.installed.credential(name).extends ?? [];
		return parents.flatMap((parent) => [parent, ...this.getParentTypes(parent)]);
	}

	isCredentialUsableByNode(credentialType: string, nodeType: string): boolean {
		const { restrictToSupportedNodes, supportedNodes = [] } =
			this.installed.credential(credentialType);
		return (
			restrictToSupportedNodes !== true ||
			supportedNodes.some((name) => this.installed.fullType(name) === nodeType)
		);
	}

	/** The properties that a type inherits and does not replace, then its own. */
	getCredentialsProperties(type: string): INodeProperties[] {
		const { extends: parents = [], properties } = this.installed.credential(type);
		const own = new Set(properties.map(({ name }) => name));
		const inherited = parents
			.flatMap((parent) => this.getCredentialsProperties(parent))
			.filter(({ name }) => !own.has(name));
		return [...inherited, ...properties];
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions | IRequestOptionsSimplified,
	): Promise<IHttpRequestOptions> {
		const request = requestOptions as IHttpRequestOptions;
		const { authenticate } = this.installed.credential(typeName);
		if (authenticate === undefined) return request;
		if (typeof authenticate === 'function') return await authenticate(credentials, request);
		const resolve = (value: unknown): unknown => this.resolve(value, credentials);
		const groups = Object.entries(authenticate.properties).map(([group, values]) => {
			const added = Object.entries(values as Record<string, unknown>).map(([key, value]) => [
				resolve(key) as string,
				resolve(value),
			]);
			const present = request[group as keyof IHttpRequestOptions] as object | undefined;
			return [group, { ...present, ...Object.fromEntries(added) }] as const;
		});
		return Object.assign(request, Object.fromEntries(groups));
	}

	/** Fills an expirable field (for example a session token) if it is empty or has expired. */
	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		_node: INode,
		credentialsExpired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const expirable = this.getCredentialsProperties(typeName).find(
			({ typeOptions }) => typeOptions?.expirable === true,
		);
		if (expirable === undefined) return undefined;
		if (credentials[expirable.name] !== '' && !credentialsExpired) return undefined;
		const fresh = await this.runPreAuthentication(helpers, credentials, typeName);
		if (fresh?.[expirable.name] === undefined) return undefined;
		await this.updateCredentials({ id: typeName, name: typeName }, typeName, fresh);
		return fresh;
	}

	async runPreAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const { preAuthentication } = this.installed.credential(typeName);
		if (preAuthentication === undefined) return undefined;
		const answer = await preAuthentication.call(helpers, credentials);
		return { ...credentials, ...(answer as ICredentialDataDecryptedObject) };
	}

	async getCredentials(details: INodeCredentialsDetails, type: string): Promise<Credentials> {
		const credentials = new Credentials(details, type);
		await credentials.setData(this.find(type));
		return credentials;
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		_details: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const saved = structuredClone(this.find(type));
		if (raw === true) return saved;
		return this.applyDefaults(type, saved, mode, executeData, values);
	}

	/**
	 * A credential as a node gets it: empty fields have their defaults, unknown fields are dropped, and
	 * expressions are resolved.
	 */
	applyDefaults(
		type: string,
		saved: ICredentialDataDecryptedObject,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		values?: ICredentialsExpressionResolveValues,
	): ICredentialDataDecryptedObject {
		const complete = NodeHelpers.getNodeParameters(
			this.getCredentialsProperties(type),
			saved as INodeParameters,
			true,
			false,
			null,
			null,
		) as INodeParameters;
		// OAuth keeps its tokens next to the fields that a user fills in.
		if (saved.oauthTokenData !== undefined) {
			complete.oauthTokenData = saved.oauthTokenData as INodeParameters;
		}
		const { expression } = values?.workflow ?? this.expressions;
		return expression.getParameterValue(
			complete,
			values?.runExecutionData ?? null,
			values?.runIndex ?? 0,
			values?.itemIndex ?? 0,
			values?.node.name ?? PLACEHOLDER_NODE.name,
			values?.connectionInputData ?? [],
			mode,
			{},
			executeData,
			false,
			complete as ICredentialDataDecryptedObject,
		) as ICredentialDataDecryptedObject;
	}

	async updateCredentials(
		_details: INodeCredentialsDetails,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.saved[type] = data;
	}

	async updateCredentialsOauthTokenData(
		details: INodeCredentialsDetails,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		await this.updateCredentials(details, type, { ...this.find(type), ...data });
	}

	private find(type: string): ICredentialDataDecryptedObject {
		const data = this.saved[type];
		if (data === undefined) throw new Error(`The run has no credential "${type}"`);
		return data;
	}

	private resolve(value: unknown, credentials: ICredentialDataDecryptedObject): unknown {
		if (typeof value !== 'string' || !value.startsWith('=')) return value;
		return this.expressions.expression.getSimpleParameterValue(
			PLACEHOLDER_NODE,
			value,
			'internal',
			{ $credentials: credentials },
			undefined,
			'',
		);
	}
}
