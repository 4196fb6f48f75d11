/** How many requests a window of time takes. */
export interface WindowLimit {
	limit: number;
	/** Length of the window in ms. */
	windowMs: number;
	/** `fixed` opens anew at every multiple of its length, `sliding` looks back from each request. */
	kind: 'fixed' | 'sliding';
	/** A moment at which a fixed window opens, in ms; those before and after it follow from that. */
	opens?: number;
}

/** How full a window is. */
export interface WindowState {
	limit: number;
	remaining: number;
	/** When there will be more, in ms. */
	resetsAt: number;
}

/** The requests that were counted against one key. */
export class RequestWindow {
	private taken: number[] = [];

	/** Counts a request if there is room; says whether there was. `now` in ms. */
	take(now: number, limit: WindowLimit): boolean {
		if (this.look(now, limit).remaining <= 0) return false;
		this.taken.push(now);
		return true;
	}

	/** What is left, without counting. `now` in ms. */
	look(now: number, { limit, windowMs, kind, opens = 0 }: WindowLimit): WindowState {
		const opened = opens + Math.floor((now - opens) / windowMs) * windowMs;
		this.taken = this.taken.filter((at) => (kind === 'fixed' ? at >= opened : at > now - windowMs));
		const resetsAt = kind === 'fixed' ? opened + windowMs : (this.taken[0] ?? now) + windowMs;
		return { limit, remaining: Math.max(0, limit - this.taken.length), resetsAt };
	}
}

/** The X-RateLimit headers of an answer, with Retry-After for a 429; `unix` and `seconds` as in the readings. */
export function limitHeaders(
	{ limit, remaining, resetsAt }: WindowState,
	{ now, reset, status }: { now: number; reset: 'unix' | 'seconds'; status: number },
): Record<string, string> {
	const seconds = Math.max(1, Math.ceil((resetsAt - now) / 1000));
	return {
		'X-RateLimit-Limit': String(limit),
		'X-RateLimit-Remaining': String(remaining),
		'X-RateLimit-Reset': String(reset === 'unix' ? Math.ceil(resetsAt / 1000) : seconds),
		...(status === 429 && { 'Retry-After': String(seconds) }),
	};
}
