import type { IDataObject } from 'n8n-workflow';

import { asText } from './answer';

/* How services write times. */

/** A date without a zone. */
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d:.]*$/;

/** Unix seconds below, ms above: 5138-11-16 and 1973-03-03. */
const FIRST_MS = 1e11;

/** The same between ms and microseconds. */
const FIRST_MICROSECONDS = FIRST_MS * 1000;

/** Clocks that differ by less agree, in ms. */
const CLOCK_TOLERANCE = 2_000;

/** A day without a time. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * When something happened, under the first of several names that holds a time. The services'
 * documents name no time for most rows, so a row may have none.
 *
 * @returns whole ms since the epoch; a time without a zone is UTC
 */
export function timeOf(row: IDataObject, names: readonly string[]): number | undefined {
	return names.map((name) => readTime(row[name])).find((time) => time !== undefined);
}

/** As {@link timeOf}, but a day alone does not say when: all that happens on it would be of midnight. */
export function momentOf(row: IDataObject, names: readonly string[]): number | undefined {
	return timeOf(
		row,
		names.filter((name) => !DAY.test(asText(row[name]) ?? '')),
	);
}

/** The last time that a Date can hold, in ms since the epoch. */
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
 * The time by the service's clock, from the `Date` header of its answer: n8n's clock may be wrong.
 *
 * @param now by n8n's clock, in ms since the epoch
 * @returns ms since the epoch; `now` where the header is missing, unreadable or agrees with it
 */
export function serviceNow(headers: IDataObject, now: number): number {
	const date = typeof headers.date === 'string' ? Date.parse(headers.date) : NaN;
	// The header has whole seconds, and an answer takes a while
	return Math.abs(date - now) > CLOCK_TOLERANCE ? date : now;
}

/**
 * @param ms since the epoch
 * @param timezone UTC where it is none that Intl knows: exported workflows may name "DEFAULT"
 * @returns a time as people read it: "2026-11-22 15:05:00 Europe/Berlin"
 */
export function formatTime(ms: number, timezone = 'UTC'): string {
	const clock = clockOf(timezone);
	return clock ? `${clock.format(ms)} ${timezone}` : formatTime(ms);
}

function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
	try {
		// Sweden writes dates as ISO does
		return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
	} catch {
		return undefined;
	}
}
