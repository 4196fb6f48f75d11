import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { fieldOf, isEmpty, quoted } from './field';
import type { Field, FieldSettings, ReadContext, ValuesOf } from './field';
import { plain } from './values';

/** More rows than any service accepts in one request. */
const MOST_ROWS = 1000;

/** Longest JSON of the rows, in characters: more than {@link MOST_ROWS} rows need. */
const LONGEST_JSON = 1_000_000;

/** The settings of a parameter that holds rows. */
interface RowsSettings<N extends string> extends FieldSettings<N> {
	/** the name under which a saved workflow keeps the rows: `variants.variant[]` */
	rowName: string;
	/** the panel's word for one row: "Variant" */
	rowLabel: string;
	/** number of empty rows in a new node; if nobody touches them, they count as no rows */
	startRows?: number;
}

/** A list of rows with the same cells. The user fills them in, or an expression returns them. */
export function rows<const N extends string, const F extends readonly Field[]>(
	settings: RowsSettings<N>,
	cells: F,
): Field<N, Array<ValuesOf<F>>> {
	const { rowName, rowLabel, startRows = 0, ...property } = settings;
	const start = Array.from({ length: startRows }, () => emptyRow(cells));
	return fieldOf(
		{
			type: 'fixedCollection',
			default: startRows > 0 ? { [rowName]: start } : {},
			placeholder: `Add ${rowLabel}`,
			...property,
			typeOptions: { multipleValues: true, sortable: true },
			options: [
				{
					name: rowName,
					displayName: rowLabel,
					// The start rows are empty, and n8n does not run a node with an empty required cell
					values: cells.map(({ property: cell }) =>
						startRows > 0 ? { ...cell, required: false } : cell,
					),
				},
			],
		},
		(value, context) =>
			parseRows(isUntouched(value, settings) ? [] : value, settings, cells, context),
	);
}

/** A row as the panel adds it, with all cells. */
function emptyRow(cells: readonly Field[]): Record<string, string> {
	return Object.fromEntries(cells.map((cell) => [cell.property.name, '']));
}

/** @returns whether the start rows are unchanged and empty */
function isUntouched(value: unknown, { rowName, startRows }: RowsSettings<string>): boolean {
	const entered = isRecord(value) ? value[rowName] : undefined;
	return (
		Array.isArray(entered) &&
		entered.length === startRows &&
		entered.every((row) => isRecord(row) && Object.values(row).every(isEmpty))
	);
}

/**
 * The same rows as {@link rows}, for use in a collection. When n8n loads a workflow, it destroys an
 * expression in a fixedCollection, and {@link keptAsWritten} can prevent that only at the top level.
 */
export function nestedRows<const N extends string, const F extends readonly Field[]>(
	settings: RowsSettings<N>,
	cells: F,
): Field<N, Array<ValuesOf<F>>> {
	const { displayName, name, description, displayOptions, rowLabel } = settings;
	return fieldOf(
		{
			displayName,
			name,
			description,
			displayOptions,
			type: 'collection',
			placeholder: 'Add Field',
			default: { ...emptyRow(cells) },
			typeOptions: { multipleValues: true, multipleValueButtonText: `Add ${rowLabel}` },
			// n8n complains about an empty required cell even when there is no row
			options: cells.map(({ property }) => ({ ...property, required: false })),
		},
		(value, context) => parseRows(value, settings, cells, context),
	);
}

/** The same rows as JSON, for users who have them as data. Its error texts name the keys of a row. */
export function rowsAsJson<const N extends string, const F extends readonly Field[]>(
	settings: RowsSettings<N>,
	cells: F,
): Field<N, Array<ValuesOf<F>>> {
	const { displayName, name, description, displayOptions } = settings;
	return fieldOf(
		{ type: 'json', default: '[]', displayName, name, description, displayOptions },
		(value, context) => parseRows(value, settings, cells, context, keyOf),
	);
}

/**
 * A second, hidden property with the same name. It protects an expression: when n8n loads a workflow, it
 * fills in the rows of a fixedCollection, and turns an expression in their place into one empty row for
 * each of its letters. If two properties share a name, n8n uses the last one, and it does not change
 * the value of a hidden one.
 */
