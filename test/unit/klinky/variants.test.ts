import fc from 'fast-check';

import { checkWeights, splitEvenly, toGeoRules, toVariants } from '../../../nodes/Klinky/variants';

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

	it('gives the one that is empty what is left to 100', () => {
		expect(weightsOf(70, undefined)).toEqual([70, 30]);
		expect(weightsOf(undefined, 50, 20)).toEqual([30, 50, 20]);
		expect(weightsOf(100, undefined)).toEqual([100, 0]);
		expect(() => weightsOf(60, undefined, 60)).toThrow("60 + 0 + 60 is 120 (in 'Variants')");
	});

	it('refuses several that are empty beside others that are not', () => {
		expect(() => weightsOf(50, undefined, undefined)).toThrow(
			`'Weight' is empty for "v1", "v2", but not for the others (in 'Variants')`,
		);
	});

	it('have each label once, however many there are', () => {
		const labels = fc.array(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 5 });
		fc.assert(
			fc.property(labels, (given) => {
				const rows = given.map((label) => ({ label, weight: 0 }));
				const check = () => checkWeights(rows, 'Weights');
				if (new Set(given).size === given.length) expect(check).not.toThrow();
				else expect(check).toThrow('stands there twice');
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
