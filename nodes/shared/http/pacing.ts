import { ServiceError } from './errors';
import { readRateLimit } from './rateLimit';
import type { RateLimit } from './rateLimit';
import type { Answer, Limiter, Runtime } from './request';
import { requestedWaitMs } from './retry';
import { formatTime } from './time';

/** How full a credential's bucket of requests is. One token is one request. */
export interface Bucket {
	tokens: number;
	/** ms since the epoch */
	at: number;
}

/**
 * Takes a token out of a bucket that fills at `perSecond` and holds at most `perSecond`: within any
 * second at most twice that number leave, the burst included.
 *
 * @param perSecond requests/second
 * @param now ms since the epoch
 * @returns the bucket afterwards (its tokens may be negative: those are promised already) and how
 * long to wait before sending, in ms
 */
export function takeToken(
	bucket: Bucket | undefined,
	perSecond: number,
	now: number,
): { bucket: Bucket; waitMs: number } {
	const burst = Math.max(1, perSecond);
	const at = Math.max(now, bucket?.at ?? now);
	const refilled = bucket
		? Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
		: burst;
	const tokens = refilled - 1;
	return {
		bucket: { tokens, at },
		waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000),
	};
}

/** How often a request looks whether those in flight have left room for it, in ms. */
const LOOK_AGAIN = 50;

/** Windows whose ends are this close are one: seconds from now shift by less, in ms. */
const SAME_WINDOW = 1000;

/**
 * Keeps one credential's requests to the limits that the service announces in its headers.
 *
 * An answer counts the requests that the service had taken by then, so those still in flight are
 * taken off what it says is left.
 */
export class AnnouncedLimiter implements Limiter {
	private announced: RateLimit | undefined;
	private inFlight = 0;

	/**
	 * @param name the service's name, for error texts
	 * @param advice what to do when no more requests are taken
	 */
	constructor(
		private readonly name: string,
		private readonly advice?: string,
	) {}

	async acquire(runtime: Runtime, longestWait: number): Promise<void> {
		for (;;) {
			await waitForWindow(this.name, this.announced, runtime, longestWait, this.advice);
			this.announced = inOpenWindow(this.announced, runtime.now());
			// One may always ask: the window is open, or nobody knows when it will be
			if (this.inFlight < Math.max(1, this.announced?.remaining ?? Infinity)) break;
			await runtime.sleep(LOOK_AGAIN);
		}
		this.inFlight++;
	}

	settle(): void {
		this.inFlight--;
	}

	observe(answer: Answer, runtime: Runtime): void {
		const now = runtime.now();
		const told = readRateLimit(answer.headers, now);
		const known = inOpenWindow(this.announced, now);
		const closedFor = answer.status === 429 ? requestedWaitMs(answer, now) : undefined;
		// What a refusal says is the latest, whichever window it speaks of
		this.announced =
			closedFor === undefined
				? latest(known, told)
				: { limit: told?.limit ?? known?.limit, remaining: 0, resetsAt: now + closedFor };
	}

	known(now: number): RateLimit | undefined {
		const { announced } = this;
		return announced?.resetsAt !== undefined && announced.resetsAt > now ? announced : undefined;
	}
}

/** Keeps a credential's requests below a number for each second as well. */
export class PacedLimiter extends AnnouncedLimiter {
	private bucket: Bucket | undefined;

	/**
	 * @param name the service's name, for error texts
	 * @param perSecond requests/second
	 */
	constructor(
		name: string,
		public perSecond: number,
	) {
		super(name);
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
}

/** A window that has opened again holds all its requests, as far as the service said how many. */
function inOpenWindow(known: RateLimit | undefined, now: number): RateLimit | undefined {
	if (known?.resetsAt === undefined || known.resetsAt > now) return known;
	return known.limit === undefined ? undefined : { limit: known.limit, remaining: known.limit };
}

/** Answers overtake each other: within one window the lowest count is the latest. */
function latest(known: RateLimit | undefined, told: RateLimit | undefined): RateLimit | undefined {
	// A gateway's answer announces nothing
	if (told === undefined) return known?.resetsAt === undefined ? undefined : known;
	if (known?.resetsAt === undefined || told.resetsAt === undefined) return told;
	const later = told.resetsAt - known.resetsAt;
	if (later >= SAME_WINDOW) return told;
	return later <= -SAME_WINDOW || known.remaining < told.remaining ? known : told;
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
			`${name} takes no more requests until ${formatTime(announced.resetsAt)}. Nothing was sent`,
			{
				description: advice,
				cause: 'rate-limited',
				retryAfterMs: waitMs,
			},
		);
	}
	await runtime.sleep(waitMs);
}

/** Limiters kept beyond one execution; the oldest make room. Far more than credentials in use. */
const MOST_LIMITERS = 1000;

/**
 * One limiter for each credential of this process, whichever node asks.
 *
 * @param make makes the limiter of a credential that was not used yet
 */
export function sharedLimiters<L extends Limiter>(make: () => L): (key: string) => L {
	const limiters = new Map<string, L>();
	return (key) => {
		const limiter = limiters.get(key) ?? make();
		// Set anew, so that the map keeps the order of use
		limiters.delete(key);
		limiters.set(key, limiter);
		const oldest = limiters.keys().next();
		if (limiters.size > MOST_LIMITERS && !oldest.done) limiters.delete(oldest.value);
		return limiter;
	};
}
