import type { IDataObject } from 'n8n-workflow';

import { asId, insteadOf, isRecord, isRefusal, listIn, serviceMessage, totalIn } from './answer';
import { ServiceError } from './errors';
import type { Page } from './paging';
import type { RateLimit } from './rateLimit';
import { about, sendRequest, unexpectedAnswer } from './request';
import type { Answer, ApiRequest, Connection, Runtime } from './request';
import { serviceNow } from './time';

/** Limits while a person waits for a list or a test, in ms. */
const PATIENCE = { longestWait: 5_000, timeout: 10_000, triesWithin: 10_000 };

/** Longest time for all pages of a list while a person waits, in ms. */
const PATIENCE_FOR_LIST = 60_000;

/** A connected service. Operations, lists and triggers send every request through it. */
export class Api {
	constructor(
		private readonly connection: Connection,
		private readonly runtime: Runtime,
	) {}

	/** The address of the service, without a trailing slash. */
	get baseUrl(): string {
		return this.connection.baseUrl;
	}

	/** @returns the same service with another longest wait for a rate limit, in ms */
	within(longestWait: number): Api {
		return new Api({ ...this.connection, longestWait }, this.runtime);
	}

	/** @returns the same service with short waits, for a person in front of the screen */
	impatient(): Api {
		const endsAt = this.runtime.now() + PATIENCE_FOR_LIST;
		return new Api({ ...this.connection, ...PATIENCE, endsAt }, this.runtime);
	}

	/** The latest rate limit the service announced; undefined once that window is over. */
	get rateLimit(): RateLimit | undefined {
		return this.connection.limiter?.known?.(this.runtime.now());
	}

	/** @returns a text without the secret */
	redact(text: string): string {
		return this.connection.redact(text);
	}

	/** Sends a request. @throws ServiceError, CancelledError as {@link sendRequest} does */
	async send(request: ApiRequest): Promise<Answer> {
		const { endsAt = Infinity, wording } = this.connection;
		if (this.runtime.now() >= endsAt) {
			throw new ServiceError(`${wording.name} takes too long to show the whole list`, {
				description: 'Try again later, or enter the ID.',
			});
		}
		return await sendRequest(this.connection, request, this.runtime);
	}

	/**
	 * Sends a request that is answered with one object.
	 *
	 * @param keys the object must have at least one of these, e.g. "id". Without keys, PUT, PATCH and
	 * DELETE may answer nothing, which gives an empty object.
	 * @throws ServiceError for any other shape, and for a refusal with a success status
	 */
	async object(request: ApiRequest, ...keys: string[]): Promise<IDataObject> {
		const { body } = await this.send(request);
		if (body === undefined && keys.length === 0) return {};
		if (!isRecord(body)) throw this.unexpectedBody(request, body, 'an object');
		if (keys.some((key) => asId(body[key]) !== undefined)) return body;
		const isMissing = keys.length > 0;
		const isKept = request.method === 'DELETE' && body.deleted === false;
		const hasWords = isMissing && serviceMessage(body, String) !== undefined;
		if (isRefusal(body) || isKept || hasWords) throw this.refused(request, body);
		if (!isMissing) return body;
		throw this.unexpectedAnswer(request, `returned an object without "${keys.join('" or "')}"`);
	}

	/**
	 * Sends a request that is answered with a list or one page of a list.
	 *
	 * @param keys names that may hold the list in a wrapping object
	 * @throws ServiceError for any other shape
	 */
	async page(request: ApiRequest, keys: readonly string[]): Promise<Page> {
		const { body, headers } = await this.send(request);
		const rows = listIn(body, keys);
		if (!rows) throw this.unexpectedBody(request, body, 'a list');
		return {
			rows,
			total: totalIn(body),
			serviceNow: serviceNow(headers, this.runtime.now()),
		};
	}

	/** @returns the rows of a list that comes in one answer. @throws ServiceError as {@link page} does */
	async list(request: ApiRequest, keys: readonly string[]): Promise<IDataObject[]> {
		return (await this.page(request, keys)).rows;
	}

	/** Removes the secret from an error: someone may have pasted it into the wrong field. */
	withoutSecret(error: unknown): unknown {
		if (!(error instanceof Error)) return error;
		error.message = this.redact(error.message);
		if ('description' in error && typeof error.description === 'string') {
			error.description = this.redact(error.description);
		}
		return error;
	}

	/**
	 * @param wanted the expected shape: "a list"
	 * @returns the error for an answer of another shape; a refusal keeps the service's words
	 */
	unexpectedBody(request: ApiRequest, body: unknown, wanted: string): Error {
		if (isRefusal(body)) return this.refused(request, body);
		return this.unexpectedAnswer(request, `returned ${insteadOf(body, wanted)}`);
	}

	/** @returns the error for an undocumented answer */
	unexpectedAnswer(request: ApiRequest, what: string): Error {
		return unexpectedAnswer(this.connection, request, what);
	}

	/** @returns the error for a refusal with a success status */
	private refused(request: ApiRequest, body: IDataObject): ServiceError {
		const { wording, redact } = this.connection;
		const words = serviceMessage(body, redact);
		const said = words === undefined ? ' refused this, and did not say why' : `: ${words}`;
		// A clear refusal changed nothing. A message without an ID may mean anything.
		const isPlain = body.deleted === false || isRefusal(body);
		const ambiguous = request.method !== 'GET' && !isPlain;
		return new ServiceError(`${wording.name}${said}${redact(about(request, words))}`, {
			description: ambiguous
				? 'Check whether it was carried out before you run it again.'
				: 'Check the parameters of this node, and the credential.',
			ambiguous,
		});
	}
}
