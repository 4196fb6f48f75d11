import { createHash } from 'node:crypto';

import { isRecord } from '../../shared/http/answer';

/** Most deliveries remembered: the last 1,000, and some more, because the clocks of processes differ. */
export const REMEMBERED = 1100;

/** 72 bits: two deliveries will not share a fingerprint. */
const PRINT_LENGTH = 12;
const PRINT = /^[\w-]{12}$/;

/** @returns a short hash that identifies a delivery */
export function fingerprint(delivery: string | Uint8Array): string {
	return createHash('sha256').update(delivery).digest('base64url').slice(0, PRINT_LENGTH);
}

/** The time at which each delivery was taken, in ms since the epoch, by fingerprint. */
export type Taken = Record<string, number>;

/** State of a delivery: not seen yet, being taken right now, or taken. */
export type Standing = 'new' | 'open' | 'taken';

/** State of an attempt to take a delivery. */
export type Attempt = 'open' | 'failed' | 'taken';

/** The deliveries to one address that this process knows. */
export class Deliveries {
	/** The latest deliveries taken. Always the same object, so that a late save contains all of them. */
	readonly taken: Taken = {};

	/** Deliveries being taken; the function returns how far that has come. */
	private readonly open = new Map<string, () => Attempt>();

	/**
	 * Adds the deliveries that this or another process has saved.
	 *
	 * @param saved may be damaged: entries that are not a fingerprint with a time are ignored
	 */
	learn(saved: unknown, now: number): void {
		if (!isRecord(saved)) return;
		for (const [print, at] of Object.entries(saved)) {
			if (!PRINT.test(print) || typeof at !== 'number' || print in this.taken) continue;
			// A time in the future, from a wrong clock, would push out later deliveries
			this.taken[print] = Math.min(at, now);
		}
		this.forgetOldest();
	}

	/**
	 * Begins to take a delivery, unless it was taken or is being taken.
	 *
	 * @param attempt returns how far the attempt has come; not called after {@link take}
	 * @returns its state before; only for "new" may the caller go on
	 */
	begin(print: string, attempt: () => Attempt, now: number): Standing {
		this.closeAttempts(now);
		if (print in this.taken) return 'taken';
		if (this.open.has(print)) return 'open';
		this.open.set(print, attempt);
		return 'new';
	}

	/** Remembers that a delivery was taken. */
	take(print: string, now: number): void {
		this.open.delete(print);
		this.taken[print] = now;
		this.forgetOldest();
	}

	private closeAttempts(now: number): void {
		for (const [print, attempt] of this.open) {
			const state = attempt();
			if (state === 'taken') this.take(print, now);
			if (state === 'failed') this.open.delete(print);
		}
	}

	private forgetOldest(): void {
		const oldestFirst = Object.entries(this.taken).sort(([, one], [, other]) => one - other);
		for (const [print] of oldestFirst.slice(0, -REMEMBERED)) delete this.taken[print];
	}
}
