/* eslint-disable @n8n/community-nodes/no-restricted-globals -- this rule is for code that runs inside n8n */
import fc from 'fast-check';

import {
	AnnouncedLimiter,
	PacedLimiter,
	sharedLimiters,
	takeToken,
} from '../../../nodes/shared/http/pacing';
import type { Bucket } from '../../../nodes/shared/http/pacing';
import type { Answer, Runtime } from '../../../nodes/shared/http/request';

const START = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

function paced(perSecond: number): PacedLimiter {
	const limiter = new PacedLimiter('Example');
	limiter.limitTo(perSecond, START);
	return limiter;
}

describe('the bucket of requests', () => {
	it('sends at most the limit plus one burst in any second', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 50 }),
				fc.array(fc.nat(400), { minLength: 1, maxLength: 300 }),
				(perSecond, pauses) => {
					let bucket: Bucket | undefined;
					let now = 0;
					const departures = pauses.map((pause) => {
						now += pause;
						const taken = takeToken(bucket, perSecond, now);
						bucket = taken.bucket;
						return now + taken.waitMs;
					});
					for (const start of departures) {
						const within = departures.filter((at) => at >= start && at < start + 1000);
						expect(within.length).toBeLessThanOrEqual(2 * perSecond);
					}
				},
			),
		);
	});

	it('sends a burst at once and the rest at the limit', () => {
		let bucket: Bucket | undefined;
		const waits = Array.from({ length: 25 }, () => {
			const taken = takeToken(bucket, 10, 0);
			bucket = taken.bucket;
			return taken.waitMs;
		});
		expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
		expect(waits.slice(10)).toEqual(Array.from({ length: 15 }, (_, index) => (index + 1) * 100));
	});

	it('refills with time, up to one burst', () => {
		let bucket: Bucket | undefined = { tokens: 0, updatedAt: 0 };
		const waitsAt = (now: number, count: number) =>
			Array.from({ length: count }, () => {
				const taken = takeToken(bucket, 10, now);
				bucket = taken.bucket;
				return taken.waitMs;
			});
		expect(waitsAt(300, 4)).toEqual([0, 0, 0, 100]);
		expect(waitsAt(90_000, 11)).toEqual([...Array<number>(10).fill(0), 100]);
	});

	it('sends the first request at once, even if the rate is less than one a second', () => {
		const first = takeToken(undefined, 0.5, START);
		expect(first.waitMs).toBe(0);
		expect(takeToken(first.bucket, 0.5, START).waitMs).toBe(2000);
	});

	it('refills only once when the clock goes back', () => {
		const bucket = { tokens: 0, updatedAt: 1000 };
		const back = takeToken(bucket, 10, 0);
		expect(back.waitMs).toBe(100);
		expect(takeToken(back.bucket, 10, 1000).waitMs).toBe(200);
	});
});

/** A limiter, and a clock that only `pass` and sleeping advance. */
function bench(advice?: string) {
	const slept: number[] = [];
	let now = START;
	const runtime: Runtime = {
		now: () => now,
		random: () => 0.5,
		async sleep(ms) {
			slept.push(ms);
			now += ms;
		},
	};
	const limiter = new AnnouncedLimiter('Example', advice);
	return {
		limiter,
		slept,
		known: () => limiter.known(now),
		pass(ms: number) {
			now += ms;
		},
		acquire: async (longestWait = MINUTE) => await limiter.acquire(runtime, longestWait),
		async send(answer: Partial<Answer>, longestWait = MINUTE) {
			await limiter.acquire(runtime, longestWait);
			limiter.settle();
			limiter.observe({ status: 200, headers: {}, body: {}, ...answer }, runtime);
		},
	};
}

const left = (remaining: number, resetsAt: number, limit = 100) => ({
	'x-ratelimit-limit': String(limit),
	'x-ratelimit-remaining': String(remaining),
	'x-ratelimit-reset': String(resetsAt / 1000),
});

