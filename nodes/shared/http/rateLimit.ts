import type { IDataObject } from 'n8n-workflow';

import { asText } from './answer';
import { formatTime, serviceNow, toMs } from './time';

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
 * No documented window is longer than an hour. A closure of more than a day is in another unit than
 * the documents say, or a fault of the service: asking again costs less than believing it. In ms.
 */
const LONGEST_CLOSURE = 86_400_000;

/**
 * @param ms how far away a time is that a service told
 * @returns whether it can be meant
 */
export function isCredible(ms: number): boolean {
	return ms <= LONGEST_CLOSURE;
}

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
	const resetsAt = reset === undefined ? undefined : resetTime(reset, headers, now);
	return {
		remaining,
		limit: readNumber(headers['x-ratelimit-limit']),
		resetsAt: resetsAt !== undefined && isCredible(resetsAt - now) ? resetsAt : undefined,
	};
}

/** Kindryn announces the header and no unit (Kindryn API, Rate limiting). */
function resetTime(reset: number, headers: IDataObject, now: number): number {
	if (reset < FIRST_UNIX_SECONDS) return now + reset * 1000;
	return now + toMs(reset) - serviceNow(headers, now);
}

function readNumber(header: unknown): number | undefined {
	const text = asText(header)?.trim() ?? '';
	return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** @returns what is left of a window, when that is less than a tenth of it; for a hint */
export function lowBudgetHint(
	name: string,
	known: RateLimit | undefined,
	timezone?: string,
): string | undefined {
	if (known?.limit === undefined || known.remaining * 10 >= known.limit) return undefined;
	const until =
		known.resetsAt === undefined ? '' : ` until ${formatTime(known.resetsAt, timezone)}`;
	return `${name}: ${known.remaining} of ${known.limit} requests left${until}.`;
}
