import fc from 'fast-check';

import { matchResults, shownItems, distinctEntries } from '../../../nodes/Kindryn/bulkInvitations';
import type { Invitee } from '../../../nodes/Kindryn/bulkInvitations';

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