describe('a limit that the service announces', () => {
	it('lets requests through until an answer announces it', async () => {
		const { acquire, send, slept, known } = bench();
		await send({});
		await acquire();
		expect([slept, known()]).toEqual([[], undefined]);
	});

	it('waits a short time for the window', async () => {
		const { acquire, send, slept } = bench();
		await send({ headers: left(0, START + MINUTE) });
		await acquire();
		expect(slept).toEqual([MINUTE]);
	});

	it('sends nothing when the window is closed for longer, and says until when', async () => {
		const { acquire, send, slept } = bench('Turn on waiting.');
		await send({ headers: left(0, START + MINUTE + 1000) });
		await expect(acquire()).rejects.toMatchObject({
			message: 'Example takes no more requests until 2026-11-22 12:01:01 UTC',
			description: 'Turn on waiting.',
			failure: 'rate-limited',
			retryAfterMs: MINUTE + 1000,
		});
		expect(slept).toEqual([]);
	});

	it('by default advises to run the workflow again', async () => {
		const { acquire, send } = bench();
		await send({ headers: left(0, START + MINUTE + 1000) });
		await expect(acquire()).rejects.toMatchObject({
			description: expect.stringContaining('again'),
		});
	});

	it('waits longer if the caller allows it', async () => {
		const { acquire, send, slept } = bench();
		await send({ headers: left(0, START + 50 * MINUTE) });
		await acquire(60 * MINUTE);
		expect(slept).toEqual([50 * MINUTE]);
	});

	it('forgets the count of a window that is over', async () => {
		const { acquire, send, pass, known, slept } = bench();
		await send({ headers: left(0, START + 50 * MINUTE) });
		pass(50 * MINUTE);
		expect(known()).toBeUndefined();
		await acquire();
		expect(slept).toEqual([]);
	});

	it('is closed by a 429 for as long as the 429 asks, whatever count it sends', async () => {
		const { acquire, send, known } = bench();
		await send({ headers: left(60, START + 50 * MINUTE) });
		await send({
			status: 429,
			headers: { ...left(59, START + 50 * MINUTE), 'retry-after': '1800' },
		});
		expect(known()).toEqual({ limit: 100, remaining: 0, resetsAt: START + 30 * MINUTE });
		await expect(acquire()).rejects.toThrow('until 2026-11-22 12:30:00 UTC');
	});

	it('is closed by a 429 without Retry-After until the window opens', async () => {
		const { acquire, send } = bench();
		await send({ status: 429, headers: left(0, START + 20 * MINUTE) });
		await expect(acquire()).rejects.toThrow('until 2026-11-22 12:20:00 UTC');
	});

	it('is closed by a 429 that names its window only by Retry-After', async () => {
		const { acquire, send, known } = bench();
		await send({ headers: left(60, START + 50 * MINUTE) });
		await send({ status: 429, headers: { 'retry-after': '120' } });
		expect(known()).toEqual({ limit: 100, remaining: 0, resetsAt: START + 2 * MINUTE });
		await expect(acquire()).rejects.toThrow('until 2026-11-22 12:02:00 UTC');
	});

	it('opens at a time in milliseconds', async () => {
		const { acquire, send, slept } = bench();
		await send({ headers: left(0, 1000 * (START + MINUTE)) });
		await acquire();
		expect(slept).toEqual([MINUTE]);
	});

	it.each([1e6, 1e9])('is not closed by an absurd time (times %d)', async (times) => {
		const { acquire, send, slept, known } = bench();
		await send({ status: 429, headers: { ...left(0, times * START), 'retry-after': '9e20' } });
		await send({ status: 429, headers: { 'retry-after': '99999999999999' } });
		await acquire();
		expect([slept, known()]).toEqual([[], undefined]);
	});

	it('stays the same when an answer announces nothing', async () => {
		const { send, known } = bench();
		await send({ headers: left(5, START + 50 * MINUTE) });
		await send({ status: 502, headers: { 'retry-after': '120' } });
		expect(known()).toEqual({ limit: 100, remaining: 5, resetsAt: START + 50 * MINUTE });
	});

	it.each([
		['fewer requests left in the same window', 3, 0, 3],
		['more requests left: that answer is an older one', 7, 0, 5],
		['a reset that shifts by less than a second', 7, 999, 5],
		['a reset that shifts back by less than a second', 3, -999, 3],
		['the next window', 7, 1000, 7],
		['the window before', 3, -1000, 5],
	])('with 5 requests left takes account of %s', async (_, remaining, shift, expected) => {
		const { send, known } = bench();
		await send({ headers: left(5, START + MINUTE) });
		await send({ headers: left(remaining, START + MINUTE + shift) });
		expect(known()?.remaining).toBe(expected);
	});

	it('counts all its requests again when the window opens', async () => {
		const { acquire, send, pass, slept } = bench();
		await send({ headers: left(0, START + MINUTE, 2) });
		pass(MINUTE);
		await acquire();
		await acquire();
		expect(slept).toEqual([]);
		await expect(acquire()).rejects.toThrow('has not answered earlier requests');
	});

	it('is forgotten without a time if the next answer announces nothing', async () => {
		const { acquire, send } = bench();
		await send({ headers: { 'x-ratelimit-remaining': '1' } });
		await send({});
		await acquire();
		await acquire();
	});

	it('follows the latest answer if one of two names no time', async () => {
		const { send, known } = bench();
		await send({ headers: { 'x-ratelimit-remaining': '1' } });
		await send({ headers: left(5, START + MINUTE) });
		expect(known()?.remaining).toBe(5);
		await send({ headers: { 'x-ratelimit-remaining': '7' } });
		expect(known()).toBeUndefined();
	});
});

