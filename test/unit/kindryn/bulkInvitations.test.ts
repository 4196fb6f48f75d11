import fc from 'fast-check';

import {
	distinctEntries,
	failedInvitation,
	invitedBefore,
	inviteTogether,
	matchResults,
	shownItems,
} from '../../../nodes/Kindryn/bulkInvitations';
import type { Invitee } from '../../../nodes/Kindryn/bulkInvitations';
import { Api } from '../../../nodes/shared/http/api';
import { CancelledError, ServiceError } from '../../../nodes/shared/http/errors';
import type { TransportResult } from '../../../nodes/shared/http/request';
import type { Failed, Result, Run } from '../../../nodes/shared/operations/operation';

const batchOf = (size: number): Invitee[] =>
	Array.from({ length: size }, (_, number) => ({ email: `p${number}@example.org` }));

const resultsFor = (batch: Invitee[]) =>
	batch.map(({ email }, index) => ({ index, email, outcome: 'invitation_sent' }));

describe('matching results', () => {
	it('does not depend on their order', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 50 }).chain((size) => {
					const results = resultsFor(batchOf(size));
					return fc.shuffledSubarray(results, { minLength: size, maxLength: size });
				}),
				(results) => {
					const batch = batchOf(results.length);
					const outcomes = matchResults(batch, results);
					expect(outcomes).toEqual(resultsFor(batch).map((result) => ({ result })));
				},
			),
		);
	});

	it('never gives an entry the result of another, whatever the indexes', () => {
		const position = fc.integer({ min: -1, max: 6 });
		const nothing = fc.constantFrom(undefined, null, '', 'first', true);
		const entry = fc.record({
			index: fc.oneof(position, position.map(String), nothing),
			email: fc.oneof(
				fc.integer({ min: 0, max: 5 }).map((number) => `p${number}@example.org`),
				fc.integer({ min: 0, max: 5 }).map((number) => ` P${number}@Example.org `),
				fc.constantFrom(undefined, null),
			),
		});
		const isAt = (index: unknown, wanted: number) => index === wanted || index === String(wanted);
		const isReadable = (index: unknown) =>
			typeof index === 'number' || (typeof index === 'string' && /^\d+$/.test(index));
		const isOf = (email: unknown, wanted?: Invitee) =>
			String(email).trim().toLowerCase() === wanted?.email;
		fc.assert(
			fc.property(fc.array(entry, { maxLength: 8 }), (results) => {
				const batch = batchOf(5);
				const outcomes = matchResults(batch, results);
				expect(outcomes).toHaveLength(5);
				for (const [index, outcome] of outcomes.entries()) {
					const own = results.filter((result) =>
						isReadable(result.index) ? isAt(result.index, index) : isOf(result.email, batch[index]),
					);
					const isClear =
						own.length === 1 &&
						(typeof own[0]?.email !== 'string' || isOf(own[0].email, batch[index]));
					expect('result' in outcome).toBe(isClear);
					if ('result' in outcome) expect(outcome.result).toBe(own[0]);
				}
			}),
		);
	});
});

describe('repeated addresses', () => {
	it('become one entry in the place of the first', () => {
		const email = fc.constantFrom('a@x.org', 'A@x.org', ' a@X.org ', 'b@x.org', 'B@x.org');
		fc.assert(
			fc.property(fc.array(email, { maxLength: 20 }), (emails) => {
				const people = emails.map((address, itemIndex) => ({
					itemIndex,
					invitee: { email: address },
				}));
				const plain = emails.map((address) => address.trim().toLowerCase());
				const numbersOf = (address: string) =>
					plain.flatMap((other, itemIndex) => (other === address ? [itemIndex] : []));
				const distinct = distinctEntries(people);
				expect(distinct.map(({ itemIndexes }) => itemIndexes)).toEqual(
					[...new Set(plain)].map(numbersOf),
				);
				for (const { itemIndexes, invitee } of distinct) {
					expect(invitee).toBe(people[itemIndexes[0] ?? -1]?.invitee);
				}
			}),
		);
	});
});

describe('shownItems', () => {
	it.each([
		[[3], 'item 3'],
		[[0, 1, 2], 'items 0 to 2'],
		[[0, 1, 4, 6, 7], 'items 0 to 1, 4, 6 to 7'],
	])('turns %j into "%s"', (numbers, words) => {
		expect(shownItems(numbers)).toBe(words);
	});
});

