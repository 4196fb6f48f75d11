import { plainText, requiredPlainText } from '../shared/fields/basicFields';
import { checked, plainly } from '../shared/fields/checks';
import type { Field } from '../shared/fields/field';
import { locator } from '../shared/fields/locators';
import { checkId } from '../shared/http/address';

export const tagId = locator({
	displayName: 'Tag',
	name: 'tagId',
	description: 'Choose the tag to work on. Its identifier is case-sensitive.',
	searchMethod: 'searchTags',
	example: 'front-desk-01',
	// Which characters an identifier may hold is not documented
	isNoId: () => false,
});

/** An identifier for a new tag, which can stand in the address of later requests. */
export function addressable<const N extends string, T extends string | undefined>(
	field: Field<N, T>,
): Field<N, T> {
	return checked(plainly(field), (value, label) => checkId(value, label) as NonNullable<T>);
}

const code = {
	displayName: 'Activation Code',
	name: 'activationCode',
	placeholder: 'e.g. WELCOME-2026',
} as const;

export const optionalActivationCode = plainText({
	...code,
	description:
		'Set the code that activates the tag. Leave it empty to have a secure one generated.',
});

export const newActivationCode = requiredPlainText({
	...code,
	description: 'Enter the new code. It must not be empty.',
	displayOptions: { show: { codeSource: ['custom'] } },
});
