import type { INode } from 'n8n-workflow';

import { thisPackage } from './package';

/** Saved credentials by their type. */
export type CredentialIds = Record<string, { id: string; name: string }>;

/** The credential type that each of the package's nodes asks for. */
function credentialTypeOf(nodeType: string): string | undefined {
	const prefix = `${thisPackage().name}.`;
	if (!nodeType.startsWith(prefix)) return undefined;
	return `${nodeType.slice(prefix.length).replace(/(Webhook)?Trigger$/, '')}Api`;
}

/** A workflow whose nodes of this package have their credentials picked. */
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
