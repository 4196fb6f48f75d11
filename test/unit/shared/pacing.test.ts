 
import fc from 'fast-check';

import { sharedLimiters, takeToken } from '../../../nodes/shared/pacing';
import type { Bucket } from '../../../nodes/shared/pacing';
import { readRateLimit, shownTime } from '../../../nodes/shared/rateLimit';

describe('the bucket of requests', () => {
	it('lets no second have more than the limit plus one burst', () => {
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

	it('does not mind a clock that goes back', () => {
		const { bucket } = takeToken(undefined, 10, 1000);
		expect(takeToken(bucket, 10, 0).waitMs).toBe(0);
	});
});

describe('readRateLimit', () => {
	const now = Date.UTC(2026, 10, 22);

	it('reads Unix seconds', () => {
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

	it('reads seconds from now', () => {
		const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' };
		expect(readRateLimit(headers, now)).toEqual({
			limit: undefined,
			remaining: 0,
			resetsAt: now + 30_000,
		});
	});

	it.each([[{}], [{ 'x-ratelimit-remaining': 'many' }], [{ 'x-ratelimit-remaining': '' }]])(
		'finds nothing in %j',
		(headers) => {
			expect(readRateLimit(headers, now)).toBeUndefined();
		},
	);

	it('shows a time in UTC', () => {
		expect(shownTime(now + 3_723_000)).toBe('2026-11-22 01:02:03 UTC');
	});
});

describe('limiters of a process', () => {
	it('are one for each key, and forget the one not used for longest', () => {
		let made = 0;
		const limiterOf = sharedLimiters(() => ({
			number: made++,
			acquire: async () => {},
			observe: () => {},
		}));
		const first = limiterOf('first');
		expect(limiterOf('first')).toBe(first);
		for (let other = 0; other < 1000; other++) limiterOf(String(other));
		expect(limiterOf('999')).toMatchObject({ number: 1000 });
		expect(limiterOf('first')).not.toBe(first);
	});
});
