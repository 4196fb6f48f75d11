import type { IDataObject } from 'n8n-workflow';

import type { PollResult } from '../../shared/polling/journal';
import type { Fields } from '../../shared/polling/snapshot';
import type { Tag } from '../tags';

/** Identifiers are case-sensitive; an activation code is a secret of whoever holds the tag. */
export const tagFields: Fields = {
	identity: ({ identifier }) => String(identifier),
	secret: ['activationCode'],
};

/**
 * Compares tags with what is remembered of the same namespace. "Each partner operates within a
 * separate namespace" (Kinktree, API Endpoints): tags of another one show that another partner's
 * secret was put into the credential. They are remembered anew.
 */
export function compareInNamespace(
	memory: IDataObject | undefined,
	tags: Tag[],
	compare: (memory: IDataObject | undefined, tags: Tag[]) => PollResult,
): PollResult {
	const [first] = tags;
	const known = memory?.namespace;
	const isElsewhere = ({ namespace }: Tag) => namespace !== undefined && namespace !== known;
	const isOther = known !== undefined && first !== undefined && tags.every(isElsewhere);
	const found = compare(isOther ? undefined : memory, tags);
	const namespace = isOther ? first.namespace : (known ?? first?.namespace);
	if (namespace === undefined || found.memory.namespace === namespace) return found;
	return { ...found, memory: { ...found.memory, namespace } };
}
