import type { IDataObject } from 'n8n-workflow';

import { isAboutScope, kindryn as service, missingScope } from '../../nodes/Kindryn/service';
import { isRecord } from '../../nodes/shared/http/answer';
import { PacedLimiter } from '../../nodes/shared/http/pacing';
import type { Client, Seen } from './client';
import { dateHeader, rateLimitHeaders, resetUnit } from './headers';
import {
	asking,
	beyondEnd,
	type Cut,
	fullPages,
	type ListEvidence,
	order,
	overLists,
	type Page,
	pageIn,
	readList,
	standardSize,
	steadyPages,
	tooLargeLimit,
	total,
} from './lists';
import { NEEDS_WRITE, textOf, verifiable } from './service';
import { bySchema, confirmed, notSeen, refuted, together, type Verdict } from './verdict';

/** A fraction of the ten that Kindryn's documentation allows ("Rate limiting"). */
const REQUESTS_PER_SECOND = 4;

/** How many posts to open in search of a comment. */
const POSTS_TO_OPEN = 3;

const LARGEST_LIMIT = 100;
const MOST_INVITATIONS = 200;

const PAGED = {
	members: 'listMembers',
	spaces: 'listSpaces',
	posts: 'listPosts',
	events: 'listEvents',
	courses: 'listCourses',
	'coaching sessions': 'listCoachingSessions',
} as const;

type ListName = keyof typeof PAGED;

/** The rows that `upcoming` selects when it is true and when it is false. */
interface Upcoming {
	of: ListName;
	all?: Page;
	future?: Page;
	past?: Page;
}

interface Evidence {
	lists: Record<ListName, ListEvidence>;
	invitations: ListEvidence;
	/** A member's profile by id, or else by userId. */
	profile: { asked: boolean; byId?: Seen; byUserId?: Seen };
	search: { asked: boolean; byName?: boolean; byEmail?: boolean };
	sorted: Record<'newest' | 'oldest', Page | undefined>;
	upcoming: Upcoming[];
	/** Whether each row of the filtered list had the requested status. */
	status: { asked: boolean; answer?: Seen; fits?: boolean };
}

const byOffset: Cut = { largest: LARGEST_LIMIT, query: (limit, offset) => ({ limit, offset }) };

async function explore(client: Client): Promise<Evidence> {
	const ask = client.ask.bind(client);
	await ask({ operation: 'getCommunity' });
	const lists = {} as Evidence['lists'];
	for (const [name, operation] of Object.entries(PAGED) as Array<[ListName, string]>) {
		lists[name] = await readList(name, asking(ask, { operation }), byOffset);
	}
	await readRarestRole(client, lists.members);
	const [firstEvent] = rowsOf(lists.events);
	if (textOf(firstEvent, 'id')) {
		await ask({ operation: 'getEvent', parts: { eventId: textOf(firstEvent, 'id') ?? '' } });
	}
	await openPosts(client, rowsOf(lists.posts));
	return {
		lists,
		invitations: await readInvitations(client),
		profile: await readProfile(client, rowsOf(lists.members)),
		search: await searchMember(client, rowsOf(lists.members)),
		sorted: {
			newest: await sortedPosts(client, 'newest'),
			oldest: await sortedPosts(client, 'oldest'),
		},
		upcoming: [
			await readUpcoming(client, 'events', lists.events),
			await readUpcoming(client, 'coaching sessions', lists['coaching sessions']),
		],
		status: await filterStatus(client, firstEvent),
	};
}

function rowsOf({ full }: ListEvidence): IDataObject[] {
	return full?.rows ?? [];
}

/** A filter that leaves out rows shows whether `total` counts them. */
async function readRarestRole(client: Client, members: ListEvidence): Promise<void> {
	const counts = new Map<string, number>();
	for (const member of rowsOf(members)) {
		const role = textOf(member, 'role');
		if (role !== undefined) counts.set(role, (counts.get(role) ?? 0) + 1);
	}
	const [rarest] = [...counts].sort(([, a], [, b]) => a - b);
	if (!rarest) return;
	const [role] = rarest;
	const ask = asking(client.ask.bind(client), { operation: 'listMembers', query: { role } });
	const head = pageIn(await ask(byOffset.query(2, 0)), 2);
	if (head) members.small.push(head);
	const from = Number(head?.total) - 1;
	if (from < 2) return;
	const tail = pageIn(await ask(byOffset.query(2, from)), 2, from);
	if (tail) members.small.push(tail);
}

