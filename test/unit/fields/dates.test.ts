import fc from 'fast-check';
import { DateTime } from 'luxon';
import { tryToParseDateTime } from 'n8n-workflow';

import { dateTime } from '../../../nodes/shared/fields/dates';
import { InputError } from '../../../nodes/shared/http/errors';

const field = dateTime({ displayName: 'Starts At', name: 'startsAt' });
const read = (value: unknown, timezone = 'Europe/Berlin') => field.read(value, { timezone });
const luxon = (iso: string, zone: string) => tryToParseDateTime(iso, zone);

describe('a date', () => {
	it('is picked from a calendar in the panel', () => {
		expect(field.property).toEqual({
			displayName: 'Starts At',
			name: 'startsAt',
			type: 'dateTime',
			default: '',
		});
	});

	it.each([
		['nothing', '', undefined],
		['an empty expression result', null, undefined],
		['a day, which means its beginning', '2026-11-22', '2026-11-21T23:00:00.000Z'],
		['a local time in winter', '2026-11-22T14:05', '2026-11-22T13:05:00.000Z'],
		['a local time in summer', '2026-07-22T14:05:06', '2026-07-22T12:05:06.000Z'],
		['with a space, as databases write it', ' 2026-11-22 14:05:06 ', '2026-11-22T13:05:06.000Z'],
		['fractions of a second', '2026-11-22T14:05:06.98765', '2026-11-22T13:05:06.987Z'],
		['UTC', '2026-11-22T14:05:06Z', '2026-11-22T14:05:06.000Z'],
		['an offset', '2026-11-22T14:05:06.1-05:30', '2026-11-22T19:35:06.100Z'],
		['an offset without a colon', '2026-11-22T14:05:06+0200', '2026-11-22T12:05:06.000Z'],
		['an offset in hours', '2026-11-22T14:05+02', '2026-11-22T12:05:00.000Z'],
		['the largest offset', '2026-11-22T14:05+14:00', '2026-11-22T00:05:00.000Z'],
		['an offset with any minutes', '2026-11-22T14:05-00:59', '2026-11-22T15:04:00.000Z'],
		['UTC in a small letter', '2026-11-22t14:05z', '2026-11-22T14:05:00.000Z'],
		['text with invisible characters', '\u200e2026-11-22T14:05\n', '2026-11-22T13:05:00.000Z'],
		['white space', ' \n', undefined],
		['a JS Date', new Date(0), '1970-01-01T00:00:00.000Z'],
		['29 February', '2028-02-29T12:00', '2028-02-29T11:00:00.000Z'],
		['an hour that a clock change skips', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
		['an hour that a clock change repeats', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
	])('is read from %s', (_what, value, expected) => {
		expect(read(value)).toBe(expected);
	});

	it('is read from a luxon DateTime in its own zone', () => {
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
		['2026-11-22T14:05+15:00'],
		['2026-11-22T14:05+01:60'],
		['2026-11-22 or later'],
		['since 2026-11-22'],
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
		[DateTime.invalid('no day')],
	])('cannot be %p', (value) => {
		expect(() => read(value)).toThrow(InputError);
		expect(() => read(value)).toThrow(/^'Starts At' must be a date, but is "/);
		expect(() => read(value)).toThrow(
			expect.objectContaining({ description: expect.stringContaining('{{ $now }}') }),
		);
	});

	it.each([
		['2026-02-30\n', '2026-02-30'],
		[new Date(NaN), 'Invalid Date'],
		[DateTime.invalid('no day'), 'Invalid DateTime'],
	])('names the value that it refuses: %p', (value, shown) => {
		expect(() => read(value)).toThrow(`'Starts At' must be a date, but is "${shown}"`);
	});

	const CHANGING = [
		'Europe/Berlin',
		'Europe/Dublin',
		'Africa/Casablanca',
		'America/New_York',
		'America/St_Johns',
		'America/Sao_Paulo',
		'Asia/Tehran',
		'Pacific/Apia',
		'Pacific/Chatham',
		'Australia/Lord_Howe',
	];
	const [MINUTE, HOUR] = [60_000, 3_600_000];
	const FIRST = Date.UTC(1990, 0, 1);
	const LAST = Date.UTC(2050, 0, 1);
	const offsetAt = (at: number, zone: string) => DateTime.fromMillis(at, { zone }).offset * MINUTE;
	const localAt = (ms: number) => new Date(ms).toISOString().slice(0, 16);

	/** Finds the first moment at which the clocks of a zone show a time. Luxon decides on skipped times. */
	function firstMoment(local: string, zone: string): number {
		const wallClock = Date.parse(`${local}Z`);
		// The largest offset gives the first moment. All offsets since 1990 are multiples of 15 minutes
		for (let offset = 15 * HOUR; offset > -15 * HOUR; offset -= 15 * MINUTE) {
			if (offsetAt(wallClock - offset, zone) === offset) return wallClock - offset;
		}
		return DateTime.fromISO(local, { zone }).toMillis();
	}

	/** Finds the moments at which the clocks of a zone change. */
	function changesOf(zone: string): number[] {
		const changes: number[] = [];
		for (let from = FIRST; from < LAST; from += 168 * HOUR) {
			let [low, high] = [from, from + 168 * HOUR];
			if (offsetAt(low, zone) === offsetAt(high, zone)) continue;
			while (high - low > MINUTE) {
				const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
				if (offsetAt(middle, zone) === offsetAt(low, zone)) low = middle;
				else high = middle;
			}
			changes.push(high);
		}
		return changes;
	}

	const expectFirst = (local: string, zone: string) =>
		expect(read(local, zone)).toBe(new Date(firstMoment(local, zone)).toISOString());

	it('without a zone is the first moment with that time in the zone of the workflow', () => {
		const moments = fc.integer({ min: FIRST / MINUTE, max: LAST / MINUTE });
		fc.assert(
			fc.property(moments, fc.constantFrom('UTC', 'Asia/Kolkata', ...CHANGING), (minute, zone) =>
				expectFirst(localAt(minute * MINUTE), zone),
			),
			{ numRuns: 500 },
		);
	});

	it.each(CHANGING)(
		'without a zone is the first moment with that time, also around a clock change: %s',
		(zone) => {
			const minutes = fc.integer({ min: -200, max: 200 });
			fc.assert(
				fc.property(fc.constantFrom(...changesOf(zone)), minutes, (change, minute) =>
					expectFirst(localAt(change + offsetAt(change, zone) + minute * MINUTE), zone),
				),
				{ numRuns: 200 },
			);
		},
	);

	it('is read in the zone of n8n if the workflow names no valid zone', () => {
		const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
		for (const zone of ['DEFAULT', 'Mars/Olympus_Mons', '']) {
			expect(read('2026-11-22T14:05', zone)).toBe(read('2026-11-22T14:05', timeZone));
		}
	});
});
