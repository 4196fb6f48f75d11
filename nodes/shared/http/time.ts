import type { IDataObject } from 'n8n-workflow';

import { asText } from './answer';

/* How services write times. */

/** A date without a zone. */
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d:.]*$/;

/** Numbers below are Unix seconds (until 5138-11-16), above ms (from 1973-03-03). */
const FIRST_MS = 1e11;

/** Numbers from here on are microseconds. */
const FIRST_MICROSECONDS = FIRST_MS * 1000;

/** Clocks that differ by less count as equal, in ms. */
const CLOCK_TOLERANCE = 2_000;

/** A day without a time. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * When something happened: the first of several fields that holds a time. Most rows have no
 * documented time, so there may be none.
 *
 * @returns whole ms since the epoch; a time without a zone is UTC
 */
export function timeOf(row: IDataObject, names: readonly string[]): number | undefined {
	return names.map((name) => readTime(row[name])).find((time) => time !== undefined);
}

/** As {@link timeOf}, but ignores days without a time, which would all mean midnight. */
export function momentOf(row: IDataObject, names: readonly string[]): number | undefined {
	return timeOf(
		row,
		names.filter((name) => !DAY.test(asText(row[name]) ?? '')),
	);
}

/** The latest time that a Date can hold, in ms since the epoch. */
const LAST_TIME = 8.64e15;

function readTime(value: unknown): number | undefined {
	if (typeof value === 'number' && value > 0) {
		const time = Math.floor(toMs(value));
		return time <= LAST_TIME ? time : undefined;
	}
	if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return undefined;
	const time = Date.parse(WITHOUT_ZONE.test(value) ? `${value.replace(' ', 'T')}Z` : value);
	return Number.isNaN(time) ? undefined : time;
}

/** @param time Unix time in seconds, milliseconds or microseconds @returns ms since the epoch */
export function toMs(time: number): number {
	if (time < FIRST_MS) return time * 1000;
	return time < FIRST_MICROSECONDS ? time : time / 1000;
}

/**
 * The service's time, from the `Date` header of its answer: n8n's clock may be wrong.
 *
 * @param now n8n's time, in ms since the epoch
 * @returns ms since the epoch; `now` if the header is missing, unreadable or agrees with it
 */
export function serviceNow(headers: IDataObject, now: number): number {
	const date = typeof headers.date === 'string' ? Date.parse(headers.date) : NaN;
	// The header is in whole seconds, and the answer takes time to arrive
	return Math.abs(date - now) > CLOCK_TOLERANCE ? date : now;
}

/**
 * @param ms since the epoch
 * @param timezone the zone to write it in; UTC replaces an unknown one, such as "DEFAULT" in exported workflows
 * @returns the time in a readable form: "2026-11-22 15:05:00 Europe/Berlin"
 */
export function formatTime(ms: number, timezone = 'UTC'): string {
	const clock = clockOf(timezone);
	return clock ? `${clock.format(ms)} ${timezone}` : formatTime(ms);
}

function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
	try {
		// Swedish dates have the form of ISO dates
		return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
	} catch {
		return undefined;
	}
}
