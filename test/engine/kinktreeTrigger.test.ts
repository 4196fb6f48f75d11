import {
	describeEvents,
	emittedBy,
	type EventCase,
	eventsOf,
	idOf,
	THERE_BEFORE,
	times,
} from './events';
import { kinktreeSetup } from './setup';

const setup = kinktreeSetup();
const { emulator } = setup;
const tags = () => emulator().state.tags();
const firstTags = (count: number) => [...tags().values()].slice(0, count);
const fill = (count = THERE_BEFORE) => times(count, () => emulator().state.addTag());

const EVENTS: EventCase[] = [
	{
		event: 'tagCreated',
		fill,
		happen: (count) => times(count, () => emulator().state.addTag().id),
		requests: [1, 1, 1, 1],
		operationId: 'listTags',
	},
	{
		event: 'tagUpdated',
		changesRows: true,
		fill,
		happen: (count) =>
			firstTags(count).map((tag) => {
				tag.locked = !tag.locked;
				return tag.id;
			}),
		requests: [1, 1, 1, 1],
		operationId: 'listTags',
	},
	{
		event: 'tagDeleted',
		changesRows: true,
		fill,
		happen: (count) =>
			firstTags(count).map(({ id }) => {
				tags().delete(id);
				return id;
			}),
		requests: [1, 1, 1, 1],
		operationId: 'listTags',
	},
];

const { caseOf, pollerOf } = eventsOf(setup, EVENTS);

describeEvents(setup, EVENTS, () => {
	const apiSecret = 'kinktree-emulator-second';
	const namespace = 'main-partner';
	emulator().state.keys.second = { name: 'second', secret: apiSecret, namespace };
	return { apiSecret };
});

describe('an emitted tag', () => {
	const tag = { id: 'bar', name: 'Bar', locked: false, activationCode: 'SECRET-1' };

	it('shows the old and new value of each change, but no code', async () => {
		const stored = emulator().state.addTag(tag);
		emulator().state.addTag({ id: 'door' });
		const poller = pollerOf('tagUpdated');
		await poller.poll();
		Object.assign(stored, { name: null, locked: true, activationCode: 'SECRET-2' });
		expect(await emittedBy(poller)).toEqual([
			{
				...stored,
				identifier: 'bar',
				changes: {
					activationCode: { changed: true },
					locked: { from: false, to: true },
					name: { from: 'Bar', to: null },
				},
			},
		]);
		expect(JSON.stringify(poller.staticData)).not.toContain('SECRET');
	});

	it('has its last known values, without the code, if it was deleted', async () => {
		emulator().state.addTag(tag);
		emulator().state.addTag({ id: 'door' });
		const poller = pollerOf('tagDeleted');
		await poller.poll();
		expect(JSON.stringify(poller.staticData)).not.toContain('SECRET');
		emulator().state.tags().delete('bar');
		expect(await emittedBy(poller)).toEqual([
			{
				id: 'bar',
				identifier: 'bar',
				namespace: 'main-partner',
				name: 'Bar',
				locked: false,
				deleted: true,
			},
		]);
	});

	it.each(['tagCreated', 'tagUpdated', 'tagDeleted'])(
		'is neither deleted nor new after a poll that wrongly found an empty list: %s',
		async (event) => {
			const given = caseOf(event);
			given.fill(500);
			const poller = pollerOf(event);
			await poller.poll();
			for (let flips = 0; flips < 2; flips++) {
				emulator().misbehave({ rewrite: () => [] });
				expect(await poller.poll()).toBeNull();
				expect(await poller.poll()).toBeNull();
			}
			const due = given.happen(1);
			expect((await emittedBy(poller))?.map(idOf)).toEqual(due);
		},
	);

	it('has the same shape in a sample', async () => {
		emulator().state.addTag(tag);
		const sampleOf = async (event: string) =>
			(await emittedBy(pollerOf(event, { mode: 'manual' })))?.[0];
		expect(await sampleOf('tagCreated')).toMatchObject({ identifier: 'bar', name: 'Bar' });
		expect(await sampleOf('tagUpdated')).toMatchObject({
			identifier: 'bar',
			changes: { locked: { from: true, to: false } },
		});
		expect(await sampleOf('tagDeleted')).toMatchObject({ identifier: 'bar', deleted: true });
		expect(await sampleOf('tagDeleted')).not.toHaveProperty('activationCode');
	});

	it.each(['array', 'tags', 'data', 'items', 'single'] as const)(
		'is found in a list of the shape "%s"',
		async (listShape) => {
			emulator().readings.listShape = listShape;
			emulator().state.addTag(tag);
			const poller = pollerOf('tagCreated');
			await poller.poll();
			emulator().state.addTag({ id: 'new' });
			expect((await emittedBy(poller))?.map(({ identifier }) => identifier)).toEqual(['new']);
		},
	);
});

it('emits no key that its output schema lacks', async () => {
	emulator().state.addTag();
	const { properties } = setup.engine().schema('kinktreeTrigger', '', '') ?? {};
	for (const { event } of EVENTS) {
		const [row = {}] = (await emittedBy(pollerOf(event, { mode: 'manual' }))) ?? [];
		expect(Object.keys(properties as object)).toEqual(expect.arrayContaining(Object.keys(row)));
	}
});

describe('a list of tags', () => {
	it.each(['tagCreated', 'tagUpdated', 'tagDeleted'])(
		"is remembered afresh with another partner's secret: %s",
		async (event) => {
			const { state } = emulator();
			const namespace = 'other-partner';
			for (const id of ['bar', 'door', 'wc']) state.addTag({ id });
			// Both partners have a tag "bar"
			for (const id of ['bar', 'lounge']) state.addTag({ id, namespace, name: 'theirs' });
			const before = pollerOf(event);
			await before.poll();
			const after = pollerOf(event, {
				credentials: setup.credentials({ apiSecret: state.keys.other?.secret ?? '' }),
				staticData: before.staticData,
			});
			expect(await after.poll()).toBeNull();
			if (event === 'tagCreated') state.addTag({ id: 'lounge 2', namespace });
			if (event === 'tagUpdated')
				Object.assign(state.tags(namespace).get('bar') ?? {}, { name: null });
			if (event === 'tagDeleted') state.tags(namespace).delete('bar');
			expect(await emittedBy(after)).toHaveLength(1);
			expect(await after.poll()).toBeNull();
		},
	);

	it('has only new tags after it was emptied in between', async () => {
		const { state } = emulator();
		state.addTag({ id: 'bar' });
		const poller = pollerOf('tagCreated');
		await poller.poll();
		state.tags().clear();
		// The second poll confirms that it is empty
		expect(await poller.poll()).toBeNull();
		expect(await poller.poll()).toBeNull();
		state.addTag({ id: 'bar' });
		state.addTag({ id: 'door' });
		expect(await emittedBy(poller)).toHaveLength(2);
	});
});