async function readInvitations(client: Client): Promise<ListEvidence> {
	const ask = asking(client.ask.bind(client), { operation: 'listInvitations' });
	await ask({});
	const full = pageIn(await ask({ limit: MOST_INVITATIONS }), MOST_INVITATIONS);
	const tooLarge = await ask({ limit: MOST_INVITATIONS + 1 });
	return { name: 'invitations', small: [], full, tooLarge };
}

/** Opens posts until one has a comment. */
async function openPosts(client: Client, posts: IDataObject[]): Promise<void> {
	for (const post of posts.slice(0, POSTS_TO_OPEN)) {
		const postId = textOf(post, 'id');
		if (postId === undefined) return;
		const seen = await client.ask({ operation: 'getPost', parts: { postId } });
		const comments = isRecord(seen?.body) ? seen.body.comments : undefined;
		if (Array.isArray(comments) && comments.length > 0) return;
	}
}

async function readProfile(client: Client, members: IDataObject[]): Promise<Evidence['profile']> {
	const [id, userId] = [textOf(members[0], 'id'), textOf(members[0], 'userId')];
	const ask = async (memberId: string) =>
		await client.ask({ operation: 'getMember', parts: { memberId } });
	if (id === undefined) return { asked: false };
	const byId = await ask(id);
	if (byId?.status !== 404 || userId === undefined) return { asked: true, byId };
	return { asked: true, byId, byUserId: await ask(userId) };
}

async function searchMember(client: Client, members: IDataObject[]): Promise<Evidence['search']> {
	const sought = members.at(-1);
	const finds = async (search: string | undefined) => {
		if (search === undefined) return undefined;
		const query = { search, limit: LARGEST_LIMIT };
		const page = pageIn(await client.ask({ operation: 'listMembers', query }), LARGEST_LIMIT);
		return page?.rows.some(({ id }) => id === sought?.id);
	};
	return {
		asked: sought !== undefined,
		byName: await finds(textOf(sought, 'name')),
		byEmail: await finds(textOf(sought, 'email')),
	};
}

async function sortedPosts(client: Client, sort: 'newest' | 'oldest'): Promise<Page | undefined> {
	const query = { sort, limit: 2 };
	return pageIn(await client.ask({ operation: 'listPosts', query }), 2);
}

async function readUpcoming(client: Client, of: ListName, list: ListEvidence): Promise<Upcoming> {
	const read = async (upcoming: boolean) => {
		const query = { upcoming, limit: LARGEST_LIMIT };
		return pageIn(await client.ask({ operation: PAGED[of], query }), LARGEST_LIMIT);
	};
	return { of, all: list.full, future: await read(true), past: await read(false) };
}

async function filterStatus(
	client: Client,
	event: IDataObject | undefined,
): Promise<Evidence['status']> {
	const status = textOf(event, 'status');
	if (status === undefined) return { asked: false };
	const query = { status, limit: LARGEST_LIMIT };
	const answer = await client.ask({ operation: 'listEvents', query });
	const rows = pageIn(answer, LARGEST_LIMIT)?.rows;
	const fits = rows && rows.length > 0 && rows.every((row) => row.status === status);
	return { asked: true, answer, fits };
}

function upcomingFalse({ all, future, past }: Upcoming): Verdict {
	if (!all || !future || !past) return notSeen('it could not be read');
	if (future.rows.length === 0) return notSeen('none is upcoming');
	const upcoming = new Set(future.rows.map(({ id }) => id));
	if (past.rows.some(({ id }) => upcoming.has(id))) return confirmed('it shows upcoming ones too');
	const isWhole = past.rows.length < past.size;
	if (isWhole || (typeof past.total === 'number' && past.total !== all.total)) {
		return refuted('it shows the past alone');
	}
	return notSeen('the list is too long to tell');
}

const paged = ({ lists }: Evidence) => Object.values(lists);
const all = (evidence: Evidence) => [...paged(evidence), evidence.invitations];

