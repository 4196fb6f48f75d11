import { ServiceError } from './errors';
import { readRateLimit } from './rateLimit';
import type { RateLimit } from './rateLimit';
import type { Answer, Limiter, Runtime } from './request';
import { requestedWaitMs } from './retry';
import { formatTime } from './time';

/** A credential's token bucket. One token is one request. */
export interface Bucket {
	tokens: number;
	/** when `tokens` was counted, in ms since the epoch */
	updatedAt: number;
}

/**
 * Takes a token from a bucket that refills at `perSecond` and holds at most `perSecond` tokens. So at
 * most twice that number of requests leave within any second, the burst included.
 *
 * @param perSecond requests/second
 * @param now ms since the epoch
 * @returns the bucket afterwards (negative tokens are reserved for waiting requests), and how long to
 * wait before sending, in ms
 */
export function takeToken(
	bucket: Bucket | undefined,
	perSecond: number,
	now: number,
): { bucket: Bucket; waitMs: number } {
	const burst = Math.max(1, perSecond);
	const updatedAt = Math.max(now, bucket?.updatedAt ?? now);
	const refilled = bucket
		? Math.min(burst, bucket.tokens + ((updatedAt - bucket.updatedAt) / 1000) * perSecond)
		: burst;
	const tokens = refilled - 1;
	return {
		bucket: { tokens, updatedAt },
		waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000),
	};
}

/** How often a waiting request checks whether there is room for it, in ms. */
const LOOK_AGAIN = 50;

/** Two windows that end within this time are the same one, in ms. A reset given in seconds from now shifts by less. */
const SAME_WINDOW = 1000;

/**
 * Keeps one credential's requests within the limits that the service announces in its headers. The
 * announced remaining number does not include requests in flight, so they are subtracted.
 */
export class AnnouncedLimiter implements Limiter {
	private announced: RateLimit | undefined;
	private inFlight = 0;

	/** waiting requests, first come first served; a retry joins at the end */
	private queue: object[] = [];

	/**
	 * @param name the service's name, for error texts
	 * @param advice what to do when the limit is used up
	 */
	constructor(
		private readonly name: string,
		private readonly advice?: string,
	) {}

	async acquire(runtime: Runtime, longestWait: number): Promise<void> {
		const ticket = {};
		try {
			for (let waited = 0; ; waited += LOOK_AGAIN) {
				await waitForWindow(this.name, this.announced, runtime, longestWait, this.advice);
				this.announced = inOpenWindow(this.announced, runtime.now());
				// One request is always allowed: the window is open, or only an answer can tell when it opens
				const hasRoom = this.inFlight < Math.max(1, this.announced?.remaining ?? Infinity);
				const [first = ticket] = this.queue;
				if (hasRoom && first === ticket) break;
				if (!this.queue.includes(ticket)) this.queue.push(ticket);
				if (waited >= longestWait) throw this.crowded();
				await runtime.sleep(LOOK_AGAIN);
			}
		} finally {
			this.queue = this.queue.filter((other) => other !== ticket);
		}
		this.inFlight++;
	}

	settle(): void {
		this.inFlight--;
	}

	observe(answer: Answer, runtime: Runtime): void {
		const now = runtime.now();
		const latest = readRateLimit(answer.headers, now);
		const before = inOpenWindow(this.announced, now);
		const closedFor = answer.status === 429 ? requestedWaitMs(answer, now) : undefined;
		// A refusal wins, whichever window it is about
		this.announced =
			closedFor === undefined
				? merged(before, latest)
				: { limit: latest?.limit ?? before?.limit, remaining: 0, resetsAt: now + closedFor };
	}

	known(now: number): RateLimit | undefined {
		const { announced } = this;
		return announced?.resetsAt !== undefined && announced.resetsAt > now ? announced : undefined;
	}

	isIdle(now: number): boolean {
		return this.inFlight === 0 && this.known(now) === undefined;
	}

	/** The error if earlier requests stay unanswered. */
	private crowded(): ServiceError {
		return new ServiceError(
			`${this.name} has not answered earlier requests of this credential, and takes no more until it does`,
			{ description: 'Try again in a minute.', cause: 'rate-limited' },
		);
	}
}

/** After this time without use, a credential's rate no longer counts, in ms. */
const RATE_MEMORY = 600_000;

