import { createHash } from 'node:crypto';
import { loadOpenApi } from '../openapi';
import { RequestWindow } from '../requestWindow';
import type { Key, Setup } from '../service';
import { Webhooks } from './webhooks';

/** Every scope that an operation of the OpenAPI document asks for. */
export const SCOPES = [
	...new Set(loadOpenApi('kindryn').operations.flatMap(({ scopes }) => scopes)),
];

export type SpaceType = 'DISCUSSION' | 'COURSE' | 'EVENT_SERIES' | 'COACHING';
export type InvitationStatus = 'pending' | 'used' | 'revoked' | 'expired';

/** An API key of the community ("Getting an API key"). */
export interface KindrynKey extends Key {
	scopes: string[];
	disabled: boolean;
	/** In ms; `null` never expires. */
	expiresAt: number | null;
	/** The highest role that the key may assign ("POST /members"). */
	creatorRole: string;
}

/** The community profile, as documented ("GET /community"). */
export interface Community {
	id: string;
	name: string;
	slug: string;
	description: string | null;
	logo: string | null;
	coverImage: string | null;
	brandColor: string | null;
	createdAt: string;
}

/** A Kindryn account, whether a member of this community or not. */
export interface User {
	id: string;
	email: string;
	name: string;
	verified: boolean;
}

export interface Member {
	id: string;
	userId: string;
	name: string;
	email: string;
	role: string;
	joinedAt: string;
	socialLinks: Record<string, string>;
}

export interface Invitation {
	id: string;
	email: string;
	name: string | null;
	role: string;
	status: InvitationStatus;
	inviteUrl: string;
	createdAt: string;
	expiresAt: string;
}

export interface Space {
	id: string;
	name: string;
	slug: string;
	type: SpaceType;
	description: string | null;
	createdAt: string;
}

export interface Comment {
	id: string;
	body: string;
	authorId: string;
	createdAt: string;
}

export interface Post {
	id: string;
	spaceId: string;
	title: string | null;
	body: string;
	authorId: string;
	createdAt: string;
	comments: Comment[];
}

export interface CommunityEvent {
	id: string;
	spaceId: string;
	title: string;
	description: string | null;
	startsAt: string;
	endsAt: string | null;
	capacity: number | null;
	isVirtual: boolean;
	meetingUrl: string | null;
	status: string;
	createdAt: string;
}

export interface Course {
	id: string;
	spaceId: string;
	title: string;
	description: string | null;
	published: boolean;
	lessons: Array<{ id: string; title: string; position: number }>;
	createdAt: string;
}

export interface CoachingSession {
	id: string;
	spaceId: string;
	title: string;
	coachId: string;
	memberId: string;
	startsAt: string;
	endsAt: string;
	createdAt: string;
}

type Rows<T> = number | Array<Partial<T>>;

/** Rows to start with: their number, or the rows themselves, whose missing fields are made up. */
export interface KindrynSeed {
	community?: Partial<Community>;
	/** Accounts that are not members. Each member gets an account anyway. */
	users?: Rows<User>;
	spaces?: Rows<Space>;
	members?: Rows<Member>;
	invitations?: Rows<Invitation>;
	posts?: Rows<Post>;
	events?: Rows<CommunityEvent>;
	courses?: Rows<Course>;
	sessions?: Rows<CoachingSession>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ID_ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** One community with its keys. All lists are in the order of creation. */
export class KindrynState {
	readonly keys: Record<string, KindrynKey> = {};

	community: Community;

	/** The community's roles, the highest first. */
	roles = ['OWNER', 'ADMIN', 'MODERATOR', 'MEMBER'];

	readonly users: User[] = [];

	readonly members: Member[] = [];

	readonly invitations: Invitation[] = [];

	readonly spaces: Space[] = [];

	readonly posts: Post[] = [];

	readonly events: CommunityEvent[] = [];

	readonly courses: Course[] = [];

	readonly sessions: CoachingSession[] = [];

	/** The recipients of all e-mails so far. */
	readonly sentMail: string[] = [];

	/** The webhook from the community's settings. */
	readonly webhooks: Webhooks;

