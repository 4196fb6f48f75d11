import { type JournalEntry, matchesPath } from './journal';

/** What of a request decides whether a rule applies. */
type Asked = Pick<JournalEntry, 'method' | 'path' | 'query' | 'operationId'>;

/**
 * A rule by which an emulator misbehaves. At most one of `drop`, `truncate`, `html`, `raw`, `rewrite` and
 * `redirect` decides the answer; `status` goes with `html`, `raw` and `redirect`, or stands with `body`.
 * `delayMs`, `drip` and `headers` go with all of them, or alone: then the request is answered as usual, but
 * late, slowly or with these headers added.
 *
 * The emulator does not hold a replaced answer against the OpenAPI document. Such an answer has none of the
 * service's own headers (no X-RateLimit-*), only a Date and those of the rule.
 */
export interface Misbehaviour {
	/** Which requests; all when left out. A text path is the whole path as on the wire. */
	match?: {
		method?: string;
		path?: string | RegExp;
		operationId?: string;
		/** Query parameters that it must have, among others. */
		query?: Record<string, string>;
	};
	/** For how many matching requests (1); `Infinity` for all. */
	times?: number;
	/** How many matching requests to leave alone first (0). */
	skip?: number;
	/** Milliseconds to wait before anything else happens. */
	delayMs?: number;
	/**
	 * Send the headers at once, and then one byte of the body every so many ms: to its end, or for ever
	 * (`endless`: spaces follow the body) until the client leaves or the emulator stops.
	 */
	drip?: { everyMs: number; endless?: boolean };
	/** Added to the answer's headers, or in place of those with the same name, Date included. */
	headers?: Record<string, string>;
	/** Answer with this status, and `body` if given (else the service's own error body). */
	status?: number;
	body?: unknown;
	/** Carry the request out before the answer is replaced: a write that succeeded and says it did not. */
	carryOut?: boolean;
	/** Close the connection before the request is carried out, or after, so that the answer is lost. */
	drop?: 'before' | 'after';
	/**
	 * Cut the JSON answer in the middle. `consistent`: Content-Length is that of the rest.
	 * `connection`: Content-Length is that of the whole, and the connection closes early.
	 */
	truncate?: 'consistent' | 'connection';
	/** Answer 200 (or `status`) with an HTML page: a default one, or this text. */
	html?: true | string;
	/** Answer 200 (or `status`) with exactly this text or these bytes, as JSON or this content type. */
	raw?: { body: string | Buffer; contentType?: string };
	/** Carry the request out and send this in place of the body that the service would have sent. */
	rewrite?: (body: unknown) => unknown;
	/** Answer 302 (or `status`) with this Location. */
	redirect?: string;
}

/** A rule in force. */
export interface ActiveMisbehaviour {
	readonly rule: Misbehaviour;
	/** How many requests it changed so far. */
	readonly hits: number;
	/** Ends the rule. */
	cancel(): void;
}

/** The rules of one emulator; the oldest that matches a request decides. */
export class Misbehaviours {
	private active: Rule[] = [];

	/** Puts a rule in force. Throws when it asks for two things at once. */
	add(rule: Misbehaviour): ActiveMisbehaviour {
		const kinds = (['drop', 'truncate', 'html', 'raw', 'redirect', 'rewrite'] as const).filter(
			(kind) => rule[kind] !== undefined,
		);
		if (kinds.length > 1) throw new Error(`A rule does one thing, not ${kinds.join(' and ')}`);
		const active = new Rule(rule);
		this.active.push(active);
		return active;
	}

	/** The rule for a request, counted as used; `undefined` when the request is answered as usual. */
	take(request: Asked): Misbehaviour | undefined {
		return this.active.find((candidate) => candidate.applies(request))?.rule;
	}

	clear(): void {
		this.active = [];
	}
}

class Rule implements ActiveMisbehaviour {
	hits = 0;

	private left: number;

	private skip: number;

	constructor(readonly rule: Misbehaviour) {
		this.left = rule.times ?? 1;
		this.skip = rule.skip ?? 0;
	}

	applies(request: Asked): boolean {
		const { method, path, operationId, query = {} } = this.rule.match ?? {};
		if (this.left <= 0) return false;
		if (method !== undefined && method.toUpperCase() !== request.method) return false;
		if (path !== undefined && !matchesPath(path, request.path)) return false;
		if (operationId !== undefined && operationId !== request.operationId) return false;
		if (Object.entries(query).some(([name, value]) => request.query[name] !== value)) return false;
		if (this.skip > 0) {
			this.skip -= 1;
			return false;
		}
		this.left -= 1;
		this.hits += 1;
		return true;
	}

	cancel(): void {
		this.left = 0;
	}
}