/** Invites p0, p1, … in batches of two, and records requests and outcomes. */
async function invite(
	people: number,
	answer: (invitees: Invitee[]) => unknown,
	run: Partial<Run> = {},
	/** the numbers of the items that name each person */
	itemsOf = (number: number) => [number],
) {
	const sent: Array<{ url: string; method?: string; invitees: Invitee[] }> = [];
	const transport = async (options: { url: string; method?: string; body?: unknown }) => {
		const invitees = JSON.parse(String(options.body)) as Invitee[];
		sent.push({ url: options.url, method: options.method, invitees });
		const body = answer(invitees);
		const isFailure = typeof body === 'object' && body !== null && 'code' in body;
		return (isFailure ? body : { status: 200, headers: {}, body }) as TransportResult;
	};
	const api = new Api(
		{
			baseUrl: 'https://example.org',
			wording: { name: 'Kindryn', advice: {} },
			transport,
			redact: (text) => text.replaceAll('SECRET', '***'),
			longestWait: 0,
		},
		{ now: () => 0, random: () => 0, sleep: async () => {} },
	);
	const settled: Result[] = [];
	const entries = batchOf(people).map((invitee, number) => ({
		itemIndexes: itemsOf(number),
		invitee,
	}));
	await inviteTogether(entries, 2, {
		api,
		run: { continuesOnError: false, hasErrorOutput: false, ...run } as Run,
		settle: (itemIndex, result) => (settled[itemIndex] = result),
	});
	return { sent, settled };
}

