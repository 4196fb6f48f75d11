/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { loadOutputSchema, PackageDirectoryLoader } from 'n8n-core';
import type {
	ICredentialType,
	IDataObject,
	INodeType,
	INodeTypes,
	IVersionedNodeType,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

const STANDARD_PACKAGE = 'n8n-nodes-base';

/** n8n's own nodes and credentials. A class is loaded when a workflow first names it. */
const openStandardPackage = (): PackageDirectoryLoader => {
	const directory = dirname(createRequire(__filename).resolve(`${STANDARD_PACKAGE}/package.json`));
	const loader = new PackageDirectoryLoader(directory);
	for (const kind of ['nodes', 'credentials'] as const) {
		const known = readFileSync(join(directory, 'dist', 'known', `${kind}.json`), 'utf8');
		Object.assign(loader.known[kind], JSON.parse(known));
	}
	return loader;
};

/** The nodes and credentials of the package under test, and n8n's own. */
export class InstalledNodes {
	readonly packageName: string;

	private readonly loaders: Record<string, PackageDirectoryLoader>;

	private constructor(private readonly loader: PackageDirectoryLoader) {
		this.packageName = loader.packageJson.name;
		this.loaders = { [this.packageName]: loader, [STANDARD_PACKAGE]: openStandardPackage() };
	}

	/**
	 * Loads a built package as n8n does: from the paths in its package.json.
	 *
	 * @throws if a file that package.json lists is missing or has no such class
	 */
	static async load(packageRoot: string): Promise<InstalledNodes> {
		const loader = new PackageDirectoryLoader(packageRoot);
		await loader.loadAll();
		return new InstalledNodes(loader);
	}

	/** The names of the package's own nodes, without the package's name. */
	get nodeNames(): string[] {
		return Object.keys(this.loader.known.nodes);
	}

	/** The names of the package's own credential types. */
	get credentialNames(): string[] {
		return Object.keys(this.loader.known.credentials);
	}

	/** A node's type as workflows name it. A name without a package belongs to this package. */
	fullType(type: string): string {
		return type.includes('.') ? type : `${this.packageName}.${type}`;
	}

	/** @throws if no such node is installed */
	node(type: string): INodeType | IVersionedNodeType {
		const [packageName = '', name = ''] = this.fullType(type).split('.');
		const loader = this.loaders[packageName];
		if (loader === undefined) throw new Error(`The package of the node "${type}" is not installed`);
		return loader.getNode(name).type;
	}

	/** The version of the node in a workflow that names none: the newest one. */
	currentVersion(type: string): number {
		const { description } = this.node(type);
		if (description.defaultVersion !== undefined) return description.defaultVersion;
		return 'version' in description ? Math.max(...[description.version].flat()) : 1;
	}

	/** @throws if no such credential type is installed */
	credential(name: string): ICredentialType {
		const loader = Object.values(this.loaders).find(({ known }) => name in known.credentials);
		if (loader === undefined) throw new Error(`There is no credential type "${name}"`);
		return loader.getCredential(name).type;
	}

	/** The nodes of the package that use a credential type. */
	nodesWith(credentialName: string): INodeType[] {
		return this.nodeNames
			.map((name) => NodeHelpers.getVersionedNodeType(this.node(name)))
			.filter(({ description }) =>
				description.credentials?.some(({ name }) => name === credentialName),
			);
	}

	/** The `__schema__` of an operation as n8n's editor finds it, or undefined. */
	outputSchema(
		type: string,
		resource: string,
		operation: string,
		version = this.currentVersion(type),
	): IDataObject | undefined {
		const { sourcePath } = this.loader.getNode(type);
		return loadOutputSchema({
			nodeDir: dirname(resolve(this.loader.directory, sourcePath)),
			version,
			resource,
			operation,
		}) as IDataObject | undefined;
	}
}

/** A node as n8n connects it to an agent. */
const asTool = (node: INodeType | IVersionedNodeType): INodeType => {
	const tool: INodeType = Object.create(NodeHelpers.getVersionedNodeType(node));
	tool.description = {
		...tool.description,
		name: `${tool.description.name}Tool`,
		inputs: [],
		outputs: ['ai_tool'],
	};
	return tool;
};

/** n8n's registry of node types for one workflow, including nodes that only this workflow has. */
export class NodeTypes implements INodeTypes {
	constructor(
		private readonly installed: InstalledNodes,
		private readonly inline: Record<string, INodeType> = {},
	) {}

	getByName(type: string): INodeType | IVersionedNodeType {
		if (type in this.inline || !type.endsWith('Tool')) {
			return this.inline[type] ?? this.installed.node(type);
		}
		return asTool(this.installed.node(type.slice(0, -'Tool'.length)));
	}

	getByNameAndVersion(type: string, version?: number): INodeType {
		return NodeHelpers.getVersionedNodeType(this.getByName(type), version);
	}

	getKnownTypes(): IDataObject {
		return {};
	}
}
