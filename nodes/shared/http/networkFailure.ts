import { asText } from './answer';

/** Codes are upper case; n8n keeps the error of the HTTP library as `cause`, and its text in `messages`. */
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

/** @returns code and text of a request that got no answer, without the headers that hold the secret */
export function networkFailure(error: unknown): { code: string; message: string } {
	let message = '';
	for (
		let cause = error, depth = 0;
		cause instanceof Error && depth < 5;
		cause = cause.cause, depth++
	) {
		message ||= cause.message;
		const code =
			('code' in cause && typeof cause.code === 'string' ? cause.code : undefined) ??
			CODE.exec(cause.message)?.[1] ??
			('messages' in cause && Array.isArray(cause.messages)
				? CODE.exec(cause.messages.slice(0, 5).map(asText).join(' '))?.[1]
				: undefined);
		if (code) return { code, message: KNOWN_FAILURES[code] ?? `${cause.message || code}` };
	}
	// "aborted" is how a connection that closes within the answer shows
	if (/aborted|socket hang up/i.test(message)) {
		return { code: 'ECONNRESET', message: 'the connection was closed before the answer arrived' };
	}
	return { code: 'UNKNOWN', message: message || 'unknown reason' };
}
