import type { KindrynReadings } from '../emulator';
import {
	describeEvents,
	describeSamples,
	emittedBy,
	type EventCase,
	eventsOf,
	idOf,
	THERE_BEFORE,
	times,
} from './events';
import { byId, HOUR, kindrynSetup, risingClock } from './setup';

const setup = kindrynSetup({ now: risingClock() });
const { engine, emulator } = setup;
const kindryn = () => emulator().state;

const EVENTS: EventCase[] = [
	{
		event: 'memberAdded',
		fill: (count = THERE_BEFORE) => times(count, () => kindryn().addMember()),
		happen: (count) => times(count, () => kindryn().addMember().id),
		requests: [1, 2, 2, 51],
		operationId: 'listMembers',
	},
	{
		event: 'postCreated',
		fill: (count = THERE_BEFORE) => times(count, () => kindryn().addPost()),
		happen: (count) => times(count, () => kindryn().addPost().id),
		requests: [1, 2, 2, 51],
		operationId: 'listPosts',
	},
	{
		event: 'eventCreated',
		fill: (count = THERE_BEFORE) => times(count, () => kindryn().addEvent()),
		happen: (count) => times(count, () => kindryn().addEvent().id),
		requests: [1, 2, 2, 51],
		operationId: 'listEvents',
	},
	{
		event: 'invitationCreated',
		fill: (count = 50) => times(count, () => kindryn().addInvitation()),
		happen: (count) =>
			times(
				count,
				(index) =>
					kindryn().addInvitation({
						status: (['pending', 'expired', 'revoked', 'used'] as const)[index % 4],
					}).id,
			),
		// The service cannot show 5,000 at once
		requests: [1, 1, 1, 5],
		operationId: 'listInvitations',
	},
	{
		event: 'invitationAccepted',
		most: 200,
		fill: (count = THERE_BEFORE) => times(count, () => kindryn().addInvitation()),
		changesRows: true,
		happen: (count) =>
			times(count, () => {
				const invitation = kindryn().invitations.find(({ status }) => status === 'pending');
				if (invitation) invitation.status = 'used';
				return String(invitation?.id);
			}),
		requests: [1, 1, 1, 1],
		operationId: 'listInvitations',
	},
];

const events = eventsOf(setup, EVENTS);
const { caseOf, pollerOf, requests } = events;

describeEvents(setup, EVENTS, () => ({ apiKey: kindryn().addKey({ name: 'second' }).secret }));

describeSamples(events, ['memberAdded', 'eventCreated'], () => emulator().readings);

