import { text } from '../shared/fields/basicFields';
import { checked } from '../shared/fields/checks';
import type { Field } from '../shared/fields/field';
import { locator } from '../shared/fields/locators';
import { checkId } from '../shared/http/address';
import { InputError } from '../shared/http/errors';

export const tagId = locator({
	displayName: 'Tag',
	name: 'tagId',
	description: 'The tag to work on. Its identifier is case-sensitive.',
	searchMethod: 'searchTags',
	example: 'front-desk-01',
});

/** An identifier for a new tag, which can stand in the address of later requests. */
export function addressable<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
): Field<N, T> {
	return checked(field, (value, label) => checkId(value, label) as NonNullable<T>);
}

export const optionalActivationCode = checked(
	text({
		displayName: 'Activation Code',
		name: 'activationCode',
		placeholder: 'e.g. WELCOME-2026',
		description: 'The code that activates the tag. Left empty, Kinktree generates a secure one.',
	}),
	(value, label) => {
		if (value.trim() !== '') return value;
		throw new InputError(
			`'${label}' holds nothing but white space`,
			'Enter a code, or leave it empty to have one generated.',
		);
	},
);
