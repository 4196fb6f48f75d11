import type { IDataObject } from 'n8n-workflow';

/** Longest part of a service's own words that is shown. */
const LONGEST_WORDS = 500;

/** @returns whether a value is an object that is neither null nor a list */
export function isRecord(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the entries that have a value */
export function withoutUndefined(values: IDataObject = {}): IDataObject {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** @returns whether an answer was JSON: n8n hands over what it could not parse as text */
export function isJson(body: unknown): boolean {
	return typeof body === 'object' && body !== null;
}

/** @returns what an answer looks like, for an error text: "a web page", "a list" … */
export function describeBody(body: unknown): string {
	if (body === undefined || body === '') return 'nothing';
	if (body === null) return 'null';
	if (Array.isArray(body)) {
		return body.every(isRecord) ? 'a list' : 'a list of something else than objects';
	}
	if (typeof body === 'object') return 'an object';
	if (typeof body !== 'string') return `a ${typeof body}`;
	if (/^\s*<(!doctype|html|head|body|\?xml)/i.test(body)) return 'a web page';
	if (/^\s*[[{]/.test(body)) return 'JSON that is cut off';
	return 'text';
}

/**
 * The service's own words in an error answer. The documents name `message` (Kindryn API, Errors)
 * and `detail` (Klinky); `detail` may be a list of `{loc, msg}`; Kinktree documents none, so
 * `errors` by field and plain text are read as well.
 *
 * @param redact takes secrets out; before the words are cut, since half a secret is not found
 * @returns undefined when there are none
 */
export function serviceMessage(
	body: unknown,
	redact: (text: string) => string,
): string | undefined {
	const found = isPlainText(body) ? body.trim() : wordsIn(body);
	if (!found) return undefined;
	const words = redact(found);
	return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS)}…` : words;
}

function isPlainText(body: unknown): body is string {
	return typeof body === 'string' && describeBody(body) === 'text' && !/<[a-z/!]/i.test(body);
}

function wordsIn(body: unknown): string | undefined {
	if (!isRecord(body)) return undefined;
	return (
		firstWords([body.message, body.detail, body.error, body.errors]) ?? wordsByField(body.errors)
	);
}

/** `{ identifier: ["is taken"] }` */
function wordsByField(errors: unknown): string | undefined {
	if (!isRecord(errors)) return undefined;
	const parts = Object.entries(errors).flatMap(([field, said]) => {
		const words = firstWords([said]);
		return words ? [`${field}: ${words}`] : [];
	});
	return parts.length > 0 ? parts.join('; ') : undefined;
}

function firstWords(values: unknown[]): string | undefined {
	for (const value of values) {
		if (typeof value === 'string' && value.trim() !== '') return value.trim();
		if (Array.isArray(value)) {
			const parts = value.map(wordsOfDetail).filter((part) => part !== undefined);
			if (parts.length > 0) return parts.join('; ');
		}
		if (isRecord(value)) {
			const inner = wordsOfDetail(value);
			if (inner) return inner;
		}
	}
	return undefined;
}

function wordsOfDetail(detail: unknown): string | undefined {
	if (typeof detail === 'string') return detail;
	if (!isRecord(detail)) return undefined;
	const words = firstWords([detail.msg, detail.message]) ?? wordsIn(detail);
	if (!words || !Array.isArray(detail.loc)) return words;
	// loc begins with where the value was sent: ["body", "variants", 0, "weight"]
	const place = detail.loc.filter((step, index) => index > 0 || step !== 'body').join('.');
	return place ? `${words}: ${place}` : words;
}

/**
 * Finds the list in an answer, whichever way it is wrapped.
 *
 * @param keys names under which the list may stand
 * @returns undefined when the answer holds no list of objects
 */
export function listIn(body: unknown, keys: readonly string[]): IDataObject[] | undefined {
	const wrapped = isRecord(body) ? keys.map((key) => body[key]).find(Array.isArray) : body;
	return Array.isArray(wrapped) && wrapped.every(isRecord) ? wrapped : undefined;
}

/** @returns how many rows the list in an answer has, where that is told as a count */
export function totalIn(body: unknown): number | undefined {
	const total = isRecord(body) ? body.total : undefined;
	return typeof total === 'number' && Number.isInteger(total) && total >= 0 ? total : undefined;
}
