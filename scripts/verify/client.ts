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

/** The service cannot be asked. The message says why in one sentence, without the secret. */
export class CannotAskError extends Error {}

/** A question to the service. It only reads. */
export interface Question {
	operation: string;
	/** The variable parts of the path. */
	parts?: Record<string, string>;
	query?: IDataObject;
	/** Sends no key, to see how the service answers. */
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
	/** The service's name as people write it. */
	name: string;
	document: ServiceDocument;
	settings: ConnectionSettings;
	limiter?: AnnouncedLimiter;
	runtime: Runtime;
	/** The most requests to send. */
	most: number;
	/** The environment variables to check if the key or the address is wrong. */
	variables: { secret: string; address: string };
	/** The scope that the key lacks, if the words of a 403 concern one operation only. */
	lacks?(words: string): string | undefined;
}

/**
 * Sends GET requests by the rules of the nodes: an answer may take 60 seconds and 32 MB, redirects are not
 * followed, and the limits that the service announces hold. Nothing is sent a second time.
 */
export class Client {
	readonly seen: Seen[] = [];

	/** The operations that the key may not carry out, each with the missing scope. */
	readonly lacking = new Map<string, string>();

	constructor(private readonly options: ClientOptions) {}

	get now(): number {
		return this.options.runtime.now();
	}

	/**
	 * @returns nothing if the key may not do this
	 * @throws CannotAskError if every further request would fail, too
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
		if (status === 429) throw this.cannot('accepts no more requests for now (429)');
		if (this.seen.length > 1) return;
		if (status >= 300 && status < 400) {
			throw this.cannot(`answers with a redirect, which is not followed; check ${address}`);
		}
		if (!isJson(body)) {
			throw this.cannot(`answers with ${describeBody(body)} instead of JSON; check ${address}`);
		}
		if (status === 404) throw this.cannot(`has nothing at this address (404); check ${address}`);
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

/** The path of an operation with its variable parts filled in. */
function filled(path: string, parts: Record<string, string>): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) => apiPath`${parts[name] ?? ''}`);
}

/** The transport of the nodes, on axios instead of n8n. It sends nothing but GET. */
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

/** The options that the transport passes to n8n's old request helper. */
type OldOptions = Pick<IHttpRequestOptions, 'method' | 'qs' | 'timeout'> & {
	uri: string;
	headers: Record<string, string>;
};
