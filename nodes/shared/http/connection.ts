import { Api } from './api';
import { sleepUnlessCancelled } from './cancellation';
import { LONGEST_WAIT } from './retry';
import { redacted } from './redaction';
import type { Connection, Runtime, Transport } from './request';
import type { ConnectionSettings, Service } from './service';
import { nodeTransport } from './transport';
import type { Context } from './transport';

/** Longest error text, in characters. It is cut before the secret is removed. */
const LONGEST_TEXT = 10_000;

/**
 * The real clock and randomness.
 *
 * @param timezone of the workflow
 * @param signal fires when the execution is cancelled
 */
export function runtime(timezone?: string, signal?: AbortSignal): Runtime {
	return {
		timezone,
		now: () => Date.now(),
		random: () => Math.random(),
		signal,
		sleep: async (ms) => await sleepUnlessCancelled(ms, signal),
	};
}

/**
 * Connects to the service with the node's credential.
 *
 * @throws InputError when the credential cannot work
 */
export async function connect(context: Context, service: Service): Promise<Api> {
	const credentials = await context.getCredentials(service.credentialType);
	const settings = service.settings(credentials);
	const signal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	return new Api(
		toConnection(service, settings, nodeTransport(context, service.credentialType)),
		runtime(context.getTimezone(), signal),
	);
}

/** @returns the connection for {@link Api} */
export function toConnection(
	service: Service,
	settings: ConnectionSettings,
	send: Transport,
): Connection {
	const { name } = service.wording;
	return {
		baseUrl: settings.baseUrl,
		wording: service.wording,
		limiter: settings.limiter,
		longestWait: LONGEST_WAIT,
		transport: send,
		redact: (text) => redacted(text.slice(0, LONGEST_TEXT), settings.secret, [name]),
	};
}
