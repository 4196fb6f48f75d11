import { InputError } from '../http/errors';
import { fieldOf, quoted } from './field';
import type { Field, FieldSettings } from './field';

/** 2026-11-22, 2026-11-22T14:05, 2026-11-22 14:05:00.123+01:00 … */
const ISO_DATE =
	/^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * A point in time. The user picks it, or an expression returns ISO text or a date object. `read`
 * returns it in UTC, as ISO text with milliseconds, which every service accepts. Without a zone the
 * workflow's zone counts; without a time, the start of the day. An empty value is undefined.
 *
 * n8n-workflow's `tryToParseDateTime` would not do: it reads 30 February as 2 March and "5" as
 * 1 May 2001, and in n8n 1.0 it takes no zone.
 *
 * @throws InputError for anything but a date, and for a day that does not exist
 */
export function dateTime<const N extends string>(
	settings: FieldSettings<N>,
): Field<N, string | undefined> {
	return fieldOf({ type: 'dateTime', default: '', ...settings }, (value, { timezone }) => {
		if (value === undefined) return undefined;
		const ms = typeof value === 'object' ? ofObject(value) : ofText(String(value), timezone);
		if (!Number.isFinite(ms)) {
			throw new InputError(
				`'${settings.displayName}' must be a date, but is ${quoted(value)}`,
				'Pick one, or write it as 2026-11-22T14:05:00. In an expression, {{ $now }} and {{ $now.minus(1, "day") }} are dates.',
			);
		}
		return new Date(ms).toISOString();
	});
}

/** @returns ms since the epoch of a JS Date or a luxon DateTime; NaN for anything else */
function ofObject(value: unknown): number {
	if (value instanceof Date) return value.getTime();
	// Not `instanceof`: n8n may have its own copy of luxon
	const { toMillis } = value as { toMillis?: unknown };
	return typeof toMillis === 'function' ? Number(toMillis.call(value)) : NaN;
}

/** @returns ms since the epoch; NaN if the text is not a date */
function ofText(text: string, timezone: string): number {
	const parts = ISO_DATE.exec(text);
	if (!parts) return NaN;
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
		.slice(1, 7)
		.map((part: string | undefined) => Number(part ?? 0));
	const ms = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
	const wallClock = Date.UTC(year, month - 1, day, hour, minute, second, ms);
	// Date.UTC turns 30 February into 2 March, and 25:00 into 1:00 of the next day
	const iso = new Date(wallClock).toISOString();
	const pad = (part: number) => String(part).padStart(2, '0');
	const written = `${parts[1]}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}`;
	if (!iso.startsWith(written)) return NaN;

	return parts[8] ? wallClock - offsetOf(parts[8]) : inZone(wallClock, timezone);
}

/** @returns how far "Z", "+01", "+0100" or "+01:00" is ahead of UTC, in ms; NaN when out of range */
function offsetOf(written: string): number {
	// "Z" has no digits, so both are zero
	const hours = Number(written.slice(1, 3));
	const minutes = Number(written.slice(3).replace(':', ''));
	if (hours > 14 || minutes > 59) return NaN;
	return (written.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** More than any zone's distance from UTC, and less than the time between two clock changes, in ms. */
const DAY = 24 * 3_600_000;

/**
 * Finds the moment at which the clocks of a zone show a time. In the repeated hour when clocks go
 * back, the earlier occurrence is used. A time in the hour that clocks skip is read with the offset
 * from before the change.
 *
 * @param wallClock the time on the clocks, as ms since the epoch if it were UTC
 * @returns ms since the epoch
 */
function inZone(wallClock: number, timezone: string): number {
	const offsets = [zoneOffset(wallClock - DAY, timezone), zoneOffset(wallClock + DAY, timezone)];
	const moments = offsets
		.map((offset) => wallClock - offset)
		.filter((moment) => moment + zoneOffset(moment, timezone) === wallClock);
	return moments.length > 0 ? Math.min(...moments) : wallClock - Math.min(...offsets);
}

/** Kept, because making a clock takes far longer than using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timezone: string): Intl.DateTimeFormat {
	const clock = clocks.get(timezone) ?? makeClock(timezone);
	clocks.set(timezone, clock);
	return clock;
}

function makeClock(timeZone: string | undefined): Intl.DateTimeFormat {
	try {
		return new Intl.DateTimeFormat('en-US', {
			timeZone,
			calendar: 'iso8601',
			numberingSystem: 'latn',
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		});
	} catch {
		// Exported workflows may name the zone "DEFAULT". It means n8n's own zone, and Intl rejects it.
		return makeClock(undefined);
	}
}

/** @returns how far a zone is ahead of UTC at a moment, in ms */
function zoneOffset(ms: number, timezone: string): number {
	const parts = clockOf(timezone).formatToParts(ms);
	const part = (type: Intl.DateTimeFormatPartTypes) =>
		Number(parts.find((candidate) => candidate.type === type)?.value);
	const wallClock = Date.UTC(
		part('year'),
		part('month') - 1,
		part('day'),
		part('hour'),
		part('minute'),
		part('second'),
	);
	return wallClock - Math.floor(ms / 1000) * 1000;
}
