import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

/** How n8n classifies what went wrong (n8n-workflow, NodeApiError option `failure`). */
export type FailureCause =
	| 'rate-limited'
	| 'quota-exhausted'
	| 'temporarily-unavailable'
	| 'credential-invalid'
	| 'configuration-invalid';

/**
 * Something a person entered cannot be used. Nothing has been sent.
 *
 * @param message what is wrong, naming the parameter and the value
 * @param description how to put it right
 */
export class InputError extends Error {
	constructor(
		message: string,
		readonly description?: string,
	) {
		super(message);
		this.name = 'InputError';
	}
}

export interface ServiceErrorOptions {
	/** HTTP status, absent when no answer arrived */
	status?: number;
	/** how to put it right */
	description?: string;
	cause?: FailureCause;
	/** how long to wait before the next try, in ms */
	retryAfterMs?: number;
	/** whether the request may have been carried out although no answer says so */
	ambiguous?: boolean;
}

/** A request was refused or not answered as documented. Carries no secret and no raw answer. */
export class ServiceError extends Error {
	readonly status?: number;
	readonly description?: string;
	readonly failure?: FailureCause;
	readonly retryAfterMs?: number;
	readonly ambiguous: boolean;

	constructor(message: string, options: ServiceErrorOptions = {}) {
		super(message);
		this.name = 'ServiceError';
		this.status = options.status;
		this.description = options.description;
		this.failure = options.cause;
		this.retryAfterMs = options.retryAfterMs;
		this.ambiguous = options.ambiguous ?? false;
	}

	/** @returns the same with another way to put it right, where the usual one does not fit */
	advising(description: string): ServiceError {
		return this.adding(undefined, description);
	}

	/** @returns the same with a further sentence, and another way to put it right if one is given */
	adding(sentence: string | undefined, description = this.description): ServiceError {
		const message = asSentences(this.message, sentence);
		return new ServiceError(message, { ...this, cause: this.failure, description });
	}
}

/** @returns whether a service's limit keeps requests from being sent */
export function isLimit(error: unknown): error is ServiceError {
	return error instanceof ServiceError && error.failure === 'rate-limited';
}

/** @returns two sentences; the first may end as one, as the words of a service do, or not */
export function asSentences(first: string, second: string | undefined): string {
	return second ? `${first.replace(/\.$/, '')}. ${second}` : first;
}

/** n8n shows descriptions and hints as HTML. @returns the text without anything that would be a tag */
export function withoutTags(text: string): string {
	return text.replaceAll('<', '‹').replaceAll('>', '›');
}

/** The execution was cancelled: never turned into an error row, whatever On Error says. */
export class CancelledError extends Error {
	constructor() {
		super('The execution was cancelled');
		this.name = 'CancelledError';
	}
}

/** @returns true for an error whose text was written for the person at the screen */
function isWorded(error: unknown): error is InputError | ServiceError {
	return error instanceof InputError || error instanceof ServiceError;
}

/** What n8n says of an expression that it cannot resolve (n8n-workflow, ExpressionError). */
interface ExpressionContext extends IDataObject {
	/** holds %%PARAMETER%% for the parameter's name */
	messageTemplate?: string;
	parameter?: string;
}

function expressionContextOf(error: unknown): ExpressionContext | undefined {
	if (!(error instanceof Error) || error.name !== 'ExpressionError') return undefined;
	return 'context' in error ? (error.context as ExpressionContext) : undefined;
}

function textOf(error: unknown): string {
	const { messageTemplate, parameter = 'this' } = expressionContextOf(error) ?? {};
	if (messageTemplate) return messageTemplate.replaceAll('%%PARAMETER%%', parameter);
	return error instanceof Error ? error.message : String(error);
}

function adviceOf(error: unknown): string | undefined {
	const isOurs = isWorded(error) || expressionContextOf(error) !== undefined;
	return isOurs ? (error as InputError).description : undefined;
}

/**
 * @returns whether a node is the tool of an agent, for which n8n adds a word to its type. The newest
 * agents run their tools as any other node, so `isToolExecution` does not tell.
 */
export function isTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * The text of an error row: what happened, with the item. A model sees nothing else, and knows no
 * items: its text ends with how to put it right.
 */
export function messageOf(
	node: Pick<INode, 'type'>,
	error: unknown,
	itemIndex?: number,
	sentence?: string,
): string {
	const text = asSentences(textOf(error), sentence);
	if (isTool(node)) return asSentences(text, adviceOf(error));
	return itemIndex === undefined || text.endsWith(`[item ${itemIndex}]`)
		? text
		: `${text} [item ${itemIndex}]`;
}

/**
 * The error n8n shows: message = what happened, with the item; description = how to put it right. For
 * a model the message is all there is.
 *
 * The original error is not attached: n8n stores an error with everything that hangs on it, and a
 * failed HTTP request holds the secret in its headers.
 *
 * @param itemIndex the input item concerned, if there is one
 * @param more a further sentence and further advice
 */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex?: number,
	more: { sentence?: string; advice?: string } = {},
): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;

	const message = messageOf(node, error, itemIndex, more.sentence);
	const advice = isTool(node) ? [] : [adviceOf(error), more.advice].filter(Boolean);
	const description = advice.length === 0 ? undefined : withoutTags(advice.join(' '));
	let shown: NodeApiError | NodeOperationError;
	if (error instanceof ServiceError) {
		const httpCode = error.status === undefined ? undefined : String(error.status);
		const summary: JsonObject = { message, ...(httpCode ? { httpCode } : {}) };
		shown = new NodeApiError(node, summary, {
			message,
			description,
			httpCode,
			itemIndex,
			...(error.failure
				? { failure: { cause: error.failure, retryAfterMs: error.retryAfterMs } }
				: {}),
		});
	} else {
		shown = new NodeOperationError(node, message, { description, itemIndex });
		// The editor explains an expression by these
		Object.assign(shown.context, { ...expressionContextOf(error), ...shown.context });
	}
	// n8n replaces a message that happens to contain a code such as ENOENT, and finds a description
	// of its own where none is given; the texts above are the ones to show.
	shown.message = message;
	shown.description = description ?? null;
	return shown;
}
