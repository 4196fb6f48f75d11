import type { IDataObject, IHttpRequestMethods, IHttpRequestOptions } from 'n8n-workflow';

import { describeBody, insteadOf, isJson, isTooDeep, serviceMessage } from './answer';
import { CancelledError, ServiceError } from './errors';
import type { FailureCause } from './errors';
import type { RateLimit } from './rateLimit';
import {
	backoffMs,
	isAmbiguous,
	isTransient,
	isUnreadable,
	MAX_TRIES,
	requestedWaitMs,
} from './retry';
import { formatTime } from './time';

/** Longest time for a request and its whole answer, in ms. */
export const TIMEOUT = 60_000;

/** Shortest time that a try gets, in ms. */
const SHORTEST_TRY = 1_000;

/** Clock, randomness and cancellation. Passed in, so that tests need not wait. */
export interface Runtime {
	/** ms since the epoch */
	now(): number;
	/** a number in [0, 1) */
	random(): number;
	/** the zone in which people read times; n8n has none for the test of a credential */
	timezone?: string;
	/** waits, in ms; rejects when the execution is cancelled */
	sleep(ms: number): Promise<void>;
	/** fires when the execution is cancelled; n8n has none outside executions */
	signal?: AbortSignal;
}

/** A request as an operation describes it. */
export interface ApiRequest {
	method: IHttpRequestMethods;
	/** after the base address; built with {@link apiPath} */
	path: string;
	query?: IDataObject;
	/** sent as JSON; undefined for none */
	body?: unknown;
	headers?: Record<string, string>;
	/** whether sending it twice is safe; by default for every method but POST */
	repeatable?: boolean;
	/** what it is about, for error texts: `tag "A1"` */
	subject?: string;
	/**
	 * Other values in the request, by the service's word for each: `{ space: 'ckspace01' }`. If the
	 * service's message has such a word, the error text names that value instead of `subject`.
	 */
	mentions?: Record<string, string>;
}

export interface Answer {
	status: number;
	/** names in lower case */
	headers: IDataObject;
	/** parsed JSON; the raw text if it is not JSON; undefined without a body */
	body: unknown;
}

/** The answer to one try, or why there was none. `message` holds no secret. */
export type TransportResult = Answer | { code: string; message: string };

export type Transport = (options: IHttpRequestOptions) => Promise<TransportResult>;

/** Keeps the service's limits. All nodes that use one credential in one process share it. */
export interface Limiter {
	/**
	 * Waits until a request may be sent.
	 *
	 * @param longestWait ms
	 * @throws ServiceError when the wait would be longer
	 */
	acquire(runtime: Runtime, longestWait: number): Promise<void>;
	/** Ends a request that {@link acquire} let through, with or without an answer. */
	settle?(): void;
	/** Reads the limits an answer announces. */
	observe(answer: Answer, runtime: Runtime): void;
	/**
	 * @param now ms since the epoch
	 * @returns the latest announced limit, unless its window is over
	 */
	known?(now: number): RateLimit | undefined;
}

/** The service's name, and advice for its errors. */
export interface Wording {
	/** the service's name as people write it */
	name: string;
	/** advice by status */
	advice: Partial<Record<number, string>>;
	/** more precise advice, e.g. which scope is missing; wins over `advice` */
	adviceFor?(status: number, words: string, request: ApiRequest): string | undefined;
}

export interface Connection {
	/** without a trailing slash */
	baseUrl: string;
	wording: Wording;
	limiter?: Limiter;
	transport: Transport;
	/** removes secrets from a text */
	redact(text: string): string;
	/** longest wait for a rate limit, in ms */
	longestWait: number;
	/** longest time for a request and its whole answer, in ms */
	timeout?: number;
	/** longest time for all tries of a request together, in ms */
	triesWithin?: number;
	/** no request is sent after this time, in ms since the epoch */
	endsAt?: number;
}

const GENERAL_ADVICE: Partial<Record<number, string>> = {
	400: 'Check the parameters of this node.',
	401: 'Open the credential and check the secret.',
	403: 'Check what the key of this credential is allowed to do.',
	404: 'Check the ID: it may have been deleted, or belong to another account.',
	405: 'Check the address in the credential.',
	429: 'Too many requests were sent. Wait before you run the workflow again.',
};

