import type { Misbehaviour } from './misbehaviour';
import { matches, type ReceivedRequest, type RequestFilter } from './request';

/** One request that an emulator received, and what became of it. */
export interface JournalEntry extends ReceivedRequest {
	/** Arrival, in ms, by the emulator's clock. */
	at: number;
	/** Number of requests open at its arrival, this one included. */
	inFlight: number;
	/** Header names in lower case; those that carry keys hold `<name of the key>` instead. */
	headers: Record<string, string>;
	/** Name of the key that was sent, `unknown` for a wrong one, absent without one. */
	key?: string;
	/** The body, parsed if it was JSON, else as text; absent without one. */
	body?: unknown;
	/** Absent while the request is open, and when the connection was closed without an answer. */
	status?: number;
	/** The rule that changed the course of this request. */
	misbehaviour?: Misbehaviour;
	/** What request and answer have against them, in words. */
	violations: string[];
}

/** A filter for journal entries. */
export interface JournalFilter extends RequestFilter {
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
		const met = this.waiting.filter(({ filter }) => isFound(filter, entry));
		this.waiting = this.waiting.filter((waiter) => !met.includes(waiter));
		for (const { resolve } of met) resolve(entry);
	}

	/** The entries that match every given part of the filter. */
	find(filter: JournalFilter): JournalEntry[] {
		return this.requests.filter((entry) => isFound(filter, entry));
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

function isFound({ status, ...filter }: JournalFilter, entry: JournalEntry): boolean {
	return matches(filter, entry) && (status === undefined || entry.status === status);
}
