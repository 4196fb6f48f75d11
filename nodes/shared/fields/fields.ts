import type {
	IDataObject,
	INodeProperties,
	INodePropertyMode,
	INodePropertyOptions,
} from 'n8n-workflow';

import { checkId } from '../http/address';
import { InputError } from '../http/errors';
import { isRecord } from '../http/answer';

/** What reading a parameter may depend on besides its value. */
export interface ReadContext {
	/** the workflow's time zone, e.g. "Europe/Berlin" */
	timezone: string;
}

/**
 * One parameter of an operation: how the panel shows it, and how its value is read for an item.
 *
 * @typeParam T what `read` returns; undefined where the parameter is hidden or optional and empty
 */
export interface Field<N extends string = string, T = unknown> {
	property: INodeProperties & { name: N };
	/** @throws InputError that names the parameter and the value */
	read(value: unknown, context: ReadContext): T;
}

/** The values of several fields, by name. */
export type ValuesOf<F extends readonly Field[]> = {
	[K in F[number] as K['property']['name']]: K extends Field<string, infer T> ? T : never;
};

/** What the panel shows of a field, besides what its builder says. */
export type Shown<N extends string> = Omit<INodeProperties, 'type' | 'default' | 'name'> & {
	name: N;
	default?: INodeProperties['default'];
};

/** A value cut for an error text, so that a whole document does not end up in it. */
export function quoted(value: unknown): string {
	const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
	return text.length > 100 ? `"${text.slice(0, 100)}…"` : `"${text}"`;
}

/** @returns whether nothing was entered: the value of an empty field, or of an expression that found nothing */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}

/** A text. Empty is undefined, so that it is not sent. @throws InputError for an object or a list */
export function text<const N extends string>(shown: Shown<N>): Field<N, string | undefined> {
	return {
		property: { type: 'string', default: '', ...shown },
		read(value) {
			if (isEmpty(value)) return undefined;
			if (typeof value === 'object') {
				throw new InputError(
					`'${shown.displayName}' must be text, but is ${quoted(value)}`,
					'Check the expression: it returns an object or a list.',
				);
			}
			return String(value);
		},
	};
}

/** A text that must be filled in. @throws InputError when it is empty or white space */
export function requiredText<const N extends string>(shown: Shown<N>): Field<N, string> {
	const optional = text(shown);
	return {
		property: { required: true, ...optional.property },
		read(value, context) {
			const entered = optional.read(value, context);
			if (entered === undefined || entered.trim() === '') {
				throw new InputError(
					`'${shown.displayName}' is empty`,
					'Fill it in, or check that its expression finds a value for this item.',
				);
			}
			return entered;
		},
	};
}

/** A whole number, also given as text. @throws InputError outside of min and max */
export function integer<const N extends string>(
	shown: Shown<N> & { min: number; max?: number },
): Field<N, number | undefined> {
	const { min, max, ...property } = shown;
	return {
		property: {
			type: 'number',
			default: min,
			typeOptions: { minValue: min, ...(max === undefined ? {} : { maxValue: max }) },
			...property,
		},
		read(value) {
			const entered = typeof value === 'string' ? value.trim() : value;
			if (isEmpty(entered)) return undefined;
			const number = typeof entered === 'string' ? wholeNumber(entered) : entered;
			if (
				typeof number !== 'number' ||
				!Number.isInteger(number) ||
				number < min ||
				number > (max ?? Infinity)
			) {
				const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
				throw new InputError(
					`'${shown.displayName}' must be a whole number ${range}, but is ${quoted(value)}`,
				);
			}
			return number;
		},
	};
}

/** @returns NaN for what JavaScript reads as a number and people do not: "0x32", "5e1" */
function wholeNumber(written: string): number {
	return /^[+-]?\d+(\.0+)?$/.test(written) ? Number(written) : NaN;
}

/** Yes or no, also given as text "true" or "false". @throws InputError for anything else */
export function flag<const N extends string>(shown: Shown<N>): Field<N, boolean | undefined> {
	return {
		property: { type: 'boolean', default: false, ...shown },
		read(value) {
			if (isEmpty(value)) return undefined;
			if (value === true || value === 'true') return true;
			if (value === false || value === 'false') return false;
			throw new InputError(`'${shown.displayName}' must be true or false, but is ${quoted(value)}`);
		},
	};
}

/**
 * One of several values.
 *
 * @throws InputError for a value that is not offered. An expression that finds nothing is none of
 * them: what the panel shows first may not be what was meant
 */
