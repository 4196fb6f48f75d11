import { describe } from '../openapi';
import { type List, cutPage, ordered } from '../paging';
import { type KindrynReadings, LIKELY } from '../readings';
import { limitHeaders } from '../requestWindow';
import type { Answer, Call, Service } from '../service';
import { addDemoCommunity } from './demo';
import {
	type CoachingSession,
	type CommunityEvent,
	type Course,
	type Invitation,
	type KindrynKey,
	type KindrynSeed,
	KindrynState,
	type Member,
	type Post,
	type Space,
} from './state';

export interface KindrynTypes {
	state: KindrynState;
	readings: KindrynReadings;
	key: KindrynKey;
	seed: KindrynSeed;
}

type KindrynCall = Call<KindrynTypes>;

interface Entry {
	email: string;
	role?: string;
	name?: string;
	sendWelcomeEmail?: boolean;
}

type Outcome =
	| { outcome: 'member_created'; member: Omit<Member, 'socialLinks'> }
	| { outcome: 'invitation_sent' | 'unverified_user_invited'; invitation: Invitation };

const DEFAULT_LIMIT = 50;
const MAX_COMMENTS = 100;
const MINUTE = 60_000;

export const kindryn: Service<KindrynTypes> = {
	name: 'kindryn',
	readings: LIKELY.kindryn,
	createState: (setup) => {
		const state = new KindrynState(setup);
		if (setup.seed === 'demo') addDemoCommunity(state, setup.now());
		return state;
	},
	presentedSecret: (headers) => {
		const value = headers.authorization;
		return value?.startsWith('Bearer ') ? value.slice('Bearer '.length) : value && 'malformed';
	},
	wrongMethodStatus: 405,
	failure: (status, message) => ({ status, body: { message } }),
	unauthorized: (secret, readings) =>
		kindryn.failure(401, secret === undefined ? 'Missing API key' : 'Invalid API key', readings),
	invalid: (violations, readings) =>
		kindryn.failure(400, violations.map(describe).join('; '), readings),
	admit: ({ key, state, scopes, readings, now }) => {
		if (key.disabled) return kindryn.failure(403, 'API key is disabled', readings);
		if (key.expiresAt !== null && key.expiresAt <= now) {
			return kindryn.failure(403, 'API key has expired', readings);
		}
		if (readings.rateLimit > 0 && !state.window(key).take(now, windowOf(readings))) {
			return kindryn.failure(429, 'Rate limit exceeded', readings);
		}
		const missing = scopes.find((scope) => !key.scopes.includes(scope));
		return missing === undefined
			? undefined
			: kindryn.failure(403, `API key does not have "${missing}" scope`, readings);
	},
	finish: (answer, { key, state, readings, now }) => {
		if (readings.rateLimit === 0) return answer;
		const window = state.window(key).look(now, windowOf(readings));
		const { rateLimitReset: reset } = readings;
		const limits = limitHeaders(window, { now, reset, status: answer.status });
		return { ...answer, headers: { ...answer.headers, ...limits } };
	},
	handlers: {
		getCommunity: ({ state }) => ({ status: 200, body: state.community }),
		listMembers: (call) => {
			const { role, search } = call.query as { role?: string; search?: string };
			const wanted = search?.toLowerCase();
			const selected = call.state.members.filter(
				(member) =>
					(role === undefined || member.role === role) &&
					(wanted === undefined ||
						`${member.name}\n${member.email}`.toLowerCase().includes(wanted)),
			);
			const like = ({ role: same }: Member) => call.state.addMember({ role: same, name: search });
			const list = { stored: call.state.members, selected, like };
			return page(call, list, inList);
		},
		getMember: (call) => {
			const member = byId(call.state.members, call.params.memberId);
			if (!member) return kindryn.failure(404, 'Member not found', call.readings);
			const { socialLinks } = member;
			const asList = Object.entries(socialLinks).map(([platform, url]) => ({ platform, url }));
			const links = call.readings.socialLinks === 'object' ? socialLinks : asList;
			return { status: 200, body: { ...member, socialLinks: links } };
		},
		addMember: (call) => single(call, join(call, call.body as Entry, 'member_created')),
		listInvitations: ({ state, readings, query }) => {
			const { status = 'all', limit = DEFAULT_LIMIT } = query as {
				status?: string;
				limit?: number;
			};
			const rows = state.invitations.filter((row) => status === 'all' || row.status === status);
			return { status: 200, body: ordered(rows, readings.order).slice(0, limit) };
		},
		createInvitation: (call) =>
			single(call, join(call, call.body as Entry, call.readings.invitationForVerified)),
		createInvitations: (call) => {
			const { bulkStatus, bulkOrder, bulkFailureOutcome, bulkFailureKey } = call.readings;
			const results = (call.body as Entry[]).map((entry, index) => {
				const result = join(call, entry, 'member_created');
				const failed = {
					outcome: bulkFailureOutcome,
					[bulkFailureKey]: 'refused' in result ? result.refused : '',
				};
				return { index, email: entry.email, ...('refused' in result ? failed : result) };
			});
			if (bulkOrder === 'reversed') results.reverse();
			return { status: bulkStatus, body: { results } };
		},
		listSpaces: (call) => {
			const { type } = call.query;
			const { spaces: stored } = call.state;
			const selected = stored.filter((space) => type === undefined || space.type === type);
			const like = (space: Space) => call.state.addSpace({ type: space.type });
			return page(call, { stored, selected, like });
		},
		listPosts: (call) => {
			const { sort } = call.query as { sort?: 'newest' | 'oldest' };
			const list: List<Post> = {
				stored: call.state.posts,
				selected: inSpace(call, call.state.posts),
				like: ({ spaceId }) => call.state.addPost({ spaceId }),
				// "sort (newest | oldest)": the page does not say which one is the default.
				order: sort ?? 'newest',
			};
			return page(call, list, withCount);
		},
		getPost: (call) => {
			const post = byId(call.state.posts, call.params.postId);
			if (!post) return kindryn.failure(404, 'Post not found', call.readings);
			const comments = post.comments.slice(0, MAX_COMMENTS);
			return { status: 200, body: { ...post, comments } };
		},
		createPost: (call) => {
			const post = call.body as Pick<Post, 'spaceId' | 'body' | 'authorId'> & { title?: string };
			const unknown = unknownSpace(call, post.spaceId);
			if (unknown) return unknown;
			if (!call.state.members.some(({ userId }) => userId === post.authorId)) {
				const text = 'authorId must be the userId of a community member';
				return kindryn.failure(call.readings.unknownReferenceStatus, text, call.readings);
			}
			const created = call.state.addPost({ ...post, title: post.title ?? null });
			return { status: 201, body: withCount(created) };
		},
		listEvents: (call) => {
			const { status } = call.query;
			const selected = upcoming(call, inSpace(call, call.state.events)).filter(
				(event) => status === undefined || event.status === status,
			);
			const like = ({ spaceId, startsAt, status: same }: CommunityEvent) =>
				call.state.addEvent({ spaceId, startsAt, status: same });
			return loose(call, page(call, { stored: call.state.events, selected, like }));
		},
		getEvent: ({ state, params, readings }) => {
			const event = byId(state.events, params.eventId);
			if (!event) return kindryn.failure(404, 'Event not found', readings);
			return { status: 200, body: event };
		},
		createEvent: (call) => {
			const event = call.body as { spaceId: string; startsAt: string; endsAt?: string };
			const { eventEndRequired, createEventStatus } = call.readings;
			if (eventEndRequired && event.endsAt === undefined) {
				return kindryn.failure(400, 'endsAt is required', call.readings);
			}
			if (event.endsAt !== undefined && Date.parse(event.endsAt) <= Date.parse(event.startsAt)) {
				return kindryn.failure(400, 'endsAt must be after startsAt', call.readings);
			}
			const unknown = unknownSpace(call, event.spaceId);
			if (unknown) return unknown;
			// "Events created via the API start in DRAFT status".
			const created = call.state.addEvent({ ...event, status: 'DRAFT' });
			return { status: createEventStatus, body: created };
		},
		listCourses: (call) => {
			const { published } = call.query;
			const selected = inSpace(call, call.state.courses).filter(
				(course) => published === undefined || course.published === published,
			);
			const like = ({ spaceId, published: same }: Course) =>
				call.state.addCourse({ spaceId, published: same });
			return loose(call, page(call, { stored: call.state.courses, selected, like }));
		},
		listCoachingSessions: (call) => {
			const selected = upcoming(call, inSpace(call, call.state.sessions));
			const like = ({ spaceId, startsAt }: CoachingSession) =>
				call.state.addSession({ spaceId, startsAt });
			return loose(call, page(call, { stored: call.state.sessions, selected, like }));
		},
	},
};

