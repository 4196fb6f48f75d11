import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Api } from './api';
import { LONGEST_WAIT } from './retry';
import { CancelledError } from './errors';
import type { Connection, Limiter, Reply, Runtime, Transport, Wording } from './request';

/** Where a service is, and how its requests are kept within its limits. */
export interface ConnectionSettings {
	/** without a trailing slash */
	baseUrl: string;
	/** what authenticates a request */
	headers: Record<string, string>;
	/** what must never be shown */
	secret: string;
	/** what may be shown in its place; "***" if absent */
	shownSecret?: string;
	/** how many of its first characters may be shown */
	shownPrefix?: number;
	limiter?: Limiter;
}

/** A service: everything that the shared code has to know about it. */
export interface Service {
	wording: Wording;
	credentialType: string;
	/** how many reads run side by side; 1 where requests are counted */
	readsAtOnce: number;
	/** @throws InputError when the credential cannot work, before anything is sent */
	settings(credentials: ICredentialDataDecryptedObject): ConnectionSettings;
}

export type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Clock and chance of the real world. `signal` fires when the execution is cancelled. */
export function runtime(signal?: AbortSignal): Runtime {
	return {
		now: () => Date.now(),
		random: () => Math.random(),
		signal,
		sleep: async (ms) => await sleepUnlessCancelled(ms, signal),
	};
}

async function sleepUnlessCancelled(ms: number, signal: AbortSignal | undefined): Promise<void> {
	if (!signal) return await sleep(ms);
	// n8n before 2.x ignores the second argument of sleep, so the signal is listened to here
	await new Promise<void>((resolve, reject) => {
		const cancel = () => reject(new CancelledError());
		if (signal.aborted) return cancel();
		signal.addEventListener('abort', cancel, { once: true });
		sleep(ms, signal).then(
			() => {
				signal.removeEventListener('abort', cancel);
				resolve();
			},
			() => reject(new CancelledError()),
		);
	});
}

/**
 * The service with the credential of this node.
 *
 * @throws InputError when the credential cannot work
 */
export async function connect(context: Context, service: Service): Promise<Api> {
	const credentials = await context.getCredentials(service.credentialType);
	const settings = service.settings(credentials);
	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	return new Api(
		toConnection(service, settings, transport(context, service.credentialType)),
		runtime(signal),
	);
}

/** @returns the connection that {@link Api} works with */
export function toConnection(
	service: Service,
	settings: ConnectionSettings,
	send: Transport,
): Connection {
	const { secret, shownSecret = '***', shownPrefix } = settings;
	return {
		baseUrl: settings.baseUrl,
		wording: service.wording,
		limiter: settings.limiter,
		longestWait: LONGEST_WAIT,
		transport: send,
		redact: (text) => redacted(text, secret, shownSecret, shownPrefix),
	};
}

/** A shorter beginning of a secret may be a word such as the service's name. */
const LONGEST_WORD = 8;

/**
 * @param shown what stands in place of the secret
 * @param shownPrefix how many of its first characters may be shown
 * @returns the text without the secret, and without a longer beginning of it: a service may cut what
 * it quotes
 */
export function redacted(
	text: string,
	secret: string,
	shown: string,
	shownPrefix = LONGEST_WORD,
): string {
	const telling = secret.slice(0, shownPrefix + 1);
	const rest = secret.slice(telling.length);
	const [before = '', ...others] = text.replaceAll(secret, shown).split(telling);
	const clean = others.map((part) => {
		let same = 0;
		while (same < rest.length && part[same] === rest[same]) same++;
		return shown + part.slice(same);
	});
	return before + clean.join('');
}

function transport(context: Context, credentialType: string): Transport {
	return async (options: IHttpRequestOptions): Promise<Reply> => {
		try {
			const response = (await context.helpers.httpRequestWithAuthentication.call(
				context,
				credentialType,
				options,
			)) as IN8nHttpFullResponse;
			return { status: response.statusCode, headers: response.headers, body: response.body };
		} catch (error) {
			return networkFailure(error);
		}
	};
}

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
			('messages' in cause ? CODE.exec(String(cause.messages))?.[1] : undefined);
		if (code) return { code, message: KNOWN_FAILURES[code] ?? `${cause.message || code}` };
	}
	// "aborted" is how a connection that closes within the answer shows
	if (/aborted|socket hang up/i.test(message)) {
		return { code: 'ECONNRESET', message: 'the connection was closed before the answer arrived' };
	}
	return { code: 'UNKNOWN', message: message || 'unknown reason' };
}
