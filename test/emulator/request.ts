/** The parts of a received request by which tests find it. */
export interface ReceivedRequest {
	method: string;
	/** The path as it stood on the wire, still percent-encoded, without the query. */
	path: string;
	/** Query parameters, decoded; a name that stands several times has a list. */
	query: Record<string, string | string[]>;
	/** Absent when the OpenAPI document has no such operation. */
	operationId?: string;
}

/** A filter for requests; what is left out matches all. */
export interface RequestFilter {
	method?: string;
	/** Text: the whole path as on the wire. Expression: tested against it. */
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