describe('a community', () => {
	it.each<[string, Partial<KindrynReadings>]>([
		['shows the oldest first', { order: 'oldest' }],
		['gains a row after each page', { shiftingRows: 'insert' }],
		['returns smaller pages than requested', { pageCap: 30 }],
		['sends lists without a total', { undocumentedList: 'array' }],
		['announces limits', { rateLimit: 1000 }],
	])('is read completely, and each row is emitted once, if it %s', async (_, readings) => {
		const usual = { ...emulator().readings };
		for (const event of ['memberAdded', 'postCreated', 'eventCreated', 'invitationCreated']) {
			const given = caseOf(event);
			emulator().reset();
			given.fill();
			const poller = pollerOf(given.event);
			await poller.poll();
			Object.assign(emulator().readings, readings);
			const emitted: unknown[] = [];
			const due = [...given.happen(120), ...given.happen(1)];
			// The next poll finds the rows that were added during this one
			for (let polls = 0; polls < 2; polls++) {
				emitted.push(...((await emittedBy(poller)) ?? []).map(idOf));
				Object.assign(emulator().readings, usual);
			}
			expect(emitted).toHaveLength(new Set(emitted).size);
			expect(emitted).toEqual(expect.arrayContaining(due));
		}
	});

	it('has its oldest new rows emitted first', async () => {
		for (const event of ['memberAdded', 'postCreated', 'eventCreated']) {
			const given = caseOf(event);
			const poller = pollerOf(given.event);
			await poller.poll();
			const due = given.happen(3);
			expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
		}
	});

	it.each(['postCreated', 'eventCreated'])(
		'is only read in the chosen space: %s',
		async (event) => {
			const { state, journal } = emulator();
			const [here, elsewhere] = [state.addSpace().id, state.addSpace().id];
			const add = (spaceId: string) =>
				event === 'postCreated' ? state.addPost({ spaceId }) : state.addEvent({ spaceId });
			const poller = pollerOf(event, {
				parameters: { filters: { spaceId: byId(here) } },
			});
			await poller.poll();
			add(elsewhere);
			const { id } = add(here);
			expect((await emittedBy(poller))?.map((row) => row.id)).toEqual([id]);
			expect(new Set(journal.requests.map(({ query }) => query.spaceId))).toEqual(new Set([here]));
		},
	);

	it('is remembered afresh after another space is chosen', async () => {
		const { state } = emulator();
		const [first, second] = [state.addSpace().id, state.addSpace().id];
		const inSpace = (value: string) => ({ filters: { spaceId: byId(value) } });
		const before = pollerOf('postCreated', { parameters: inSpace(first) });
		await before.poll();
		state.addPost({ spaceId: second });
		const { staticData } = before;
		const after = pollerOf('postCreated', { parameters: inSpace(second), staticData });
		expect(await after.poll()).toBeNull();
	});

	it('has no old post emitted after its newest posts are deleted', async () => {
		const given = caseOf('postCreated');
		given.fill();
		const poller = pollerOf(given.event);
		await poller.poll();
		emulator().state.posts.splice(-180);
		expect(await poller.poll()).toBeNull();
		expect((await emittedBy(poller)) ?? []).toEqual([]);
	});

	it('needs less than half a megabyte for 50,000 members, even after half of them leave', async () => {
		const { state } = emulator();
		for (let number = 0; number < 50_000; number++) state.addMember();
		const poller = pollerOf('memberAdded');
		await poller.poll();
		expect(poller.staticDataSize).toBeLessThan(500_000);
		const before = poller.saves;
		expect(await poller.poll()).toBeNull();
		expect(poller.saves).toBe(before);
		state.members.splice(0, 25_000);
		const { id } = state.addMember();
		expect((await emittedBy(poller))?.map((row) => row.id)).toEqual([id]);
		expect(poller.staticDataSize).toBeLessThan(500_000);
	}, 120_000);

	it('causes a log entry if it has more invitations than Kindryn shows', async () => {
		const { state } = emulator();
		for (let number = 0; number < 250; number++) state.addInvitation();
		const poller = pollerOf('invitationCreated');
		await poller.poll();
		expect(requests()).toBe(5);
		const logged = engine().logs.filter(({ message }) =>
			String(message).includes('at most 200 invitations'),
		);
		expect(logged).not.toEqual([]);
	});

	it('makes the poll fail with a reason if it shows only the oldest of 250 invitations', async () => {
		const { state, readings } = emulator();
		readings.order = 'oldest';
		for (let number = 0; number < 250; number++) state.addInvitation();
		const poller = pollerOf('invitationCreated');
		await expect(poller.poll()).rejects.toMatchObject({
			message: expect.stringMatching(/^Kindryn returns only 200 invitations that are pending/),
			description: expect.stringContaining('fewer than 200 are pending'),
		});
		expect(poller.staticData).toEqual({});
	});

	it.each(['memberAdded', 'postCreated', 'eventCreated', 'invitationCreated'])(
		"has nothing new after its credential gets another community's key: %s",
		async (event) => {
			const given = events.caseOf(event);
			given.fill(150);
			const before = pollerOf(event);
			await before.poll();
			emulator().reset();
			const { secret } = emulator().state.addKey({ name: 'another community' });
			given.fill(150);
			const after = pollerOf(event, {
				credentials: setup.credentials({ apiKey: secret }),
				staticData: before.staticData,
			});
			expect(await after.poll()).toBeNull();
			const due = given.happen(1);
			expect((await emittedBy(after))?.map(idOf)).toEqual(due);
		},
	);

	it('cannot be read with a key that lacks the scope, and the error names the scope', async () => {
		const { state } = emulator();
		const key = state.addKey({ name: 'posts alone', scopes: ['posts:read'] });
		const poller = pollerOf('memberAdded', {
			credentials: setup.credentials({ apiKey: key.secret }),
		});
		await expect(poller.poll()).rejects.toMatchObject({
			message: 'Kindryn: API key does not have "members:read" scope',
			description: expect.stringContaining('grant the scope "members:read"'),
			httpCode: '403',
		});
		expect(poller.staticData).toEqual({});
	});

	it('makes the poll fail if it accepts no more requests, and loses no row', async () => {
		const given = caseOf('memberAdded');
		given.fill();
		const poller = pollerOf(given.event);
		await poller.poll();
		const due = given.happen(1);
		emulator().misbehave({ status: 429, headers: { 'retry-after': '1800' } });
		await expect(poller.poll()).rejects.toMatchObject({ httpCode: '429' });
		const later = Date.now() + 1_801_000;
		jest.spyOn(Date, 'now').mockImplementation(() => later);
		expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
	});

	it.each(['memberAdded', 'postCreated', 'eventCreated'])(
		'is read on from where it refused the previous poll: %s',
		async (event) => {
			const given = caseOf(event);
			given.fill(2000);
			// A new key, because the node remembers a key's budget until the end of the hour
			const { secret } = emulator().state.addKey({ name: event });
			const poller = pollerOf(given.event, {
				credentials: setup.credentials({ apiKey: secret }),
			});
			const emitted: unknown[] = [];
			let now = Date.now();
			/** Polls once an hour. Kindryn accepts four requests in each hour. */
			const pollHourly = async (times: number) => {
				for (let polls = 0; polls < times; polls++) {
					now += HOUR;
					jest.spyOn(Date, 'now').mockImplementation(() => now);
					const rule = emulator().misbehave({
						skip: 4,
						times: Infinity,
						status: 429,
						headers: { 'retry-after': '1800' },
					});
					emitted.push(...((await emittedBy(poller)) ?? []).map(idOf));
					rule.cancel();
				}
			};
			await pollHourly(10);
			expect(emitted).toEqual([]);
			const due = given.happen(600);
			await pollHourly(16);
			expect(emitted.sort()).toEqual([...due].sort());
		},
		60_000,
	);
});
