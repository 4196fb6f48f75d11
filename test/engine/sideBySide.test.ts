import type { JournalEntry } from '../emulator';
import { pairing } from './setup';
import {
	byId,
	COUNT,
	createMany,
	errors,
	fail,
	leaveOfBudget,
	items,
	link,
	numbers,
	post,
	refusal,
	retrying,
	run,
	sent,
	services,
	setUpWrites,
	tag,
	titled,
	WRITES,
	writes,
} from './writesSetup';

/* Independent writes run in parallel, at most five at once. */

setUpWrites();

const AT_ONCE = 5;
const slow = { delayMs: 100, times: Infinity };
const many = (count: number) =>
	Array.from({ length: count }, (_, number) => ({ number, email: `p${number}@example.org` }));
const mostAtOnce = (requests: JournalEntry[]) =>
	Math.max(...requests.map(({ inFlight }) => inFlight));

describe.each(titled)('%s', (_, write) => {
	it(`is ${write.inOrder ? 'sent one at a time' : 'sent in parallel, after the first one alone'}`, async () => {
		fail(write, slow);
		const result = await run(write);
		expect(pairing(result.output)).toEqual(numbers);
		expect(mostAtOnce(sent(write).slice(0, 1))).toBe(1);
		expect(mostAtOnce(sent(write))).toBe(write.inOrder ? 1 : COUNT - 1);
	});
});

describe('independent writes', () => {
	it('run at most five at once, and their rows keep the order of the items', async () => {
		fail(tag, slow);
		const result = await run(tag, { items: many(40) });
		expect(mostAtOnce(sent(tag))).toBe(AT_ONCE);
		expect(result.output.map(({ json }) => json.identifier)).toEqual(
			many(40).map(({ number }) => `new-${number}`),
		);
	});

	it('never exceed the budget', async () => {
		leaveOfBudget(4);
		fail(link, slow);
		const result = await run(link, { items: many(12), onError: 'continueErrorOutput' });
		expect(sent(link)).toHaveLength(4);
		expect(pairing(result.output)).toEqual([0, 1, 2, 3]);
		expect(result.errorOutput).toHaveLength(8);
	});
});

describe('writes with a common target', () => {
	const update = WRITES.find(({ name }) => name === 'link.update') ?? link;

	it('run one after the other, in the order of the items: one link', async () => {
		fail(update, slow);
		const linkId = byId(items[0]?.link ?? '');
		await run({ ...update, parameters: { ...update.parameters, linkId } });
		expect(mostAtOnce(sent(update))).toBe(1);
		expect(sent(update).map(({ body }) => body)).toEqual(
			numbers.map((number) => ({ name: `New ${number}` })),
		);
	});

	it('do not hold up the others: one address in two spellings', async () => {
		const invite = WRITES.find(({ name }) => name === 'invitation.create') ?? post;
		fail(invite, slow);
		const emails = ['a@example.org', 'b@example.org', 'B@example.org ', 'c@example.org'];
		await run(invite, {
			items: emails.map((email) => ({ email })),
			onError: 'continueRegularOutput',
		});
		const [first, ...others] = sent(invite).map(({ body }) => (body as { email: string }).email);
		expect(first).toBe('a@example.org');
		expect(others).toEqual(['b@example.org', 'c@example.org', 'B@example.org']);
		expect(mostAtOnce(sent(invite))).toBe(2);
	});

	it.each(['slug', 'idempotencyKey'])('run one after the other: one %s', async (field) => {
		fail(link, slow);
		const additionalFields = { [field]: 'the-same' };
		await run(
			{ ...link, parameters: { ...link.parameters, additionalFields } },
			{ onError: 'continueRegularOutput' },
		);
		expect(mostAtOnce(sent(link))).toBe(1);
		expect(writes(link)).toHaveLength(1);
	});
});

describe('after a failure with On Error → Stop', () => {
	it('no further write starts, and writes in flight finish and are remembered', async () => {
		fail(link, { skip: 7, ...refusal });
		fail(link, slow);
		const failed = await run(link, { items: many(30), executionId: '1' });
		const begun = sent(link).length;
		expect(begun).toBeGreaterThanOrEqual(8);
		expect(begun).toBeLessThanOrEqual(8 + AT_ONCE - 1);
		expect(failed.error?.message).toContain(`${begun - 1} of 30 links were created`);
		expect(failed.error?.description).toContain('"Retry" in the list of executions goes on');

		const retried = await run(link, {
			items: many(30),
			executionId: '2',
			retryOf: failed.runData,
		});
		expect(pairing(retried.output)).toEqual(many(30).map(({ number }) => number));
		expect(sent(link)).toHaveLength(31);
	});

	it('the error of the first failing item is shown', async () => {
		fail(tag, { skip: 1, times: Infinity, ...refusal });
		const { error } = await run(tag);
		expect(error?.message).toMatch(/\[item 1\]$/);
	});

	it('later posts are not sent, and the text says how many posts were created', async () => {
		fail(post, { skip: 3, ...refusal });
		const { error } = await run(post);
		expect(error).toMatchObject({
			message: 'Kindryn: The service says no (post "Post 3"). 3 of 5 posts were created [item 3]',
			description: expect.stringMatching(
				/\. "Retry" in the list of executions goes on with the rest; "Execute step" starts over\.$/,
			),
		});
		expect(sent(post)).toHaveLength(4);
	});

	it('the text says that no post was created, and does not mention how to go on', async () => {
		fail(post, refusal);
		const { error } = await run(post, retrying);
		expect(error).toBeUndefined();
		services().kindryn.reset();
		fail(post, { times: Infinity, ...refusal });
		const failed = await run(post, retrying);
		expect(failed.error?.message).toContain('None of 5 posts were created');
		expect(failed.error?.description).not.toContain('"Retry"');
	});

	it.each([
		[0, 'Nobody was invited'],
		[1, 'Already invited: item 0'],
		[3, 'Already invited: items 0 to 2'],
	])('Create Many says who was invited: request %i was refused', async (skip, words) => {
		fail(createMany, { skip, ...refusal });
		const { error } = await run(createMany);
		expect(error?.message).toBe(
			`Kindryn: The service says no (item ${skip}). ${words} [item ${skip}]`,
		);
	});

	it('Create Many also says who was invited in an earlier try', async () => {
		fail(createMany, { skip: 2, times: 2, ...refusal });
		const { error } = await run(createMany, { ...retrying, maxTries: 2 });
		expect(error?.message).toContain('Already invited: items 0 to 1 [item 2]');
		expect(sent(createMany)).toHaveLength(4);
	});
});

it('with On Error → Continue, Create Many says in each row why a person was not invited', async () => {
	const people = [...items.slice(0, 2), { email: 'jane@example.org' }, { email: 'no address' }];
	fail(createMany, { skip: 1, ...refusal });
	const { output } = await run(createMany, { items: people, onError: 'continueRegularOutput' });
	expect(output.map(({ json }) => json)).toMatchObject([
		{ email: 'p0@example.org', outcome: 'invitation_sent' },
		{ email: 'p1@example.org', outcome: 'error', error: expect.stringContaining('says no') },
		{ email: 'jane@example.org', outcome: 'error', error: expect.stringContaining('already') },
		{ email: 'no address', outcome: 'error', error: expect.stringContaining('must be an e-mail') },
	]);
	expect(errors(output)).toHaveLength(3);
});
