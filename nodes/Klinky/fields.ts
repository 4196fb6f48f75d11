import {
	choice,
	flag,
	integer,
	plainText,
	requiredPlainText,
	requiredText,
	text,
} from '../shared/fields/basicFields';
import { checked, ofLength, required, webAddress } from '../shared/fields/checks';
import { quoted } from '../shared/fields/field';
import { isNoOpaqueId, namingLocator } from '../shared/fields/locators';
import { nestedRows, rows, rowsAsJson } from '../shared/fields/rows';
import { InputError } from '../shared/http/errors';
import { countryOptions, isCountry } from './countries';
import { findLinks, slugIn } from './slugs';

// Lengths: Klinky, Create Link (name 1–100, slug 3–32, label 1–50, destination_url at most 2048)
const LONGEST_NAME = 100;
const LONGEST_LABEL = 50;
const LONGEST_ADDRESS = 2048;

const link = {
	displayName: 'Link',
	name: 'linkId',
	searchMethod: 'searchLinks',
	example: '5f0c6a3e-8a52-4d0e-9d6a-0c7d2f3b1a90',
	naming: {
		title: 'By Slug or Short Link',
		name: 'slug',
		placeholder: 'e.g. summer-sale',
		hint: 'Reads your links once to find it, with one request per 100 links',
	},
	nameIn: slugIn,
	// IDs are UUIDs, which contain digits, so words without digits are a slug
	isNoId: (entered: string) => isNoOpaqueId(entered) || /^[a-z]+(-[a-z]+)+$/i.test(entered),
	find: findLinks,
} as const;

export const linkId = namingLocator({
	...link,
	description: 'Choose the link to work on: by its ID, or by its slug such as summer-sale',
});

export const watchedLinkId = namingLocator({
	...link,
	description: 'Choose the link whose clicks start the workflow',
});

const named = { displayName: 'Name', name: 'name', placeholder: 'e.g. Summer campaign' } as const;

export const name = ofLength(
	requiredText({
		...named,
		description: 'Give the link a name for your dashboard, up to 100 characters',
	}),
	1,
	LONGEST_NAME,
);

export const newName = ofLength(
	text({
		...named,
		description: 'Give the link a new name for your dashboard, up to 100 characters',
	}),
	1,
	LONGEST_NAME,
);

export const destinationUrl = webAddress(
	requiredText({
		displayName: 'Destination URL',
		name: 'destinationUrl',
		placeholder: 'e.g. https://example.com/summer',
		description: 'Enter the address to send visitors to, starting with https://',
	}),
	LONGEST_ADDRESS,
);

