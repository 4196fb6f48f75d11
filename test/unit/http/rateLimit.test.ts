import type { IDataObject } from 'n8n-workflow';

import { lowBudgetHint, readRateLimit } from '../../../nodes/shared/http/rateLimit';

const START = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

describe('the headers of a window', () => {
	const read = (remaining: IDataObject[string], reset?: string) =>
		readRateLimit({ 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset }, START);

	it.each([
		['5', 5],
		[' 5 ', 5],
		[5, 5],
		['0.25', 0.25],
		['5 of 100', undefined],
		['about 5', undefined],
		['5.x', undefined],
		['-5', undefined],
		['', undefined],
		['9'.repeat(400), undefined],
		[{ toString: null }, undefined],
		[undefined, undefined],
	])('are read if %j requests are left', (remaining, left) => {
		expect(read(remaining)?.remaining).toBe(left);
	});

	it.each([
		['30', START + 30_000],
		['86400', START + 86_400_000],
		['86401', undefined],
		[String(START / 1000 + 30), START + 30_000],
		['1000000000', 1e12],
		['999999999', undefined],
		['soon', undefined],
		[undefined, undefined],
	])('are read if the reset is %j', (reset, resetsAt) => {
		expect(read('5', reset)?.resetsAt).toBe(resetsAt);
	});

	it('are read together', () => {
		const headers = {
			'x-ratelimit-limit': '100',
			'x-ratelimit-remaining': '7',
			'x-ratelimit-reset': '60',
		};
		expect(readRateLimit(headers, START)).toEqual({
			limit: 100,
			remaining: 7,
			resetsAt: START + MINUTE,
		});
	});

	it('announce nothing without the number of requests left', () => {
		expect(read(undefined, '30')).toBeUndefined();
	});

	it('are not believed if the reset is a time in 20 days', () => {
		const reset = String(START / 1000 + 20 * 86_400);
		expect(read('0', reset)).toMatchObject({ remaining: 0, resetsAt: undefined });
	});

	it.each([
		['an hour behind', -3_600_000],
		['an hour ahead', 3_600_000],
		['right', 0],
	])("are read by the service's clock if the clock of n8n is %s", (_, ahead) => {
		const real = START - ahead;
		const headers = {
			date: new Date(real).toUTCString(),
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': String((real + 2_000) / 1000),
		};
		expect(readRateLimit(headers, START)?.resetsAt).toBe(START + 2_000);
	});
});

describe('few requests left', () => {
	const resetsAt = START + MINUTE;
	it.each([
		[9, 100, 'Example: 9 of 100 requests left until 2026-11-22 12:01:00 UTC.'],
		[0, 100, 'Example: 0 of 100 requests left until 2026-11-22 12:01:00 UTC.'],
		[10, 100, undefined],
		[99, 1000, 'Example: 99 of 1000 requests left until 2026-11-22 12:01:00 UTC.'],
		[100, 1000, undefined],
	])('%i of %i', (remaining, limit, words) => {
		expect(lowBudgetHint('Example', { remaining, limit, resetsAt })).toBe(words);
	});

	it('give a hint without a time if the service sends none', () => {
		expect(lowBudgetHint('Example', { remaining: 9, limit: 100 })).toBe(
			'Example: 9 of 100 requests left.',
		);
	});

	it('cause no hint if the service sends no limit', () => {
		expect(lowBudgetHint('Example', { remaining: 0, resetsAt })).toBeUndefined();
		expect(lowBudgetHint('Example', undefined)).toBeUndefined();
	});
});
