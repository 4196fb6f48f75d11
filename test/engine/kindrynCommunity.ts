import type { KindrynSeed } from '../emulator';

/** A small community with known names and IDs. */
export const COMMUNITY = {
	users: [
		{ email: 'known@example.org', verified: true },
		{ email: 'unverified@example.org', verified: false },
	],
	spaces: [
		{ id: 'talk', name: 'Introductions', type: 'DISCUSSION' },
		{ id: 'night', name: 'Demo Nights', type: 'EVENT_SERIES' },
		{ id: 'basics', name: 'Pricing Basics', type: 'COURSE' },
		{ id: 'one', name: 'One to One', type: 'COACHING' },
	],
	members: [
		{ id: 'm1', userId: 'u1', name: 'Jane Doe', email: 'jane@example.org', role: 'MEMBER' },
		{ id: 'm2', userId: 'u2', name: 'Bob Ray', email: 'bob@example.org', role: 'MODERATOR' },
		{ id: 'm3', userId: 'u3', name: 'Mary Jane', email: 'mary@example.org', role: 'OWNER' },
	],
	invitations: [
		{ id: 'i1', email: 'p@example.org', status: 'pending' },
		{ id: 'i2', email: 'q@example.org', status: 'used' },
	],
	posts: [
		{ id: 'p1', spaceId: 'talk', title: 'Hello', authorId: 'u1' },
		{ id: 'p2', spaceId: 'talk', title: null, body: '<p>Good <b>morning</b></p>', authorId: 'u2' },
		{ id: 'p3', spaceId: 'basics', title: 'Homework', authorId: 'u1' },
	],
	events: [
		{ id: 'e1', spaceId: 'night', title: 'Demo Night', startsAt: '2020-05-01T17:00:00.000Z' },
		{
			id: 'e2',
			spaceId: 'night',
			title: 'Demo Night II',
			startsAt: '2120-05-01T17:00:00.000Z',
			status: 'DRAFT',
		},
	],
	courses: [
		{ id: 'c1', spaceId: 'basics', title: 'Launch', published: true },
		{ id: 'c2', spaceId: 'basics', title: 'Pricing', published: false },
	],
	sessions: [
		{ id: 's1', spaceId: 'one', startsAt: '2020-05-01T17:00:00.000Z' },
		{ id: 's2', spaceId: 'one', startsAt: '2120-05-01T17:00:00.000Z' },
	],
} satisfies KindrynSeed;
