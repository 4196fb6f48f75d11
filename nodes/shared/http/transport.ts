import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { whenCancelled } from './cancellation';
import { networkFailure } from './networkFailure';
import { TIMEOUT } from './request';
import type { Transport, TransportResult } from './request';

/*
 * Sends a request through n8n and reads the answer. The timeout of n8n's helpers only measures silence,
 * and they read answers of any size. So the answer is read here, as a stream with a limit for its time
 * and its size.
 */

/** Where a node runs: in an execution, behind its panel, or as a trigger. */
export type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Largest answer, in bytes: some hundred thousand rows. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** Most values in one answer. */
const MOST_VALUES = 1_000_000;

/** Memory that a value takes besides its text, in bytes: {} has two bytes in an answer. */
const VALUE_SIZE = 50;

/** Most memory for all answers of one run of a node, in bytes: some 500,000 rows. */
const MOST_MEMORY = 512 * 1024 * 1024;

/** Ends the timer of a request. A constant, because creating an error takes longer than reading a small answer. */
const ANSWERED = new Error('The answer has arrived');

/** Bytes that start a value. Those inside texts count too, which does no harm. */
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** What the answers of a run may still take. */
interface Memory {
	/** bytes */
	left: number;
}

/** The part of a Node.js stream used here. */
interface Stream extends AsyncIterable<Uint8Array> {
	destroy(): void;
}

/** @returns a transport that sends requests with the node's credential */
export function nodeTransport(context: Context, credentialType: string): Transport {
	const cancelled =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const memory = { left: MOST_MEMORY };
	return async (options) =>
		await exchange(
			options,
			memory,
			async (ended) => {
				// n8n would put the execution's signal here, which does not fire when time is up
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
 * A transport for the test of a credential. n8n gives that test only the old `request` helper, which
 * has other options (n8n-workflow, ICredentialTestFunctions).
 *
 * @param secretHeaders headers that authenticate a request
 */
export function testTransport(
	{ helpers }: ICredentialTestFunctions,
	secretHeaders: Record<string, string>,
): Transport {
	return async (options) =>
		await exchange(options, { left: MOST_MEMORY }, async () => {
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
 * @param memory what the answers may still take, in bytes
 * @param send starts the request and ends it when its signal fires
 * @param cancelled fires when the execution is cancelled
 */
async function exchange(
	{ timeout = TIMEOUT }: IHttpRequestOptions,
	memory: Memory,
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
			// Time was up before the headers arrived
			if (ended.signal.aborted) stream.destroy();
			const text = await readText(stream, memory);
			return typeof text === 'string' ? { status, headers, body: parsed(text) } : text;
		} catch (error) {
			return networkFailure(error);
		}
	};
	const answered = new AbortController();
	const expire = async (): Promise<TransportResult> => {
		// Rejects when the answer comes first. In n8n 1 the timer runs on, without effect.
		await sleep(timeout, answered.signal);
		end();
		return {
			code: 'ETIMEDOUT',
			message: `no complete answer arrived within ${timeout / 1000} seconds`,
		};
	};
	const expired = expire();
	expired.catch(() => undefined);
	const forget = cancelled && whenCancelled(cancelled, end);
	return await Promise.race([receive(), expired]).finally(() => {
		forget?.();
		answered.abort(ANSWERED);
		stream = undefined;
	});
}

function isStream(body: unknown): body is Stream {
	return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** Takes the memory of an answer, and gives it back if the answer is not read to its end. */
async function readText(stream: Stream, memory: Memory): Promise<string | TransportResult> {
	const decoder = new TextDecoder();
	let text = '';
	let bytes = 0;
	let values = 0;
	let isRead = false;
	try {
		for await (const chunk of stream) {
			const valuesHere = valuesIn(chunk);
			bytes += chunk.length;
			values += valuesHere;
			memory.left -= chunk.length + valuesHere * VALUE_SIZE;
			// Leaving the loop closes the connection
			if (bytes > LARGEST_ANSWER || values > MOST_VALUES) return tooLarge();
			if (memory.left < 0) return tooMuch();
			text += decoder.decode(chunk, { stream: true });
		}
		isRead = true;
		return text + decoder.decode();
	} finally {
		if (!isRead) memory.left += bytes + values * VALUE_SIZE;
	}
}

/** Counts the bytes that start a value. */
function valuesIn(chunk: Uint8Array): number {
	let values = 0;
	// By index: an iterator takes ten times as long
	for (let index = 0; index < chunk.length; index++) {
		const byte = chunk[index];
		if (byte === COMMA || byte === BRACKET || byte === BRACE) values++;
	}
	return values;
}

/** @returns the parsed JSON, or the text itself if it is not JSON */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Not a constant, because the first toLocaleString takes longer than loading this whole file. */
function tooLarge(): TransportResult {
	const values = MOST_VALUES.toLocaleString('en');
	return {
		code: 'ERR_TOO_LARGE',
		message: `it is larger than ${LARGEST_ANSWER / 1024 / 1024} MB, or has more than ${values} values`,
	};
}

function tooMuch(): TransportResult {
	return {
		code: 'ERR_TOO_LARGE',
		message: `all answers of this run together take more than ${MOST_MEMORY / 1024 / 1024} MB of memory`,
	};
}