export function keptAsWritten(property: INodeProperties): INodeProperties[] {
	if (property.type !== 'fixedCollection') return [];
	const { displayName, name, displayOptions, default: initial } = property;
	return [{ displayName, name, displayOptions, type: 'hidden', default: initial }];
}

function parseRows<const F extends readonly Field[]>(
	value: unknown,
	settings: RowsSettings<string>,
	cells: F,
	context: ReadContext,
	wordFor: (cell: Field) => string = ({ property }) => property.displayName,
): Array<ValuesOf<F>> {
	const { displayName } = settings;
	return rowsIn(value, settings, cells).map((row, index) => {
		const isBlank = Object.values(row).every(isEmpty);
		const entries = cells.map((cell) => {
			const { name } = cell.property;
			const outcome = readCell(cell, row[name] ?? row[inSnakeCase(name)], context);
			if ('refusal' in outcome) {
				const inPanel = `'${cell.property.displayName}'`;
				const advice = isBlank ? 'Fill the row in, or remove it.' : undefined;
				throw inRow(
					outcome.refusal,
					index + 1,
					displayName,
					[inPanel, `'${wordFor(cell)}'`],
					advice,
				);
			}
			return [name, outcome.value];
		});
		return Object.fromEntries(entries) as ValuesOf<F>;
	});
}

function readCell(
	cell: Field,
	value: unknown,
	context: ReadContext,
): { value: unknown } | { refusal: unknown } {
	try {
		return { value: cell.read(value, context) };
	} catch (refusal) {
		return { refusal };
	}
}

function keyOf({ property }: Field): string {
	return property.name;
}

/** Adds the row to an error text, and calls the cell by another word. */
function inRow(
	refusal: unknown,
	row: number,
	label: string,
	[inPanel, shown]: [string, string],
	advice?: string,
): unknown {
	if (!(refusal instanceof InputError)) return refusal;
	const message = refusal.message.replace(inPanel, shown);
	return new InputError(`${message} (row ${row} of '${label}')`, advice ?? refusal.description);
}

/** Finds the rows in the result of an expression: a list or one row, bare or wrapped, also as JSON text. */
function rowsIn(
	value: unknown,
	{ displayName, rowName }: RowsSettings<string>,
	cells: readonly Field[],
): IDataObject[] {
	const names = cells.map(({ property }) => property.name);
	const others = names.filter((name) => name !== rowName);
	const unreadable = (what: string) =>
		new InputError(
			`'${displayName}' must be a list of rows with ${names.join(', ')}, but ${what}`,
			'Fill in the rows, or check that the expression returns a list such as {{ $json.variants }}.',
		);

	let inner = value;
	for (let depth = 0; depth < 3; depth++) {
		if (typeof inner === 'string') {
			if (inner.length > LONGEST_JSON) throw unreadable(`has ${inner.length} characters`);
			inner = parsed(inner) ?? inner;
		}
		// A row with a cell of that name is not a wrapper: {label: "a", weight: 50} in weights.weight[]
		if (isRecord(inner) && rowName in inner && !isRow(inner, others)) inner = plain(inner[rowName]);
	}
	if (inner === undefined) return [];
	if (isRecord(inner)) {
		if (isRow(inner, names)) return [inner];
		if (Object.keys(inner).length === 0) return [];
	}
	if (!Array.isArray(inner)) throw unreadable(`is ${quoted(inner)}`);
	if (inner.length > MOST_ROWS) throw unreadable(`has ${inner.length} rows`);
	return inner.map((row: unknown, index) => {
		if (isRecord(row)) return row;
		throw unreadable(`row ${index + 1} is ${quoted(row)}`);
	});
}

/** @returns whether an object has at least one cell of a row */
function isRow(record: IDataObject, names: readonly string[]): boolean {
	return names.some((name) => name in record || inSnakeCase(name) in record);
}

function parsed(json: string): unknown {
	try {
		return plain(JSON.parse(json));
	} catch {
		return undefined;
	}
}

/** Services write destination_url for the panel's destinationUrl. */
function inSnakeCase(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