	/** Counted requests by key name, for the reading that limits their rate. */
	readonly windows = new Map<string, RequestWindow>();

	constructor(private readonly setup: Setup<KindrynSeed>) {
		this.webhooks = new Webhooks(setup);
		this.addKey({ name: 'main' });
		this.addKey({ name: 'moderator', creatorRole: 'MODERATOR' });
		this.addKey({ name: 'readonly', scopes: SCOPES.filter((scope) => scope.endsWith(':read')) });
		this.addKey({ name: 'unscoped', scopes: [] });
		this.addKey({ name: 'disabled', disabled: true });
		this.addKey({ name: 'expired', expiresAt: setup.now() - DAY });
		this.community = {
			id: this.newId(),
			name: 'Builders Guild',
			slug: 'builders-guild',
			description: 'A community for indie hackers.',
			logo: null,
			coverImage: null,
			brandColor: '#e67e22',
			createdAt: '2026-01-15T12:00:00.000Z',
		};
		if (setup.seed !== 'demo') this.seed(setup.seed);
	}

	/** Adds a key and returns it. Its secret looks real and follows from its name. */
	addKey(key: Partial<KindrynKey> & { name: string }): KindrynKey {
		const added: KindrynKey = {
			secret: `kak_${createHash('sha256').update(`emulated key ${key.name}`).digest('hex')}`,
			scopes: [...SCOPES],
			disabled: false,
			expiresAt: null,
			creatorRole: 'OWNER',
			...key,
		};
		this.keys[added.name] = added;
		return added;
	}

	window(key: KindrynKey): RequestWindow {
		const window = this.windows.get(key.name) ?? new RequestWindow();
		this.windows.set(key.name, window);
		return window;
	}

	userOf(email: string): User | undefined {
		return this.users.find((user) => user.email.toLowerCase() === email.toLowerCase());
	}

	memberOf(email: string): Member | undefined {
		return this.members.find((member) => member.email.toLowerCase() === email.toLowerCase());
	}

	addUser(user: Partial<User> = {}): User {
		const number = this.users.length + 1;
		const added: User = {
			id: user.id ?? this.newId(),
			email: user.email ?? `person${number}@example.org`,
			name: user.name ?? `Person ${number}`,
			verified: user.verified ?? true,
		};
		this.users.push(added);
		return added;
	}

	/** Adds a member, and an account if there is none, and sends the event to the webhook. */
	addMember(member: Partial<Member> = {}): Member {
		const known = member.email === undefined ? undefined : this.userOf(member.email);
		const { userId: id, email, name } = member;
		const user = known ?? this.addUser({ id, email, name });
		const added: Member = {
			id: member.id ?? this.newId(),
			userId: user.id,
			name: user.name,
			email: user.email,
			role: member.role ?? 'MEMBER',
			joinedAt: member.joinedAt ?? this.time(),
			socialLinks: member.socialLinks ?? {},
		};
		this.members.push(added);
		this.webhooks.tell('onMemberJoin', { communityId: this.community.id, memberId: added.id });
		return added;
	}

	addInvitation(invitation: Partial<Invitation> = {}): Invitation {
		const number = this.invitations.length + 1;
		const added: Invitation = {
			id: invitation.id ?? this.newId(),
			email: invitation.email ?? `guest${number}@example.org`,
			name: invitation.name ?? null,
			role: invitation.role ?? 'MEMBER',
			status: invitation.status ?? 'pending',
			inviteUrl: invitation.inviteUrl ?? `https://community.example/invite/${this.newId()}`,
			createdAt: invitation.createdAt ?? this.time(),
			expiresAt: invitation.expiresAt ?? this.time(7 * DAY),
		};
		this.invitations.push(added);
		return added;
	}

	addSpace(space: Partial<Space> = {}): Space {
		const name = space.name ?? `Space ${this.spaces.length + 1}`;
		const added: Space = {
			id: space.id ?? this.newId(),
			name,
			slug: space.slug ?? name.toLowerCase().replace(/\W+/gu, '-'),
			type: space.type ?? 'DISCUSSION',
			description: space.description ?? null,
			createdAt: space.createdAt ?? this.time(),
		};
		this.spaces.push(added);
		return added;
	}

