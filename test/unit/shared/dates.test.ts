import fc from 'fast-check';
import { tryToParseDateTime } from 'n8n-workflow';

import { dateTime } from '../../../nodes/shared/dates';
import { InputError } from '../../../nodes/shared/errors';

const field = dateTime({ displayName: 'Starts At', name: 'startsAt' });
const read = (value: unknown, timezone = 'Europe/Berlin') => field.read(value, { timezone });
const luxon = (iso: string, zone: string) => tryToParseDateTime(iso, zone);

describe('a date', () => {
	it.each([
		['nothing', '', undefined],
		['what an expression did not find', null, undefined],
		['a day, as its beginning', '2026-11-22', '2026-11-21T23:00:00.000Z'],
		['a local time in winter', '2026-11-22T14:05', '2026-11-22T13:05:00.000Z'],
		['a local time in summer', '2026-07-22T14:05:06', '2026-07-22T12:05:06.000Z'],
		['with a space, as databases write it', ' 2026-11-22 14:05:06 ', '2026-11-22T13:05:06.000Z'],
		['fractions of a second', '2026-11-22T14:05:06.98765', '2026-11-22T13:05:06.987Z'],
		['UTC', '2026-11-22T14:05:06Z', '2026-11-22T14:05:06.000Z'],
		['an offset', '2026-11-22T14:05:06.1-05:30', '2026-11-22T19:35:06.100Z'],
		['an offset without a colon', '2026-11-22T14:05:06+0200', '2026-11-22T12:05:06.000Z'],
		['an offset in hours', '2026-11-22T14:05+02', '2026-11-22T12:05:00.000Z'],
		['a JS Date', new Date(0), '1970-01-01T00:00:00.000Z'],
		['29 February', '2028-02-29T12:00', '2028-02-29T11:00:00.000Z'],
		['an hour that is left out', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
		['an hour that comes twice', '2026-10-25T02:30', '2026-10-25T01:30:00.000Z'],
	])('is read from %s', (_what, value, expected) => {
		expect(read(value)).toBe(expected);
	});

	it('is read from a luxon DateTime, whose own zone counts', () => {
		const tokyo = luxon('2026-11-22T14:05', 'Asia/Tokyo');
		expect(read(tokyo)).toBe('2026-11-22T05:05:00.000Z');
	});

	it.each([
		['2026-02-30'],
		['2026-02-30T10:00'],
		['2027-02-29'],
		['2026-13-01'],
		['2026-00-10'],
		['2026-11-22T25:00'],
		['2026-11-22T24:00'],
		['2026-11-22T14:60'],
		['2026-11-22T14:05+99:00'],
		['0000-00-00'],
		['tomorrow'],
		['22.11.2026'],
		['11/22/2026'],
		['5'],
		[1_795_000_000_000],
		[true],
		[{ year: 2026 }],
		[['2026-11-22']],
		[new Date(NaN)],
	])('is not %p', (value) => {
		expect(() => read(value)).toThrow(InputError);
		expect(() => read(value)).toThrow(/^'Starts At' must be a date, but is "/);
	});

	it('names the value that it refuses', () => {
		expect(() => read('2026-02-30')).toThrow(`'Starts At' must be a date, but is "2026-02-30"`);
	});

	it('without a zone is the moment that luxon reads in the zone of the workflow', () => {
		const zones = [
			'UTC',
			'Europe/Berlin',
			'America/New_York',
			'Asia/Kolkata',
			'Pacific/Apia',
			'Australia/Lord_Howe',
		];
		const minutes = fc.integer({ min: 0, max: 60 * 24 * 365 * 60 });
		fc.assert(
			fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
				const local = new Date(Date.UTC(1990, 0, 1) + minute * 60_000).toISOString().slice(0, 16);
				expect(read(local, zone)).toBe(luxon(local, zone).toUTC().toISO());
			}),
			{ numRuns: 500 },
		);
	});
});
