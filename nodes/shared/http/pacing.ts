import { ServiceError } from './errors';
import { readRateLimit } from './rateLimit';
import type { RateLimit } from './rateLimit';
import type { Answer, Limiter, Runtime } from './request';
import { requestedWaitMs } from './retry';
import { formatTime } from './time';

/** How full a credential's bucket of requests is. One token is one request. */
export interface Bucket {
	tokens: number;
	/** when it was that full, in ms since the epoch */
	updatedAt: number;
}

/**
 * Takes a token out of a bucket that fills at `perSecond` and holds at most `perSecond`: within any
 * second at most twice that number leave, the burst included.
 *
 * @param perSecond requests/second
 * @param now ms since the epoch
 * @returns the bucket afterwards (negative tokens are promised to requests that wait) and how long to
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

/** How often a request looks whether the requests in flight have left room for it, in ms. */
const LOOK_AGAIN = 50;

/** Windows whose ends are this close are one: seconds from now shift by less, in ms. */
const SAME_WINDOW = 1000;

/**
 * Keeps one credential's requests to the limits that the service announces in its headers.
 *
 * An answer counts the requests that the service had taken by then. Requests still in flight are
 * subtracted from the remaining number.
 */
export class AnnouncedLimiter implements Limiter {
	private announced: RateLimit | undefined;
	private inFlight = 0;

	/** requests that wait for room, the first one in front: a retry goes behind them */
	private queue: object[] = [];

	/**
	 * @param name the service's name, for error texts
	 * @param advice what to do when no more requests are taken
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
				// One may always ask: the window is open, or nobody knows when it will be
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
		// A refusal is the latest word, whichever window it speaks of
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

	/** The answers that this request waits for have not come. */
	private crowded(): ServiceError {
		return new ServiceError(
			`${this.name} has not answered earlier requests of this credential, and takes no more until it does`,
			{ description: 'Try again in a minute.', cause: 'rate-limited' },
		);
	}
}

/** A credential that was not used for this long no longer counts for its limit, in ms. */
const RATE_MEMORY = 600_000;

/** Keeps a credential's requests below a number for each second as well. */
export class PacedLimiter extends AnnouncedLimiter {
	private bucket: Bucket | undefined;

	/** when each rate was last asked for; credentials of one key may differ in theirs */
	private readonly rates = new Map<number, number>();

	/**
	 * Sets the rate of a credential. Where several hold the same key, the lowest rate counts.
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
			// Meanwhile the service may have asked another request to come back later
			const known = this.known(runtime.now());
			if (known === undefined || known.remaining > 0) return;
			this.settle();
		}
	}

	override isIdle(now: number): boolean {
		return super.isIdle(now) && now - (this.bucket?.updatedAt ?? 0) > RATE_MEMORY;
	}
}

/** A window that has opened again holds all its requests, as far as the service said how many. */
function inOpenWindow(known: RateLimit | undefined, now: number): RateLimit | undefined {
	if (known?.resetsAt === undefined || known.resetsAt > now) return known;
	return known.limit === undefined ? undefined : { limit: known.limit, remaining: known.limit };
}

/** Answers overtake each other: within one window the lowest count is the latest. */
function merged(before: RateLimit | undefined, latest: RateLimit | undefined) {
	// A gateway's answer announces nothing
	if (latest === undefined) return before?.resetsAt === undefined ? undefined : before;
	if (before?.resetsAt === undefined || latest.resetsAt === undefined) return latest;
	const later = latest.resetsAt - before.resetsAt;
	if (later >= SAME_WINDOW) return latest;
	return later <= -SAME_WINDOW || before.remaining < latest.remaining ? before : latest;
}

/**
 * Waits for the window to open when the announced limit is used up.
 *
 * @param name the service's name, for the error text
 * @param longestWait ms
 * @param advice what to do when that is further away
 * @throws ServiceError that says when the window opens, if that is further away; nothing was sent
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

/** Idle limiters kept beyond one execution. Far more than credentials in use. */
const MOST_LIMITERS = 1000;

/**
 * One limiter for each credential of this process, whichever node asks. Idle ones make room for
 * others; one that knows of a closed window stays.
 *
 * @param make makes the limiter of a credential that was not used yet
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
