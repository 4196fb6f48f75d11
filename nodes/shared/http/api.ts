import type { IDataObject } from 'n8n-workflow';

import type { RateLimit } from './rateLimit';
import { sendRequest, unexpectedAnswer } from './request';
import type { Answer, Connection, ApiRequest, Runtime } from './request';
import { describeBody, isRecord, listIn } from './answer';

/** What somebody who looks at the screen waits for: a limit of the service, and an answer; in ms. */
const PATIENCE = { longestWait: 5_000, timeout: 10_000 };

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

	/** A text of the service without secrets, for what is not worded by a failed request. */
	redact(text: string): string {
		return this.connection.redact(text);
	}

	/** Sends a request. @throws ServiceError, CancelledError as {@link sendRequest} does */
	async send(request: ApiRequest): Promise<Answer> {
		return await sendRequest(this.connection, request, this.runtime);
	}

	/** Sends a request that is answered with one object. @throws ServiceError for any other shape */
	async object(request: ApiRequest): Promise<IDataObject> {
		const { body } = await this.send(request);
		if (isRecord(body)) return body;
		throw this.unexpectedAnswer(request, `answered ${describeBody(body)} in place of an object`);
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
}
