import type { IDataObject } from 'n8n-workflow';

import type { JournalEntry, KindrynReadings } from '../emulator';
import { findSecrets } from './harness';
import { COMMUNITY } from './kindrynCommunity';
import { kindrynSetup, pairing, rowsOf, type Run } from './setup';
import { inVirtualTime } from './virtualTime';

const setup = kindrynSetup({ seed: COMMUNITY });
const { emulator, run } = setup;

const people = (count: number): IDataObject[] =>
	Array.from({ length: count }, (_, number) => ({ email: `p${number}@example.org` }));

const inviteAll = async (items: IDataObject[], options: Run<'kindryn'> = {}) =>
	await run('invitation.createMany', {
		...options,
		items,
		parameters: { email: '={{ $json.email }}', ...options.parameters },
	});

const bulk = () => emulator().journal.find({ operationId: 'createInvitations' });
const sizeOf = ({ body }: JournalEntry) => (body as unknown[]).length;
const emails = (rows: IDataObject[]) => rows.map(({ email }) => email);
const numbers = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, index) => from + index);

const bulkAnswer = (results: unknown[]) => ({
	match: { operationId: 'createInvitations' },
	raw: { body: JSON.stringify({ results }) },
});

describe('3,000 items', () => {
	it('take 60 requests, one after the other, within the limit of the credential', async () => {
		const result = await inVirtualTime(
			async () => await inviteAll(people(3000), { credential: { maxRequestsPerSecond: 10 } }),
		);
		expect(result.error).toBeUndefined();
		expect(emails(rowsOf(result))).toEqual(emails(people(3000)));
		expect(pairing(result.output)).toEqual(numbers(0, 3000));

		const requests = bulk();
		expect(requests.map(sizeOf)).toEqual(Array(60).fill(50));
		expect(requests.map(({ inFlight }) => inFlight)).toEqual(Array(60).fill(1));
		for (const { at: start } of requests) {
			const within = requests.filter(({ at }) => at >= start && at < start + 1000);
			expect(within.length).toBeLessThanOrEqual(20);
		}
		const [first, last] = [requests[0], requests.at(-1)];
		expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5000);
	});
});

describe('a batch', () => {
	it.each([
		[undefined, 120, [50, 50, 20]],
		[20, 50, [20, 20, 10]],
		[1, 3, [1, 1, 1]],
	])('has the size of the option (%j): %i items make %j', async (batchSize, count, sizes) => {
		const options = batchSize === undefined ? {} : { batchSize };
		await inviteAll(people(count), { parameters: { options } });
		expect(bulk().map(sizeOf)).toEqual(sizes);
	});

	it('has the size that the first item gives', async () => {
		const items = people(5).map((person, index) => ({ ...person, size: index === 0 ? 2 : 50 }));
		const options = { batchSize: '={{ $json.size }}' };
		expect((await inviteAll(items, { parameters: { options } })).error).toBeUndefined();
		expect(bulk().map(sizeOf)).toEqual([2, 2, 1]);
	});

	it.each([0, 51, 2.5])('of %j people is refused before anything is sent', async (batchSize) => {
		const { error } = await inviteAll(people(2), { parameters: { options: { batchSize } } });
		expect(error?.message).toBe(
			`'Batch Size' must be a whole number from 1 to 50, but is "${batchSize}". Nobody was invited [item 0]`,
		);
		expect(bulk()).toEqual([]);
	});

	it('carries the name and role of each item, and nothing else', async () => {
		await inviteAll([{ email: 'a@example.org', name: 'Ann', role: 'MODERATOR' }, ...people(1)], {
			parameters: {
				additionalFields: { name: '={{ $json.name }}', role: '={{ $json.role }}' },
			},
		});
		expect(bulk()[0]?.body).toEqual([
			{ email: 'a@example.org', name: 'Ann', role: 'MODERATOR' },
			{ email: 'p0@example.org' },
		]);
	});

	const readings: Array<Partial<KindrynReadings>> = [
		{ bulkStatus: 201 },
		{ bulkStatus: 207 },
		{ bulkOrder: 'reversed' },
		{ bulkFailureOutcome: 'failed', bulkFailureKey: 'error' },
	];
	it.each(readings)('is matched by index with the reading %j', async (reading) => {
		Object.assign(emulator().readings, reading);
		const items = [{ email: 'jane@example.org' }, ...people(60)];
		const result = await inviteAll(items, { onError: 'continueErrorOutput' });
		expect(emails(rowsOf(result))).toEqual(emails(people(60)));
		expect(pairing(result.output)).toEqual(numbers(1, 61));
		expect(result.errorOutput.map(({ json }) => json)).toEqual([
			{
				email: 'jane@example.org',
				error:
					'Kindryn did not invite "jane@example.org": User is already a member of this community [item 0]',
			},
		]);
	});
});