describe('people who are invited together', () => {
	const LOOK = 'Check the invitations in Kindryn before you invite these people again.';
	const answers = (...outcomes: object[]) =>
		outcomes.map((outcome, index) => ({ index, ...outcome }));
	const INVITED = { outcome: 'invitation_sent' };

	it('are sent in batches, in their order', async () => {
		const { sent, settled } = await invite(5, resultsFor);
		const emails = sent.map(({ invitees }) => invitees.map(({ email }) => email[1]));
		expect(emails).toEqual([['0', '1'], ['2', '3'], ['4']]);
		expect(sent[0]).toMatchObject({
			method: 'POST',
			url: 'https://example.org/invitations/bulk',
		});
		expect(settled).toHaveLength(5);
	});

	it.each(['member_created', 'invitation_sent', 'unverified_user_invited'])(
		'are invited with the outcome %s, and their rows have no position within the request',
		async (outcome) => {
			const { settled } = await invite(1, () => ({ results: answers({ outcome, id: 'i1' }) }));
			expect(settled).toEqual([{ rows: [{ outcome, id: 'i1' }] }]);
		},
	);

	it('keep a row of one who was invited as it is, and lose a secret in any other', async () => {
		const name = 'SECRET';
		const { settled } = await invite(
			4,
			([first]) =>
				first?.email.startsWith('p0')
					? answers({ ...INVITED, name }, { outcome: 'error', message: name })
					: answers({ email: name }, { outcome: name, message: { detail: [name] } }),
			{ continuesOnError: true },
		);
		const [invited, ...others] = settled;
		expect(invited).toEqual({ rows: [{ ...INVITED, name }] });
		for (const other of others) {
			const { error, ...row } = other as Failed;
			expect(JSON.stringify([String(error), row])).toContain('***');
			expect(JSON.stringify([String(error), row])).not.toContain('SECRET');
		}
	});

	it('keep the row of one who was refused, which is not taken for written', async () => {
		const refused = { outcome: 'already_member', email: 'p0@example.org' };
		const { settled } = await invite(2, () => answers(refused, INVITED));
		expect(settled).toEqual([{ rows: [refused], refused: true }, { rows: [INVITED] }]);
	});

	it.each([
		[{ outcome: 'already_member' }, 'the outcome is "already_member"'],
		[{ outcome: 'error', message: 'No seats left' }, 'No seats left'],
	])("get an error in the service's words for %j with an error output", async (result, words) => {
		const run = { continuesOnError: true, hasErrorOutput: true };
		const { settled } = await invite(1, () => answers(result), run);
		expect(settled).toEqual([
			{ error: new ServiceError(`Kindryn did not invite "p0@example.org": ${words}`) },
		]);
	});

	it('have address and outcome beside the error when the run continues', async () => {
		const run = { continuesOnError: true };
		const { settled } = await invite(1, () => answers({ message: 'No seats left' }), run);
		expect(settled).toMatchObject([
			{ error: {}, row: { email: 'p0@example.org', outcome: 'error', message: 'No seats left' } },
		]);
	});

	it.each<[string, unknown, string]>([
		['no result', [], 'has no result for this address'],
		['two results', [{ index: 0 }, { index: 0 }], 'has several results for this address'],
		['another address', answers({ email: 'x@y.org' }), 'names "x@y.org" instead'],
		['no outcome', answers({ id: 'i1' }), 'has no outcome for this address'],
	])('may have been invited when the answer has %s', async (_, body, what) => {
		const { settled } = await invite(1, () => body);
		expect(settled).toMatchObject([
			{
				error: {
					message: `Kindryn's answer ${what}, so it is unknown whether "p0@example.org" was invited`,
					description: LOOK,
					ambiguous: true,
				},
			},
		]);
	});

	it('are not sent once a batch has failed, unless the run continues', async () => {
		const answer = (invitees: Invitee[]) =>
			resultsFor(invitees).filter(({ email }) => email !== 'p2@example.org');
		expect((await invite(6, answer)).sent).toHaveLength(2);
		expect((await invite(6, answer, { continuesOnError: true })).sent).toHaveLength(3);
	});

	it('may have been invited when the answer is lost', async () => {
		const { sent, settled } = await invite(2, () => ({ code: 'ECONNRESET', message: 'reset' }));
		expect(sent).toHaveLength(1);
		const error = {
			message: expect.stringMatching(/items 0 to 1.*Some of these people may have been invited$/),
			description: LOOK,
		};
		expect(settled).toMatchObject([{ error }, { error }]);
	});

	it('are named by the first item of each in an error', async () => {
		const lost = () => ({ code: 'ECONNRESET', message: 'reset' });
		const { settled } = await invite(2, lost, {}, (number) => [number, number + 10]);
		expect(Object.keys(settled)).toEqual(['0', '1', '10', '11']);
		expect(settled[10]).toMatchObject({
			error: { message: expect.stringContaining('(items 0 to 1)') },
		});
	});

	it('were not invited when nobody answers', async () => {
		const { settled } = await invite(1, () => ({ code: 'ENOTFOUND', message: 'no such host' }));
		expect(settled).toMatchObject([
			{ error: { message: expect.not.stringContaining('may have been invited') } },
		]);
	});

	it.each<[unknown, string]>([
		[{ results: 'none' }, 'Kindryn returned an object instead of a list'],
		['none', 'Kindryn returned text instead of JSON'],
		[{}, 'Kindryn returned an object instead of a list'],
	])('need a list in the answer, not %j', async (body, words) => {
		const { settled } = await invite(1, () => body);
		expect(settled).toMatchObject([{ error: { message: expect.stringContaining(words) } }]);
	});

	it('are not matched to an address that is no text', async () => {
		const { settled } = await invite(1, () => [{ email: 5, ...INVITED }]);
		expect(settled).toMatchObject([{ error: { ambiguous: true } }]);
	});

	it('pass on that the execution was cancelled', async () => {
		const cancel = () => {
			throw new CancelledError();
		};
		await expect(invite(1, cancel)).rejects.toThrow(CancelledError);
	});

	it('lose no result beside one that is null', async () => {
		const { settled } = await invite(1, () => [null, { index: 0, ...INVITED }]);
		expect(settled).toEqual([{ rows: [INVITED] }]);
	});

	it.each([' 0 ', '00', '0'])('are found by a position written as %j', async (index) => {
		const { settled } = await invite(1, () => [{ index, ...INVITED }]);
		expect(settled).toEqual([{ rows: [INVITED] }]);
	});

	it('are found by address where a position is no number', async () => {
		const [email, ...others] = ['p0@example.org', 'p1@example.org'];
		const results = [
			{ index: '1st', email: others[0] },
			{ index: '0x', email },
		];
		const { settled } = await invite(2, () => results.map((result) => ({ ...result, ...INVITED })));
		expect(settled).toEqual([
			{ rows: [{ email, ...INVITED }] },
			{ rows: [{ email: others[0], ...INVITED }] },
		]);
	});
});

describe('a person whose invitation failed', () => {
	it.each([
		['unknown', 'an answer was lost', new ServiceError('lost', { ambiguous: true })],
		['error', 'Kindryn refused', new ServiceError('refused')],
		['error', 'nothing could be sent', new Error('no address')],
	])('has the outcome "%s" when %s', (outcome, _, error) => {
		expect(failedInvitation('a@x.org', error)).toEqual({ email: 'a@x.org', outcome });
	});

	it.each([
		[[], 'Nobody was invited'],
		[[0, 1], 'Already invited: items 0 to 1'],
	])('hears of the others that are written, %j', (written, words) => {
		expect(invitedBefore(written)).toBe(words);
	});
});
