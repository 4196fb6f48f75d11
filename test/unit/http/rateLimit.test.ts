import { AnnouncedLimiter } from '../../../nodes/shared/http/pacing';
import { lowBudgetHint, readRateLimit } from '../../../nodes/shared/http/rateLimit';
import type { Answer, Runtime } from '../../../nodes/shared/http/request';

const START = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

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
	it('lets a request through before the first answer', async () => {
		const { acquire, slept, known } = bench();
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
			retryAfterMs: MINUTE + 1000,
		});
		expect(slept).toEqual([]);
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
		await send({ status: 502 });
		expect(known()).toMatchObject({ remaining: 5 });
	});
});

describe('the headers of a window', () => {
	const read = (remaining: string | number | undefined, reset?: string) =>
		readRateLimit({ 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset }, START);

	it.each([
		['5', 5],
		[' 5 ', 5],
		[5, 5],
		['0.25', 0.25],
		['5 of 100', undefined],
		['about 5', undefined],
		['5.x', undefined],
		['-5', undefined],
		['', undefined],
		[undefined, undefined],
	])('are read if %j requests are left', (remaining, left) => {
		expect(read(remaining)?.remaining).toBe(left);
	});

	it.each([
		['30', START + 30_000],
		[String(START / 1000 + 30), START + 30_000],
		['1000000000', 1e12],
		['999999999', undefined],
		['soon', undefined],
		[undefined, undefined],
	])('are read if the reset is %j', (reset, resetsAt) => {
		expect(read('5', reset)?.resetsAt).toBe(resetsAt);
	});
});

describe('few requests left', () => {
	const resetsAt = START + MINUTE;
	it.each([
		[9, 100, 'Example: 9 of 100 requests left until 2026-11-22 12:01:00 UTC.'],
		[0, 100, 'Example: 0 of 100 requests left until 2026-11-22 12:01:00 UTC.'],
		[10, 100, undefined],
		[99, 1000, 'Example: 99 of 1000 requests left until 2026-11-22 12:01:00 UTC.'],
		[100, 1000, undefined],
	])('%i of %i', (remaining, limit, words) => {
		expect(lowBudgetHint('Example', { remaining, limit, resetsAt })).toBe(words);
	});

	it('give a hint without a time if the service sends none', () => {
		expect(lowBudgetHint('Example', { remaining: 9, limit: 100 })).toBe(
			'Example: 9 of 100 requests left.',
		);
	});

	it('cause no hint if the service sends no limit', () => {
		expect(lowBudgetHint('Example', { remaining: 0, resetsAt })).toBeUndefined();
		expect(lowBudgetHint('Example', undefined)).toBeUndefined();
	});
});
