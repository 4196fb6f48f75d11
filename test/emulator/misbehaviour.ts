import { matches, type ReceivedRequest, type RequestFilter } from './request';

/**
 * A rule that makes an emulator misbehave. At most one of `drop`, `truncate`, `html`, `raw`, `rewrite` and
 * `redirect` decides the answer. `status` goes with `html`, `raw` and `redirect`, or stands with `body`.
 * `delayMs`, `drip` and `headers` go with all of them. On their own, they send the usual answer late,
 * slowly or with these headers added.
 *
 * The emulator does not check a replaced answer against the OpenAPI document. Such an answer carries a Date
 * and the rule's headers, but none of the service's own (no X-RateLimit-*).
 */
export interface Misbehaviour {
	/** The requests to change (default: all). */
	match?: RequestFilter & {
		/** Query parameters that the request must have. It may have others as well. */
		query?: Record<string, string>;
	};
	/** How many matching requests to change (default 1); `Infinity` for all. */
	times?: number;
	/** How many matching requests to leave alone first (default 0). */
	skip?: number;
	/** Milliseconds to wait before anything else happens. */
	delayMs?: number;
	/**
	 * Send the headers at once, then one byte of the body every `everyMs` ms. With `endless`, spaces follow
	 * the body until the client leaves or the emulator stops.
	 */
	drip?: { everyMs: number; endless?: boolean };
	/** Add these headers to the answer. They replace headers with the same name, even Date. */
	headers?: Record<string, string>;
	/** Answer with this status, and `body` if given (else the service's own error body). */
	status?: number;
	body?: unknown;
	/** Carry the request out before replacing the answer: a write succeeds although its answer denies it. */
	carryOut?: boolean;
	/** Close the connection before the request is carried out, or after, so that the answer is lost. */
	drop?: 'before' | 'after';
	/**
	 * Cut the JSON answer in the middle. `consistent`: Content-Length fits the part that is sent.
	 * `connection`: Content-Length fits the whole answer, and the connection closes early.
	 */
	truncate?: 'consistent' | 'connection';
	/** Answer 200 (or `status`) with an HTML page: a default one, or this text. */
	html?: true | string;
	/** Answer 200 (or `status`) with exactly this text or these bytes, as JSON or this content type. */
	raw?: { body: string | Buffer; contentType?: string };
	/** Carry the request out and send this instead of the body that the service would have sent. */
	rewrite?: (body: unknown) => unknown;
	/** Answer 302 (or `status`) with this Location. */
	redirect?: string;
}

export interface ActiveMisbehaviour {
	readonly rule: Misbehaviour;
	/** How many requests the rule has changed so far. */
	readonly hits: number;
	cancel(): void;
}

/** The rules of one emulator. The oldest rule that matches a request applies. */
export class Misbehaviours {
	private active: Rule[] = [];

	/** Activates a rule. Throws if the rule asks for two things at once. */
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
	take(request: ReceivedRequest): Misbehaviour | undefined {
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

	applies(request: ReceivedRequest): boolean {
		const { query = {}, ...filter } = this.rule.match ?? {};
		if (this.left <= 0 || !matches(filter, request)) return false;
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
