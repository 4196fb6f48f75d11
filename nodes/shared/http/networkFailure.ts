import { asText } from './answer';

/** A code in a text. n8n keeps the HTTP library's error as `cause` and its text in `messages`. */
const CODE = /\b(E[A-Z]{3,}|ERR_[A-Z_]+|UND_ERR_[A-Z_]+)\b/;

const KNOWN_FAILURES: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'there is no such host',
	EAI_AGAIN: 'the host could not be looked up',
	ECONNRESET: 'the connection was closed before the answer arrived',
	ECONNABORTED: 'the connection ended before the answer arrived',
	ERR_BAD_RESPONSE: 'the connection was closed before the answer was complete',
	ETIMEDOUT: 'no answer arrived in time',
	EPROTO: 'the server at this address does not speak https',
};

/** @returns code and message of a failed request, without its headers, which hold the secret */
export function networkFailure(error: unknown): { code: string; message: string } {
	let words = '';
	let cause = error;
	// Not `instanceof`: a stream's error may come from another realm
	for (let depth = 0; depth < 5 && typeof cause === 'object' && cause !== null; depth++) {
		const { code, message, messages, cause: deeper }: NetworkError = cause;
		const text = asText(message) ?? '';
		words ||= text;
		const more = Array.isArray(messages) ? messages.slice(0, 5).map(asText).join(' ') : '';
		const found = asText(code) ?? CODE.exec(text)?.[1] ?? CODE.exec(more)?.[1];
		if (found) return { code: found, message: KNOWN_FAILURES[found] ?? (text || found) };
		cause = deeper;
	}
	// A connection that closes within the answer reports "aborted"
	if (/aborted|socket hang up/i.test(words)) {
		return { code: 'ECONNRESET', message: 'the connection was closed before the answer arrived' };
	}
	return { code: 'UNKNOWN', message: words || 'unknown reason' };
}

interface NetworkError {
	code?: unknown;
	message?: unknown;
	messages?: unknown;
	cause?: unknown;
}