	addPost(post: Partial<Post> = {}): Post {
		const number = this.posts.length + 1;
		const added: Post = {
			id: post.id ?? this.newId(),
			spaceId: post.spaceId ?? this.someSpace('DISCUSSION'),
			title: post.title === undefined ? `Post ${number}` : post.title,
			body: post.body ?? `<p>Text of post ${number}</p>`,
			authorId: post.authorId ?? (this.members[0] ?? this.addMember()).userId,
			createdAt: post.createdAt ?? this.time(),
			comments: post.comments ?? [],
		};
		this.posts.push(added);
		return added;
	}

	addEvent(event: Partial<CommunityEvent> = {}): CommunityEvent {
		const startsAt = event.startsAt ?? this.time(DAY);
		const added: CommunityEvent = {
			id: event.id ?? this.newId(),
			spaceId: event.spaceId ?? this.someSpace('EVENT_SERIES'),
			title: event.title ?? `Event ${this.events.length + 1}`,
			description: event.description ?? null,
			startsAt,
			endsAt: event.endsAt ?? null,
			capacity: event.capacity ?? null,
			isVirtual: event.isVirtual ?? false,
			meetingUrl: event.meetingUrl ?? null,
			status: event.status ?? 'PUBLISHED',
			createdAt: event.createdAt ?? this.time(),
		};
		this.events.push(added);
		return added;
	}

	addCourse(course: Partial<Course> = {}): Course {
		const added: Course = {
			id: course.id ?? this.newId(),
			spaceId: course.spaceId ?? this.someSpace('COURSE'),
			title: course.title ?? `Course ${this.courses.length + 1}`,
			description: course.description ?? null,
			published: course.published ?? true,
			lessons: course.lessons ?? [{ id: this.newId(), title: 'Lesson 1', position: 1 }],
			createdAt: course.createdAt ?? this.time(),
		};
		this.courses.push(added);
		return added;
	}

	addSession(session: Partial<CoachingSession> = {}): CoachingSession {
		const member = this.members[0] ?? this.addMember();
		const startsAt = session.startsAt ?? this.time(DAY);
		const added: CoachingSession = {
			id: session.id ?? this.newId(),
			spaceId: session.spaceId ?? this.someSpace('COACHING'),
			title: session.title ?? `Session ${this.sessions.length + 1}`,
			coachId: session.coachId ?? member.userId,
			memberId: session.memberId ?? member.id,
			startsAt,
			endsAt: session.endsAt ?? new Date(Date.parse(startsAt) + HOUR).toISOString(),
			createdAt: session.createdAt ?? this.time(),
		};
		this.sessions.push(added);
		return added;
	}

	/** An id that looks like the documents' `ckxxxxx`. */
	newId(): string {
		return `ck${this.setup.dice.text(23, ID_ALPHABET)}`;
	}

	/** The emulator's time, `fromNow` ms later, in ISO. */
	private time(fromNow = 0): string {
		return new Date(this.setup.now() + fromNow).toISOString();
	}

	private someSpace(type: SpaceType): string {
		return (this.spaces.find((space) => space.type === type) ?? this.addSpace({ type })).id;
	}

	private seed(seed: KindrynSeed): void {
		Object.assign(this.community, seed.community);
		each(seed.users, (user) => this.addUser(user));
		each(seed.spaces, (space) => this.addSpace(space));
		each(seed.members, (member) => this.addMember(member));
		each(seed.invitations, (invitation) => this.addInvitation(invitation));
		each(seed.posts, (post) => this.addPost(post));
		each(seed.events, (event) => this.addEvent(event));
		each(seed.courses, (course) => this.addCourse(course));
		each(seed.sessions, (session) => this.addSession(session));
	}
}

function each<T>(rows: Rows<T> | undefined, add: (row: Partial<T>) => void): void {
	const list = typeof rows === 'number' ? Array.from({ length: rows }, () => ({})) : (rows ?? []);
	list.forEach((row) => add(row));
}
