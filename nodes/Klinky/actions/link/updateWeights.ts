import type { ValuesOf } from '../../../shared/fields/field';
import { InputError } from '../../../shared/http/errors';
import { linkId, weights } from '../../fields';
import { replaceVariants, variantsOf } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { checkLabel, checkSum, checkWeights } from '../../variants';

const fields = [linkId, weights] as const;

export const updateWeights = klinkyOperation({
	name: 'Update Weights',
	value: 'updateWeights',
	action: 'Update the weights of a link',
	description: 'Shift visitors between the variants of a link. This costs two requests.',
	fields,
	check({ weights: wanted }: ValuesOf<typeof fields>) {
		if (wanted.length === 0) {
			throw new InputError(
				"'Weights' is empty, so there is nothing to change",
				'Add a row for each variant whose weight changes, or check that the expression finds them for this item.',
			);
		}
		checkWeights(wanted, 'Weights');
	},
	targets: ({ linkId: id }) => [id],
	repeatable: () => true,
	done: 'links were updated',
	async execute({ parameters, api }) {
		const wanted = new Map(parameters.weights.map(({ label, weight }) => [label, weight]));
		const variants = await variantsOf(api, parameters.linkId);
		const labels = variants.map(({ label }) => label);
		for (const label of wanted.keys()) checkLabel(label, "'Label' in 'Weights'", labels);
		const shifted = variants.map((variant) => ({
			...variant,
			weight: wanted.get(variant.label) ?? variant.weight,
		}));
		checkSum(shifted, 'Weights');
		return await replaceVariants(api, parameters.linkId, shifted);
	},
});
