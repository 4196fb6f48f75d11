import { countryOptions, isCountry } from '../../../nodes/Klinky/countries';

describe('the list of countries', () => {
	it('holds the 249 of ISO 3166-1, each once, sorted by name', () => {
		const options = countryOptions();
		expect(options).toHaveLength(249);
		expect(new Set(options.map(({ value }) => value)).size).toBe(249);
		expect(options.map(({ name }) => name)).toEqual(
			[...options].map(({ name }) => name).sort((a, b) => a.localeCompare(b)),
		);
		expect(options).toContainEqual({ name: 'Germany (DE)', value: 'DE' });
		for (const { name, value } of options) expect(name).not.toBe(`${value} (${value})`);
	});

	it.each(['GB', 'US'])('includes %s', (code) => {
		expect(isCountry(code)).toBe(true);
	});

	it.each(['UK', 'us', 'USA', 'EU', 'XX', ''])('does not include %j', (code) => {
		expect(isCountry(code)).toBe(false);
	});
});
