import fc from 'fast-check';

import {
	checkWeights,
	enteredVariants,
	splitEvenly,
	toGeoRules,
	toVariants,
} from '../../../nodes/Klinky/variants';

const words = { parameter: 'Variants', label: 'Label', weight: 'Weight' };
const entered = (weights: Array<number | undefined>) =>
	weights.map((weight, index) => ({
		label: `v${index}`,
		destinationUrl: `https://v${index}.example`,
		weight,
	}));

describe('an even split', () => {
	it('has whole weights that add up to 100 and differ by 1 at most', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100 }), (count) => {
				const weights = splitEvenly(count);
				expect(weights).toHaveLength(count);
				expect(weights.every(Number.isInteger)).toBe(true);
				expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100);
				expect(Math.max(...weights) - Math.min(...weights)).toBeLessThanOrEqual(1);
			}),
		);
	});
});

describe('toVariants', () => {
	it('accepts variants only if their weights add up to 100', () => {
		const weights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 });
		fc.assert(
			fc.property(weights, fc.boolean(), (given, completed) => {
				const rest = 100 - given.slice(1).reduce((sum, weight) => sum + weight, 0);
				const all = completed && rest >= 0 ? [rest, ...given.slice(1)] : given;
				const sum = all.reduce((total, weight) => total + weight, 0);
				const made = () => toVariants(entered(all), 1, words).map(({ weight }) => weight);
				if (sum === 100) expect(made()).toEqual(all);
				else expect(made).toThrow(`is ${sum} (in 'Variants')`);
			}),
		);
	});

	const weightsOf = (...weights: Array<number | undefined>) =>
		toVariants(entered(weights), 1, words).map(({ weight }) => weight);

	it('splits 100 evenly when every weight is empty', () => {
		expect(weightsOf(undefined, undefined, undefined)).toEqual([34, 33, 33]);
		expect(weightsOf(undefined)).toEqual([100]);
	});

	it('fills in a single empty weight up to 100', () => {
		expect(weightsOf(70, undefined)).toEqual([70, 30]);
		expect(weightsOf(undefined, 50, 20)).toEqual([30, 50, 20]);
		expect(weightsOf(100, undefined)).toEqual([100, 0]);
		expect(() => weightsOf(60, undefined, 60)).toThrow("60 + 0 + 60 is 120 (in 'Variants')");
	});
});

describe('checkWeights', () => {
	it('accepts each label only once', () => {
		const labels = fc.array(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 5 });
		fc.assert(
			fc.property(labels, (given) => {
				const rows = given.map((label) => ({ label, weight: 0 }));
				const check = () => checkWeights(rows, 'Weights');
				if (new Set(given).size === given.length) expect(check).not.toThrow();
				else expect(check).toThrow(/^'Label' .*appears twice/);
			}),
		);
	});
});

describe('toGeoRules', () => {
	const rules = [
		{ country: 'US', variant: 'a' },
		{ country: 'DE', variant: 'b' },
	];

	it('names a label for each country and for the others', () => {
		expect(toGeoRules('a', rules, ['a', 'b'])).toEqual({ default: 'a', US: 'a', DE: 'b' });
		expect(toGeoRules('anything', [])).toEqual({ default: 'anything' });
	});

	it('refuses a label that the link does not have, if its labels are given', () => {
		expect(() => toGeoRules('a', rules, ['a'])).toThrow(`'Variant' of the rule for DE is "b"`);
		expect(() => toGeoRules('c', [], ['a'])).toThrow(`'Default Variant' is "c"`);
		expect(toGeoRules('c', rules)).toMatchObject({ default: 'c' });
	});
});

describe('variants', () => {
	it('come from the chosen parameter, which errors name', () => {
		const [inFields, inJson] = [entered([100]), entered([50, 50])];
		const parameters = { variants: inFields, variantsJson: inJson };
		expect(enteredVariants({ ...parameters, specifyVariants: 'fields' })).toEqual({
			entered: inFields,
			words,
		});
		expect(enteredVariants({ ...parameters, specifyVariants: 'json' })).toEqual({
			entered: inJson,
			words: { parameter: 'Variants (JSON)', label: 'label', weight: 'weight' },
		});
	});

	const weighed = (...weights: number[]) =>
		weights.map((weight, index) => ({ label: `v${index}`, weight }));
	const rule = (country: string, variant: string) => ({ country, variant });

	it.each<[string, () => unknown, string, string | undefined]>([
		[
			'none',
			() => toVariants([], 1, words),
			"'Variants' must have 1 to 5 variants, but has 0",
			'Fill them in, or check that the expression finds them for this item.',
		],
		[
			'one for a test',
			() => toVariants(entered([100]), 2, words),
			"'Variants' must have 2 to 5 variants, but has 1",
			"Add another variant, or set 'Routing Type' to Single Destination.",
		],
		[
			'six',
			() => toVariants(entered([20, 20, 20, 20, 10, 10]), 2, words),
			"'Variants' must have 2 to 5 variants, but has 6",
			'Fill them in, or check that the expression finds them for this item.',
		],
		[
			'two of one label',
			() => toVariants([...entered([50]), ...entered([50])], 2, words),
			`'Label' must be different in each row, but "v0" appears twice (in 'Variants')`,
			undefined,
		],
		[
			'weights of more than 100',
			() => toVariants(entered([60, 50]), 2, words),
			"'Weight' must add up to 100 over all variants, but 60 + 50 is 110 (in 'Variants')",
			'The variants and their weights: v0 60, v1 50.',
		],
		[
			'several empty weights beside one that is filled in',
			() => toVariants(entered([50, undefined, undefined]), 2, words),
			`'Weight' is empty for "v1", "v2", but not for the others (in 'Variants')`,
			'Leave one weight empty to give it the rest of the 100, or all of them to split visitors evenly.',
		],
		[
			'six rows of weights',
			() => checkWeights(weighed(0, 0, 0, 0, 0, 0), 'Weights'),
			"'Weights' can have at most 5 rows, but has 6",
			'A link cannot have more variants. Remove rows, or check what the expression returns.',
		],
		[
			'new weights of more than 100',
			() => checkWeights(weighed(60, 41), 'Weights'),
			"'Weight' must add up to 100 over all variants, but 60 + 41 is 101 (in 'Weights')",
			'The variants and their weights: v0 60, v1 41.',
		],
		[
			'two rules for one country',
			() => toGeoRules('a', [rule('DE', 'a'), rule('DE', 'b')]),
			`'Country' must be different in each row, but "DE" appears twice (in 'Geo Rules')`,
			undefined,
		],
		[
			'a label of other letters',
			() => toGeoRules('A', [], ['a', 'b']),
			`'Default Variant' is "A", but the link has no variant with that label`,
			'The labels are "a", "b". They are case-sensitive.',
		],
	])('are refused: %s', (_, make, message, description) => {
		expect(make).toThrow(expect.objectContaining({ message, description }));
	});

	it.each([[[]], [[100]], [[60, 40]], [[10, 20, 30, 0, 0]]])(
		'may get the new weights %j, whatever the other weights are',
		(weights) => {
			expect(() => checkWeights(weighed(...weights), 'Weights')).not.toThrow();
		},
	);
});
