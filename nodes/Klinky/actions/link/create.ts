import type { IDataObject } from 'n8n-workflow';

import { collection, flag } from '../../../shared/fields/basicFields';
import { shownIf } from '../../../shared/fields/checks';
import type { ValuesOf } from '../../../shared/fields/field';
import {
	autoWinner,
	autoWinnerThreshold,
	conversionRedirectUrl,
	defaultVariant,
	destinationUrl,
	geoRules,
	idempotencyKey,
	name,
	routingType,
	slug,
	specifyVariants,
	variants,
	variantsJson,
} from '../../fields';
import { withoutUndefined } from '../../../shared/http/answer';
import { createLink } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { enteredVariants, toGeoRules, toVariants } from '../../variants';

const SHARED_KEY =
	"Items with the same 'Idempotency Key' share one link. For one link each, use an expression such as {{ $json.id }}.";

const several = { routingType: ['ab_test', 'geo'] };

/** The same condition, for a field of a collection. */
const severalFromWithin = { '/routingType': several.routingType };

const fields = [
	name,
	routingType,
	shownIf(destinationUrl, { routingType: ['single'] }),
	shownIf(specifyVariants, several),
	shownIf(variants, { ...several, specifyVariants: ['fields'] }),
	shownIf(variantsJson, { ...several, specifyVariants: ['json'] }),
	shownIf(geoRules, { routingType: ['geo'] }),
	shownIf(defaultVariant, { routingType: ['geo'] }),
	collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
		shownIf(autoWinner, severalFromWithin),
		shownIf(autoWinnerThreshold, severalFromWithin),
		conversionRedirectUrl,
		flag({
			displayName: 'Enable Conversion Tracking',
			name: 'enableConversionTracking',
			description: 'Whether Klinky counts conversions of this link',
		}),
		idempotencyKey,
		slug,
	]),
] as const;

export const create = klinkyOperation({
	name: 'Create',
	value: 'create',
	action: 'Create a link',
	description: 'Create a short link to one destination, or to several by weight or country',
	fields,
	check: linkOf,
	// It carries an Idempotency-Key
	repeatable: () => true,
	targets({ additionalFields: { idempotencyKey: key, slug: wanted } }) {
		return [
			...(key === undefined ? [] : [`key ${key}`]),
			...(wanted === undefined ? [] : [`slug ${wanted}`]),
		];
	},
	done: 'links were created',
	async execute({ parameters, api, run, itemIndex, requestKey }) {
		const body = linkOf(parameters);
		const { idempotencyKey: own } = parameters.additionalFields;
		if (own === undefined) return await createLink(api, body, requestKey());

		const first = await run.once(`key ${own}`, async () => itemIndex);
		if (first !== itemIndex) run.hint(SHARED_KEY);
		const link = `link ${JSON.stringify([own, body])}`;
		return await run.once(link, async () => await createLink(api, body, own));
	},
});

/** @returns the body of POST /public/links, without empty fields. @throws InputError */
function linkOf(parameters: ValuesOf<typeof fields>): IDataObject {
	const { additionalFields: more } = parameters;
	return withoutUndefined({
		name: parameters.name,
		slug: more.slug,
		...destinationsOf(parameters),
		auto_winner: more.autoWinner,
		auto_winner_threshold: more.autoWinnerThreshold,
		enable_conversion_tracking: more.enableConversionTracking,
		conversion_redirect_url: more.conversionRedirectUrl,
	});
}

function destinationsOf(parameters: ValuesOf<typeof fields>): IDataObject {
	const { routingType: type } = parameters;
	if (type === 'single') {
		// No routing type is documented for a single destination: send a link with one variant
		const { destinationUrl: destination_url } = parameters;
		return { variants: [{ label: 'main', destination_url, weight: 100 }] };
	}
	const { entered, words } = enteredVariants(parameters);
	const made = toVariants(entered, type === 'ab_test' ? 2 : 1, words);
	if (type === 'ab_test') return { variants: made, routing_type: type };
	const labels = made.map(({ label }) => label);
	const geo_rules = toGeoRules(parameters.defaultVariant, parameters.geoRules, labels);
	return { variants: made, routing_type: type, geo_rules };
}
