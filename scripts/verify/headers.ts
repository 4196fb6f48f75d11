import type { Seen } from './client';
import { confirmed, notSeen, refuted, type Verdict } from './verdict';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Numbers from here on are Unix seconds. Smaller numbers are seconds from now. */
const FIRST_UNIX_SECONDS = 1e9;

/** The longest time that an answer may be on its way, in ms. */
const ON_THE_WAY = 5000;

/** The names of all received headers, in lower case. */
export function headerNames(seen: Seen[]): string[] {
	return [...new Set(seen.flatMap(({ headers }) => Object.keys(headers)))].sort();
}

export function rateLimitHeaders(seen: Seen[]): string[] {
	return headerNames(seen).filter((name) => name.startsWith('x-ratelimit-'));
}

export function dateHeader(seen: Seen[]): Verdict {
	const skews = seen.map(({ headers, at }) => Date.parse(String(headers.date)) - at);
	const known = skews.filter((skew) => !Number.isNaN(skew));
	const [worst] = known.sort((a, b) => Math.abs(b) - Math.abs(a));
	if (worst === undefined) return notSeen('no answer has one');
	if (Math.abs(worst) <= MINUTE) return confirmed("it agrees with this machine's clock");
	return refuted(`${worst > 0 ? 'ahead of' : 'behind'} this machine's clock by more than a minute`);
}

/** The end of the window by the first answer that gives one, in ms, and the unit that it uses. */
function resetIn(seen: Seen[]): { unit: 'unix' | 'seconds'; at: number } | undefined {
	const found = seen.find(({ headers }) => headers['x-ratelimit-reset'] !== undefined);
	const reset = Number(found?.headers['x-ratelimit-reset'] ?? NaN);
	if (!found || Number.isNaN(reset)) return undefined;
	if (reset >= FIRST_UNIX_SECONDS) return { unit: 'unix', at: reset * 1000 };
	return { unit: 'seconds', at: found.at + reset * 1000 };
}

export function resetUnit(seen: Seen[]): Verdict {
	const first = resetIn(seen);
	if (!first) return notSeen('no answer has the header');
	return first.unit === 'unix' ? confirmed('a Unix time') : refuted('the seconds to go');
}

export function window(seen: Seen[]): Verdict {
	const first = resetIn(seen);
	if (!first) return notSeen('no answer has X-RateLimit-Reset');
	const past = first.at % HOUR;
	const isFull = Math.min(past, HOUR - past) <= (first.unit === 'unix' ? 0 : ON_THE_WAY);
	return isFull ? confirmed('it ends at a full hour') : refuted('it ends within an hour');
}

/** Judges an answer that no request can provoke. */
export function passing(seen: Seen[], isOne: (status: number) => boolean, what: string): Verdict {
	const found = seen.filter(({ status }) => isOne(status));
	const statuses = [...new Set(found.map(({ status }) => status))];
	return found.length > 0 ? confirmed(`answered with ${statuses.join(', ')}`) : notSeen(what);
}
