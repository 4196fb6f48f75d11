import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../../shared/http/answer';

/** Deepest nesting accepted. Few enough for n8n, which copies items by recursion. */
const MOST_LEVELS = 100;

/** The body of a delivery. Only `event` is guaranteed. */
export interface Envelope extends IDataObject {
	event: string;
}

/** The answer to a body that cannot be read. */
export const BODY_RULE = `The body must be a JSON object with a text "event", at most ${MOST_LEVELS} levels deep`;

/**
 * Parses a body. Keys named `__proto__` are removed.
 *
 * @returns undefined for a body that breaks {@link BODY_RULE}
 */
export function readEnvelope(body: Uint8Array): Envelope | undefined {
	const value = parse(body);
	if (!isRecord(value) || !makeSafe(value, MOST_LEVELS)) return undefined;
	const { event } = value;
	return typeof event === 'string' && event.trim() !== '' ? { ...value, event } : undefined;
}

function parse(body: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(body)) as unknown;
	} catch {
		return undefined;
	}
}

/** Removes keys that would set a prototype in a copy. @returns false if the value is nested deeper */
function makeSafe(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return true;
	Reflect.deleteProperty(value, '__proto__');
	return levels > 0 && Object.values(value).every((inner) => makeSafe(inner, levels - 1));
}
