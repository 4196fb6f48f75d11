import axios from 'axios';
import type { ICredentialTestFunctions, IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { apiPath } from '../../nodes/shared/http/address';
import { describeBody, isJson, serviceMessage } from '../../nodes/shared/http/answer';
import type { AnnouncedLimiter } from '../../nodes/shared/http/pacing';
import { redacted } from '../../nodes/shared/http/redaction';
import type { Answer, Runtime, Transport } from '../../nodes/shared/http/request';
import { TIMEOUT } from '../../nodes/shared/http/request';
import { LONGEST_WAIT } from '../../nodes/shared/http/retry';
import type { ConnectionSettings } from '../../nodes/shared/http/service';
import { testTransport } from '../../nodes/shared/http/transport';
import type { ServiceDocument } from './document';

/** The service cannot be asked. The message is the sentence that says why, without the secret. */
export class CannotAskError extends Error {}

/** What is asked; it is always read, never written. */
export interface Question {
	operation: string;
	/** The variable parts of the path. */
	parts?: Record<string, string>;
	query?: IDataObject;
	/** To see how the service answers without a key. */
	withoutKey?: true;
}

/** A question with its answer. */
export interface Seen extends Question {
	status: number;
	headers: Answer['headers'];
	body: unknown;
	/** When the answer came, in ms. */
	at: number;
}

export interface ClientOptions {
	/** As people write it. */
	name: string;
	document: ServiceDocument;
	settings: ConnectionSettings;
	limiter?: AnnouncedLimiter;
	runtime: Runtime;
	/** The most requests that may leave. */
	most: number;
	/** The environment variables to look at when the key, or the address, is wrong. */
	variables: { secret: string; address: string };
	/** Whether the words of a 403 concern one operation alone; then what the key lacks. */
	lacks?(words: string): string | undefined;
}

/**
 * Sends GET requests by the rules that hold for the nodes: 60 seconds and 32 MB for an answer, no redirect,
 * the limits that the service announces. Nothing is sent a second time.
 */
export class Client {
	readonly seen: Seen[] = [];

	/** The operations that the key may not carry out, and what it lacks. */
	readonly lacking = new Map<string, string>();

	constructor(private readonly options: ClientOptions) {}

	get now(): number {
		return this.options.runtime.now();
	}

	/**
	 * @returns nothing where the key may not do this
	 * @throws CannotAskError where every further request would be in vain
	 */
	async ask(question: Question): Promise<Seen | undefined> {
		const { document, settings, limiter, runtime, most, lacks } = this.options;
		const { operation, parts = {}, query, withoutKey } = question;
		if (this.lacking.has(operation)) return undefined;
		if (this.seen.length >= most) throw new Error(`More than ${most} requests`);
		const { path } = document.operation(operation);
		const send = readOnlyTransport(withoutKey ? {} : settings.headers);
		const url = settings.baseUrl + filled(path, parts);
		await limiter?.acquire(runtime, LONGEST_WAIT).catch((error: Error) => {
			throw new CannotAskError(error.message);
		});
		let result;
		try {
			const headers = { Accept: 'application/json' };
			result = await send({ method: 'GET', url, qs: query, headers, timeout: TIMEOUT });
		} finally {
			limiter?.settle();
		}
		if ('code' in result) throw this.cannot(`could not be reached: ${result.message}`);
		limiter?.observe(result, runtime);
		const seen = { ...question, ...result, at: runtime.now() };
		this.seen.push(seen);
		if (withoutKey) return seen;
		if (seen.status === 403) {
			const lacked = lacks?.(this.wordsOf(seen));
			if (lacked !== undefined) {
				this.lacking.set(operation, lacked);
				return undefined;
			}
		}
		this.checkAccess(seen);
		return seen;
	}

	private checkAccess(seen: Seen): void {
		const { secret, address } = this.options.variables;
		const { status, body } = seen;
		if (status === 401) throw this.cannot(`does not know the key in ${secret} (401)`);
		if (status === 403) {
			throw this.cannot(`refuses the key in ${secret} (403): ${this.wordsOf(seen)}`);
		}
		if (status === 429) throw this.cannot('takes no more requests for now (429)');
		if (this.seen.length > 1) return;
		if (status >= 300 && status < 400) {
			throw this.cannot(`answers with a redirect, which is not followed; look at ${address}`);
		}
		if (!isJson(body)) {
			throw this.cannot(`answers ${describeBody(body)} in place of JSON; look at ${address}`);
		}
		if (status === 404) throw this.cannot(`has nothing at this address (404); look at ${address}`);
	}

	private wordsOf({ body }: Seen): string {
		return serviceMessage(body, (text) => this.redact(text)) ?? 'it does not say why';
	}

	private redact(text: string): string {
		return redacted(text, this.options.settings.secret, [this.options.name]);
	}

	private cannot(what: string): CannotAskError {
		return new CannotAskError(this.redact(`${this.options.name} ${what.replace(/\.$/, '')}.`));
	}
}

/** The path of an operation with its variable parts. */
function filled(path: string, parts: Record<string, string>): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) => apiPath`${parts[name] ?? ''}`);
}

/** The transport of the nodes, over axios in place of n8n. Lets nothing but GET through. */
export function readOnlyTransport(secretHeaders: Record<string, string>): Transport {
	const request = async ({ method, uri, qs, headers, timeout }: OldOptions) => {
		const answer = await axios.request<unknown>({
			...{ method, url: uri, params: qs, headers, timeout },
			responseType: 'stream',
			maxRedirects: 0,
			validateStatus: () => true,
		});
		const sent = Object.entries(answer.headers) as Array<[string, string]>;
		return {
			statusCode: answer.status,
			headers: Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), value])),
			body: answer.data,
		};
	};
	const helpers = { helpers: { request } } as unknown as ICredentialTestFunctions;
	const transport = testTransport(helpers, secretHeaders);
	return async (options) => {
		if (options.method !== 'GET' || options.body !== undefined) {
			throw new Error(`${options.method} is not sent: this only reads`);
		}
		return await transport(options);
	};
}

/** The options of n8n's old request helper, as the transport fills them in. */
type OldOptions = Pick<IHttpRequestOptions, 'method' | 'qs' | 'timeout'> & {
	uri: string;
	headers: Record<string, string>;
};
