/* eslint-disable @n8n/community-nodes/no-restricted-globals -- this rule is for code that runs inside n8n */
import fc from 'fast-check';

import {
	AnnouncedLimiter,
	PacedLimiter,
	sharedLimiters,
	takeToken,
} from '../../../nodes/shared/http/pacing';
import type { Bucket } from '../../../nodes/shared/http/pacing';
import { readRateLimit } from '../../../nodes/shared/http/rateLimit';
import type { Runtime } from '../../../nodes/shared/http/request';
import { formatTime } from '../../../nodes/shared/http/time';

function paced(perSecond: number): PacedLimiter {
	const limiter = new PacedLimiter('Example');
	limiter.limitTo(perSecond, Date.UTC(2026, 10, 22));
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

	it('accepts a clock that goes back', () => {
		const { bucket } = takeToken(undefined, 10, 1000);
		expect(takeToken(bucket, 10, 0).waitMs).toBe(0);
	});
});

describe('readRateLimit', () => {
	const now = Date.UTC(2026, 10, 22);

	it('reads a reset in Unix seconds', () => {
		expect(
			readRateLimit(
				{
					'x-ratelimit-limit': '100',
					'x-ratelimit-remaining': '7',
					'x-ratelimit-reset': String(now / 1000 + 60),
				},
				now,
			),
		).toEqual({ limit: 100, remaining: 7, resetsAt: now + 60_000 });
	});

	it('reads a reset in seconds from now', () => {
		const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' };
		expect(readRateLimit(headers, now)).toEqual({
			limit: undefined,
			remaining: 0,
			resetsAt: now + 30_000,
		});
	});

	it.each([
		[{}],
		[{ 'x-ratelimit-remaining': 'many' }],
		[{ 'x-ratelimit-remaining': '' }],
		[{ 'x-ratelimit-remaining': '9'.repeat(400) }],
		[{ 'x-ratelimit-remaining': { toString: null } }],
	])('finds nothing in %j', (headers) => {
		expect(readRateLimit(headers, now)).toBeUndefined();
	});

	it.each([
		['20 days', 20 * 86_400],
		['a time in 20 days', now / 1000 + 20 * 86_400],
	])('does not believe a reset in %s', (_, reset) => {
		const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
		expect(readRateLimit(headers, now)).toMatchObject({ remaining: 0, resetsAt: undefined });
	});

	it.each([
		['an hour behind', -3_600_000, 2_000],
		['an hour ahead', 3_600_000, 2_000],
		['right', 0, 2_000],
	])("reads a window by the service's clock if the clock of n8n is %s", (_, behind, window) => {
		const real = now - behind;
		const headers = {
			date: new Date(real).toUTCString(),
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': String((real + window) / 1000),
		};
		expect(readRateLimit(headers, now)?.resetsAt).toBe(now + window);
	});

	it.each([
		[undefined, '2026-11-22 01:02:03 UTC'],
		['Europe/Berlin', '2026-11-22 02:02:03 Europe/Berlin'],
		['America/New_York', '2026-11-21 20:02:03 America/New_York'],
		['DEFAULT', '2026-11-22 01:02:03 UTC'],
	])('shows a time in the zone %s', (timezone, shown) => {
		expect(formatTime(now + 3_723_000, timezone)).toBe(shown);
	});
});

/** A clock that jumps to the next sleeper when nothing else can run. */
function timeline() {
	const sleepers: Array<{ at: number; wake: () => void }> = [];
	let now = Date.UTC(2026, 10, 22);
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
					failure: 'rate-limited',
				}),
			);
			expect(runtime.now() - began).toBe(60_000);
			limiter.settle();
			await limiter.acquire(runtime, 60_000);
		},
	);
});

describe('the rate of a key', () => {
	const START = Date.UTC(2026, 10, 22);

	it('is the lowest rate of all credentials with that key', () => {
		const limiter = new PacedLimiter('Example');
		limiter.limitTo(3, START);
		limiter.limitTo(1e9, START + 1);
		expect(limiter.perSecond).toBe(3);
	});

	it('rises when the credential with the lower rate was not used for ten minutes', () => {
		const limiter = new PacedLimiter('Example');
		limiter.limitTo(3, START);
		limiter.limitTo(7, START + 599_000);
		expect(limiter.perSecond).toBe(3);
		limiter.limitTo(7, START + 601_000);
		expect(limiter.perSecond).toBe(7);
	});
});

describe('limiters of a process', () => {
	it('exist once for each key, and make room when they have nothing to remember', () => {
		const limiterOf = sharedLimiters(() => new AnnouncedLimiter('Example'));
		const first = limiterOf('first');
		expect(limiterOf('first')).toBe(first);
		for (let other = 0; other <= 1000; other++) limiterOf(String(other));
		expect(limiterOf('first')).not.toBe(first);
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

	it('remember a pace that was used just now', async () => {
		const limiterOf = sharedLimiters(() => paced(5));
		const runtime: Runtime = { now: () => Date.now(), random: () => 0, sleep: async () => {} };
		const used = limiterOf('used');
		await used.acquire(runtime, 0);
		used.settle();
		for (let other = 0; other <= 1000; other++) limiterOf(String(other));
		expect(limiterOf('used')).toBe(used);
	});
});
