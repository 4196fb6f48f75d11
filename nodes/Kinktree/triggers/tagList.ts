/*
 * Compares the tags of two polls for all three events. Kinktree returns all tags in one answer
 * (Kinktree, API Endpoints).
 */
import type { IDataObject } from 'n8n-workflow';

import { compare, knowsAny, toSnapshot } from '../../shared/polling/diff';
import type { Changes, Fields } from '../../shared/polling/diff';
import type { PollResult } from '../../shared/polling/journal';
import type { PollCall } from '../../shared/polling/trigger';
import { listTags } from '../tags';

/** Identifiers are case-sensitive. An activation code is a secret of the person who holds the tag. */
export function tagFields(remembers: Fields['remembers']): Fields {
	return {
		identity: ({ identifier }) => String(identifier),
		secret: ['activationCode'],
		remembers,
	};
}

/** The owner of the remembered tags. */
interface Owner extends IDataObject {
	account: string;
	namespace?: string;
}

/**
 * Finds the tags with one kind of change. "Each partner operates within a separate namespace" (Kinktree,
 * API Endpoints): tags of another namespace mean that the credential now holds another partner's
 * secret. They are remembered, and none is emitted.
 */
export async function findChanged(
	{ api, memory, account }: Pick<PollCall<unknown>, 'api' | 'memory' | 'account'>,
	kind: keyof Changes,
	fields: Fields,
): Promise<PollResult> {
	const tags = await listTags(api);
	const known = toSnapshot(memory);
	const namespace = known?.namespace;
	const isElsewhere =
		namespace !== undefined &&
		tags.every((tag) => tag.namespace !== undefined && tag.namespace !== namespace);
	const isUnknown = known?.account !== account && known && !knowsAny(known, tags, fields);
	const isOther = tags.length > 0 && (isElsewhere || isUnknown);
	const { changes, snapshot } = compare(isOther ? undefined : known, tags, fields);
	// An empty list does not show its owner
	const owner: Owner = {
		account: tags.length > 0 ? account : String(known?.account ?? account),
		...namespaceOf(tags, isOther ? undefined : namespace),
	};
	const isSame =
		snapshot === known && owner.account === known.account && owner.namespace === namespace;
	return { fresh: changes[kind], memory: isSame ? known : { ...snapshot, ...owner } };
}

function namespaceOf(tags: IDataObject[], known: unknown): Partial<Owner> {
	const namespace = known ?? tags[0]?.namespace;
	return typeof namespace === 'string' ? { namespace } : {};
}
