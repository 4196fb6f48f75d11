import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../../shared/http/answer';

/** More levels than any event has, and few enough for n8n, which copies items by recursion. */
const MOST_LEVELS = 100;

/** What a webhook delivers. Only the event is sure to be there and of this type. */
export interface Envelope extends IDataObject {
	event: string;
}

/** What a body must be, for the answer to one that is not. */
export const BODY_RULE = `The body must be a JSON object with a text "event", at most ${MOST_LEVELS} levels deep`;

/**
 * The envelope in a body, as it came but for keys named `__proto__`.
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

/** Removes what would become a prototype in a copy. @returns false for a value with more levels */
function makeSafe(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return true;
	Reflect.deleteProperty(value, '__proto__');
	return levels > 0 && Object.values(value).every((inner) => makeSafe(inner, levels - 1));
}
