import { InputError } from '../http/errors';
import { fieldOf, quoted } from './field';
import type { Field, FieldSettings } from './field';

/** 2026-11-22, 2026-11-22T14:05, 2026-11-22 14:05:00.123+01:00 … */
const ISO_DATE =
	/^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * A point in time: picked, or as ISO text or a date object from an expression. Read as UTC ISO with
 * milliseconds, which every service takes; a date without a zone is read in the workflow's own, one
 * without a time as the beginning of its day. Empty is undefined.
 *
 * n8n-workflow's `tryToParseDateTime` is not used: it reads 30 February as 2 March and "5" as
 * 1 May 2001, and n8n 1.0 knows no zone for it.
 *
 * @throws InputError for what is no date, or no day of the calendar
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
	// n8n may hold a copy of luxon of its own, so instanceof does not tell
	const { toMillis } = value as { toMillis?: unknown };
	return typeof toMillis === 'function' ? Number(toMillis.call(value)) : NaN;
}

/** @returns ms since the epoch; NaN for what is no date */
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

/** @returns what "Z", "+01", "+0100" or "+01:00" is ahead of UTC, in ms; NaN when it is out of range */
function offsetOf(written: string): number {
	if (/z/i.test(written)) return 0;
	const hours = Number(written.slice(1, 3));
	const minutes = Number(written.slice(3).replace(':', ''));
	if (hours > 14 || minutes > 59) return NaN;
	return (written.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Farther than any zone is from UTC, and nearer than two changes of a zone's clocks, in ms. */
const DAY = 24 * 3_600_000;

/**
 * The moment at which clocks of a zone show a time. Of an hour that comes twice the earlier one is
 * taken, whichever side of UTC the zone is on; an hour that is left out counts from before.
 *
 * @param wallClock what the clocks show, as ms since the epoch if it were UTC
 * @returns ms since the epoch
 */
function inZone(wallClock: number, timezone: string): number {
	const offsets = [zoneOffset(wallClock - DAY, timezone), zoneOffset(wallClock + DAY, timezone)];
	const moments = offsets
		.map((offset) => wallClock - offset)
		.filter((moment) => moment + zoneOffset(moment, timezone) === wallClock);
	return moments.length > 0 ? Math.min(...moments) : wallClock - Math.min(...offsets);
}

/** Making one takes far longer than asking it. */
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
		// Exported workflows may name the zone "DEFAULT", which is that of n8n and no zone for Intl
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
