import type { INodeProperties } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import type { Api } from '../http/api';
import { cut, plain } from './values';

/** What reading a parameter may depend on besides its value. */
export interface ReadContext {
	/** the workflow's time zone, e.g. "Europe/Berlin" */
	timezone: string;
}

/** A name entered instead of an ID, such as the slug of a link. The service needs the ID. */
export interface Named {
	named: string;
}

export function isNamed(value: unknown): value is Named {
	return isRecord(value) && typeof value.named === 'string';
}

/**
 * Finds the IDs of things by their names, for all items of a run together.
 *
 * @returns a function from name to ID, which throws an InputError when no thing or several have the name
 */
export type FindIds = (names: readonly string[], api: Api) => Promise<(name: string) => string>;

/**
 * One parameter of an operation: how the panel shows it, and how its value is read for an item.
 *
 * @typeParam T the type of the value; undefined if the parameter is hidden, or optional and empty
 */
export interface Field<N extends string = string, T = unknown> {
	property: INodeProperties & { name: N };
	/** @throws InputError that names the parameter and the value */
	read(value: unknown, context: ReadContext): T;
	/** Present if `read` may return a name: finds its ID before the first item is executed. */
	find?: FindIds;
}

/**
 * A field whose `read` gets a cleaned value: undefined if nothing was entered. By default, white space
 * at the ends and invisible characters are removed.
 */
export function fieldOf<const N extends string, T>(
	property: Field<N>['property'],
	read: Field<N, T>['read'],
	clean: (value: unknown) => unknown = plain,
): Field<N, T> {
	return { property, read: (value, context) => read(clean(value), context) };
}

/** The values of several fields, by name, with an ID instead of each {@link Named}. */
export type ValuesOf<F extends readonly Field[]> = {
	[K in F[number] as K['property']['name']]: K extends Field<string, infer T>
		? Exclude<T, Named>
		: never;
};

/** The settings of a field that its builder does not set itself. */
export type FieldSettings<N extends string> = Omit<INodeProperties, 'type' | 'default' | 'name'> & {
	name: N;
	default?: INodeProperties['default'];
};

/** Quotes a value in an error text. A long one is cut: an expression may return a whole document. */
export function quoted(value: unknown): string {
	return `"${cut(asText(value), 100)}"`;
}

function asText(value: unknown): string {
	if (typeof value === 'string') return value;
	try {
		const json = typeof value === 'object' ? JSON.stringify(value) : undefined;
		// JSON turns an invalid date into null; String() says "Invalid Date"
		return json === undefined || json === 'null' ? String(value) : json;
	} catch {
		// For example, it is circular or nested too deeply
		return `${typeof value} that cannot be shown`;
	}
}

/** @returns whether nothing was entered: the field is empty, or its expression found nothing */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}
