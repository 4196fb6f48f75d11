import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

/** n8n's classes of failures (n8n-workflow, NodeApiError option `failure`). */
export type FailureCause =
	| 'rate-limited'
	| 'quota-exhausted'
	| 'temporarily-unavailable'
	| 'credential-invalid'
	| 'configuration-invalid';

/**
 * A value that a person entered cannot be used. Nothing was sent.
 *
 * @param message what is wrong; names the parameter and the value
 * @param description how to fix it
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
	/** how to fix it */
	description?: string;
	cause?: FailureCause;
	/** how long to wait before the next try, in ms */
	retryAfterMs?: number;
	/** whether the service may have carried out the request without confirming it */
	ambiguous?: boolean;
}

/** The service refused a request, or its answer is not as documented. Holds no secret and no raw answer. */
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

	/** @returns the same error with other advice */
	advising(description: string): ServiceError {
		return this.adding(undefined, description);
	}

	/** @returns the same error with a further sentence, and with other advice if some is given */
	adding(sentence: string | undefined, description = this.description): ServiceError {
		const message = asSentences(this.message, sentence);
		return new ServiceError(message, { ...this, cause: this.failure, description });
	}
}

/** @returns whether a service's limit keeps requests from being sent */
export function isLimit(error: unknown): error is ServiceError {
	return error instanceof ServiceError && error.failure === 'rate-limited';
}

/** Joins two sentences. The first one may lack its full stop: a service's words often have one, ours do not. */
export function asSentences(first: string, second: string | undefined): string {
	return second ? `${first.replace(/\.$/, '')}. ${second}` : first;
}

/** Replaces < and >, because n8n shows descriptions and hints as HTML. */
export function withoutTags(text: string): string {
	return text.replaceAll('<', '‹').replaceAll('>', '›');
}

/** The execution was cancelled. This never becomes an error row, whatever On Error says. */
export class CancelledError extends Error {
	constructor() {
		super('The execution was cancelled');
		this.name = 'CancelledError';
	}
}

/** @returns whether the text of an error was written for users */
function isWorded(error: unknown): error is InputError | ServiceError {
	return error instanceof InputError || error instanceof ServiceError;
}

/** The context of n8n's error for an expression that it cannot resolve (n8n-workflow, ExpressionError). */
interface ExpressionContext extends IDataObject {
	/** has %%PARAMETER%% instead of the parameter's name */
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
 * n8n appends "Tool" to the type of a node used as a tool. `isToolExecution` would not do: the newest
 * agents run their tools like any other node.
 *
 * @returns whether the node is the tool of an agent
 */
export function isTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * The text of an error row: the message and the item. A model sees only this text and knows no items,
 * so for a tool it ends with the advice.
 *
 * @param sentence a further sentence
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
 * The error that n8n shows. The message says what happened and names the item; the description says
 * how to fix it. For a model, the message holds both.
 *
 * The original error is not attached: n8n stores everything attached to an error, and the headers of
 * a failed request hold the secret.
 *
 * @param itemIndex the input item, if the error concerns one
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
		// The editor uses these to explain the failed expression
		Object.assign(shown.context, { ...expressionContextOf(error), ...shown.context });
	}
	// n8n replaces a message that contains a code such as ENOENT, and adds its own description if there
	// is none. This restores the texts from above.
	shown.message = message;
	shown.description = description ?? null;
	return shown;
}
