import type { INode } from 'n8n-workflow';

import { SERVICES } from '../../emulator';
import { thisPackage } from './package';
import type { RestClient, Workflow } from './rest';
import { credentialOf, type Services } from './services';

/** Saved credentials by their type. */
export type CredentialIds = Record<string, { id: string; name: string }>;

/** Saves the credentials of all emulators, as a user would. */
export async function saveCredentials(
	client: RestClient,
	services: Services,
): Promise<CredentialIds> {
	const ids: CredentialIds = {};
	for (const service of SERVICES) {
		const credential = credentialOf(service, services[service]);
		const { id, name } = await client.saveCredential(credential);
		ids[credential.type] = { id, name };
	}
	return ids;
}

/** The credential type of a node of this package; undefined for other nodes. */
function credentialTypeOf(nodeType: string): string | undefined {
	const prefix = `${thisPackage().name}.`;
	if (!nodeType.startsWith(prefix)) return undefined;
	return `${nodeType.slice(prefix.length).replace(/((Webhook)?Trigger|Tool)$/, '')}Api`;
}

/** The workflow, with credentials picked for the nodes of this package. */
export function withCredentials<T extends { nodes: INode[] }>(
	workflow: T,
	credentials: CredentialIds,
): T {
	const nodes = workflow.nodes.map((node) => {
		const type = credentialTypeOf(node.type);
		const saved = type === undefined ? undefined : credentials[type];
		return type && saved ? { ...node, credentials: { [type]: saved } } : node;
	});
	return { ...workflow, nodes };
}

/** A workflow whose nodes follow one another. */
export function chainOf(
	name: string,
	nodes: Array<Partial<INode> & Pick<INode, 'name' | 'type' | 'parameters'>>,
): Workflow {
	return {
		name,
		nodes: nodes.map((node, index) => ({
			...{ id: `${name}-${index}`, typeVersion: 1, position: [220 * index, 0] },
			...node,
		})),
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map(({ name: next }, index) => [
					nodes[index]?.name ?? '',
					{ main: [[{ node: next, type: 'main', index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1' },
	};
}

/** The name of the node that a workflow starts with. */
export function triggerOf({ nodes }: { nodes: INode[] }): string {
	return nodes.find(({ type }) => /trigger$/i.test(type))?.name ?? '';
}
