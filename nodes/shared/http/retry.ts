import type { IDataObject } from 'n8n-workflow';

import { isCredible, readRateLimit } from './rateLimit';
import { serviceNow } from './time';

/** Most tries of one request, the first included. */
export const MAX_TRIES = 4;

/** The longest wait without the user's consent, in ms. */
export const LONGEST_WAIT = 60_000;

const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 10_000;

/** 5xx statuses that a retry cannot change: Not Implemented, HTTP Version Not Supported. */
const LASTING_STATUSES = new Set([501, 505]);

/** Network failures before the request reached the service. */
const NEVER_SENT = new Set([
	'ECONNREFUSED',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENETDOWN',
	'UND_ERR_CONNECT_TIMEOUT',
]);

/** Network failures after which the service may have carried out the request. */
const ANSWER_LOST = new Set([
	'ECONNRESET',
	'ECONNABORTED',
	'ETIMEDOUT',
	'ESOCKETTIMEDOUT',
	'EPIPE',
	'ERR_BAD_RESPONSE',
	'ERR_STREAM_PREMATURE_CLOSE',
	'ERR_NETWORK',
	'UND_ERR_SOCKET',
	'UND_ERR_BODY_TIMEOUT',
	'UND_ERR_HEADERS_TIMEOUT',
]);

/** The host, its certificate, the address or this machine prevented the request: nobody received it. */
const NOBODY_THERE =
	/^(UNKNOWN|ENOTFOUND|EAI_.*|EPROTO|EACCES|EPERM|EADDRNOTAVAIL|EMFILE|ENFILE|EHOSTDOWN|ERR_(TLS|SSL|INVALID|HTTP_INVALID|BAD_(OPTION|REQUEST)).*|.*CERT.*|INVALID_(CA|PURPOSE)|UNABLE_TO_.*|HOSTNAME_MISMATCH)$/;

/** The answer is not HTTP, is compressed wrongly, or is too large. */
const UNREADABLE = /^(HPE_|Z_|ERR_TOO_LARGE$)/;

/** The outcome of one try: an answer's status, or the code of a network failure. */
export type RequestOutcome = { status: number } | { code: string };

/** @returns whether the same request may succeed later */
export function isTransient(outcome: RequestOutcome): boolean {
	return 'status' in outcome
		? isTransientStatus(outcome.status)
		: NEVER_SENT.has(outcome.code) || ANSWER_LOST.has(outcome.code);
}

function isTransientStatus(status: number): boolean {
	return status === 408 || status === 429 || (status >= 500 && !LASTING_STATUSES.has(status));
}

/**
 * @returns whether the service may have carried out the request without confirming it: the answer was
 * lost, or a server or gateway gave up half-way
 */
export function isAmbiguous(outcome: RequestOutcome): boolean {
	return 'status' in outcome
		? outcome.status >= 500 || outcome.status === 408
		: !NEVER_SENT.has(outcome.code) && !NOBODY_THERE.test(outcome.code);
}

/** @returns whether there was an answer that cannot be read */
export function isUnreadable(outcome: RequestOutcome): boolean {
	return 'code' in outcome && UNREADABLE.test(outcome.code);
}

/**
 * How long to wait before the next try: exponential backoff with full jitter, or the service's
 * Retry-After plus a little jitter, so that many workflows do not return at once.
 *
 * @param attempt number of the try that failed, from 1
 * @param retryAfterMs the wait that the service asks for, in ms
 * @param random a number in [0, 1)
 * @returns ms
 */
export function backoffMs(
	attempt: number,
	retryAfterMs: number | undefined,
	random: number,
): number {
	if (retryAfterMs !== undefined) return retryAfterMs + Math.floor(random * 250);
	return Math.floor(random * Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1)));
}

/**
 * Reads `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now the service's time, in ms since the epoch
 * @returns ms from now, never negative; undefined when the header is missing or unreadable
 */
export function readRetryAfter(header: unknown, now: number): number | undefined {
	if (typeof header !== 'string' && typeof header !== 'number') return undefined;
	const text = String(header).trim();
	// Date.parse accepts "-1" and "1.2.3"; an HTTP date starts with the name of a day
	const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
	const wait = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : date - now;
	return Number.isNaN(wait) || !isCredible(wait) ? undefined : Math.max(0, wait);
}

/**
 * @param answer an answer that asks for a later try
 * @param now ms since the epoch
 * @returns the wait that the service asks for, in ms: `Retry-After`, or until its window opens again
 */
export function requestedWaitMs(
	answer: { status: number; headers: IDataObject },
	now: number,
): number | undefined {
	const asked = readRetryAfter(answer.headers['retry-after'], serviceNow(answer.headers, now));
	if (asked !== undefined || answer.status !== 429) return asked;
	const resetsAt = readRateLimit(answer.headers, now)?.resetsAt;
	return resetsAt === undefined ? undefined : Math.max(0, resetsAt - now);
}