export const slug = checked(
	ofLength(
		plainText({
			displayName: 'Slug',
			name: 'slug',
			placeholder: 'e.g. summer-sale',
			description:
				'Enter the end of the short link, such as summer-sale: 3 to 32 characters. Leave it empty to have one generated.',
		}),
		3,
		32,
	),
	(value, label) => {
		if (/^[^\s/?#%\\]+$/.test(value)) return value;
		throw new InputError(
			`'${label}' contains a character that a short link cannot have (${quoted(value)})`,
			'Use letters, digits and hyphens.',
		);
	},
);

export const autoWinner = flag({
	displayName: 'Auto Winner',
	name: 'autoWinner',
	description:
		'Whether Klinky recommends the variant that converts best. The weights stay as they are.',
});

export const autoWinnerThreshold = integer({
	displayName: 'Auto Winner Threshold',
	name: 'autoWinnerThreshold',
	description: 'Enter the number of clicks before Klinky recommends a winner, at least 10',
	min: 10,
	default: 100,
});

export const conversionRedirectUrl = webAddress(
	text({
		displayName: 'Conversion Redirect URL',
		name: 'conversionRedirectUrl',
		placeholder: 'e.g. https://example.com/thanks',
		description: 'Enter the address to send visitors to after a conversion, starting with https://',
	}),
	LONGEST_ADDRESS,
);

/** Sent in a header, so printable ASCII only (RFC 9110, 5.5). */
export const idempotencyKey = ofLength(
	checked(
		plainText({
			displayName: 'Idempotency Key',
			name: 'idempotencyKey',
			placeholder: 'e.g. {{ $json.orderNumber }}',
			description:
				'Enter a key for which Klinky makes only one link. Leave it empty to use a new one for each item and execution.',
		}),
		(value, label) => {
			if (/^[\x20-\x7e]+$/.test(value)) return value;
			throw new InputError(
				`'${label}' contains a character that cannot be sent (${quoted(value)})`,
				'Use letters without accents, digits and hyphens.',
			);
		},
	),
	1,
	255,
);

export const routingType = choice({
	displayName: 'Routing Type',
	name: 'routingType',
	description: 'Choose how the link picks a destination for each visitor',
	options: [
		{
			name: 'A/B Test',
			value: 'ab_test',
			description: 'Split visitors among 2 to 5 destinations by weight',
		},
		{
			name: 'By Country',
			value: 'geo',
			description: 'Choose the destination by the country of the visitor',
		},
		{
			name: 'Single Destination',
			value: 'single',
			description: 'Send every visitor to the same destination',
		},
	],
	default: 'single',
});

const label = ofLength(
	requiredPlainText({
		displayName: 'Label',
		name: 'label',
		placeholder: 'e.g. control',
		description: 'Enter the label of the variant, unique within the link, up to 50 characters',
	}),
	1,
	LONGEST_LABEL,
);

const weightShown = {
	displayName: 'Weight',
	name: 'weight',
	min: 0,
	max: 100,
	default: '',
	placeholder: 'e.g. 50',
} as const;

const weight = integer({
	...weightShown,
	description:
		'Enter the percentage of visitors. Leave one empty to give it the rest, or all to split evenly.',
});

const newWeight = required(
	integer({ ...weightShown, description: 'Enter the percentage of visitors from now on' }),
);

const variantCells = [label, destinationUrl, weight] as const;

export const specifyVariants = choice({
	displayName: 'Specify Variants',
	name: 'specifyVariants',
	description:
		'Choose how to enter the variants. Use JSON to let an agent choose how many there are.',
	options: [
		{ name: 'Using Fields Below', value: 'fields', description: 'One row for each variant' },
		{
			name: 'Using JSON',
			value: 'json',
			description: 'All variants as one list. Use this to let an agent choose how many there are.',
		},
	],
	default: 'fields',
});

export const variants = rows(
	{
		displayName: 'Variants',
		name: 'variants',
		rowName: 'variant',
		rowLabel: 'Variant',
		startRows: 2,
		description: 'Fill in a row for each destination of the link',
	},
	variantCells,
);

export const variantsJson = rowsAsJson(
	{
		displayName: 'Variants (JSON)',
		name: 'variantsJson',
		rowName: 'variant',
		rowLabel: 'Variant',
		description:
			'Enter up to 5 variants, such as [{"label": "a", "destinationUrl": "https://a.example", "weight": 50}, …]',
	},
	variantCells,
);

export const weights = rows(
	{
		displayName: 'Weights',
		name: 'weights',
		rowName: 'weight',
		rowLabel: 'Weight',
		description:
			'Enter the labels whose weights change. The other variants keep theirs. All weights together must add up to 100.',
	},
	[label, newWeight],
);

const countryText = requiredPlainText({
	displayName: 'Country',
	name: 'country',
	description: 'Choose the country of the visitor, or enter a code such as US',
});

const country = checked(
	{
		...countryText,
		// Expressions may return a code in lower case
		property: { ...countryText.property, type: 'options', options: countryOptions() },
	},
	(value, shownLabel) => {
		const code = value.toUpperCase();
		if (isCountry(code)) return code;
		const hint = code === 'UK' ? 'The code of the United Kingdom is GB.' : '';
		throw new InputError(
			`'${shownLabel}' must be a two-letter country code, but is ${quoted(value)}`,
			hint || 'Pick a country, or enter its ISO 3166 code, such as US or DE.',
		);
	},
);

const ruleCells = [
	country,
	requiredPlainText({
		displayName: 'Variant',
		name: 'variant',
		placeholder: 'e.g. german',
		description: 'Enter the label of the variant for visitors from this country',
	}),
] as const;

const ruleShown = {
	name: 'rule',
	rowName: 'rule',
	rowLabel: 'Rule',
	description: 'Choose which variant visitors from a country get',
} as const;

export const geoRules = rows(
	{ ...ruleShown, displayName: 'Geo Rules', name: 'geoRules' },
	ruleCells,
);

export const nestedGeoRules = nestedRows({ ...ruleShown, displayName: 'Rules' }, ruleCells);

const everyoneElse = {
	displayName: 'Default Variant',
	name: 'defaultVariant',
	placeholder: 'e.g. international',
	description: 'Enter the label of the variant for visitors from all other countries',
} as const;

// If 'Routing Type' is an expression, n8n shows every field, and would require this one
export const defaultVariant = requiredPlainText({
	...everyoneElse,
	required: false,
	hint: 'Required: one of the labels above',
});

export const newDefaultVariant = plainText(everyoneElse);