export function choice<const N extends string, const V extends string>(
	shown: Omit<Shown<N>, 'options' | 'default'> & {
		options: ReadonlyArray<INodePropertyOptions & { value: V }>;
		default: V;
	},
): Field<N, V> {
	const { options, ...property } = shown;
	return {
		property: { type: 'options', ...property, options: [...options] },
		read(value) {
			const option = options.find((candidate) => candidate.value === value);
			if (!option) {
				const offered = options.map((candidate) => candidate.value).join(', ');
				throw new InputError(
					`'${shown.displayName}' must be one of ${offered}, but is ${isEmpty(value) ? 'empty' : quoted(value)}`,
					'Pick it from the list, or check that its expression finds a value for this item.',
				);
			}
			return option.value;
		},
	};
}

type LocatorShown<N extends string> = Shown<N> & {
	/** a method of the node under `methods.listSearch` */
	searchMethod: string;
	/** an ID as the service writes them, for the placeholder */
	example: string;
	/** ways to name the thing besides list and ID */
	modes?: INodePropertyMode[];
};

/** An ID: picked from a searchable list, entered, or from an expression. */
export function locator<const N extends string>(shown: LocatorShown<N>): Field<N, string> {
	const { property } = optionalLocator(shown);
	return {
		property: { ...property, required: true },
		read: (value) => checkId(locatedId(value, shown.displayName) ?? '', shown.displayName),
	};
}

/** An ID that may be left out, e.g. as a filter. Empty is undefined. */
export function optionalLocator<const N extends string>(
	shown: LocatorShown<N>,
): Field<N, string | undefined> {
	const { searchMethod, example, modes = [], ...property } = shown;
	return {
		property: {
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					typeOptions: { searchListMethod: searchMethod, searchable: true },
				},
				{ displayName: 'By ID', name: 'id', type: 'string', placeholder: `e.g. ${example}` },
				...modes,
			],
			...property,
		},
		read(value) {
			const id = locatedId(value, shown.displayName);
			return id === undefined ? undefined : checkId(id, shown.displayName);
		},
	};
}

/** An expression may stand in place of the whole locator, or hand over a number. */
function locatedId(value: unknown, label: string): string | undefined {
	const entered = isRecord(value) && 'value' in value ? value.value : value;
	if (typeof entered === 'object' && entered !== null) {
		throw new InputError(
			`'${label}' must be an ID, but is ${quoted(entered)}`,
			'Check the expression: it returns an object or a list.',
		);
	}
	return isEmpty(entered) ? undefined : String(entered);
}

/** A text picked from what the service offers, or any other by expression. Empty is undefined. */
export function offered<const N extends string>(
	shown: Shown<N> & {
		/** a method of the node under `methods.loadOptions` */
		loadMethod: string;
	},
): Field<N, string | undefined> {
	const { loadMethod, ...property } = shown;
	return {
		...text(shown),
		property: {
			type: 'options',
			default: '',
			typeOptions: { loadOptionsMethod: loadMethod },
			...property,
		},
	};
}

/** Optional parameters behind "Add Field". What was not added or left empty is undefined. */
export function collection<const N extends string, const F extends readonly Field[]>(
	shown: Pick<INodeProperties, 'displayName' | 'placeholder' | 'displayOptions' | 'description'> & {
		name: N;
	},
	fields: F,
): Field<N, Partial<ValuesOf<F>>> {
	return {
		property: {
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			...shown,
			options: fields.map((field) => field.property),
		},
		read(value, context) {
			if (isEmpty(value)) return {};
			if (!isRecord(value)) {
				throw new InputError(`'${shown.displayName}' must be an object, but is ${quoted(value)}`);
			}
			const entered: IDataObject = value;
			const read = fields
				.filter((field) => !isEmpty(entered[field.property.name]))
				.map((field) => [field.property.name, field.read(entered[field.property.name], context)]);
			return Object.fromEntries(read) as Partial<ValuesOf<F>>;
		},
	};
}

const returnAll = flag({
	displayName: 'Return All',
	name: 'returnAll',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
});

/** "Return All" and "Limit", as they stand on every Get Many. */
export const returnAllAndLimit = [
	// Where it is empty, Limit counts
	{
		...returnAll,
		read: (value: unknown, context: ReadContext) => returnAll.read(value, context) ?? false,
	},
	integer({
		displayName: 'Limit',
		name: 'limit',
		min: 1,
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	}),
] as const;

/** @returns how many rows are wanted; Infinity for all */
export function wantedRows(values: { returnAll?: boolean; limit?: number }): number {
	return values.returnAll ? Infinity : (values.limit ?? 50);
}
