import { InputError } from '../http/errors';
import { quoted } from './field';
import type { Field } from './field';
import { plain } from './values';

/** A field with a further check, which may also tidy the value. An empty optional value skips it. */
export function checked<const N extends string, T>(
	field: Field<N, T>,
	check: (value: NonNullable<T>, label: string) => NonNullable<T>,
): Field<N, T> {
	return {
		...field,
		read(value, context) {
			const entered = field.read(value, context);
			return entered === undefined || entered === null
				? entered
				: check(entered, field.property.displayName);
		},
	};
}

/** A field that must be filled in. @throws InputError when it is empty */
export function required<const N extends string, T>(
	field: Field<N, T | undefined>,
): Field<N, NonNullable<T>> {
	return {
		property: { required: true, ...field.property },
		read(value, context) {
			const entered = field.read(value, context);
			if (entered !== undefined && entered !== null) return entered;
			throw new InputError(
				`'${field.property.displayName}' is empty`,
				'Fill it in, or check that its expression finds a value for this item.',
			);
		},
	};
}

/**
 * A text for machines: invisible characters are removed.
 *
 * @throws InputError when it holds a line break or another control character
 */
export function plainly<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
): Field<N, T> {
	return checked(field, (value, label) => checkPlain(value, label) as NonNullable<T>);
}

/** @returns the text without invisible characters. @throws InputError as {@link plainly} does */
export function checkPlain(value: string, label: string): string {
	const shown = String(plain(value));
	if (!/\p{Cc}/u.test(shown)) return shown;
	throw new InputError(
		`'${label}' contains a line break or another control character (${quoted(shown)})`,
		'Remove it, or check the expression: it may return more than this value.',
	);
}

/**
 * A text of a certain length.
 *
 * @param min characters
 * @param max characters
 * @throws InputError when it is shorter or longer
 */
export function ofLength<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
	min: number,
	max: number,
): Field<N, T> {
	return checked(field, (value, label) => {
		// An emoji counts as one character, as people and services count
		const { length } = value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_');
		if (length >= min && length <= max) return value;
		const range = min > 1 ? `${min} to ${max}` : `at most ${max}`;
		throw new InputError(
			`'${label}' must have ${range} characters, but ${quoted(value)} has ${length}`,
		);
	});
}

/**
 * A web address.
 *
 * @param max characters
 * @throws InputError for anything but http(s), when it is too long, and for white space inside it,
 * which a URL parser would remove or encode
 */
export function webAddress<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
	max: number,
): Field<N, T> {
	return checked(ofLength(plainly(field), 1, max), (value, label) => {
		if (/\s/.test(value)) {
			throw new InputError(
				`'${label}' contains a space (${quoted(value)})`,
				'Write a space as %20.',
			);
		}
		if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value;
		throw new InputError(
			`'${label}' must be a web address, but is ${quoted(value)}`,
			'Write it with https:// (or http://) at the beginning, e.g. https://example.com/page.',
		);
	});
}

/** A field that the panel shows only when others have certain values. */
export function shownIf<const N extends string, T>(
	field: Field<N, T>,
	show: Record<string, string[]>,
): Field<N, T> {
	return { ...field, property: { ...field.property, displayOptions: { show } } };
}
