import { shownIf } from '../../../shared/fields/checks';
import type { ValuesOf } from '../../../shared/fields/field';
import { linkId, specifyVariants, variants, variantsJson } from '../../fields';
import { replaceVariants } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { enteredVariants, toVariants } from '../../variants';
import type { Variant } from '../../variants';

const fields = [
	linkId,
	specifyVariants,
	shownIf(variants, { specifyVariants: ['fields'] }),
	shownIf(variantsJson, { specifyVariants: ['json'] }),
] as const;

export const updateVariants = klinkyOperation({
	name: 'Update Variants',
	value: 'updateVariants',
	action: 'Update the variants of a link',
	description: 'Replace all destinations of a link',
	fields,
	check: variantsOf,
	targets: ({ linkId: id }) => [id],
	repeatable: () => true,
	done: 'links were updated',
	async execute({ parameters, api }) {
		return await replaceVariants(api, parameters.linkId, variantsOf(parameters));
	},
});

function variantsOf(parameters: ValuesOf<typeof fields>): Variant[] {
	const { entered, words } = enteredVariants(parameters);
	// An A/B test needs two, but checking the type of the link would cost a request
	return toVariants(entered, 1, words);
}
