import { createHash } from 'node:crypto';

import { isRecord } from '../../shared/http/answer';

/** How many deliveries are remembered. */
export const REMEMBERED = 1000;

/** 72 bits: that a new delivery has the fingerprint of an old one will not happen. */
const PRINT_LENGTH = 12;
const PRINT = /^[\w-]{12}$/;

/** @returns what tells a delivery from others, in few bytes */
export function fingerprint(delivery: string | Uint8Array): string {
	return createHash('sha256').update(delivery).digest('base64url').slice(0, PRINT_LENGTH);
}

/** When each delivery was taken, in ms since the epoch, by its fingerprint. */
export type Taken = Record<string, number>;

/** How far a delivery has got: nobody has it, somebody is about to take it, or it was taken. */
export type Standing = 'new' | 'open' | 'taken';

/** The deliveries to one address, as one process knows them. */
export class Deliveries {
	/** The last ones that were taken. Always the same object, so that a late save holds all of them. */
	readonly taken: Taken = {};

	/** Those that are about to be taken: says whether that has come to an end. */
	private readonly open = new Map<string, () => boolean>();

	/**
	 * Takes over what this or another process has saved.
	 *
	 * @param saved may be damaged: what is not a fingerprint with a time is left out
	 */
	learn(saved: unknown, now: number): void {
		if (!isRecord(saved)) return;
		for (const [print, at] of Object.entries(saved)) {
			if (!PRINT.test(print) || typeof at !== 'number' || print in this.taken) continue;
			// A clock that was fast for a while must not outdate all that comes
			this.taken[print] = Math.min(at, now);
		}
		this.forgetOldest();
	}

	/**
	 * Begins to take a delivery, unless it was taken or is about to be.
	 *
	 * @param isOver whether the taking has ended; without {@link take} it has failed
	 * @returns how far it had got; "new" for the one who may go on
	 */
	begin(print: string, isOver: () => boolean): Standing {
		if (print in this.taken) return 'taken';
		for (const [other, ended] of this.open) if (ended()) this.open.delete(other);
		if (this.open.has(print)) return 'open';
		this.open.set(print, isOver);
		return 'new';
	}

	/** Remembers that a delivery was taken. */
	take(print: string, now: number): void {
		this.open.delete(print);
		this.taken[print] = now;
		this.forgetOldest();
	}

	private forgetOldest(): void {
		const oldestFirst = Object.entries(this.taken).sort(([, one], [, other]) => one - other);
		for (const [print] of oldestFirst.slice(0, -REMEMBERED)) delete this.taken[print];
	}
}
