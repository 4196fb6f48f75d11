import fc from 'fast-check';

import {
	type Attempt,
	Deliveries,
	fingerprint,
	REMEMBERED,
	type Standing,
} from '../../../../nodes/Kindryn/webhooks/deliveries';

const NOW = Date.parse('2026-11-02T12:00:00.000Z');
const print = (number: number) => fingerprint(`whd_${number}`);

/** Begins to take a delivery; the attempt stands as given. */
const begin = (deliveries: Deliveries, number: number, attempt: Attempt = 'open'): Standing =>
	deliveries.begin(print(number), () => attempt, NOW);

/** Takes the deliveries with these numbers, one a millisecond. */
function withTaken(from: number, to: number, deliveries = new Deliveries()): Deliveries {
	for (let number = from; number < to; number += 1) deliveries.take(print(number), NOW + number);
	return deliveries;
}

/** Returns the deliveries as the database holds them. */
const saved = ({ taken }: Deliveries): unknown => JSON.parse(JSON.stringify(taken));

function restarted(deliveries: Deliveries): Deliveries {
	const fresh = new Deliveries();
	fresh.learn(saved(deliveries), NOW + 1_000_000);
	return fresh;
}

const standings = (deliveries: Deliveries, from: number, to: number) =>
	new Set(
		Array.from({ length: to - from }, (_, index) => begin(deliveries, from + index, 'failed')),
	);

describe('a fingerprint', () => {
	it('is short and differs for each delivery', () => {
		expect(print(1)).toMatch(/^[\w-]{12}$/);
		expect(print(1)).toBe(print(1));
		expect(new Set(Array.from({ length: 20_000 }, (_, number) => print(number))).size).toBe(20_000);
		expect(fingerprint(Buffer.from('whd_1'))).toBe(print(1));
	});
});

describe('a delivery', () => {
	it('is open from its beginning until it is taken', () => {
		const deliveries = new Deliveries();
		expect(begin(deliveries, 1)).toBe('new');
		expect(begin(deliveries, 1)).toBe('open');
		deliveries.take(print(1), NOW);
		expect(begin(deliveries, 1)).toBe('taken');
	});

	it.each<[Attempt, Standing, string[]]>([
		['open', 'open', []],
		['failed', 'new', []],
		['taken', 'taken', [print(1)]],
	])('whose attempt has come as far as "%s" is "%s"', (attempt, standing, taken) => {
		const deliveries = new Deliveries();
		let state: Attempt = 'open';
		deliveries.begin(print(1), () => state, NOW);
		state = attempt;
		expect(begin(deliveries, 1)).toBe(standing);
		expect(Object.keys(deliveries.taken)).toEqual(taken);
		expect(begin(deliveries, 1)).toBe(standing === 'new' ? 'open' : standing);
	});
});

describe('the last 1,000 deliveries', () => {
	it('are remembered in less than 100 kB, even after a restart', () => {
		const deliveries = withTaken(0, 3 * REMEMBERED);
		for (const known of [deliveries, restarted(deliveries)]) {
			expect(standings(known, 2 * REMEMBERED, 3 * REMEMBERED)).toEqual(new Set(['taken']));
			expect(standings(known, 0, 2 * REMEMBERED)).toEqual(new Set(['new']));
			expect(JSON.stringify(saved(known)).length).toBeLessThan(100_000);
		}
	});

	it('include all processes: deliveries learned from another process push out only older ones', () => {
		const one = withTaken(0, 700);
		const other = withTaken(700, 1400);
		const [first, second] = [saved(one), saved(other)];
		one.learn(second, NOW + 1400);
		other.learn(first, NOW + 1400);
		for (const known of [one, other]) {
			expect(standings(known, 1400 - REMEMBERED, 1400)).toEqual(new Set(['taken']));
			expect(standings(known, 0, 1400 - REMEMBERED)).toEqual(new Set(['new']));
		}
	});

	it('are remembered even if the clock of one of two processes is slow', () => {
		const deliveries = new Deliveries();
		for (let number = 0; number < 2000; number += 1) {
			const late = number % 10 === 0 ? 90 : 0;
			deliveries.take(print(number), NOW + number - late);
		}
		expect(standings(deliveries, 1000, 2000)).toEqual(new Set(['taken']));
	});

	it('stay in the same object, so that a late save contains all of them', () => {
		const deliveries = new Deliveries();
		const { taken } = deliveries;
		withTaken(0, 1500, deliveries);
		expect(deliveries.taken).toBe(taken);
		expect(Object.keys(taken)).toHaveLength(REMEMBERED);
	});

	it('are not pushed out by future times from a fast clock', () => {
		const deliveries = new Deliveries();
		const future = Array.from({ length: REMEMBERED }, (_, number) => [print(-1 - number), 1e15]);
		deliveries.learn(Object.fromEntries(future), NOW);
		withTaken(1, 11, deliveries);
		expect(standings(deliveries, 1, 11)).toEqual(new Set(['taken']));
	});
});

it.each<[string, unknown]>([
	['nothing', undefined],
	['a list', [1, 2]],
	['a short name', { short: 1 }],
	['a very long name', { ['x'.repeat(200_000)]: 1 }],
	['a time in words', { [print(1)]: 'noon' }],
	['the name of a prototype', JSON.parse('{"__proto__":{"polluted":1}}')],
])('damaged data is ignored: %s', (_, damaged) => {
	const deliveries = new Deliveries();
	deliveries.learn(damaged, NOW);
	expect(deliveries.taken).toEqual({});
	expect({}).not.toHaveProperty('polluted');
});

it('a delivery is new until it is taken and never again, despite failures and restarts', () => {
	const step = fc.record({
		number: fc.nat(30),
		act: fc.constantFrom('deliver', 'fail', 'restart'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			let deliveries = new Deliveries();
			const taken = new Set<number>();
			steps.forEach(({ number, act }, at) => {
				if (act === 'restart') deliveries = restarted(deliveries);
				else {
					expect(begin(deliveries, number, 'failed')).toBe(taken.has(number) ? 'taken' : 'new');
					if (act === 'fail') return;
					deliveries.take(print(number), NOW + at);
					taken.add(number);
				}
			});
		}),
	);
});