const OUTAGE_ADVICE =
	'The problem is on the side of the service. Try again later, or turn on "Retry On Fail" in the settings of the node.';

const AMBIGUOUS_ADVICE =
	'It is unknown whether this was carried out, so it was not sent a second time. Check before you run it again.';

/** Statuses that may mean that the thing already exists. */
const TAKEN = new Set([400, 409, 422]);

const TAKEN_ADVICE =
	'An earlier try may have been carried out although its answer did not say so. Check whether it is there before you run it again.';

/**
 * Sends a request. Keeps to the rate limits, retries where that helps and is safe, and checks that
 * the answer is JSON.
 *
 * @returns the answer with a status of 2xx; `status` 404 for a DELETE whose earlier try was lost
 * @throws ServiceError with a text for the user; CancelledError when the execution is cancelled
 */
export async function sendRequest(
	connection: Connection,
	request: ApiRequest,
	runtime: Runtime,
): Promise<Answer> {
	const { limiter, transport, longestWait, timeout = TIMEOUT, triesWithin = Infinity } = connection;
	let startedAt: number | undefined;
	const repeatable = request.repeatable ?? request.method !== 'POST';
	let answerLost = false;

	for (let attempt = 1; ; attempt++) {
		throwIfCancelled(runtime);
		await limiter?.acquire(runtime, longestWait);
		let result: TransportResult;
		try {
			throwIfCancelled(runtime);
			startedAt ??= runtime.now();
			const timeLeft = Math.max(SHORTEST_TRY, startedAt + triesWithin - runtime.now());
			result = await transport(toHttp(connection.baseUrl, request, Math.min(timeout, timeLeft)));
		} finally {
			limiter?.settle?.();
		}
		if ('status' in result) limiter?.observe(result, runtime);
		throwIfCancelled(runtime);

		if ('status' in result && result.status >= 200 && result.status < 300) {
			return checkBody(connection, request, result);
		}
		if (answerLost && request.method === 'DELETE' && 'status' in result && result.status === 404) {
			return { ...result, body: undefined };
		}

		const now = runtime.now();
		const retryAfter = 'status' in result ? requestedWaitMs(result, now) : undefined;
		const ambiguous = isAmbiguous(result);
		const harmless = repeatable || !ambiguous;
		const wait = backoffMs(attempt, retryAfter, runtime.random());
		if (
			attempt === MAX_TRIES ||
			!isTransient(result) ||
			!harmless ||
			(retryAfter ?? wait) > longestWait ||
			now + wait >= startedAt + triesWithin
		) {
			const isTaken =
				answerLost && request.method === 'POST' && 'status' in result && TAKEN.has(result.status);
			throw failure(connection, request, result, {
				now,
				timezone: runtime.timezone,
				retryAfterMs: retryAfter,
				ambiguous: request.method !== 'GET' && (ambiguous || answerLost),
				lookFirst: isTaken ? TAKEN_ADVICE : harmless ? undefined : AMBIGUOUS_ADVICE,
			});
		}
		answerLost ||= ambiguous;
		await runtime.sleep(wait);
	}
}

function throwIfCancelled(runtime: Runtime): void {
	if (runtime.signal?.aborted) throw new CancelledError();
}

