import type { IDataObject } from 'n8n-workflow';

import { collection, flag } from '../../../shared/fields/basicFields';
import type { ValuesOf } from '../../../shared/fields/field';
import { withoutUndefined } from '../../../shared/http/answer';
import { InputError } from '../../../shared/http/errors';
import {
	autoWinner,
	autoWinnerThreshold,
	conversionRedirectUrl,
	linkId,
	nestedGeoRules,
	newDefaultVariant,
	newName,
} from '../../fields';
import { updateLink } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { toGeoRules } from '../../variants';

const fields = [
	linkId,
	collection(
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			description:
				'Add the fields to change. Use Update Variants for destinations and Update Weights for weights.',
		},
		[
			autoWinner,
			autoWinnerThreshold,
			conversionRedirectUrl,
			collection(
				{
					displayName: 'Geo Routing',
					name: 'geoRouting',
					description:
						'Set the default variant and the rules. They replace all geo rules of the link.',
				},
				[newDefaultVariant, nestedGeoRules],
			),
			flag({
				displayName: 'Is Active',
				name: 'isActive',
				default: true,
				description: 'Whether the short link redirects visitors',
			}),
			newName,
		],
	),
] as const;

export const update = klinkyOperation({
	name: 'Update',
	value: 'update',
	action: 'Update a link',
	description:
		'Change the settings of a link. Use Update Variants for destinations and Update Weights for weights.',
	fields,
	check: changesOf,
	targets: ({ linkId: id }) => [id],
	repeatable: () => true,
	done: 'links were updated',
	async execute({ parameters, api }) {
		return await updateLink(api, parameters.linkId, changesOf(parameters));
	},
});

/** @returns the body of PUT /public/links/{id}: only the fields that were set. @throws InputError */
function changesOf({ updateFields }: ValuesOf<typeof fields>): IDataObject {
	const { geoRouting = {} } = updateFields;
	const changes = withoutUndefined({
		name: updateFields.name,
		is_active: updateFields.isActive,
		auto_winner: updateFields.autoWinner,
		auto_winner_threshold: updateFields.autoWinnerThreshold,
		conversion_redirect_url: updateFields.conversionRedirectUrl,
		geo_rules: rulesOf(geoRouting.defaultVariant, geoRouting.rule),
	});
	if (Object.keys(changes).length === 0) {
		throw new InputError(
			"'Update Fields' is empty, so there is nothing to change",
			"Add the fields to change, or check that their expressions find a value for this item. Use 'Update Variants' for destinations and 'Update Weights' for weights.",
		);
	}
	return changes;
}

function rulesOf(
	defaultVariant: string | undefined,
	rules: Array<{ country: string; variant: string }> = [],
): IDataObject | undefined {
	if (defaultVariant !== undefined) return toGeoRules(defaultVariant, rules);
	if (rules.length === 0) return undefined;
	throw new InputError(
		"'Default Variant' in 'Geo Routing' is empty",
		'Enter the label of the variant for visitors from all other countries.',
	);
}
