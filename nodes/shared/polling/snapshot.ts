import type { IDataObject } from 'n8n-workflow';

import { canonical, fingerprint, secretFingerprint, pack, unpack } from './journal';
import type { PollResult, Identity } from './journal';
import { isRecord } from '../http/answer';

/*
 * What is new since the last poll, for a list that comes whole, in one answer: what is missing is
 * deleted, and what comes back after that is new.
 */

/** @returns the rows that were not there at the last poll */
export function compareCreated(
	memory: IDataObject | undefined,
	rows: IDataObject[],
	identity: Identity,
): PollResult {
	const known = unpack(memory?.present);
	const isKnown = new Set(known);
	const there = new Map(rows.map((row) => [fingerprint(identity(row)), row]));
	const fresh = known
		? [...there].filter(([print]) => !isKnown.has(print)).map(([, row]) => row)
		: [];
	const isUnchanged = memory && known && fresh.length === 0 && there.size === isKnown.size;
	return { fresh, memory: isUnchanged ? memory : { present: pack([...there.keys()]) } };
}

/** How rows are compared field by field. */
export interface Fields {
	identity: Identity;
	/** fields whose values are secret: never told, and remembered no further than to see a change */
	secret: readonly string[];
}

/** What is remembered of rows: the names of their fields once, then the values of each row. */
interface Table {
	names: string[];
	/** by identity */
	rows: Map<string, Value[]>;
}

type Value = IDataObject[string];

/**
 * The rows of which a field has another value than at the last poll, each with
 * `changes: { <field>: { from, to } }`; of a secret field only `{ changed: true }` is told.
 *
 * A field that all rows have gained or lost was added or removed by the service: nobody changed
 * those rows.
 */
export function compareUpdated(
	memory: IDataObject | undefined,
	rows: IDataObject[],
	fields: Fields,
): PollResult {
	const before = readTable(memory?.table);
	const now = toTable(rows, fields);
	const fresh = before ? changedRows(before, now, rows, fields) : [];
	return { fresh, memory: rememberTable(memory, now) };
}

function changedRows(
	before: Table,
	now: Table,
	rows: IDataObject[],
	{ identity, secret }: Fields,
): IDataObject[] {
	const compared = [...new Set([...before.names, ...now.names])].filter(
		(name) => !cameEverywhere(before, rows, name) && !wentEverywhere(before, now, name),
	);
	const distinct = new Map(rows.map((row) => [identity(row), row]));
	return [...distinct].flatMap(([id, row]) => {
		const was = before.rows.get(id);
		const is = now.rows.get(id);
		if (!was || !is) return [];
		const changes: IDataObject = {};
		for (const name of compared) {
			const isSecret = secret.includes(name);
			const from = valueOf(before, was, name);
			const to = valueOf(now, is, name);
			if (canonical(from) === canonical(to)) continue;
			changes[name] = isSecret ? { changed: true } : { from, to };
		}
		return Object.keys(changes).length > 0 ? [{ ...row, changes }] : [];
	});
}

/** The rows that are gone: what was known of them, without secrets, and `deleted: true`. */
export function compareDeleted(
	memory: IDataObject | undefined,
	rows: IDataObject[],
	fields: Fields,
): PollResult {
	const before = readTable(memory?.table);
	const now = toTable(
		rows.map((row) => withoutSecrets(row, fields)),
		fields,
	);
	const gone = [...(before?.rows ?? [])].filter(([id]) => !now.rows.has(id));
	const fresh = gone.map(([, values]) => ({
		...withoutSecrets(before ? toRow(before, values) : {}, fields),
		deleted: true,
	}));
	return { fresh, memory: rememberTable(memory, now) };
}

function withoutSecrets(row: IDataObject, { secret }: Fields): IDataObject {
	return Object.fromEntries(Object.entries(row).filter(([name]) => !secret.includes(name)));
}

function toRow(table: Table, values: Value[]): IDataObject {
	return Object.fromEntries(table.names.map((name) => [name, valueOf(table, values, name)]));
}

/** One row alone may as well have been changed. */
const FEWEST_ROWS = 2;

function cameEverywhere(before: Table, rows: IDataObject[], name: string): boolean {
	return (
		!before.names.includes(name) && rows.length >= FEWEST_ROWS && rows.every((row) => name in row)
	);
}

function wentEverywhere(before: Table, now: Table, name: string): boolean {
	return (
		!now.names.includes(name) &&
		before.rows.size >= FEWEST_ROWS &&
		[...before.rows.values()].every((values) => valueOf(before, values, name) !== null)
	);
}

function valueOf({ names }: Table, values: Value[], name: string): Value {
	return values[names.indexOf(name)] ?? null;
}

/** In an order of its own, so that a list in another order leaves the state as it is. */
function toTable(rows: IDataObject[], { identity, secret }: Fields): Table {
	const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
	const valuesOf = (row: IDataObject, id: string): Value[] =>
		names.map((name) => {
			const value = row[name] ?? null;
			// With the identity, so that equal codes do not look equal
			return value !== null && secret.includes(name)
				? secretFingerprint(canonical([id, name, value]))
				: value;
		});
	const byId = new Map(rows.map((row) => [identity(row), row]));
	const ids = [...byId.keys()].sort();
	return { names, rows: new Map(ids.map((id) => [id, valuesOf(byId.get(id) ?? {}, id)])) };
}

function rememberTable(memory: IDataObject | undefined, { names, rows }: Table): IDataObject {
	const table = JSON.stringify({ names, rows: [...rows] });
	return memory?.table === table ? memory : { table };
}

/** @returns undefined when there is none, or it is damaged */
function readTable(text: unknown): Table | undefined {
	const table = parse(text);
	if (!isRecord(table)) return undefined;
	const { names, rows } = table;
	if (!Array.isArray(names) || !Array.isArray(rows)) return undefined;
	const entries: unknown[] = rows;
	return entries.every(isEntry) ? { names: names.map(String), rows: new Map(entries) } : undefined;
}

function isEntry(entry: unknown): entry is [string, Value[]] {
	return Array.isArray(entry) && typeof entry[0] === 'string' && Array.isArray(entry[1]);
}

function parse(text: unknown): unknown {
	try {
		return typeof text === 'string' ? JSON.parse(text) : undefined;
	} catch {
		return undefined;
	}
}
