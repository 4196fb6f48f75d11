import Table from 'cli-table3';
import type { IDataObject } from 'n8n-workflow';

/** Figures of one node in a run. */
export interface NodeFigures {
	name: string;
	itemsIn: number;
	itemsOut: number;
	/** Requests that the services received from it. */
	requests: number;
	/** Milliseconds. */
	time: number;
}

const MAX_ROWS = 12;
const MAX_VALUE = 32;
/** Width of the border and the spaces around each value. */
const FRAME = 3;

const plain = { head: [], border: [], compact: true };

/** Formats the nodes of a run as a table. */
export function nodeTable(nodes: NodeFigures[]): string {
	const table = new Table({
		head: ['Node', 'Items in', 'Items out', 'Requests', 'Time (ms)'],
		colAligns: ['left', 'right', 'right', 'right', 'right'],
		style: plain,
	});
	for (const { name, itemsIn, itemsOut, requests, time } of nodes) {
		table.push([name, itemsIn, itemsOut, requests, Math.round(time)]);
	}
	return table.toString();
}

function asText(value: unknown): string {
	if (value === null || value === undefined) return '';
	const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
	const line = text.replace(/\s+/g, ' ');
	return line.length > MAX_VALUE ? `${line.slice(0, MAX_VALUE - 1)}…` : line;
}

function fittingColumns(columns: string[], rows: IDataObject[], width: number): string[] {
	const widths = columns.map((column) =>
		Math.max(...[column, ...rows.map((row) => asText(row[column]))].map(({ length }) => length)),
	);
	let used = 1;
	return columns.filter((_column, index) => {
		used += (widths[index] ?? 0) + FRAME;
		return index === 0 || used <= width;
	});
}

/**
 * Formats the first rows of a node's output as a table. Cuts long values, and reports missing rows
 * and columns below the table.
 * @param width characters in a line of the terminal
 */
export function rowTable(rows: IDataObject[], width: number): string {
	if (rows.length === 0) return 'No rows.';
	const shown = rows.slice(0, MAX_ROWS);
	const columns = [...new Set(shown.flatMap(Object.keys))];
	if (columns.length === 0) return `${rows.length} rows without fields.`;
	const fitting = fittingColumns(columns, shown, width);
	const table = new Table({ head: fitting.map(asText), style: plain });
	for (const row of shown) table.push(fitting.map((column) => asText(row[column])));
	const missing = [
		rows.length > shown.length ? `${rows.length - shown.length} more rows` : '',
		columns.length > fitting.length ? `not shown: ${columns.slice(fitting.length).join(', ')}` : '',
	].filter((text) => text !== '');
	return [table.toString(), ...missing.map((text) => `… ${text}`)].join('\n');
}
