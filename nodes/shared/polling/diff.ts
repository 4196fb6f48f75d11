/*
 * Finds changes in a list that comes whole, in one answer. Each poll compares the list with the snapshot
 * of the last poll, and finds the rows that were created, updated or deleted.
 */
import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { secretFingerprint } from './journal';
import { canonical } from './rows';

/** How a row is identified, and which of its fields a snapshot keeps. */
export interface Fields {
	identity(row: IDataObject): string;
	/** fields with secret values: a snapshot keeps just enough of them to notice a change */
	secret: readonly string[];
	/** fields to keep besides the identity: none, all but secret ones, or all */
	remembers: 'nothing' | 'open' | 'all';
}

export interface Changes {
	created: IDataObject[];
	/** the rows as they are now, each with `changes: { <field>: { from, to } }` */
	updated: IDataObject[];
	/** the rows as they were, without secrets */
	deleted: IDataObject[];
}

/** What a trigger remembers of a list that comes whole. */
export interface Snapshot extends IDataObject {
	/** the rows by their identity, as JSON */
	rows: string;
	/** rows in the same form, of a list that lost too many rows to be believed at once */
	doubted?: string;
}

/** Rows by their identity. */
type Rows = ReadonlyMap<string, IDataObject>;

/** Most fields of a row to remember after the service stops sending them. */
const MOST_MISSING_FIELDS = 20;

/**
 * Compares a list with the one before. If more than half of the rows are gone at once, the answer may be
 * wrong, so nothing changes until the next poll confirms it.
 *
 * @param memory what the last poll remembered; if it is missing or damaged, there are no changes
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

/** @returns whether the last poll remembered at least one of the rows */
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

/** @returns the fields to keep in a snapshot, with fingerprints instead of secrets */
function valuesToKeep(row: IDataObject, id: string, fields: Fields): IDataObject {
	if (fields.remembers === 'nothing') return {};
	if (fields.remembers === 'open') return withoutSecrets(row, fields);
	const values = Object.entries(row).map(([name, value]) =>
		// The fingerprint includes the row's identity, so that it does not show which secrets are equal
		fields.secret.includes(name) && value !== null
			? [name, secretFingerprint(canonical([id, name, value]))]
			: [name, value],
	);
	return Object.fromEntries(values) as IDataObject;
}

/** Compares the fields that both rows have. A field that the service does not send has not changed. */
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

/** @returns whether more than half of the rows before are gone */
function lostMost(before: Rows, after: Rows): boolean {
	const gone = [...before.keys()].filter((id) => !after.has(id));
	return gone.length * 2 > before.size;
}

/** Keeps fields that the service no longer sends, to compare them with their old value if they come back. */
function withMissingFields(after: Rows, before: Rows): Rows {
	return new Map(
		[...after].map(([id, row]) => {
			const missing = Object.entries(before.get(id) ?? {}).filter(([name]) => !(name in row));
			return [id, { ...Object.fromEntries(missing.slice(0, MOST_MISSING_FIELDS)), ...row }];
		}),
	);
}

/** Sorts the rows, so that the state does not change when only their order does. */
function toText(rows: Rows): string {
	return canonical([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns the rows; undefined if the text is missing or damaged */
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
