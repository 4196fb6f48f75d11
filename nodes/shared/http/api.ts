import type { IDataObject } from 'n8n-workflow';

import { asText, describeBody, isRecord, isRefusal, listIn, serviceMessage } from './answer';
import { ServiceError } from './errors';
import type { RateLimit } from './rateLimit';
import { sendRequest, unexpectedAnswer } from './request';
import type { Answer, ApiRequest, Connection, Runtime } from './request';

/** What somebody who looks at the screen waits for: a limit of the service, and an answer; in ms. */
const PATIENCE = { longestWait: 5_000, timeout: 10_000, triesWithin: 10_000 };

/** A service as operations, lists and triggers use it: every request takes the same path. */
export class Api {
	constructor(
		private readonly connection: Connection,
		private readonly runtime: Runtime,
	) {}

	/** The address of the service, without a trailing slash. */
	get baseUrl(): string {
		return this.connection.baseUrl;
	}

	/** The same service with another limit for waiting, in ms. */
	within(longestWait: number): Api {
		return new Api({ ...this.connection, longestWait }, this.runtime);
	}

	/** The same service for a person who waits in front of a list or a button. */
	impatient(): Api {
		return new Api({ ...this.connection, ...PATIENCE }, this.runtime);
	}

	/** What the service last said of its window of requests, unless that is over. */
	get rateLimit(): RateLimit | undefined {
		return this.connection.limiter?.known?.(this.runtime.now());
	}

	/** A text without the secret, for texts that a failed request does not word. */
	redact(text: string): string {
		return this.connection.redact(text);
	}

	/** Sends a request. @throws ServiceError, CancelledError as {@link sendRequest} does */
	async send(request: ApiRequest): Promise<Answer> {
		return await sendRequest(this.connection, request, this.runtime);
	}

	/**
	 * Sends a request that is answered with one object.
	 *
	 * @param keys names of which the object must have one, such as "id"; none where PUT or PATCH may
	 * answer without a body
	 * @throws ServiceError for any other shape, and for a refusal with a status of success
	 */
	async object(request: ApiRequest, ...keys: string[]): Promise<IDataObject> {
		const { body } = await this.send(request);
		if (isRecord(body)) {
			const isMissing = keys.length > 0 && keys.every((key) => asText(body[key]) === undefined);
			if (!isMissing && (keys.length > 0 || !isRefusal(body))) return body;
			if (isRefusal(body) || serviceMessage(body, String) !== undefined)
				throw this.refused(request, body);
			throw this.unexpectedAnswer(request, `answered an object without "${keys.join('" or "')}"`);
		}
		if (body === undefined && keys.length === 0) return {};
		throw this.unexpectedAnswer(request, `answered ${describeBody(body)} in place of an object`);
	}

	/**
	 * Sends a DELETE, which may be answered without a body.
	 *
	 * @returns the answer; empty where there is none
	 * @throws ServiceError for an answer that is no object or says that nothing was deleted
	 */
	async remove(request: ApiRequest): Promise<IDataObject> {
		const { body } = await this.send(request);
		if (body === undefined) return {};
		if (!isRecord(body)) {
			throw this.unexpectedAnswer(request, `answered ${describeBody(body)} in place of an object`);
		}
		if (isRefusal(body)) throw this.refused(request, body);
		return body;
	}

	/**
	 * Sends a request that is answered with a list.
	 *
	 * @param keys names under which an object may hold the list
	 * @throws ServiceError for any other shape
	 */
	async list(request: ApiRequest, keys: readonly string[]): Promise<IDataObject[]> {
		const { body } = await this.send(request);
		const rows = listIn(body, keys);
		if (rows) return rows;
		throw this.unexpectedAnswer(request, `answered ${describeBody(body)} in place of a list`);
	}

	/** @returns the error for an answer of a shape that the documents do not know */
	unexpectedAnswer(request: ApiRequest, what: string): Error {
		return unexpectedAnswer(this.connection, request, what);
	}

	/** @returns the error for a refusal that came with a status of success */
	private refused(request: ApiRequest, body: IDataObject): ServiceError {
		const { wording, redact } = this.connection;
		const words = serviceMessage(body, redact) ?? 'did not carry this out, and did not say why';
		const about = request.subject ? ` (${redact(request.subject)})` : '';
		return new ServiceError(`${wording.name}: ${words}${about}`, {
			description: 'Look whether it was carried out before you run it again.',
			ambiguous: request.method !== 'GET',
		});
	}
}
