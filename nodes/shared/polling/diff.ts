/*
 * What has changed in a list that comes whole, in one answer. The last list is remembered and compared
 * with the new one: rows may have come, changed or gone.
 */
import type { IDataObject } from 'n8n-workflow';

import { isRecord, withoutUndefined } from '../http/answer';
import { secretFingerprint } from './journal';
import { canonical } from './rows';

/** How the rows of a list are told apart and remembered. */
export interface Fields {
	identity(row: IDataObject): string;
	/** fields whose values are secret: never shown, and remembered no further than to see a change */
	secret: readonly string[];
	/** what is remembered of a row besides its identity: what is not secret, or all of it */
	remembers: 'nothing' | 'open' | 'all';
}

/** Rows by their identity. */
export type Rows = ReadonlyMap<string, IDataObject>;

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

/** Fields that stay remembered for each row although they are not sent any more. */
const MOST_MISSING_FIELDS = 20;

/** @returns rows by their identity, with fingerprints in place of secrets */
function remembered(rows: readonly IDataObject[], fields: Fields): Rows {
	const { identity, secret, remembers } = fields;
	const valuesOf = (row: IDataObject, id: string): IDataObject => {
		if (remembers === 'nothing') return {};
		if (remembers === 'open') return withoutSecrets(row, fields);
		const values = Object.entries(row).map(([name, value]) =>
			// With the identity, so that equal codes do not look equal
			secret.includes(name) && value !== null
				? [name, secretFingerprint(canonical([id, name, value]))]
				: [name, value],
		);
		return Object.fromEntries(values) as IDataObject;
	};
	return new Map(
		rows.map((row) => {
			const id = identity(row);
			return [id, valuesOf(row, id)];
		}),
	);
}

/**
 * @param before rows as they were remembered
 * @param rows rows as they are now
 */
export function diff(before: Rows, rows: readonly IDataObject[], fields: Fields): Changes {
	const after = remembered(rows, fields);
	const current = new Map(rows.map((row) => [fields.identity(row), row]));
	const changes: Changes = { created: [], updated: [], deleted: [] };
	for (const [id, row] of current) {
		const was = before.get(id);
		const changed = was && changesOf(was, after.get(id) ?? {}, fields.secret);
		if (!changed) changes.created.push(row);
		else if (Object.keys(changed).length > 0) changes.updated.push({ ...row, changes: changed });
	}
	for (const [id, row] of before) {
		if (!current.has(id)) changes.deleted.push(withoutSecrets(row, fields));
	}
	return changes;
}

/** @returns the row without the fields whose values are secret */
export function withoutSecrets(row: IDataObject, { secret }: Fields): IDataObject {
	return Object.fromEntries(Object.entries(row).filter(([name]) => !secret.includes(name)));
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

/**
 * Compares a list with the one before. A list that lost more than half of its rows at once may be an
 * answer that went wrong: it is believed when the next poll shows the same.
 *
 * @param snapshot what the last poll remembered; undefined at the first one, which emits nothing
 * @returns the changes, and what to remember
 */
export function compare(
	snapshot: Snapshot | undefined,
	rows: readonly IDataObject[],
	fields: Fields,
): { changes: Changes; snapshot: Snapshot } {
	const nothing = { created: [], updated: [], deleted: [] };
	const after = remembered(rows, fields);
	const before = snapshot && parse(snapshot.rows);
	if (!before) return { changes: nothing, snapshot: { rows: toText(after) } };

	const doubted = parse(snapshot.doubted);
	const isConfirmed = doubted && !lostMost(doubted, after) && !lostMost(after, doubted);
	if (lostMost(before, after) && !isConfirmed) {
		return { changes: nothing, snapshot: { rows: snapshot.rows, doubted: toText(after) } };
	}
	const text = toText(withMissingFields(after, before));
	const isSame = text === snapshot.rows && snapshot.doubted === undefined;
	return { changes: diff(before, rows, fields), snapshot: isSame ? snapshot : { rows: text } };
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

/** @returns what is remembered of a list; undefined when there is nothing or it is damaged */
export function toSnapshot(memory: IDataObject | undefined): Snapshot | undefined {
	if (memory === undefined || !parse(memory.rows)) return undefined;
	return withoutUndefined({
		...memory,
		doubted: parse(memory.doubted) && memory.doubted,
	}) as Snapshot;
}

/** @returns whether a remembered list holds one of the rows, or holds none */
export function knowsAny(
	{ rows }: Snapshot,
	current: readonly IDataObject[],
	{ identity }: Fields,
): boolean {
	const known = parse(rows);
	return current.some((row) => known?.has(identity(row)));
}