function page<T>(
	{ query, readings }: KindrynCall,
	list: List<T>,
	show: (row: T) => unknown = (row) => row,
) {
	const { limit = DEFAULT_LIMIT, offset = 0 } = query as { limit?: number; offset?: number };
	const { rows, size, total, claimedTotal } = cutPage(readings, list, limit, { offset });
	const body = { data: rows.map(show), total: claimedTotal, limit: size, offset };
	return { status: 200, body, checkedBody: { ...body, total } };
}

function loose({ readings }: KindrynCall, answer: ReturnType<typeof page>): Answer {
	return readings.undocumentedList === 'page' ? answer : { status: 200, body: answer.body.data };
}

function byId<T extends { id: string }>(rows: T[], id: string | undefined): T | undefined {
	return rows.find((row) => row.id === id);
}

function inSpace<T extends { spaceId: string }>({ query }: KindrynCall, rows: T[]): T[] {
	return rows.filter(({ spaceId }) => query.spaceId === undefined || spaceId === query.spaceId);
}

function upcoming<T extends { startsAt: string }>(call: KindrynCall, rows: T[]): T[] {
	const { query, readings, now } = call;
	if (query.upcoming === undefined) return rows;
	if (query.upcoming === false && readings.upcomingFalse === 'all') return rows;
	return rows.filter(({ startsAt }) => Date.parse(startsAt) >= now === query.upcoming);
}

