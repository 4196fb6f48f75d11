import type { IDataObject } from 'n8n-workflow';

import type { Answer, Limiter, Runtime } from './request';
import { LONGEST_WAIT } from './backoff';
import { ServiceError } from './errors';

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

/** A service's own count of requests, as its headers announce it. */
export interface RateLimit {
	/** requests for each window */
	limit?: number;
	/** requests left in this window */
	remaining: number;
	/** when the window opens again, in ms since the epoch */
	resetsAt?: number;
}

/** Unix seconds from here on; smaller numbers are seconds from now. 2001-09-09. */
const FIRST_UNIX_SECONDS = 1e9;

/**
 * Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset` (Kindryn API, Rate limiting; Klinky API
 * Reference, Rate Limits: Unix seconds).
 *
 * @param now ms since the epoch
 * @returns undefined when `X-RateLimit-Remaining` is missing or no number
 */
export function readRateLimit(headers: IDataObject, now: number): RateLimit | undefined {
	const remaining = readNumber(headers['x-ratelimit-remaining']);
	if (remaining === undefined) return undefined;
	const reset = readNumber(headers['x-ratelimit-reset']);
	return {
		remaining,
		limit: readNumber(headers['x-ratelimit-limit']),
		resetsAt:
			reset === undefined ? undefined : reset * 1000 + (reset < FIRST_UNIX_SECONDS ? now : 0),
	};
}

function readNumber(header: unknown): number | undefined {
	const text = String(header ?? '').trim();
	return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** @returns a time as people read it, in the zone of UTC: "2026-11-22 14:05:00 UTC" */
export function shownTime(ms: number): string {
	return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/**
 * Keeps one credential's requests below a number for each second, and to the limits that the
 * service announces in its headers once it does.
 */
export class PacedLimiter implements Limiter {
	private bucket: Bucket | undefined;
	private announced: RateLimit | undefined;

	/**
	 * @param name the service's name, for error texts
	 * @param perSecond requests/second
	 */
	constructor(
		private readonly name: string,
		public perSecond: number,
	) {}

	async acquire(runtime: Runtime): Promise<void> {
		await this.waitForWindow(runtime);
		const taken = takeToken(this.bucket, this.perSecond, runtime.now());
		this.bucket = taken.bucket;
		if (taken.waitMs > 0) await runtime.sleep(taken.waitMs);
	}

	observe(answer: Answer, runtime: Runtime): void {
		this.announced = readRateLimit(answer.headers, runtime.now());
	}

	private async waitForWindow(runtime: Runtime): Promise<void> {
		const { announced } = this;
		if (!announced || announced.remaining > 0 || announced.resetsAt === undefined) return;
		const waitMs = announced.resetsAt - runtime.now();
		if (waitMs <= 0) return;
		if (waitMs > LONGEST_WAIT) {
			throw new ServiceError(
				`${this.name} takes no more requests until ${shownTime(announced.resetsAt)}`,
				{
					description: 'Nothing was sent. Run the workflow again after that time.',
					cause: 'rate-limited',
					retryAfterMs: waitMs,
				},
			);
		}
		await runtime.sleep(waitMs);
	}
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
