import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { isEmpty, quoted } from './field';
import type { Field, FieldSettings, ValuesOf } from './field';

/** A text. Empty is undefined, so that it is not sent. @throws InputError for an object or a list */
export function text<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, string | undefined> {
	return {
		property: { type: 'string', default: '', ...settings },
		read(value) {
			if (isEmpty(value)) return undefined;
			if (typeof value === 'object') {
				throw new InputError(
					`'${settings.displayName}' must be text, but is ${quoted(value)}`,
					'Check the expression: it returns an object or a list.',
				);
			}
			return String(value);
		},
	};
}

/** A text that must be filled in. @throws InputError when it is empty or white space */
export function requiredText<const N extends string>(settings: FieldSettings<N>): Field<N, string> {
	const optional = text(settings);
	return {
		property: { required: true, ...optional.property },
		read(value, context) {
			const entered = optional.read(value, context);
			if (entered === undefined || entered.trim() === '') {
				throw new InputError(
					`'${settings.displayName}' is empty`,
					'Fill it in, or check that its expression finds a value for this item.',
				);
			}
			return entered;
		},
	};
}

/** A whole number, also given as text. @throws InputError outside of min and max */
export function integer<const N extends string>(
	settings: FieldSettings<N> & { min: number; max?: number },
): Field<N, number | undefined> {
	const { min, max, ...property } = settings;
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
					`'${settings.displayName}' must be a whole number ${range}, but is ${quoted(value)}`,
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
export function flag<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, boolean | undefined> {
	return {
		property: { type: 'boolean', default: false, ...settings },
		read(value) {
			if (isEmpty(value)) return undefined;
			if (value === true || value === 'true') return true;
			if (value === false || value === 'false') return false;
			throw new InputError(
				`'${settings.displayName}' must be true or false, but is ${quoted(value)}`,
			);
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
	settings: Omit<FieldSettings<N>, 'options' | 'default'> & {
		options: ReadonlyArray<INodePropertyOptions & { value: V }>;
		default: V;
	},
): Field<N, V> {
	const { options, ...property } = settings;
	return {
		property: { type: 'options', ...property, options: [...options] },
		read(value) {
			const option = options.find((candidate) => candidate.value === value);
			if (!option) {
				const offered = options.map((candidate) => candidate.value).join(', ');
				throw new InputError(
					`'${settings.displayName}' must be one of ${offered}, but is ${isEmpty(value) ? 'empty' : quoted(value)}`,
					'Pick it from the list, or check that its expression finds a value for this item.',
				);
			}
			return option.value;
		},
	};
}

/** A text picked from what the service offers, or any other by expression. Empty is undefined. */
export function dynamicChoice<const N extends string>(
	settings: FieldSettings<N> & {
		/** a method of the node under `methods.loadOptions` */
		loadMethod: string;
	},
): Field<N, string | undefined> {
	const { loadMethod, ...property } = settings;
	return {
		...text(settings),
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
	settings: Pick<
		INodeProperties,
		'displayName' | 'placeholder' | 'displayOptions' | 'description'
	> & {
		name: N;
	},
	fields: F,
): Field<N, Partial<ValuesOf<F>>> {
	return {
		property: {
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			...settings,
			options: fields.map((field) => field.property),
		},
		read(value, context) {
			if (isEmpty(value)) return {};
			if (!isRecord(value)) {
				throw new InputError(
					`'${settings.displayName}' must be an object, but is ${quoted(value)}`,
				);
			}
			const entered: IDataObject = value;
			const read = fields
				.filter((field) => !isEmpty(entered[field.property.name]))
				.map((field) => [field.property.name, field.read(entered[field.property.name], context)]);
			return Object.fromEntries(read) as Partial<ValuesOf<F>>;
		},
	};
}
