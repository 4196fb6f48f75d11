import type { IDataObject } from 'n8n-workflow';

import { asText } from './answer';
import { formatTime, serviceNow, toMs } from './time';

/** A rate limit as the service's headers announce it. */
export interface RateLimit {
	/** requests per window */
	limit?: number;
	/** requests left in this window */
	remaining: number;
	/** when the window opens again, in ms since the epoch */
	resetsAt?: number;
}

/** From here on a reset is in Unix seconds (2001-09-09); smaller numbers are seconds from now. */
const FIRST_UNIX_SECONDS = 1e9;

/**
 * Longest closure to believe, in ms. No documented window is longer than an hour, so more than a day is
 * in another unit or a fault. Asking again costs less than believing it.
 */
const LONGEST_CLOSURE = 86_400_000;

/**
 * @param ms a wait that a service asks for
 * @returns whether it is short enough to believe
 */
export function isCredible(ms: number): boolean {
	return ms <= LONGEST_CLOSURE;
}

/**
 * Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset` (Kindryn API, Rate limiting; Klinky API
 * Reference, Rate Limits: Unix seconds).
 *
 * @param now ms since the epoch
 * @returns undefined when `X-RateLimit-Remaining` is missing or not a number
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

/** Kindryn documents no unit for the header (Kindryn API, Rate limiting). */
function resetTime(reset: number, headers: IDataObject, now: number): number {
	if (reset < FIRST_UNIX_SECONDS) return now + reset * 1000;
	return now + toMs(reset) - serviceNow(headers, now);
}

function readNumber(header: unknown): number | undefined {
	const text = asText(header)?.trim() ?? '';
	return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** @returns a hint when less than a tenth of the window's requests is left */
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
