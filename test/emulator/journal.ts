import type { Misbehaviour } from './misbehaviour';
import { matches, type ReceivedRequest, type RequestFilter } from './request';

/** One request to an emulator, and its outcome. */
export interface JournalEntry extends ReceivedRequest {
	/** Time of arrival by the emulator's clock, in ms. */
	at: number;
	/** Number of requests open at its arrival, this one included. */
	inFlight: number;
	/** Headers by lower-case name. If a header carries a key, `<name of the key>` replaces the value. */
	headers: Record<string, string>;
	/** Name of the key that was sent, `unknown` for a wrong one, absent without one. */
	key?: string;
	/** The body, parsed if it was JSON, else as text; absent without one. */
	body?: unknown;
	/** Absent while the request is open, and when the connection was closed without an answer. */
	status?: number;
	/** The rule that applied to this request. */
	misbehaviour?: Misbehaviour;
	/** Violations by the request and by its answer, in words. */
	violations: string[];
}

export interface JournalFilter extends RequestFilter {
	status?: number;
}

/** All requests to an emulator, in the order of arrival. */
export class Journal {
	readonly requests: JournalEntry[] = [];

	/** Faults of the emulator itself; they count as violations. */
	readonly faults: string[] = [];

	private waiting: Array<{ filter: JournalFilter; resolve: (entry: JournalEntry) => void }> = [];

	/** Adds a request. The emulator calls this as soon as a request arrives. */
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
