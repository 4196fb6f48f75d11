import type { IDataObject } from 'n8n-workflow';

/** Longest part of a service's message to show, in characters. */
const LONGEST_MESSAGE = 500;

/** Longest part of a service's message to read, in characters. A secret cut off here is never shown. */
const LONGEST_READ = 5_000;

/** Deepest nesting to accept. No documented answer comes close. */
const DEEPEST_ANSWER = 100;

/** @returns whether a value is an object that is neither null nor a list */
export function isRecord(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the entries that have a value */
export function withoutUndefined(values: IDataObject = {}): IDataObject {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** @returns a text, a number or yes and no as text; undefined for any other value */
export function asText(value: unknown): string | undefined {
	if (typeof value === 'string') return value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** @returns an ID as text; undefined for a value that identifies nothing, such as "" or true */
export function asId(value: unknown): string | undefined {
	const text = typeof value === 'boolean' ? undefined : asText(value);
	return text?.trim() ? text : undefined;
}

/** @returns whether n8n may open this address: only http(s) */
export function isWebAddress(value: unknown): value is string {
	return typeof value === 'string' && /^https?:\/\/[^\s]/i.test(value) && URL.canParse(value);
}

/** @returns whether a body is parsed JSON. An unparsed body is still text. */
export function isJson(body: unknown): boolean {
	return typeof body === 'object' && body !== null;
}

/**
 * Checks level by level, because recursion would overflow the stack.
 *
 * @returns whether an answer is nested too deeply for n8n to copy or save
 */
export function isTooDeep(body: unknown): boolean {
	let level: unknown[] = [body];
	for (let depth = 0; depth <= DEEPEST_ANSWER; depth++) {
		const next: unknown[] = [];
		for (const value of level) {
			if (typeof value !== 'object' || value === null) continue;
			for (const inner of Object.values(value)) {
				if (typeof inner === 'object' && inner !== null) next.push(inner);
			}
		}
		if (next.length === 0) return false;
		level = next;
	}
	return true;
}

/** @returns a short description of an answer for error texts: "a web page", "a list" … */
export function describeBody(body: unknown): string {
	if (body === undefined || body === '') return 'nothing';
	if (body === null) return 'null';
	if (isTooDeep(body)) return 'JSON that is nested too deeply';
	if (Array.isArray(body)) {
		return body.every(isRecord) ? 'a list' : 'a list with entries that are not objects';
	}
	if (typeof body === 'object') return 'an object';
	if (typeof body !== 'string') return `a ${typeof body}`;
	const beginning = body.slice(0, LONGEST_READ).trimStart();
	if (/^<(!doctype|html|head|body|\?xml)/i.test(beginning)) return 'a web page';
	if (/^[[{]/.test(beginning)) return 'JSON that is cut off';
	return 'text';
}

/** @returns "a web page instead of JSON", or "JSON that is cut off" for a damaged form of the wanted thing */
export function insteadOf(body: unknown, wanted: string): string {
	const found = describeBody(body);
	return found.startsWith(`${wanted} `) ? found : `${found} instead of ${wanted}`;
}

/**
 * The service's own words in an answer. The documents name `message` (Kindryn API, Errors) and
 * `detail` (Klinky), which may be a list of `{loc, msg}`. Kinktree documents none, so other common
 * forms work too: `error` with `error_description`, `title` with `detail` (RFC 9457), and
 * `errors` as a list or by field.
 *
 * @param redact removes secrets. It runs before the message is cut, because it cannot find half a secret.
 * @returns undefined when there is no message
 */
export function serviceMessage(
	body: unknown,
	redact: (text: string) => string,
): string | undefined {
	if (typeof body === 'string' && !isPlainText(body)) return undefined;
	const found = messageIn(body, 0);
	if (found === undefined) return undefined;
	const words = redact(found.slice(0, LONGEST_READ));
	return words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE)}…` : words;
}

/** @returns whether a text is neither HTML nor a part of JSON */
function isPlainText(body: string): boolean {
	return describeBody(body) === 'text' && !/<[a-z/!]/i.test(body.slice(0, LONGEST_READ));
}

/** How deep a message may stand: `{error: {details: [{message}]}}`. */
const DEEPEST_MESSAGE = 4;

/** Most entries read from a list of errors. */
const MOST_ENTRIES = 10;

function messageIn(value: unknown, depth: number): string | undefined {
	if (typeof value === 'string') return value.slice(0, LONGEST_READ).trim() || undefined;
	if (depth > DEEPEST_MESSAGE) return undefined;
	if (Array.isArray(value)) {
		const entries = value.slice(0, MOST_ENTRIES).map((entry) => messageIn(entry, depth + 1));
		return joined(entries, '; ');
	}
	if (!isRecord(value)) return undefined;
	const first = (...names: string[]) => {
		for (const name of names) {
			const words = messageIn(value[name], depth + 1);
			if (words !== undefined) return words;
		}
		return undefined;
	};
	const headline = first('message', 'msg', 'title', 'error');
	const details =
		first('detail', 'error_description', 'details') ??
		(isRecord(value.errors) ? byField(value.errors, depth + 1) : first('errors'));
	return withPlace(value, joined([...new Set([headline, details])], ': '));
}

/** `{ identifier: ["is taken"] }` */
function byField(errors: IDataObject, depth: number): string | undefined {
	const entries = Object.entries(errors).slice(0, MOST_ENTRIES);
	const parts = entries.map(([field, value]) => {
		const words = messageIn(value, depth);
		return words === undefined ? undefined : `${field}: ${words}`;
	});
	return joined(parts, '; ');
}

/** `loc` starts with the part of the request: ["body", "variants", 0, "weight"]. */
function withPlace({ loc, field }: IDataObject, words: string | undefined): string | undefined {
	if (words === undefined) return undefined;
	const steps = Array.isArray(loc) ? loc.slice(0, MOST_ENTRIES).map(asText) : [asText(field)];
	const place = steps.filter((step, index) => step && (index > 0 || step !== 'body')).join('.');
	return place && !words.includes(place) ? `${words}: ${place}` : words;
}

function joined(parts: Array<string | undefined>, separator: string): string | undefined {
	const words = parts.filter((part) => part !== undefined);
	if (words.length === 0) return undefined;
	return words
		.map((part, index) => (index < words.length - 1 ? part.replace(/[.:]$/, '') : part))
		.join(separator);
}

/** @returns whether an answer with a success status reports a failure: `{"error": "Link is locked"}`, `{"ok": false}` */
export function isRefusal(body: unknown): body is IDataObject {
	if (!isRecord(body)) return false;
	const { error, errors, status, success, ok } = body;
	const isFailed = ['error', 'fail', 'failed', 'failure'].includes(asText(status) ?? '');
	return isFailed || holds(error) || holds(errors) || success === false || ok === false;
}

function holds(value: unknown): boolean {
	return typeof value === 'object' && value !== null
		? Object.keys(value).length > 0
		: Boolean(value);
}

/**
 * Finds the list in an answer, bare or wrapped in an object.
 *
 * @param keys names that may hold the list
 * @returns undefined when the answer holds no list of objects
 */
export function listIn(body: unknown, keys: readonly string[]): IDataObject[] | undefined {
	const wrapped = isRecord(body) ? keys.map((key) => body[key]).find(Array.isArray) : body;
	return Array.isArray(wrapped) && wrapped.every(isRecord) ? wrapped : undefined;
}

/** @returns the service's count of rows, if it is a whole number */
export function totalIn(body: unknown): number | undefined {
	const total = isRecord(body) ? body.total : undefined;
	return Number.isSafeInteger(total) && Number(total) >= 0 ? Number(total) : undefined;
}