/** A member in a list, without social links: only the request for one member documents them. */
function inList({ id, userId, name, email, role, joinedAt }: Member): Omit<Member, 'socialLinks'> {
	return { id, userId, name, email, role, joinedAt };
}

/** A post in a list, with the number of its comments instead of the comments. */
function withCount({ comments, ...post }: Post) {
	return { ...post, commentCount: comments.length };
}

function unknownSpace({ state, readings }: KindrynCall, spaceId: string): Answer | undefined {
	if (byId(state.spaces, spaceId)) return undefined;
	return kindryn.failure(readings.unknownReferenceStatus, 'Space not found', readings);
}

function windowOf({ rateLimit }: KindrynReadings) {
	return { limit: rateLimit, windowMs: MINUTE, kind: 'fixed' } as const;
}

/** Adds or invites a person, or says why not ("POST /members", table of outcomes). */
function join(
	{ state, key, readings }: KindrynCall,
	{ email, role = 'MEMBER', name, sendWelcomeEmail = true }: Entry,
	verified: KindrynReadings['invitationForVerified'],
): Outcome | { refused: string; status: number } {
	if (!/^[^@\s]+@[^@\s]+$/u.test(email)) return { refused: 'Invalid email', status: 400 };
	if (!state.roles.includes(role)) return { refused: `Unknown role "${role}"`, status: 400 };
	if (state.roles.indexOf(role) < state.roles.indexOf(key.creatorRole)) {
		const refused = `Cannot assign role "${role}": it is higher than the key creator's own role`;
		return { refused, status: readings.roleCapStatus };
	}
	if (state.memberOf(email)) {
		const refused = 'User is already a member of this community';
		return { refused, status: readings.existingMemberStatus };
	}
	const user = state.userOf(email);
	if (user?.verified && verified === 'member_created') {
		if (sendWelcomeEmail) state.sentMail.push(email);
		return { outcome: 'member_created', member: inList(state.addMember({ email, role })) };
	}
	const pending = state.invitations.find(
		(row) => row.status === 'pending' && row.email.toLowerCase() === email.toLowerCase(),
	);
	const invitation = pending
		? Object.assign(pending, { role, name: name ?? pending.name })
		: state.addInvitation({ email, role, name });
	if (user && !user.verified) return { outcome: 'unverified_user_invited', invitation };
	state.sentMail.push(email);
	return { outcome: 'invitation_sent', invitation };
}

function single({ readings }: KindrynCall, result: ReturnType<typeof join>): Answer {
	if ('refused' in result) return kindryn.failure(result.status, result.refused, readings);
	return { status: result.outcome === 'member_created' ? 201 : 202, body: result };
}