export const kindryn = verifiable<Evidence>({
	id: 'kindryn',
	service,
	secretField: 'apiKey',
	variables: { secret: 'KINDRYN_API_KEY', address: 'KINDRYN_BASE_URL' },
	needsAddress: true,
	most: 90,
	limiter: (now) => {
		const limiter = new PacedLimiter('Kindryn');
		limiter.limitTo(REQUESTS_PER_SECOND, now);
		return limiter;
	},
	lacks: (words) =>
		isAboutScope(words) ? (missingScope(words) ?? 'one that Kindryn does not name') : undefined,
	explore,
	checks: {
		...Object.fromEntries(
			[
				...['member', 'socialLinks', 'space', 'post', 'comment', 'event', 'course'],
				...['coachingSession', 'eventList', 'courseList', 'sessionList'],
			].map((name) => [name, bySchema(name)]),
		),
		memberId: ({ profile: { asked, byId, byUserId } }) => {
			if (!asked) return notSeen('there is no member to ask for');
			if (byId?.status === 200) return confirmed('a profile was found by the id');
			if (byUserId?.status === 200) return refuted('a profile was found by the userId alone');
			return notSeen('no profile could be read');
		},
		search: ({ search: { asked, byName, byEmail } }) => {
			if (!asked) return notSeen('there is no member to look for');
			if (byName === undefined || byEmail === undefined) return notSeen('it could not be asked');
			if (byName && byEmail) return confirmed('a member was found by both');
			const failed = [byName ? '' : 'name', byEmail ? '' : 'e-mail'].filter(Boolean);
			return refuted(`a member was not found by ${failed.join(' or ')}`);
		},
		roles: ({ lists: { members } }) => {
			const known = new Set(['MEMBER', 'MODERATOR']);
			const pages = [members.full, members.next, ...members.small];
			const rows = pages.flatMap((page) => page?.rows ?? []);
			const others = rows.filter(({ role }) => !known.has(String(role)));
			return others.length > 0
				? confirmed('a listed member has another')
				: notSeen('no listed member has another');
		},
		postSort: ({ lists: { posts }, sorted: { newest, oldest } }) => {
			const [head] = posts.small;
			const ids = (page: Page | undefined) => page?.rows.map(({ id }) => id).join();
			if (!head || !newest || !oldest) return notSeen('posts could not be read');
			if (ids(newest) === ids(oldest)) return notSeen('there are too few posts');
			if (ids(head) === ids(newest)) return confirmed('the same rows as with "newest"');
			if (ids(head) === ids(oldest)) return refuted('the same rows as with "oldest"');
			return notSeen('other rows than with "newest" and "oldest"');
		},
		eventStatus: ({ status: { asked, answer, fits } }) => {
			if (!asked) return notSeen('no event shows a status');
			if (fits) return confirmed('it selects such events alone');
			if (answer?.status !== 200) return refuted(`answered with ${answer?.status}`);
			return refuted('it selects none, or others too');
		},
		upcomingFalse: ({ upcoming }) =>
			together(upcoming.map((one) => ({ of: one.of, ...upcomingFalse(one) }))),
		limit: (evidence) => overLists(paged(evidence), (list) => standardSize(list, 50, 'limit')),
		tooLargeLimit: (evidence) => overLists(all(evidence), (list) => tooLargeLimit(list, 400)),
		fullPages: (evidence) => overLists(paged(evidence), fullPages),
		beyondEnd: (evidence) => overLists(paged(evidence), beyondEnd),
		total: (evidence) => overLists(paged(evidence), total),
		order: (evidence) =>
			overLists(
				all(evidence).filter(({ name }) => name !== 'posts'),
				order,
			),
		steadyPages: (evidence) => overLists(paged(evidence), steadyPages),
		rateLimit: (_, { seen }) => {
			const names = rateLimitHeaders(seen);
			return names.length === 0 ? confirmed('none came') : refuted(`${names.join(', ')} came`);
		},
		rateLimitReset: (_, { seen }) => resetUnit(seen),
		dateHeader: (_, { seen }) => dateHeader(seen),
	},
	unreadable: Object.fromEntries(
		[
			...['addMemberFields', 'existingMember', 'roleCap', 'invitationForVerified'],
			...['bulkEntryErrors', 'bulkFailure', 'bulkAnswer', 'unknownReference'],
			...['createEventFields', 'createEventStatus', 'utcTime'],
		].map((name) => [name, NEEDS_WRITE]),
	),
});
