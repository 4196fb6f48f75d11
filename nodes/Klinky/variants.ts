import type { IDataObject } from 'n8n-workflow';

import { quoted } from '../shared/fields/field';
import { InputError } from '../shared/http/errors';

/** A variant as entered. Without a weight, it gets an even share or the rest. */
export interface EnteredVariant {
	label: string;
	destinationUrl: string;
	/** percent */
	weight?: number;
}

/** A variant on the wire (Klinky, Create Link). */
export interface Variant {
	label: string;
	destination_url: string;
	/** percent */
	weight: number;
}

/** The names that error texts use for a parameter with variants and for its cells. */
export interface Words {
	parameter: string;
	label: string;
	weight: string;
}

const IN_ROWS: Words = { parameter: 'Variants', label: 'Label', weight: 'Weight' };

/** For JSON, error texts use its keys. */
const IN_JSON: Words = { parameter: 'Variants (JSON)', label: 'label', weight: 'weight' };

/** @returns the variants from the rows or from the JSON, and their names for error texts */
export function enteredVariants(parameters: {
	specifyVariants: 'fields' | 'json';
	variants: EnteredVariant[];
	variantsJson: EnteredVariant[];
}): { entered: EnteredVariant[]; words: Words } {
	return parameters.specifyVariants === 'json'
		? { entered: parameters.variantsJson, words: IN_JSON }
		: { entered: parameters.variants, words: IN_ROWS };
}

type Weighed = Pick<Variant, 'label' | 'weight'>;

export interface GeoRule {
	country: string;
	variant: string;
}

/** Most variants of a link (Klinky, Create Link: 2–5; one destination is accepted too). */
const MOST_VARIANTS = 5;

/** The sum of all weights of a link, in percent. */
const WHOLE = 100;

/** @returns whole numbers that differ by at most 1 and add up to 100: 34, 33, 33 */
export function splitEvenly(count: number): number[] {
	const share = Math.floor(WHOLE / count);
	return Array.from({ length: count }, (_, index) => share + (index < WHOLE % count ? 1 : 0));
}

/**
 * Checks the variants of a link and makes them ready to send.
 *
 * @param fewest the smallest number of variants
 * @throws InputError for a wrong number of variants, a repeated label, weights that do not add up to
 * 100, or several empty weights beside others that are filled in
 */
export function toVariants(
	entered: readonly EnteredVariant[],
	fewest: number,
	words: Words,
): Variant[] {
	const { parameter } = words;
	if (entered.length < fewest || entered.length > MOST_VARIANTS) {
		throw new InputError(
			`'${parameter}' must have ${fewest} to ${MOST_VARIANTS} variants, but has ${entered.length}`,
			entered.length === 1
				? "Add another variant, or set 'Routing Type' to Single Destination."
				: 'Fill them in, or check that the expression finds them for this item.',
		);
	}
	const labels = entered.map(({ label }) => label);
	refuseTwice(labels, words.label, parameter);

	const without = entered.filter(({ weight }) => weight === undefined);
	if (without.length > 1 && without.length < entered.length) {
		throw new InputError(
			`'${words.weight}' is empty for ${listed(without.map(({ label }) => label))}, but not for the others (in '${parameter}')`,
			'Leave one weight empty to give it the rest of the 100, or all of them to split visitors evenly.',
		);
	}
	const rest = Math.max(0, WHOLE - sumOf(entered));
	const shares = without.length > 1 ? splitEvenly(entered.length) : [];
	const made = entered.map(({ label, destinationUrl, weight }, index) => ({
		label,
		destination_url: destinationUrl,
		weight: weight ?? shares[index] ?? rest,
	}));
	checkSum(made, parameter, words.weight);
	return made;
}

/**
 * Checks new weights before the weights of the other variants are known.
 *
 * @throws InputError for more rows than a link can have variants, a repeated label, or weights that
 * already add up to more than 100
 */
export function checkWeights(rows: readonly Weighed[], parameter: string): void {
	if (rows.length > MOST_VARIANTS) {
		throw new InputError(
			`'${parameter}' can have at most ${MOST_VARIANTS} rows, but has ${rows.length}`,
			'A link cannot have more variants. Remove rows, or check what the expression returns.',
		);
	}
	refuseTwice(
		rows.map(({ label }) => label),
		'Label',
		parameter,
	);
	if (sumOf(rows) > WHOLE) checkSum(rows, parameter);
}

function sumOf(rows: ReadonlyArray<Partial<Weighed>>): number {
	return rows.reduce((sum, { weight = 0 }) => sum + weight, 0);
}

/** @throws InputError if the weights of the variants do not add up to 100 */
export function checkSum(
	variants: readonly Weighed[],
	parameter: string,
	word = IN_ROWS.weight,
): void {
	const sum = sumOf(variants);
	if (sum === WHOLE) return;
	const weights = variants.map(({ weight }) => weight);
	throw new InputError(
		`'${word}' must add up to ${WHOLE} over all variants, but ${weights.join(' + ')} is ${sum} (in '${parameter}')`,
		`The variants and their weights: ${variants.map(({ label, weight }) => `${label} ${weight}`).join(', ')}.`,
	);
}

/** @throws InputError if two rows have the same value */
function refuseTwice(values: readonly string[], cell: string, parameter: string): void {
	const seen = new Set<string>();
	const twice = values.find((value) => seen.size === seen.add(value).size);
	if (twice === undefined) return;
	throw new InputError(
		`'${cell}' must be different in each row, but ${quoted(twice)} appears twice (in '${parameter}')`,
	);
}

/**
 * Geo rules on the wire: `{"default": "<label>", "US": "<label>", …}`.
 *
 * @param labels the labels of the link, if they are known
 * @throws InputError for a repeated country, or a label that the link does not have
 */
export function toGeoRules(
	defaultVariant: string,
	rules: readonly GeoRule[],
	labels?: readonly string[],
): IDataObject {
	refuseTwice(
		rules.map(({ country }) => country),
		'Country',
		'Geo Rules',
	);
	if (labels) {
		checkLabel(defaultVariant, "'Default Variant'", labels);
		for (const { country, variant } of rules) {
			checkLabel(variant, `'Variant' of the rule for ${country}`, labels);
		}
	}
	const byCountry = rules.map(({ country, variant }) => [country, variant] as const);
	return { default: defaultVariant, ...Object.fromEntries(byCountry) };
}

/**
 * @param where names the parameter that holds the label
 * @throws InputError if the link does not have this label
 */
export function checkLabel(label: string, where: string, labels: readonly string[]): void {
	if (labels.includes(label)) return;
	throw new InputError(
		`${where} is ${quoted(label)}, but the link has no variant with that label`,
		`The labels are ${listed(labels)}. They are case-sensitive.`,
	);
}

function listed(labels: readonly string[]): string {
	return labels.map((label) => quoted(label)).join(', ');
}
