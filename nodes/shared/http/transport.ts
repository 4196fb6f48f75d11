import type {
	ICredentialTestFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { Context } from './connection';
import { networkFailure } from './networkFailure';
import { TIMEOUT } from './request';
import type { Transport, TransportResult } from './request';

/*
 * How a request leaves n8n, and how its answer is read. The timeout of n8n's helpers measures silence,
 * and they read an answer whatever its size. So the answer is taken as a stream, within a time and a
 * size of its own.
 */

/** The largest answer that is read, in bytes: some hundred thousand rows. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** The part of a Node.js stream that is used here. */
interface Stream extends AsyncIterable<Uint8Array> {
	destroy(): void;
}

/** Sends requests as n8n does for a node, with its credential. */
export function nodeTransport(context: Context, credentialType: string): Transport {
	return async (options) =>
		await exchange(options, async () => {
			const { httpRequestWithAuthentication } = context.helpers;
			return await httpRequestWithAuthentication.call(context, credentialType, options);
		});
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

/** Sends a request and reads its answer, both within the timeout. */
async function exchange(
	{ timeout = TIMEOUT }: IHttpRequestOptions,
	send: () => Promise<unknown>,
): Promise<TransportResult> {
	let stream: Stream | undefined;
	let isLate = false;
	const ended = new AbortController();
	const receive = async (): Promise<TransportResult> => {
		try {
			const response = (await send()) as IN8nHttpFullResponse;
			const { statusCode: status, headers, body } = response;
			if (!isStream(body)) return { status, headers, body };
			stream = body;
			// The time was over before the headers came
			if (isLate) stream.destroy();
			const text = await readText(stream);
			return text === undefined ? TOO_LARGE : { status, headers, body: parsed(text) };
		} catch (error) {
			return networkFailure(error);
		}
	};
	const expire = async (): Promise<TransportResult> => {
		// Rejects when the answer came first
		await sleep(timeout, ended.signal);
		isLate = true;
		stream?.destroy();
		return tooSlow(timeout);
	};
	const received = receive();
	const expired = expire();
	expired.catch(() => undefined);
	const result = await Promise.race([received, expired]).finally(() => ended.abort());
	return isLate ? tooSlow(timeout) : result;
}

function isStream(body: unknown): body is Stream {
	return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** @returns undefined for a stream that is larger than {@link LARGEST_ANSWER} */
async function readText(stream: Stream): Promise<string | undefined> {
	const decoder = new TextDecoder();
	let text = '';
	let size = 0;
	for await (const chunk of stream) {
		size += chunk.length;
		if (size > LARGEST_ANSWER) {
			stream.destroy();
			return undefined;
		}
		text += decoder.decode(chunk, { stream: true });
	}
	return text + decoder.decode();
}

/** @returns the JSON in a text, or the text where it holds none */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

const TOO_LARGE: TransportResult = {
	code: 'ERR_TOO_LARGE',
	message: `the answer is larger than ${LARGEST_ANSWER / 1024 / 1024} MB`,
};

function tooSlow(timeout: number): TransportResult {
	return {
		code: 'ETIMEDOUT',
		message: `no complete answer arrived within ${timeout / 1000} seconds`,
	};
}
