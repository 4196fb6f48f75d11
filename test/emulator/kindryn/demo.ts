import { Faker, base, en } from '@faker-js/faker';
import type { InvitationStatus, KindrynState, SpaceType } from './state';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const MEMBERS = 320;
const POSTS = 180;

const SPACES: Array<{ name: string; type: SpaceType; description: string }> = [
	{ name: 'Introductions', type: 'DISCUSSION', description: 'Say hello' },
	{ name: 'Show and Tell', type: 'DISCUSSION', description: 'What you are building' },
	{ name: 'Ask the Guild', type: 'DISCUSSION', description: 'Questions and answers' },
	{ name: 'Marketing', type: 'DISCUSSION', description: 'Finding the first hundred customers' },
	{ name: 'Launch in Thirty Days', type: 'COURSE', description: 'From idea to first sale' },
	{ name: 'Pricing Basics', type: 'COURSE', description: 'What to charge, and why' },
	{ name: 'Office Hours', type: 'EVENT_SERIES', description: 'Weekly questions and answers' },
	{ name: 'Demo Nights', type: 'EVENT_SERIES', description: 'Five minutes on stage' },
	{ name: 'One to One', type: 'COACHING', description: 'Coaching with the team' },
];

const TITLES = [
	'My first paying customer',
	'How do you handle refunds?',
	'Landing page feedback, please',
	'What I learned from twenty interviews',
	'Looking for an accountability partner',
	'Weekly wins',
	'Which newsletter tool do you use?',
	'We are live!',
];

const SENTENCES = [
	'It took three months longer than planned.',
	'Thank you all for the encouragement.',
	'Any advice is welcome.',
	'The numbers are in the sheet.',
	'I would do it the same way again.',
	'Happy to answer questions in the comments.',
];

const COMMENTS = ['Congratulations!', 'Same here.', 'This helped, thank you.', 'Tell us more.'];

const INVITATIONS: Array<[InvitationStatus, number]> = [
	['used', 110],
	['expired', 35],
	['revoked', 15],
	['pending', 90],
];

/**
 * Fills a community with realistic data, including more invitations than one list can show, a post
 * with more comments than its request returns, and events of every kind. The same `now` (ms) gives
 * the same data.
 */
export function addDemoCommunity(state: KindrynState, now: number): void {
	const faker = new Faker({ locale: [en, base] });
	faker.seed(2026);
	const iso = (fromNow: number) => new Date(now + fromNow).toISOString();
	Object.assign(state.community, {
		logo: 'https://cdn.community.example/builders-guild/logo.png',
		createdAt: iso(-400 * DAY),
	});
	for (const space of SPACES) state.addSpace({ ...space, createdAt: iso(-400 * DAY) });

	const person = (number: number) => {
		const [first, last] = [faker.person.firstName(), faker.person.lastName()];
		const mailbox = `${first}.${last}${number}`.toLowerCase().replace(/[^a-z0-9.]/gu, '');
		return { name: `${first} ${last}`, email: `${mailbox}@example.org` };
	};
	for (let number = 0; number < MEMBERS; number += 1) {
		const { name, email } = person(number);
		const role =
			number === 0 ? 'OWNER' : number < 3 ? 'ADMIN' : number < 9 ? 'MODERATOR' : 'MEMBER';
		const handle = email.split('@')[0] ?? '';
		state.addMember({
			name,
			email,
			role,
			joinedAt: iso(-390 * DAY + number * DAY),
			socialLinks: number % 3 === 0 ? { website: `https://${handle}.example` } : {},
		});
	}
	for (let number = 0; number < 45; number += 1) {
		state.addUser({ ...person(MEMBERS + number), verified: number % 3 !== 2 });
	}

	const authorOf = () => faker.helpers.arrayElement(state.members).userId;
	const spacesOf = (type: SpaceType) => state.spaces.filter((space) => space.type === type);
	for (let number = 0; number < POSTS; number += 1) {
		const writtenAt = -(POSTS - number) * 12 * HOUR;
		// One post has more comments than "GET /posts/:postId" returns.
		const count = number === POSTS - 1 ? 140 : faker.number.int({ max: 12 });
		state.addPost({
			spaceId: faker.helpers.arrayElement(spacesOf('DISCUSSION')).id,
			title: number % 6 === 5 ? null : (TITLES[number % TITLES.length] ?? null),
			body: `<p>${faker.helpers.arrayElements(SENTENCES, 3).join('</p><p>')}</p>`,
			authorId: authorOf(),
			createdAt: iso(writtenAt),
			comments: Array.from({ length: count }, (_none, index) => ({
				id: state.newId(),
				body: `<p>${faker.helpers.arrayElement(COMMENTS)}</p>`,
				authorId: authorOf(),
				createdAt: iso(writtenAt + (index + 1) * 60_000),
			})),
		});
	}

	for (let number = 0; number < 40; number += 1) {
		const startsAt = (number - 25) * 2 * DAY + 3 * HOUR;
		const virtual = number % 2 === 0;
		const series = spacesOf('EVENT_SERIES')[number % 2];
		state.addEvent({
			spaceId: series?.id,
			title: virtual ? `Office Hours #${number / 2 + 1}` : `Demo Night #${(number + 1) / 2}`,
			description: virtual ? 'Weekly Q&A' : 'Five makers, five minutes each',
			startsAt: iso(startsAt),
			endsAt: iso(startsAt + HOUR),
			capacity: virtual ? 50 : 20,
			isVirtual: virtual,
			meetingUrl: virtual ? `https://meet.example.com/office-hours-${number}` : null,
			status: number % 10 === 9 ? 'CANCELLED' : number > 35 ? 'DRAFT' : 'PUBLISHED',
			createdAt: iso(startsAt - 30 * DAY),
		});
	}
	for (let number = 0; number < 9; number += 1) {
		state.addCourse({
			spaceId: spacesOf('COURSE')[number % 2]?.id,
			title: `${number % 2 === 0 ? 'Launch week' : 'Pricing lab'} ${Math.floor(number / 2) + 1}`,
			published: number % 4 !== 3,
			lessons: Array.from({ length: 3 + (number % 4) }, (_none, index) => ({
				id: state.newId(),
				title: `Lesson ${index + 1}`,
				position: index + 1,
			})),
			createdAt: iso((number - 200) * DAY),
		});
	}
	for (let number = 0; number < 30; number += 1) {
		const startsAt = (number - 18) * DAY + 2 * HOUR;
		state.addSession({
			title: 'Coaching call',
			coachId: state.members[3 + (number % 6)]?.userId,
			memberId: state.members[20 + number]?.id,
			startsAt: iso(startsAt),
			createdAt: iso(startsAt - 14 * DAY),
		});
	}
	let age = 250;
	for (const [status, count] of INVITATIONS) {
		for (let number = 0; number < count; number += 1) {
			const { name, email } = person(1000 + age);
			const invitee = status === 'used' ? state.members[10 + number] : { name, email };
			state.addInvitation({
				...{ name: invitee?.name, email: invitee?.email, status },
				role: number % 20 === 0 ? 'MODERATOR' : 'MEMBER',
				createdAt: iso(-age * HOUR),
				expiresAt: iso(status === 'expired' ? -HOUR : 7 * DAY - age * 60_000),
			});
			age -= 1;
		}
	}
}
