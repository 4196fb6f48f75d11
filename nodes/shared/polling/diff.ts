/*
 * What has changed in a list that comes whole, in one answer. Each poll compares the list with the one
 * that the last poll remembered: rows may have come, changed or gone.
 */
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { secretFingerprint } from './journal';
import { canonical } from './rows';

/** What identifies a row, and what a snapshot keeps of it. */
export interface Fields {
	identity(row: IDataObject): string;
	/** fields whose values are secret: a snapshot keeps just enough of them to notice a change */
	secret: readonly string[];
	/** besides the identity: no fields, those that are not secret, or all */
	remembers: 'nothing' | 'open' | 'all';
}

/** The rows that came, changed and are gone. */
export interface Changes {
	created: IDataObject[];
	/** as they are now, each with `changes: { <field>: { from, to } }` */
	updated: IDataObject[];
	/** as they were, without secrets */
	deleted: IDataObject[];
}

/** What is remembered of a list that comes whole. */
export interface Snapshot extends IDataObject {
	/** the rows by their identity, as JSON */
	rows: string;
	/** a list that lost so many rows that the next poll must confirm it, in the same form */
	doubted?: string;
}

/** Rows by their identity. */
type Rows = ReadonlyMap<string, IDataObject>;

/** Fields that stay remembered for each row although they are not sent any more. */
const MOST_MISSING_FIELDS = 20;

/**
 * Compares a list with the one before. A list that lost more than half of its rows at once may be an
 * answer that went wrong: it is believed when the next poll shows the same.
 *
 * @param memory what the last poll remembered; without it, or when it is damaged, nothing has changed
 * @returns the changes, and what to remember
 */
export function compare(
	memory: IDataObject | undefined,
	rows: readonly IDataObject[],
	fields: Fields,
): { changes: Changes; snapshot: Snapshot } {
	const current = new Map(rows.map((row) => [fields.identity(row), row]));
	const after = new Map([...current].map(([id, row]) => [id, valuesToKeep(row, id, fields)]));
	const changes: Changes = { created: [], updated: [], deleted: [] };
	const before = parse(memory?.rows);
	if (!before) return { changes, snapshot: { rows: toText(after) } };

	const doubted = parse(memory?.doubted);
	const isConfirmed = doubted && !lostMost(doubted, after) && !lostMost(after, doubted);
	if (lostMost(before, after) && !isConfirmed) {
		return { changes, snapshot: { rows: toText(before), doubted: toText(after) } };
	}
	for (const [id, row] of current) {
		const was = before.get(id);
		const changed = was && changesOf(was, after.get(id) ?? {}, fields.secret);
		if (!changed) changes.created.push(row);
		else if (Object.keys(changed).length > 0) changes.updated.push({ ...row, changes: changed });
	}
	for (const [id, row] of before) {
		if (!current.has(id)) changes.deleted.push(withoutSecrets(row, fields));
	}
	return { changes, snapshot: { rows: toText(withMissingFields(after, before)) } };
}

/** @returns whether the last poll remembered one of the rows */
export function knowsAny(
	memory: IDataObject | undefined,
	rows: readonly IDataObject[],
	{ identity }: Fields,
): boolean {
	const before = parse(memory?.rows);
	return rows.some((row) => before?.has(identity(row)));
}

/** @returns the row without the fields whose values are secret */
export function withoutSecrets(row: IDataObject, { secret }: Fields): IDataObject {
	return Object.fromEntries(Object.entries(row).filter(([name]) => !secret.includes(name)));
}

/** @returns the fields that a snapshot keeps, with fingerprints in place of secrets */
function valuesToKeep(row: IDataObject, id: string, fields: Fields): IDataObject {
	if (fields.remembers === 'nothing') return {};
	if (fields.remembers === 'open') return withoutSecrets(row, fields);
	const values = Object.entries(row).map(([name, value]) =>
		// With the identity, so that equal codes do not look equal
		fields.secret.includes(name) && value !== null
			? [name, secretFingerprint(canonical([id, name, value]))]
			: [name, value],
	);
	return Object.fromEntries(values) as IDataObject;
}

/** A field that is not sent says nothing: only one that is there before and after can have changed. */
function changesOf(was: IDataObject, is: IDataObject, secret: readonly string[]): IDataObject {
	const names = Object.keys(is).filter(
		(name) => Object.hasOwn(was, name) && canonical(was[name]) !== canonical(is[name]),
	);
	return Object.fromEntries(
		names.map((name) => [
			name,
			secret.includes(name) ? { changed: true } : { from: was[name], to: is[name] },
		]),
	);
}

/** @returns whether more than half of the rows are gone */
function lostMost(before: Rows, after: Rows): boolean {
	const gone = [...before.keys()].filter((id) => !after.has(id));
	return gone.length * 2 > before.size;
}

/** A field that comes back is compared with what it was before it went. */
function withMissingFields(after: Rows, before: Rows): Rows {
	return new Map(
		[...after].map(([id, row]) => {
			const missing = Object.entries(before.get(id) ?? {}).filter(([name]) => !(name in row));
			return [id, { ...Object.fromEntries(missing.slice(0, MOST_MISSING_FIELDS)), ...row }];
		}),
	);
}

/** In an order of its own, so that a list in another order leaves the state as it is. */
function toText(rows: Rows): string {
	return canonical([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns undefined when there is none, or it is damaged */
function parse(text: unknown): Rows | undefined {
	try {
		const entries: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
		return Array.isArray(entries) && entries.every(isEntry) ? new Map(entries) : undefined;
	} catch {
		return undefined;
	}
}

function isEntry(entry: unknown): entry is [string, IDataObject] {
	return Array.isArray(entry) && typeof entry[0] === 'string' && isRecord(entry[1]);
}
