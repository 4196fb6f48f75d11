/** The parts of a received request that a filter can match. */
export interface ReceivedRequest {
	method: string;
	/** The path as sent, still percent-encoded, without the query. */
	path: string;
	/** Decoded query parameters. A repeated name has a list of values. */
	query: Record<string, string | string[]>;
	/** Absent when the OpenAPI document has no such operation. */
	operationId?: string;
}

/** A filter for requests. A part that is left out matches every request. */
export interface RequestFilter {
	method?: string;
	/** A text must equal the whole path as sent. An expression must match somewhere in it. */
	path?: string | RegExp;
	operationId?: string;
}

/** Whether every given part of the filter matches the request. */
export function matches(filter: RequestFilter, request: ReceivedRequest): boolean {
	const { method, path, operationId } = filter;
	return (
		(method === undefined || request.method === method.toUpperCase()) &&
		(path === undefined || matchesPath(path, request.path)) &&
		(operationId === undefined || request.operationId === operationId)
	);
}

function matchesPath(wanted: string | RegExp, path: string): boolean {
	return typeof wanted === 'string' ? wanted === path : new RegExp(wanted).test(path);
}
