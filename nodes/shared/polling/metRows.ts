/*
 * Notes which rows of a list were met: by any poll, by this poll, and in its current pass over the list.
 * A row is identified by its ID, or by its whole content if it has none.
 */
import type { IDataObject } from 'n8n-workflow';

import { fingerprint } from './journal';
import { canonical, hasId } from './rows';

/** The result of meeting the rows of one page. */
export interface Findings {
	/** number of rows that this pass had not met before */
	unmet: number;
	/** number of new rows: no earlier poll has met them, but this one may have met them before */
	fresh: number;
	/** whether the first row was met for the first time, or the page is empty */
	startsNew: boolean;
}

export class MetRows {
	/** the new rows, by fingerprint: this poll has met them, and no earlier one */
	readonly fresh = new Map<string, IDataObject>();
	/** whether this poll has met a row of an earlier poll */
	hasMetKnown = false;
	private readonly inPass = new Set<string>();
	/** how often this pass has met each row without an ID */
	private readonly copies = new Map<string, number>();

	/** @param seen fingerprints of all rows met; the rows met last come last */
	constructor(public seen: Set<string>) {}

	beginPass(): void {
		this.inPass.clear();
		this.copies.clear();
	}

	/** Forgets all rows except the new ones. */
	beginAnew(): void {
		this.seen = new Set(this.fresh.keys());
	}

	/**
	 * Meets the next rows of the pass.
	 *
	 * @param isSteady whether the count of rows is the same as when the pass began
	 */
	meet(rows: IDataObject[], isSteady: boolean): Findings {
		// Otherwise rows may move and be read twice, so only copies on the same page are counted
		if (!isSteady) this.copies.clear();
		return this.meetAll(rows, this.copies, this.inPass);
	}

	/** Meets rows outside of the pass, which still has to read their page. */
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

	/** The number of rows that this pass has met. */
	get countInPass(): number {
		return this.inPass.size;
	}

	/** Whether the pass has met equal rows without an ID, which only their number tells apart. */
	get hasAlike(): boolean {
		return [...this.copies.values()].some((copies) => copies > 1);
	}
}

/** The fingerprint of the ID; without one, of the row's content and the number of its copy. */
function printOf(row: IDataObject, copies: Map<string, number>): string {
	if (hasId(row)) return fingerprint(String(row.id));
	const content = canonical(row);
	const copy = (copies.get(content) ?? 0) + 1;
	copies.set(content, copy);
	return fingerprint(copy === 1 ? content : `${content} ${copy}`);
}
