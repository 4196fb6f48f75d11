/*
 * How the three events compare the tags of one poll with those of the next. Kinktree answers all tags
 * at once (Kinktree, API Endpoints).
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
 * Finds the tags of one kind of change. "Each partner operates within a separate namespace" (Kinktree,
 * API Endpoints): tags of another one show that another partner's secret was put into the credential.
 * They are remembered, and nothing is new.
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
	// An empty list does not say whose it is
	const owner = withoutUndefined({
		account: tags.length > 0 ? account : String(memory?.account ?? account),
		namespace: isOther ? tags[0]?.namespace : (known ?? tags[0]?.namespace),
	});
	return { fresh: changes[kind], memory: { ...snapshot, ...owner } };
}