/** A clock that jumps to the next sleeper when nothing else can run. */
function timeline() {
	const sleepers: Array<{ at: number; wake: () => void }> = [];
	let now = START;
	const runtime: Runtime = {
		now: () => now,
		random: () => 0.5,
		sleep: async (ms) =>
			await new Promise((resolve) => sleepers.push({ at: now + ms, wake: () => resolve() })),
	};
	const live = async (work: Promise<unknown>) => {
		let isOver = false;
		const over = work.finally(() => {
			isOver = true;
		});
		while (!isOver) {
			await new Promise<void>((resolve) => setImmediate(resolve));
			sleepers.sort((a, b) => a.at - b.at);
			const next = sleepers.shift();
			now = next?.at ?? now;
			next?.wake();
		}
		await over;
	};
	return { runtime, live };
}

describe('a limit that is announced while many requests are in flight', () => {
	it('is never exceeded after the first answer', async () => {
		const journey = fc.record({
			pause: fc.nat(300),
			there: fc.integer({ min: 1, max: 900 }),
			back: fc.integer({ min: 1, max: 900 }),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 12 }),
				fc.integer({ min: 2, max: 20 }),
				fc.array(journey, { minLength: 1, maxLength: 25 }),
				async (limit, windowSeconds, journeys) => {
					const { runtime, live } = timeline();
					const limiter = paced(50);
					const counted = new Map<number, number>();
					const send = async ({ pause, there, back }: (typeof journeys)[number]) => {
						await runtime.sleep(pause);
						await limiter.acquire(runtime, 60_000);
						await runtime.sleep(there);
						const resetsAt = Math.ceil((runtime.now() + 1) / 1000 / windowSeconds) * windowSeconds;
						const count = (counted.get(resetsAt) ?? 0) + 1;
						counted.set(resetsAt, count);
						const headers = {
							'x-ratelimit-limit': String(limit),
							'x-ratelimit-remaining': String(Math.max(0, limit - count)),
							'x-ratelimit-reset': String(resetsAt),
						};
						await runtime.sleep(back);
						limiter.settle();
						limiter.observe({ status: 200, headers, body: {} }, runtime);
					};
					await live(
						(async () => {
							await send({ pause: 0, there: 1, back: 1 });
							await Promise.all(journeys.map(send));
						})(),
					);
					expect(Math.max(...counted.values())).toBeLessThanOrEqual(limit);
				},
			),
			{ numRuns: 60 },
		);
	});

	it('lets one request through at a time if no answer says when the window opens', async () => {
		const { runtime, live } = timeline();
		const limiter = paced(50);
		let inFlight = 0;
		let most = 0;
		const send = async () => {
			await limiter.acquire(runtime, 60_000);
			most = Math.max(most, ++inFlight);
			await runtime.sleep(100);
			inFlight--;
			limiter.settle();
			const headers = { 'x-ratelimit-remaining': '0' };
			limiter.observe({ status: 200, headers, body: {} }, runtime);
		};
		await live(
			(async () => {
				await send();
				await Promise.all([send(), send(), send()]);
			})(),
		);
		expect(most).toBe(1);
	});

	it('holds back the waiting requests when the service asks for a pause', async () => {
		const { runtime, live } = timeline();
		const limiter = paced(1);
		const began = runtime.now();
		const sentAt: number[] = [];
		const send = async () => {
			await limiter.acquire(runtime, 60_000);
			sentAt.push(runtime.now() - began);
			limiter.settle();
			const pause = { status: 429, headers: { 'retry-after': '20' }, body: {} };
			if (sentAt.length === 2) limiter.observe(pause, runtime);
		};
		await live(Promise.all(Array.from({ length: 6 }, send)));
		expect(sentAt.slice(0, 2)).toEqual([0, 1000]);
		expect(sentAt.slice(2).every((at) => at >= 21_000)).toBe(true);
		const gaps = sentAt.slice(3).map((at, index) => at - (sentAt[index + 2] ?? 0));
		expect(gaps.every((gap) => gap >= 1000)).toBe(true);
	});

	it('does not slow requests down while many are left', async () => {
		const { runtime, live } = timeline();
		const limiter = paced(1);
		const sentAt: number[] = [];
		limiter.observe({ status: 200, headers: left(50, START + MINUTE), body: {} }, runtime);
		const send = async () => {
			await limiter.acquire(runtime, 60_000);
			sentAt.push(runtime.now() - START);
		};
		await live(Promise.all([send(), send(), send()]));
		expect(sentAt).toEqual([0, 1000, 2000]);
	});

	it('forgets a request that was cancelled while it waited for its turn', async () => {
		const { runtime } = timeline();
		const limiter = paced(1);
		const cancelled: Runtime = {
			...runtime,
			sleep: async () => await Promise.reject(new Error('cancelled')),
		};
		await limiter.acquire(runtime, 60_000);
		limiter.settle();
		await expect(limiter.acquire(cancelled, 60_000)).rejects.toThrow('cancelled');
		expect(limiter).toHaveProperty('inFlight', 0);
	});
});

