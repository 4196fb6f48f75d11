import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { plainly, required } from './checks';
import { fieldOf, quoted } from './field';
import type { Field, FieldSettings, ValuesOf } from './field';
import { trimmed } from './values';

/**
 * A text, which may have several lines. An empty one is undefined, so that it is not sent.
 *
 * @throws InputError for an object, a list or half an emoji
 */
export function text<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, string | undefined> {
	return fieldOf(
		{ type: 'string', default: '', ...settings },
		(value) => {
			if (value === undefined) return undefined;
			if (typeof value === 'object' || typeof value === 'function') {
				throw new InputError(
					`'${settings.displayName}' must be text, but is ${quoted(value)}`,
					'Check the expression: it returns an object or a list.',
				);
			}
			const entered = String(value);
			if (!/\p{Surrogate}/u.test(entered)) return entered;
			throw new InputError(
				`'${settings.displayName}' contains half of a character, so it cannot be sent`,
				'Check the expression: it may cut a text in the middle of an emoji.',
			);
		},
		trimmed,
	);
}

/** A text that must be filled in. @throws InputError when it is empty */
export function requiredText<const N extends string>(settings: FieldSettings<N>): Field<N, string> {
	return required(text(settings));
}

/** A text for machines, such as a code, a label or an address. @throws InputError as {@link plainly} does */
export function plainText<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, string | undefined> {
	return plainly(text(settings));
}

/** A text for machines that must be filled in. @throws InputError when it is empty */
export function requiredPlainText<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, string> {
	return required(plainText(settings));
}

/** A whole number; text such as "5" counts too. @throws InputError outside of min and max */
export function integer<const N extends string>(
	settings: FieldSettings<N> & { min: number; max?: number },
): Field<N, number | undefined> {
	const { min, max, ...property } = settings;
	return fieldOf(
		{
			type: 'number',
			default: min,
			typeOptions: { minValue: min, ...(max === undefined ? {} : { maxValue: max }) },
			...property,
		},
		(value) => {
			if (value === undefined) return undefined;
			const number = typeof value === 'string' ? wholeNumber(value) : value;
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
	);
}

/** @returns NaN for text that only a programmer reads as a number: "0x32", "5e1" */
function wholeNumber(written: string): number {
	return /^[+-]?\d+(\.0+)?$/.test(written) ? Number(written) : NaN;
}

/** Yes or no. "true" and "false" in any case, 1 and 0 count too. @throws InputError for anything else */
export function flag<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, boolean | undefined> {
	return fieldOf({ type: 'boolean', default: false, ...settings }, (value) => {
		if (value === undefined) return undefined;
		const word = typeof value === 'object' ? '' : String(value).toLowerCase();
		if (word === 'true' || word === '1') return true;
		if (word === 'false' || word === '0') return false;
		throw new InputError(
			`'${settings.displayName}' must be true or false, but is ${quoted(value)}`,
		);
	});
}

/**
 * One of several values.
 *
 * @throws InputError for a value that is not offered. An empty expression result is rejected too: the
 * default may not be what the user meant
 */
export function choice<const N extends string, const V extends string>(
	settings: Omit<FieldSettings<N>, 'options' | 'default'> & {
		options: ReadonlyArray<INodePropertyOptions & { value: V }>;
		default: V;
	},
): Field<N, V> {
	const { options, ...property } = settings;
	return fieldOf({ type: 'options', ...property, options: [...options] }, (value) => {
		const option = options.find((candidate) => candidate.value === value);
		if (option) return option.value;
		const offered = options.map((candidate) => candidate.value).join(', ');
		throw new InputError(
			`'${settings.displayName}' must be one of ${offered}, but is ${value === undefined ? 'empty' : quoted(value)}`,
			'Pick it from the list, or check that its expression finds a value for this item.',
		);
	});
}

/** A text picked from the service's list, or any text from an expression. An empty one is undefined. */
export function dynamicChoice<const N extends string>(
	settings: FieldSettings<N> & {
		/** a method of the node under `methods.loadOptions` */
		loadMethod: string;
	},
): Field<N, string | undefined> {
	const { loadMethod, ...property } = settings;
	return {
		...plainText(settings),
		property: {
			type: 'options',
			default: '',
			typeOptions: { loadOptionsMethod: loadMethod },
			...property,
		},
	};
}

/** Optional parameters behind "Add Field". One that was not added or is empty is undefined. */
export function collection<const N extends string, const F extends readonly Field[]>(
	settings: Pick<
		INodeProperties,
		'displayName' | 'placeholder' | 'displayOptions' | 'description'
	> & {
		name: N;
		/** whether the panel shows its fields without a click */
		isOpen?: boolean;
	},
	fields: F,
): Field<N, Partial<ValuesOf<F>>> {
	const { isOpen = false, ...shown } = settings;
	const opened = isOpen ? fields.map(({ property }) => [property.name, property.default]) : [];
	return fieldOf(
		{
			type: 'collection',
			placeholder: 'Add Field',
			default: { ...Object.fromEntries(opened) },
			...shown,
			options: fields.map((field) => field.property),
		},
		(value = {}, context) => {
			if (!isRecord(value)) {
				throw new InputError(
					`'${settings.displayName}' must be an object, but is ${quoted(value)}`,
				);
			}
			const values: IDataObject = {};
			for (const { property, read } of fields) {
				const entered = value[property.name];
				if (trimmed(entered) === undefined) continue;
				values[property.name] = read(entered, context) as IDataObject[string];
			}
			return values as Partial<ValuesOf<F>>;
		},
	);
}
