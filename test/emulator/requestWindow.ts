/** How many requests a window of time takes. */
export interface WindowLimit {
	limit: number;
	/** Length of the window in ms. */
	windowMs: number;
	/** `fixed` opens anew at every multiple of its length, `sliding` looks back from each request. */
	kind: 'fixed' | 'sliding';
}

/** What a window has left. */
export interface WindowState {
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
	look(now: number, { limit, windowMs, kind }: WindowLimit): WindowState {
		const opened = Math.floor(now / windowMs) * windowMs;
		this.taken = this.taken.filter((at) => (kind === 'fixed' ? at >= opened : at > now - windowMs));
		const resetsAt = kind === 'fixed' ? opened + windowMs : (this.taken[0] ?? now) + windowMs;
		return { remaining: Math.max(0, limit - this.taken.length), resetsAt };
	}
}
