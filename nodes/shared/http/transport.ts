import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { networkFailure } from './networkFailure';
import { TIMEOUT } from './request';
import type { Transport, TransportResult } from './request';

/*
 * How a request leaves n8n, and how its answer is read. The timeout of n8n's helpers measures silence,
 * and they read an answer whatever its size. So the answer is taken as a stream, within a time and a
 * size of its own.
 */

/** Where a node runs: in an execution, behind its panel, or as a trigger. */
export type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** The largest answer that is read, in bytes: some hundred thousand rows. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** Most values of one answer: a value of three bytes takes a hundred in memory. */
const MOST_VALUES = 1_000_000;

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** The part of a Node.js stream that is used here. */
interface Stream extends AsyncIterable<Uint8Array> {
	destroy(): void;
}

/** Sends requests as n8n does for a node, with its credential. */
export function nodeTransport(context: Context, credentialType: string): Transport {
	const cancelled =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	return async (options) =>
		await exchange(
			options,
			async (ended) => {
				// n8n sets the execution's signal here, which does not know when the time is over
				Object.defineProperty(options, 'abortSignal', {
					enumerable: true,
					get: () => ended,
					set: () => undefined,
				});
				const { httpRequestWithAuthentication } = context.helpers;
				return await httpRequestWithAuthentication.call(context, credentialType, options);
			},
			cancelled,
		);
}

/**
 * Sends requests for the test of a credential, which is handed no other helper than the old `request`,
 * with options of its own (n8n-workflow, ICredentialTestFunctions).
 *
 * @param secretHeaders what authenticates a request
 */
export function testTransport(
	{ helpers }: ICredentialTestFunctions,
	secretHeaders: Record<string, string>,
): Transport {
	return async (options) =>
		await exchange(options, async () => {
			return (await helpers.request({
				method: options.method,
				uri: options.url,
				qs: options.qs,
				headers: { ...options.headers, ...secretHeaders },
				timeout: options.timeout,
				json: true,
				useStream: true,
				simple: false,
				resolveWithFullResponse: true,
				followRedirect: false,
			})) as unknown;
		});
}

/**
 * Sends a request and reads its answer, both within the timeout.
 *
 * @param send is to end the request when its signal fires
 * @param cancelled fires when the execution is cancelled
 */
async function exchange(
	{ timeout = TIMEOUT }: IHttpRequestOptions,
	send: (ended: AbortSignal) => Promise<unknown>,
	cancelled?: AbortSignal,
): Promise<TransportResult> {
	let stream: Stream | undefined;
	const ended = new AbortController();
	const end = () => {
		ended.abort();
		stream?.destroy();
	};
	const receive = async (): Promise<TransportResult> => {
		try {
			const response = (await send(ended.signal)) as IN8nHttpFullResponse;
			const { statusCode: status, headers, body } = response;
			if (!isStream(body)) return { status, headers, body };
			stream = body;
			// The time was over before the headers came
			if (ended.signal.aborted) stream.destroy();
			const { text, bytes } = await readText(stream);
			return text === undefined ? tooLarge() : { status, headers, body: parsed(text), bytes };
		} catch (error) {
			return networkFailure(error);
		}
	};
	const answered = new AbortController();
	const expire = async (): Promise<TransportResult> => {
		// Rejects when the answer came first; n8n 1 goes on counting, in vain
		await sleep(timeout, answered.signal);
		end();
		return {
			code: 'ETIMEDOUT',
			message: `no complete answer arrived within ${timeout / 1000} seconds`,
		};
	};
	const expired = expire();
	expired.catch(() => undefined);
	cancelled?.addEventListener('abort', end, { once: true });
	return await Promise.race([receive(), expired]).finally(() => {
		cancelled?.removeEventListener('abort', end);
		// With a reason, since making the usual one takes a while
		answered.abort('answered');
		stream = undefined;
	});
}

function isStream(body: unknown): body is Stream {
	return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** @returns the text of a stream, or none of one that is larger than {@link LARGEST_ANSWER} */
async function readText(stream: Stream): Promise<{ text?: string; bytes: number }> {
	const decoder = new TextDecoder();
	let text = '';
	let bytes = 0;
	let values = 0;
	let uncounted: Uint8Array[] = [];
	for await (const chunk of stream) {
		bytes += chunk.length;
		uncounted.push(chunk);
		// No answer holds more values than bytes, so a small one need not be counted
		if (bytes > MOST_VALUES) {
			values += uncounted.reduce((sum, part) => sum + valuesIn(part), 0);
			uncounted = [];
		}
		// Leaving the loop closes the connection
		if (bytes > LARGEST_ANSWER || values > MOST_VALUES) return { bytes };
		text += decoder.decode(chunk, { stream: true });
	}
	return { text: text + decoder.decode(), bytes };
}

/** Counts the bytes that stand before a value. Texts hold some as well, which does no harm. */
function valuesIn(chunk: Uint8Array): number {
	let values = 0;
	// By position: an iterator takes ten times as long
	for (let position = 0; position < chunk.length; position++) {
		const byte = chunk[position];
		if (byte === COMMA || byte === BRACKET || byte === BRACE) values++;
	}
	return values;
}

/** @returns the JSON in a text, or the text where it holds none */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Worded only when it happens: the first number that is written so takes longer than all of this file. */
function tooLarge(): TransportResult {
	const values = MOST_VALUES.toLocaleString('en');
	return {
		code: 'ERR_TOO_LARGE',
		message: `the answer is larger than ${LARGEST_ANSWER / 1024 / 1024} MB, or holds more than ${values} values`,
	};
}