describe('an unanswered request', () => {
	it.each(['0', '1'])(
		'holds back the others for a minute if %s are left and no answer says until when',
		async (remaining) => {
			const { runtime, live } = timeline();
			const limiter = new AnnouncedLimiter('Example');
			const headers = { 'x-ratelimit-remaining': remaining };
			limiter.observe({ status: 200, headers, body: {} }, runtime);
			await limiter.acquire(runtime, 60_000);
			const began = runtime.now();
			await live(
				expect(limiter.acquire(runtime, 60_000)).rejects.toMatchObject({
					message: expect.stringContaining('has not answered earlier requests of this credential'),
					description: expect.stringContaining('minute'),
					failure: 'rate-limited',
				}),
			);
			expect(runtime.now() - began).toBe(60_000);
			limiter.settle();
			await limiter.acquire(runtime, 60_000);
		},
	);
});

it('requests leave in the order in which they came', async () => {
	const { runtime, live } = timeline();
	const limiter = new AnnouncedLimiter('Example');
	const headers = { 'x-ratelimit-remaining': '1' };
	const sent: number[] = [];
	const send = async (number: number) => {
		// They look again at different times, so that a later one could overtake
		await runtime.sleep(number * 30);
		await limiter.acquire(runtime, 60_000);
		sent.push(number);
		await runtime.sleep(95);
		limiter.settle();
		limiter.observe({ status: 200, headers, body: {} }, runtime);
	};
	await live(send(0));
	await live(Promise.all([1, 2, 3, 4].map(send)));
	expect(sent).toEqual([0, 1, 2, 3, 4]);
});

describe('the rate of a key', () => {
	it('is the lowest rate of all credentials with that key', () => {
		const limiter = new PacedLimiter('Example');
		limiter.limitTo(3, START);
		limiter.limitTo(1e9, START + 1);
		expect(limiter.perSecond).toBe(3);
	});

	it('rises when the credential with the lower rate was not used for ten minutes', () => {
		const limiter = new PacedLimiter('Example');
		limiter.limitTo(3, START);
		limiter.limitTo(7, START + 600_000);
		expect(limiter.perSecond).toBe(3);
		limiter.limitTo(7, START + 600_001);
		expect(limiter.perSecond).toBe(7);
	});
});

describe('limiters of a process', () => {
	it('exist once for each key, and make room when they have nothing to remember', () => {
		const limiterOf = sharedLimiters(() => new AnnouncedLimiter('Example'));
		const first = limiterOf('first');
		expect(limiterOf('first')).toBe(first);
		for (let other = 1; other < 1000; other++) limiterOf(String(other));
		expect(limiterOf('first')).toBe(first);
		const last = limiterOf('last');
		expect(limiterOf('last')).toBe(last);
		expect(limiterOf('first')).not.toBe(first);
	});

	it('remember a request that is not answered yet', async () => {
		const limiterOf = sharedLimiters(() => new AnnouncedLimiter('Example'));
		const runtime: Runtime = { now: () => Date.now(), random: () => 0, sleep: async () => {} };
		const busy = limiterOf('busy');
		await busy.acquire(runtime, 0);
		for (let other = 0; other <= 1000; other++) limiterOf(String(other));
		expect(limiterOf('busy')).toBe(busy);
	});

	it('remember a closed window, however many other keys there are', () => {
		const limiterOf = sharedLimiters(() => new AnnouncedLimiter('Example'));
		const runtime: Runtime = { now: () => Date.now(), random: () => 0, sleep: async () => {} };
		const closed = limiterOf('closed');
		const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3600' };
		closed.observe({ status: 200, headers, body: {} }, runtime);
		for (let other = 0; other <= 3000; other++) limiterOf(String(other));
		expect(limiterOf('closed')).toBe(closed);
	});

	it('remember a pace that was used just now, and no other one', async () => {
		const limiterOf = sharedLimiters(() => paced(5));
		const runtime: Runtime = { now: () => Date.now(), random: () => 0, sleep: async () => {} };
		const used = limiterOf('used');
		await used.acquire(runtime, 0);
		used.settle();
		const unused = limiterOf('unused');
		for (let other = 0; other <= 1000; other++) limiterOf(String(other));
		expect(limiterOf('used')).toBe(used);
		expect(limiterOf('unused')).not.toBe(unused);
	});
});
