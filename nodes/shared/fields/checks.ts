import { InputError } from '../http/errors';
import { quoted } from './field';
import type { Field } from './field';
import { plain } from './values';

/** A field whose value is checked or put in order once more; an empty optional one is left alone. */
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
 * A text that is no prose: without invisible characters.
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
		`'${label}' holds a line break or another control character (${quoted(shown)})`,
		'Take it out, or check the expression: it may return more than this value.',
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
		// Characters as people and services count them: an emoji is one
		const { length } = value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_');
		if (length >= min && length <= max) return value;
		const range = min > 1 ? `${min} to ${max}` : `at most ${max}`;
		throw new InputError(
			`'${label}' may have ${range} characters, but ${quoted(value)} has ${length}`,
		);
	});
}

/**
 * An address of the web.
 *
 * @param max characters
 * @throws InputError for anything but http(s), for white space within it, which a URL parser would
 * take out or encode, and when it is longer
 */
export function webAddress<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
	max: number,
): Field<N, T> {
	return checked(ofLength(plainly(field), 1, max), (value, label) => {
		if (/\s/.test(value)) {
			throw new InputError(`'${label}' holds a space (${quoted(value)})`, 'Write a space as %20.');
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
