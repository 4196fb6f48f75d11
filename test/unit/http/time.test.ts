import type { IDataObject } from 'n8n-workflow';

import { formatTime, momentOf, timeOf } from '../../../nodes/shared/http/time';

describe('times', () => {
	it.each<[IDataObject, number | undefined]>([
		[{ at: '2026-11-22T10:00:00.000Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22T10:00:00+02:00' }, Date.UTC(2026, 10, 22, 8)],
		[{ at: '2026-11-22T10:00:00.123456' }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: '2026-11-22 10:00:00' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22' }, Date.UTC(2026, 10, 22)],
		[{ at: 1_795_341_600 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600_000 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600_000_000 }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600.1235 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: 1_795_341_600_123.25 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: 1_795_341_600_123_456.5 }, Date.UTC(2026, 10, 22, 10, 0, 0, 123)],
		[{ at: null, time: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 'yesterday' }, undefined],
		[{ at: '2026-99-99T10:00:00Z' }, undefined],
		[{ at: 0 }, undefined],
		[{ at: true }, undefined],
		[{ other: '2026-11-22' }, undefined],
	])('of %j are read as %s', (row, time) => {
		expect(timeOf(row, ['at', 'time'])).toBe(time);
	});

	it.each<[IDataObject, number | undefined]>([
		[{ at: '2026-11-22' }, undefined],
		[{ at: '2026-11-22', time: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: '2026-11-22T10:00:00Z' }, Date.UTC(2026, 10, 22, 10)],
		[{ at: 1_795_341_600 }, Date.UTC(2026, 10, 22, 10)],
		[{}, undefined],
	])('of %j are read as the moment %s', (row, time) => {
		expect(momentOf(row, ['at', 'time'])).toBe(time);
	});

	it.each([
		[undefined, '2026-11-22 01:02:03 UTC'],
		['Europe/Berlin', '2026-11-22 02:02:03 Europe/Berlin'],
		['America/New_York', '2026-11-21 20:02:03 America/New_York'],
		['DEFAULT', '2026-11-22 01:02:03 UTC'],
	])('are shown in the zone %s', (timezone, shown) => {
		expect(formatTime(Date.UTC(2026, 10, 22, 1, 2, 3), timezone)).toBe(shown);
	});
});