describe('entries that are not invited', () => {
	const items = [{ email: 'jane@example.org' }, { email: 'p0@example.org' }];

	it.each([undefined, 'continueRegularOutput'] as const)(
		'become rows with their outcome, and a hint counts them: %s',
		async (onError) => {
			const result = await inviteAll(items, { onError });
			expect(result.status).toBe('success');
			expect(rowsOf(result)).toEqual([
				{
					email: 'jane@example.org',
					outcome: 'error',
					message: 'User is already a member of this community',
					...(onError ? { error: expect.stringMatching(/^Kindryn did not invite "jane@/) } : {}),
				},
				expect.objectContaining({ outcome: 'invitation_sent' }),
			]);
			expect(result.hints).toMatchObject([
				{ message: expect.stringContaining('1 of 2 people were not invited') },
			]);
		},
	);

	it('go to the error output if there is one', async () => {
		const result = await inviteAll(items, { onError: 'continueErrorOutput' });
		expect(pairing(result.output)).toEqual([1]);
		expect(result.errorOutput).toMatchObject([
			{ json: { email: 'jane@example.org', error: expect.stringContaining('already a member') } },
		]);
		expect(result.hints).toEqual([]);
	});

	it.each(['continueErrorOutput', undefined] as const)(
		'show at most twelve characters of the key that Kindryn repeats: %s',
		async (onError) => {
			const { secret } = emulator();
			const message = `${'x'.repeat(480)} Key ${secret} may not`;
			emulator().misbehave(
				bulkAnswer([{ index: 0, email: 'p0@example.org', outcome: 'error', message }]),
			);
			const result = await inviteAll(people(1), { onError });
			expect(findSecrets([result, setup.engine().logs], [secret.slice(0, 13)])).toEqual([]);
		},
	);

	const [email, refused] = ['p0@example.org', 'Kindryn did not invite "p0@example.org"'];
	const unknown = `Kindryn's answer has no outcome for this address, so it is unknown whether "${email}" was invited`;
	it.each<[string, IDataObject, string]>([
		[
			'by their outcome alone',
			{ email, outcome: 'blocked' },
			`${refused}: the outcome is "blocked"`,
		],
		['by the address of their item', { outcome: 'error', message: 'No' }, `${refused}: No`],
		['as unknown without an outcome', { email }, unknown],
		['as unknown with null for everything', { email: null, outcome: null }, unknown],
	])('are named %s', async (_, told, words) => {
		emulator().misbehave(bulkAnswer([{ index: 0, ...told }]));
		const { errorOutput } = await inviteAll(people(1), { onError: 'continueErrorOutput' });
		expect(errorOutput[0]?.json.error).toBe(`${words} [item 0]`);
	});
});

describe('a list of five people, one with a wrong address and one already a member', () => {
	const five = [
		{ email: 'p0@example.org' },
		{ email: 'p0@example.org' },
		{ email: 'no address' },
		{ email: 'jane@example.org' },
		{ email: 'p1@example.org' },
	];

	it('invites nobody with On Error → Stop, and says so', async () => {
		const { error } = await inviteAll(five);
		expect(error?.message).toBe(
			`'Email' must be an e-mail address, but is "no address". Nobody was invited [item 2]`,
		);
		expect(bulk()).toEqual([]);
	});

	it('has email, outcome and error in the row of each person who was not invited, and one hint that counts them first', async () => {
		const result = await inviteAll(five, { onError: 'continueRegularOutput' });
		expect(rowsOf(result)).toMatchObject([
			{ email: 'p0@example.org', outcome: 'invitation_sent' },
			{ email: 'p0@example.org', outcome: 'invitation_sent' },
			{ email: 'no address', outcome: 'error', error: expect.stringContaining("'Email' must be") },
			{
				email: 'jane@example.org',
				outcome: 'error',
				error: expect.stringContaining('already a member'),
			},
			{ email: 'p1@example.org', outcome: 'invitation_sent' },
		]);
		expect(result.hints).toEqual([
			{
				location: 'outputPane',
				message:
					'2 of 5 people were not invited: see their rows. 1 item repeats the address of an earlier item. Each address was sent once, with the name and role of its first item.',
			},
		]);
	});

	it('counts a batch that Kindryn refuses as a whole', async () => {
		emulator().misbehave({ match: { operationId: 'createInvitations' }, status: 400, body: {} });
		const result = await inviteAll(five, { onError: 'continueRegularOutput' });
		expect(result.hints).toMatchObject([
			{ message: expect.stringMatching(/^5 of 5 people were not invited: see their rows\./) },
		]);
	});
});

describe('a batch that fails as a whole', () => {
	const second = { match: { operationId: 'createInvitations' }, skip: 1 };
	const failed = numbers(50, 100);

	it.each([400, 500, 503])(
		'fails only its 50 items after a %d, and is not sent again',
		async (status) => {
			emulator().misbehave({ ...second, status, body: { message: 'Kindryn says no' } });
			const result = await inviteAll(people(120), { onError: 'continueErrorOutput' });
			expect(pairing(result.output)).toEqual([...numbers(0, 50), ...numbers(100, 120)]);
			expect(emails(result.errorOutput.map(({ json }) => json))).toEqual(
				failed.map((number) => `p${number}@example.org`),
			);
			const doubt = status === 400 ? '' : '. Some of these people may have been invited';
			expect(result.errorOutput[0]?.json.error).toBe(
				`Kindryn: Kindryn says no (items 50 to 99)${doubt} [item 50]`,
			);
			expect(bulk()).toHaveLength(3);
		},
	);

	it('keeps the order of the items without an error output', async () => {
		emulator().misbehave({ ...second, status: 400, body: { message: 'No' } });
		const result = await inviteAll(people(120), { onError: 'continueRegularOutput' });
		expect(pairing(result.output)).toEqual(numbers(0, 120));
		const withError = rowsOf(result).flatMap(({ error }, index) => (error ? [index] : []));
		expect(withError).toEqual(failed);
	});

	it('stops the run, sends nothing more, and says who is already invited', async () => {
		emulator().misbehave({ ...second, status: 400, body: { message: 'No' } });
		const { error } = await inviteAll(people(120));
		expect(error?.message).toBe(
			'Kindryn: No (items 50 to 99). Already invited: items 0 to 49 [item 50]',
		);
		expect(bulk()).toHaveLength(2);
	});

	it('is not sent again if it may have been carried out', async () => {
		emulator().misbehave({ ...second, drop: 'after' });
		const { error } = await inviteAll(people(120));
		expect(error).toMatchObject({
			message: expect.stringMatching(
				/Some of these people may have been invited\. Already invited: items 0 to 49 \[item 50\]$/,
			),
			description: expect.stringContaining('Check the invitations in Kindryn'),
		});
		expect(bulk()).toHaveLength(2);
		expect(emulator().state.invitations.filter(({ email }) => email.startsWith('p'))).toHaveLength(
			101,
		);
	});

	it('is sent again with the later batches, but without the earlier ones, when n8n runs the node again', async () => {
		emulator().misbehave({ ...second, status: 400, body: { message: 'No' } });
		const result = await inviteAll([...people(120), ...people(1)], {
			retryOnFail: true,
			maxTries: 2,
		});
		expect(bulk().map(sizeOf)).toEqual([50, 50, 50, 20]);
		expect(result.status).toBe('success');
		expect(emails(rowsOf(result))).toEqual(emails([...people(120), ...people(1)]));
		expect(pairing(result.output)).toEqual(numbers(0, 121));
	});

	it('is sent again after a 429, which means that nothing was done', async () => {
		emulator().misbehave({ ...second, status: 429, headers: { 'retry-after': '30' } });
		const result = await inVirtualTime(async () => await inviteAll(people(120)));
		expect(result.output).toHaveLength(120);
		expect(bulk()).toHaveLength(4);
	});
});

describe('an answer that does not match', () => {
	const entry = (index: unknown, email: string) => ({ index, email, outcome: 'invitation_sent' });
	const [a, b] = ['p0@example.org', 'p1@example.org'];

	it.each<[string, unknown[], number[]]>([
		['misses an index', [entry(0, a)], [1]],
		['has an index twice', [entry(0, a), entry(1, b), entry(1, b)], [1]],
		['counts from one', [entry(1, a), entry(2, b)], [0, 1]],
		['has an index out of range', [entry(0, a), entry(50, b)], [1]],
		['has no index and no address', [{ outcome: 'invitation_sent' }, entry(1, b)], [0]],
		['has no index, and a strange address', [entry(undefined, 'x@example.org'), entry(1, b)], [0]],
		['has no index, and an address twice', [entry(undefined, a), entry(0, a), entry(1, b)], [0]],
		['has an index that is text', [entry('1', a), entry('0', b)], [0, 1]],
		['holds null', [null, entry(1, b)], [0]],
		['holds texts alone', ['sent', 'sent'], [0, 1]],
		['names other addresses', [entry(0, b), entry(1, a)], [0, 1]],
		['is empty', [], [0, 1]],
	])('fails the items concerned if it %s', async (_, results, concerned) => {
		emulator().misbehave(bulkAnswer(results));
		const result = await inviteAll(people(2), { onError: 'continueErrorOutput' });
		expect(pairing(result.errorOutput)).toEqual(concerned);
		for (const { json } of result.errorOutput)
			expect(json.error).toContain('it is unknown whether');
		expect(result.output).toHaveLength(2 - concerned.length);
	});

	it.each<[string, unknown[]]>([
		['no index', [entry(undefined, b), entry(undefined, 'P0@example.org')]],
		['an index that is text', [entry('1', b), entry('0', a)]],
		['an index that says nothing', [entry('first', a), entry(null, b)]],
		['an index for some', [entry(1, b), entry(undefined, a)]],
		['null beside them', [entry(0, a), null, entry(1, b)]],
	])('is still matched if its results have %s', async (_, results) => {
		emulator().misbehave(bulkAnswer(results));
		const result = await inviteAll(people(2), { onError: 'continueErrorOutput' });
		expect(result.errorOutput).toEqual([]);
		expect(emails(rowsOf(result)).map((email) => String(email).toLowerCase())).toEqual([a, b]);
	});

	it('is matched by an address in upper case', async () => {
		emulator().misbehave(bulkAnswer([entry(0, 'P0@Example.org')]));
		expect((await inviteAll(people(1))).status).toBe('success');
	});

	it('stops the run and says who is already invited', async () => {
		emulator().misbehave(bulkAnswer([entry(0, a)]));
		const { error } = await inviteAll(people(2));
		expect(error?.message).toBe(
			`Kindryn's answer has no result for this address, so it is unknown whether "${b}" was invited. Already invited: item 0 [item 1]`,
		);
	});

	it.each([
		[
			'an object without results',
			{ raw: { body: '{"ok":true}' } },
			'returned an object instead of a list',
		],
		['a web page', { html: true } as const, 'returned a web page instead of JSON'],
	])(
		'fails the batch if it is %s, and says that some may have been invited',
		async (_, rule, words) => {
			emulator().misbehave(rule);
			const { error } = await inviteAll(people(2));
			expect(error?.message).toContain(words);
			expect(error?.message).toContain('Some of these people may have been invited');
		},
	);
});

describe('the same address twice', () => {
	it('is sent once, and both items get the result', async () => {
		const items = [
			{ email: 'a@example.org', name: 'First' },
			{ email: 'b@example.org' },
			{ email: ' A@Example.org ', name: 'Second' },
		];
		const result = await inviteAll(items, {
			parameters: { additionalFields: { name: '={{ $json.name }}' } },
		});
		expect(bulk()[0]?.body).toEqual([
			{ email: 'a@example.org', name: 'First' },
			{ email: 'b@example.org' },
		]);
		expect(emails(rowsOf(result))).toEqual(['a@example.org', 'b@example.org', 'a@example.org']);
		expect(pairing(result.output)).toEqual([0, 1, 2]);
		expect(result.output[0]?.json).not.toBe(result.output[2]?.json);
		expect(result.hints).toMatchObject([
			{ message: expect.stringContaining('1 item repeats the address of an earlier item') },
		]);
	});

	it('does not fill a batch', async () => {
		await inviteAll([...people(50), ...people(50), { email: 'last@example.org' }]);
		expect(bulk().map(sizeOf)).toEqual([50, 1]);
	});
});

describe('an address that cannot be one', () => {
	const items = [{ email: 'a@example.org' }, { email: 'no address' }, { email: 'b@example.org' }];
	const refused = `'Email' must be an e-mail address, but is "no address"`;

	it('stops the run before anything is sent', async () => {
		const { error } = await inviteAll(items);
		expect(error?.message).toBe(`${refused}. Nobody was invited [item 1]`);
		expect(bulk()).toEqual([]);
	});

	it('fails alone, and the others are sent together', async () => {
		const result = await inviteAll(items, { onError: 'continueRegularOutput' });
		expect(rowsOf(result)[1]).toEqual({
			email: 'no address',
			outcome: 'error',
			error: `${refused} [item 1]`,
		});
		expect(pairing(result.output)).toEqual([0, 1, 2]);
		expect(bulk().map(sizeOf)).toEqual([2]);
	});

	it.each(['', ' ', '@', 'a@', '@b', 'a@b@c', 'Jane <jane@example.org>'])(
		'fails every operation that takes one: %j',
		async (email) => {
			for (const name of ['invitation.create', 'invitation.createMany', 'member.add']) {
				const result = await run(name, {
					items: [{ email }],
					parameters: { email: '={{ $json.email }}' },
				});
				expect(result.error?.message).toMatch(/^'Email' (is empty|must be an e-mail address)/);
			}
			expect(emulator().journal.requests).toEqual([]);
		},
	);
});

it('sends no further batch once the execution is cancelled', async () => {
	const controller = new AbortController();
	emulator().misbehave({
		match: { operationId: 'createInvitations' },
		skip: 1,
		status: 429,
		headers: { 'retry-after': '50' },
		times: Infinity,
	});
	const arrivals = async () => {
		for (let batch = 0; batch < 2; batch++) await emulator().journal.arrival();
	};
	const arrived = arrivals();
	const running = inviteAll(people(150), {
		onError: 'continueRegularOutput',
		signal: controller.signal,
	});
	await arrived;
	controller.abort();
	expect((await running).status).toBe('canceled');
	expect(bulk()).toHaveLength(2);
});
