/*
 * Which rows of a list were met: by any poll, by this one, and in its present pass over the list. A row
 * is told from others by its ID; without one, by all that it holds.
 */
import type { IDataObject } from 'n8n-workflow';

import { fingerprint } from './journal';
import { canonical, hasId } from './rows';

/** What a poll finds among the rows of one page. */
export interface Findings {
	/** rows that this pass had not met before */
	unmet: number;
	/** rows that this poll has found new, on this page or on one before it */
	fresh: number;
	/** whether the first row was new until now, or there is none */
	startsNew: boolean;
}

export class MetRows {
	/** rows that this poll has met and none before it, by fingerprint */
	readonly fresh = new Map<string, IDataObject>();
	/** whether a row of an earlier poll was met */
	hasMetKnown = false;
	private readonly inPass = new Set<string>();
	/** how often this pass has met each row without an ID */
	private readonly copies = new Map<string, number>();

	/** @param seen fingerprints of all rows met; those met last stand last */
	constructor(public seen: Set<string>) {}

	beginPass(): void {
		this.inPass.clear();
		this.copies.clear();
	}

	/** Forgets all rows but those that this poll has found. */
	beginAnew(): void {
		this.seen = new Set(this.fresh.keys());
	}

	/** Meets rows that this pass has not read yet. */
	meet(rows: IDataObject[], isSteady: boolean): Findings {
		// When rows move meanwhile, one may come twice: then copies count within their page alone
		if (!isSteady) this.copies.clear();
		return this.meetAll(rows, this.copies, this.inPass);
	}

	/** Meets rows that this pass reads at another time. */
	peek(rows: IDataObject[]): Findings {
		return this.meetAll(rows, new Map(), new Set());
	}

	private meetAll(rows: IDataObject[], copies: Map<string, number>, inPass: Set<string>): Findings {
		const findings = { unmet: 0, fresh: 0, startsNew: true };
		rows.forEach((row, index) => {
			const print = printOf(row, copies);
			const isKnown = this.seen.delete(print);
			this.seen.add(print);
			if (!isKnown) this.fresh.set(print, row);
			if (index === 0) findings.startsNew = !isKnown;
			if (this.fresh.has(print)) findings.fresh++;
			else this.hasMetKnown = true;
			if (!inPass.has(print)) findings.unmet++;
			inPass.add(print);
		});
		return findings;
	}

	/** How many rows this pass has met. */
	get countInPass(): number {
		return this.inPass.size;
	}

	/** Whether rows of this pass can be told apart by their number alone. */
	get hasAlike(): boolean {
		return [...this.copies.values()].some((copies) => copies > 1);
	}
}

/** The ID; without one, what the row holds and how many like it came before. */
function printOf(row: IDataObject, copies: Map<string, number>): string {
	if (hasId(row)) return fingerprint(String(row.id));
	const content = canonical(row);
	const copy = (copies.get(content) ?? 0) + 1;
	copies.set(content, copy);
	return fingerprint(copy === 1 ? content : `${content} ${copy}`);
}