/** Also keeps a credential's requests below a number of requests/second. */
export class PacedLimiter extends AnnouncedLimiter {
	private bucket: Bucket | undefined;

	/** when each rate was last used; several credentials may hold one key and differ in their rates */
	private readonly rates = new Map<number, number>();

	/**
	 * Sets the rate of a credential. If several credentials hold the same key, the lowest rate counts.
	 *
	 * @param perSecond requests/second
	 * @param now ms since the epoch
	 */
	limitTo(perSecond: number, now: number): void {
		this.rates.set(perSecond, now);
		for (const [rate, usedAt] of this.rates) {
			if (now - usedAt > RATE_MEMORY) this.rates.delete(rate);
		}
	}

	/** requests/second */
	get perSecond(): number {
		return Math.min(...this.rates.keys());
	}

	override async acquire(runtime: Runtime, longestWait: number): Promise<void> {
		for (;;) {
			await super.acquire(runtime, longestWait);
			const taken = takeToken(this.bucket, this.perSecond, runtime.now());
			this.bucket = taken.bucket;
			if (taken.waitMs <= 0) return;
			await runtime.sleep(taken.waitMs).catch((cancelled: unknown) => {
				this.settle();
				throw cancelled;
			});
			// Meanwhile the answer to another request may have closed the window
			const known = this.known(runtime.now());
			if (known === undefined || known.remaining > 0) return;
			this.settle();
		}
	}

	override isIdle(now: number): boolean {
		return super.isIdle(now) && now - (this.bucket?.updatedAt ?? 0) > RATE_MEMORY;
	}
}

/** When a window opens again, all its requests are left. Unknown if the service did not give the limit. */
function inOpenWindow(known: RateLimit | undefined, now: number): RateLimit | undefined {
	if (known?.resetsAt === undefined || known.resetsAt > now) return known;
	return known.limit === undefined ? undefined : { limit: known.limit, remaining: known.limit };
}

/** Answers may arrive out of order: within one window the lowest count is the latest. */
function merged(before: RateLimit | undefined, latest: RateLimit | undefined) {
	// An answer without headers, e.g. from a gateway
	if (latest === undefined) return before?.resetsAt === undefined ? undefined : before;
	if (before?.resetsAt === undefined || latest.resetsAt === undefined) return latest;
	const later = latest.resetsAt - before.resetsAt;
	if (later >= SAME_WINDOW) return latest;
	return later <= -SAME_WINDOW || before.remaining < latest.remaining ? before : latest;
}

/**
 * Waits until the window opens if the announced limit is used up.
 *
 * @param name the service's name, for the error text
 * @param longestWait ms
 * @param advice what to do when the wait would be longer
 * @throws ServiceError that says when the window opens, if the wait would be longer; nothing was sent
 */
export async function waitForWindow(
	name: string,
	announced: RateLimit | undefined,
	runtime: Runtime,
	longestWait: number,
	advice = 'Run the workflow again after that time.',
): Promise<void> {
	if (!announced || announced.remaining > 0 || announced.resetsAt === undefined) return;
	const waitMs = announced.resetsAt - runtime.now();
	if (waitMs <= 0) return;
	if (waitMs > longestWait) {
		throw new ServiceError(
			`${name} takes no more requests until ${formatTime(announced.resetsAt, runtime.timezone)}`,
			{
				description: advice,
				cause: 'rate-limited',
				retryAfterMs: waitMs,
			},
		);
	}
	await runtime.sleep(waitMs);
}

/** Most limiters kept: far more than credentials in use. */
const MOST_LIMITERS = 1000;

/**
 * Keeps one limiter for each credential in this process, shared by all nodes. Above the maximum, idle
 * limiters are dropped; one that knows of a closed window stays.
 *
 * @param make creates the limiter of a new credential
 */
export function sharedLimiters<L extends AnnouncedLimiter>(make: () => L): (key: string) => L {
	const limiters = new Map<string, L>();
	return (key) => {
		const limiter = limiters.get(key) ?? make();
		limiters.set(key, limiter);
		if (limiters.size > MOST_LIMITERS) {
			const now = Date.now();
			for (const [other, candidate] of limiters) {
				if (other !== key && candidate.isIdle(now)) limiters.delete(other);
			}
		}
		return limiter;
	};
}
