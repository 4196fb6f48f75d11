import { kinktree as service } from '../../nodes/Kinktree/service';
import type { Seen } from './client';
import { dateHeader, passing } from './headers';
import { NEEDS_WRITE, verifiable } from './service';
import { bySchema, confirmed, notSeen, refuted } from './verdict';
import { listIn } from '../../nodes/shared/http/answer';

interface Evidence {
	list?: Seen;
	withoutKey?: Seen;
}

export const kinktree = verifiable<Evidence>({
	id: 'kinktree',
	service,
	secretField: 'apiSecret',
	variables: { secret: 'KINKTREE_API_SECRET', address: 'KINKTREE_BASE_URL' },
	needsAddress: false,
	most: 5,
	limiter: () => undefined,
	explore: async (client) => ({
		list: await client.ask({ operation: 'listTags' }),
		withoutKey: await client.ask({ operation: 'listTags', withoutKey: true }),
	}),
	checks: {
		listShape: bySchema('listShape'),
		errorBody: bySchema('errorBody'),
		listedId: ({ list }) => {
			const tags = listIn(list?.body, ['tags', 'data', 'items']) ?? [];
			if (tags.length === 0) return notSeen('the list has no tag');
			if (tags.some((tag) => !('id' in tag))) return refuted('a listed tag has no "id"');
			const both = tags.filter((tag) => 'identifier' in tag);
			if (both.length === 0) return notSeen(`a listed tag has "id" alone; ${NEEDS_WRITE}`);
			return both.every(({ id, identifier }) => id === identifier)
				? confirmed('a listed tag has both, and they are equal')
				: refuted('a listed tag has both, and they differ');
		},
		unauthorized: ({ withoutKey }) => {
			if (!withoutKey) return notSeen('it was not asked');
			const verdict = withoutKey.status === 401 ? confirmed : refuted;
			return verdict(`answered with ${withoutKey.status}`);
		},
		tooManyRequests: (_, { seen }) =>
			passing(seen, (status) => status === 429, 'no answer was one; it is not provoked'),
		serverError: (_, { seen }) =>
			passing(seen, (status) => status >= 500, 'no answer was one; it cannot be asked for'),
		dateHeader: (_, { seen }) => dateHeader(seen),
	},
	unreadable: {
		tagId: NEEDS_WRITE,
		newValue: NEEDS_WRITE,
		createStatus: NEEDS_WRITE,
		duplicate: NEEDS_WRITE,
		deleteAnswer: NEEDS_WRITE,
		badRequest: `${NEEDS_WRITE}: the list takes nothing that could be wrong`,
		notFound: `${NEEDS_WRITE}: a single tag cannot be read`,
	},
});
