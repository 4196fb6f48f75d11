import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { fieldOf, isEmpty, quoted } from './field';
import type { Field, FieldSettings, ReadContext, ValuesOf } from './field';
import { plain } from './values';

/** More than any service takes, and few enough to be read at once. */
const MOST_ROWS = 1000;

/** More than so many rows need, in characters. */
const LONGEST_JSON = 1_000_000;

/** What the rows of a parameter are called. */
interface RowsSettings<N extends string> extends FieldSettings<N> {
	/** the name under which a saved workflow keeps the rows: `variants.variant[]` */
	rowName: string;
	/** one row, as the panel calls it: "Variant" */
	rowLabel: string;
	/** empty rows that are there to begin with; left as they are, they are none */
	startRows?: number;
}

/** A list of rows, each with the same cells: filled in row by row, or handed over by an expression. */
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
					// n8n refuses to run a node whose required cells are empty, which the first rows are
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

/** What the panel adds: a row with all of its cells. */
function emptyRow(cells: readonly Field[]): Record<string, string> {
	return Object.fromEntries(cells.map((cell) => [cell.property.name, '']));
}

/** @returns whether nothing was entered in any of the rows that are there to begin with */
function isUntouched(value: unknown, { rowName, startRows }: RowsSettings<string>): boolean {
	const entered = isRecord(value) ? value[rowName] : undefined;
	return (
		Array.isArray(entered) &&
		entered.length === startRows &&
		entered.every((row) => isRecord(row) && Object.values(row).every(isEmpty))
	);
}

/**
 * The same rows where they stand in a collection. n8n empties an expression in a fixedCollection
 * when it loads a workflow, and only at the top level {@link keptAsWritten} can prevent that.
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
			// n8n misses what is required in a collection even when there is no row
			options: cells.map(({ property }) => ({ ...property, required: false })),
		},
		(value, context) => parseRows(value, settings, cells, context),
	);
}

/** The same rows as JSON, for those who have them as data. Its texts name the keys of a row. */
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
 * A second property of the same name that the panel does not show. When n8n loads a workflow it
 * fills in the rows of a fixedCollection, and makes of an expression in their place one empty row
 * for each of its letters. Of two properties with one name the last counts, and a hidden one is
 * kept as it was written.
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
				const told = `'${cell.property.displayName}'`;
				const advice = isBlank ? 'Fill the row in, or take it out.' : undefined;
				throw inRow(outcome.refusal, index + 1, displayName, [told, `'${wordFor(cell)}'`], advice);
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

/** @param cell what the text calls the cell, and what it is to call it */
function inRow(
	refusal: unknown,
	row: number,
	label: string,
	[told, shown]: [string, string],
	advice?: string,
): unknown {
	if (!(refusal instanceof InputError)) return refusal;
	const message = refusal.message.replace(told, shown);
	return new InputError(`${message} (row ${row} of '${label}')`, advice ?? refusal.description);
}

/** The rows in whatever an expression returned: wrapped or bare, a list or a single one, as JSON text. */
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
		// A row of its own may have a cell of that name: {label: "a", weight: 50} in weights.weight[]
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

/** @returns whether an object has any of the cells of a row */
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

/** Services write destination_url where the panel has destinationUrl. */
function inSnakeCase(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