function toHttp(baseUrl: string, request: ApiRequest, timeout: number): IHttpRequestOptions {
	const { method, path, query, body, headers } = request;
	return {
		method,
		url: baseUrl + path,
		...(query ? { qs: query } : {}),
		headers: {
			Accept: 'application/json',
			// A string, because n8n drops a body that is an empty object
			...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
			...headers,
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		json: true,
		// A stream, so that size and time can be limited
		encoding: 'stream',
		timeout,
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
		// A redirect would carry the secret to wherever it points
		disableFollowRedirect: true,
	};
}

/** Methods that may succeed without a body. */
const MAY_ANSWER_NOTHING = new Set<IHttpRequestMethods>(['PUT', 'PATCH', 'DELETE']);

function checkBody(connection: Connection, request: ApiRequest, answer: Answer): Answer {
	const { body } = answer;
	const isEmpty = body === '' || body === undefined || body === null;
	if (isEmpty && MAY_ANSWER_NOTHING.has(request.method)) return { ...answer, body: undefined };
	if (isJson(body) && !isTooDeep(body)) return answer;
	throw unexpectedAnswer(connection, request, `returned ${insteadOf(body, 'JSON')}`);
}

/** @returns the error for an answer of an undocumented shape */
export function unexpectedAnswer(
	connection: Connection,
	request: ApiRequest,
	what: string,
): ServiceError {
	const changed =
		request.method === 'GET'
			? ''
			: ' The change itself may have been carried out: check before you run it again.';
	const message = `${connection.wording.name} ${what}${about(request)}`;
	return new ServiceError(connection.redact(message), {
		description: `Check the address in the credential: it may lead to a web page, a proxy or another service.${changed}`,
		ambiguous: request.method !== 'GET',
	});
}

/** @param words the service's message @returns the thing that the message is about, in parentheses */
export function about({ subject, mentions = {} }: ApiRequest, words = ''): string {
	const spoken = words.toLowerCase().split(/[^a-z]+/);
	const mentioned = Object.entries(mentions).find(([word]) => spoken.includes(word));
	const shown = mentioned ? `${mentioned[0]} "${mentioned[1]}"` : subject;
	return shown ? ` (${shown})` : '';
}

function failure(
	connection: Connection,
	request: ApiRequest,
	result: TransportResult,
	facts: {
		now: number;
		timezone?: string;
		retryAfterMs?: number;
		ambiguous: boolean;
		/** the advice when sending it again without looking may do harm */
		lookFirst?: string;
	},
): ServiceError {
	const { wording, redact } = connection;
	if ('code' in result) {
		const what = isUnreadable(result)
			? 'returned an answer that cannot be read'
			: 'could not be reached';
		const { hostname } = new URL(connection.baseUrl);
		const why = result.code === 'ENOTFOUND' ? `${result.message} as "${hostname}"` : result.message;
		return new ServiceError(redact(`${wording.name} ${what}: ${why}${about(request)}`), {
			...facts,
			description: facts.lookFirst ?? networkAdvice(result.code),
			cause: isTransient(result) ? 'temporarily-unavailable' : 'configuration-invalid',
		});
	}

	const { status } = result;
	if (status >= 300 && status < 400) {
		return new ServiceError(
			redact(`${wording.name} returned a redirect, which was not followed${about(request)}`),
			{
				...facts,
				status,
				description:
					'A redirect would carry the secret elsewhere. Check the address in the credential, e.g. http:// instead of https://.',
				cause: 'configuration-invalid',
			},
		);
	}

	const words = serviceMessage(result.body, redact);
	const said = words ?? `returned status ${status} with ${describeBody(result.body)}`;
	const opens =
		status === 429 && facts.retryAfterMs !== undefined
			? `${said.endsWith('.') ? '' : '.'} Requests are accepted again at ${formatTime(facts.now + facts.retryAfterMs, facts.timezone)}`
			: '';
	const message = redact(
		`${wording.name}${words ? ':' : ''} ${said}${opens}${about(request, words)}`,
	);
	const advice =
		wording.adviceFor?.(status, words ?? '', request) ??
		wording.advice[status] ??
		GENERAL_ADVICE[status];
	return new ServiceError(message, {
		...facts,
		status,
		description: redact(
			facts.lookFirst ??
				advice ??
				(status >= 500 || status === 408 ? OUTAGE_ADVICE : 'Check the parameters of this node.'),
		),
		cause: causeOf(status),
	});
}

function causeOf(status: number): FailureCause | undefined {
	if (status === 401) return 'credential-invalid';
	if (status === 429) return 'rate-limited';
	return isTransient({ status }) ? 'temporarily-unavailable' : undefined;
}

function networkAdvice(code: string): string {
	if (code === 'ENOTFOUND') return 'Check the address in the credential.';
	if (code === 'ECONNREFUSED') {
		return 'Nothing answers at this address. Check it in the credential, or try again later.';
	}
	if (code === 'ERR_TOO_LARGE') {
		return "Check the address in the credential. If it is right, set a 'Limit' or a filter, or run the node with fewer items.";
	}
	return isTransient({ code })
		? OUTAGE_ADVICE
		: 'Check the address in the credential and the network of the machine that n8n runs on.';
}
