/*
 * Compares the tags of two polls for all three events. Kinktree returns all tags in one answer
 * (Kinktree, API Endpoints).
 */
import { withoutUndefined } from '../../shared/http/answer';
import { compare, knowsAny } from '../../shared/polling/diff';
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
	const known = typeof memory?.namespace === 'string' ? memory.namespace : undefined;
	const isElsewhere =
		known !== undefined &&
		tags.every(({ namespace }) => namespace !== undefined && namespace !== known);
	const isUnknown = memory?.account !== account && !knowsAny(memory, tags, fields);
	const isOther = tags.length > 0 && (isElsewhere || isUnknown);
	const { changes, snapshot } = compare(isOther ? undefined : memory, tags, fields);
	// An empty list does not show its owner
	const owner = withoutUndefined({
		account: tags.length > 0 ? account : String(memory?.account ?? account),
		namespace: isOther ? tags[0]?.namespace : (known ?? tags[0]?.namespace),
	});
	return { fresh: changes[kind], memory: { ...snapshot, ...owner } };
}
