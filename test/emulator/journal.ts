import type { Misbehaviour } from './misbehaviour';

/** One request that an emulator received, and what became of it. */
export interface JournalEntry {
	/** Arrival, in ms, by the emulator's clock. */
	at: number;
	/** Number of requests open at its arrival, this one included. */
	inFlight: number;
	method: string;
	/** The path as it stood on the wire, still percent-encoded, without the query. */
	path: string;
	/** Query parameters, decoded; a name that stands several times has a list. */
	query: Record<string, string | string[]>;
	/** Header names in lower case; those that carry keys hold `<name of the key>` instead. */
	headers: Record<string, string>;
	/** Name of the key that was sent, `unknown` for a wrong one, absent without one. */
	key?: string;
	/** The body, parsed if it was JSON, else as text; absent without one. */
	body?: unknown;
	/** Absent when the OpenAPI document has no such operation. */
	operationId?: string;
	/** Absent while the request is open, and when the connection was closed without an answer. */
	status?: number;
	/** The rule that changed the course of this request. */
	misbehaviour?: Misbehaviour;
	/** What request and answer have against them, in words. */
	violations: string[];
}

/** A filter for journal entries; what is left out matches all. */
export interface JournalFilter {
	method?: string;
	/** Text: the whole path as on the wire. Expression: tested against it. */
	path?: string | RegExp;
	operationId?: string;
	status?: number;
}

/** Everything an emulator was asked, in the order of arrival. */
export class Journal {
	readonly requests: JournalEntry[] = [];

	/** Faults of the emulator itself; they count as violations. */
	readonly faults: string[] = [];

	private waiting: Array<{ filter: JournalFilter; resolve: (entry: JournalEntry) => void }> = [];

	/** Enters a request; called by the emulator at its arrival. */
	enter(entry: JournalEntry): void {
		this.requests.push(entry);
		const met = this.waiting.filter(({ filter }) => matches(filter, entry));
		this.waiting = this.waiting.filter((waiter) => !met.includes(waiter));
		for (const { resolve } of met) resolve(entry);
	}

	/** The entries that match every given part of the filter. */
	find(filter: JournalFilter): JournalEntry[] {
		return this.requests.filter((entry) => matches(filter, entry));
	}

	/** Resolves when the next request that matches the filter arrives, before it is answered. */
	async arrival(filter: JournalFilter = {}): Promise<JournalEntry> {
		return await new Promise((resolve) => this.waiting.push({ filter, resolve }));
	}

	/** Every violation of the OpenAPI document, with the request it belongs to. Tests assert that it is `[]`. */
	violations(): string[] {
		const violations = this.requests.flatMap(({ method, path, violations }) =>
			violations.map((text) => `${method} ${path}: ${text}`),
		);
		return [...violations, ...this.faults.map((text) => `emulator: ${text}`)];
	}

	clear(): void {
		this.requests.length = 0;
		this.faults.length = 0;
	}
}

function matches({ method, path, operationId, status }: JournalFilter, entry: JournalEntry) {
	return (
		(method === undefined || entry.method === method.toUpperCase()) &&
		(path === undefined || matchesPath(path, entry.path)) &&
		(operationId === undefined || entry.operationId === operationId) &&
		(status === undefined || entry.status === status)
	);
}

/** Whether a path on the wire is the given text, or matches the given expression. */
export function matchesPath(wanted: string | RegExp, path: string): boolean {
	return typeof wanted === 'string' ? wanted === path : new RegExp(wanted).test(path);
}
