/*
 * How the three events compare the tags of one poll with those of the next. Kinktree answers all tags
 * at once (Kinktree, API Endpoints).
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

/** Whose tags are remembered. */
interface Owner extends IDataObject {
	account: string;
	namespace?: string;
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
	const known = toSnapshot(memory);
	const namespace = known?.namespace;
	const isElsewhere =
		namespace !== undefined &&
		tags.every((tag) => tag.namespace !== undefined && tag.namespace !== namespace);
	const isUnknown = known?.account !== account && known && !knowsAny(known, tags, fields);
	const isOther = tags.length > 0 && (isElsewhere || isUnknown);
	const { changes, snapshot } = compare(isOther ? undefined : known, tags, fields);
	// An empty list does not say whose it is
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
