import type { INodeProperties } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import type { Api } from '../http/api';
import { cut, plain } from './values';

/** What reading a parameter may depend on besides its value. */
export interface ReadContext {
	/** the workflow's time zone, e.g. "Europe/Berlin" */
	timezone: string;
}

/** A thing by the name that people have for it, such as the slug of a link. The service wants its ID. */
export interface Named {
	named: string;
}

export function isNamed(value: unknown): value is Named {
	return isRecord(value) && typeof value.named === 'string';
}

/**
 * Finds the IDs of things by their names, for all items of a run together.
 *
 * @returns the ID for one of the names; it throws an InputError where none or several things have it
 */
export type FindIds = (names: readonly string[], api: Api) => Promise<(name: string) => string>;

/**
 * One parameter of an operation: how the panel shows it, and how its value is read for an item.
 *
 * @typeParam T what `read` returns; undefined where the parameter is hidden or optional and empty
 */
export interface Field<N extends string = string, T = unknown> {
	property: INodeProperties & { name: N };
	/** @throws InputError that names the parameter and the value */
	read(value: unknown, context: ReadContext): T;
	/** Where `read` may return a name: how its ID is found before the first item is executed. */
	find?: FindIds;
}

/**
 * A field whose `read` is given what was entered, by default without white space at its ends and
 * without invisible characters, and undefined where nothing was.
 */
export function fieldOf<const N extends string, T>(
	property: Field<N>['property'],
	read: Field<N, T>['read'],
	clean: (value: unknown) => unknown = plain,
): Field<N, T> {
	return { property, read: (value, context) => read(clean(value), context) };
}

/** The values of several fields, by name, with an ID in the place of each {@link Named}. */
export type ValuesOf<F extends readonly Field[]> = {
	[K in F[number] as K['property']['name']]: K extends Field<string, infer T>
		? Exclude<T, Named>
		: never;
};

/** What the panel shows of a field, besides what its builder says. */
export type FieldSettings<N extends string> = Omit<INodeProperties, 'type' | 'default' | 'name'> & {
	name: N;
	default?: INodeProperties['default'];
};

/** A value cut for an error text, so that a whole document does not end up in it. */
export function quoted(value: unknown): string {
	return `"${cut(asText(value), 100)}"`;
}

function asText(value: unknown): string {
	if (typeof value === 'string') return value;
	try {
		const json = typeof value === 'object' ? JSON.stringify(value) : undefined;
		// A date that is none becomes null, but says "Invalid Date" of itself
		return json === undefined || json === 'null' ? String(value) : json;
	} catch {
		// Circular, nested too deep …
		return `${typeof value} that cannot be shown`;
	}
}

/** @returns whether nothing was entered: the value of an empty field, or of an expression that found nothing */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}
