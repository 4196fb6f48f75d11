import type { Field } from '../shared/fields/fields';
import type { EnteredVariant } from './variants';

/** A field that the panel shows only when others have certain values. */
export function shownIf<const N extends string, T>(
	field: Field<N, T>,
	show: Record<string, string[]>,
): Field<N, T> {
	return { ...field, property: { ...field.property, displayOptions: { show } } };
}

/** @returns the variants from the rows or from the JSON, and the name of the parameter they are from */
export function enteredVariants(parameters: {
	specifyVariants: 'fields' | 'json';
	variants: EnteredVariant[];
	variantsJson: EnteredVariant[];
}): { entered: EnteredVariant[]; parameter: string } {
	return parameters.specifyVariants === 'json'
		? { entered: parameters.variantsJson, parameter: 'Variants (JSON)' }
		: { entered: parameters.variants, parameter: 'Variants' };
}
