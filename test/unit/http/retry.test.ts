import fc from 'fast-check';

import {
	backoffMs,
	isAmbiguous,
	isTransient,
	isUnreadable,
	readRetryAfter,
	requestedWaitMs,
} from '../../../nodes/shared/http/retry';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('backoff', () => {
	it('doubles its ceiling with every try, up to ten seconds', () => {
		const ceilings = [1, 2, 3, 4, 5, 6, 20].map((attempt) =>
			backoffMs(attempt, undefined, 0.999_999),
		);
		expect(ceilings).toEqual([499, 999, 1999, 3999, 7999, 9999, 9999]);
	});

	it('lies between zero and the ceiling', () => {
		fc.assert(
			fc.property(fc.nat(30), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
				const wait = backoffMs(attempt + 1, undefined, chance);
				expect(wait).toBeGreaterThanOrEqual(0);
				expect(wait).toBeLessThanOrEqual(500 * 2 ** attempt);
				expect(wait).toBeLessThanOrEqual(10_000);
			}),
		);
	});

	it('adds less than a quarter of a second to the wait that the service asks for', () => {
		expect([0, 0.5, 0.999].map((chance) => backoffMs(1, 1000, chance))).toEqual([1000, 1125, 1249]);
	});

	it('is never shorter than the wait that the service asks for', () => {
		fc.assert(
			fc.property(
				fc.nat(3_600_000),
				fc.double({ min: 0, max: 0.999, noNaN: true }),
				(asked, chance) => {
					expect(backoffMs(1, asked, chance)).toBeGreaterThanOrEqual(asked);
				},
			),
		);
	});
});

describe('readRetryAfter', () => {
	it.each([
		['1', 1000],
		[' 1800 ', 1_800_000],
		['0', 0],
		['0.5', 500],
		['1.25', 1250],
		['2 minutes', undefined],
		[2, 2000],
		['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
		['Sun, 22 Nov 2026 11:00:00 GMT', 0],
		['-1', undefined],
		['99999999999999', undefined],
		['Fri, 22 Nov 2999 12:00:00 GMT', undefined],
		['soon', undefined],
		['9'.repeat(400), undefined],
		['', undefined],
		[undefined, undefined],
		[null, undefined],
		[{ toString: null }, undefined],
	])('reads %j as %p', (header, ms) => {
		expect(readRetryAfter(header, NOW)).toBe(ms);
	});

	it("reads a date by the service's clock", () => {
		const headers = {
			date: 'Sun, 22 Nov 2026 13:00:00 GMT',
			'retry-after': 'Sun, 22 Nov 2026 13:00:30 GMT',
		};
		expect(requestedWaitMs({ status: 503, headers }, NOW)).toBe(30_000);
	});
});

describe('the wait that a service asks for', () => {
	const resets = (seconds: number) => ({
		'x-ratelimit-remaining': '0',
		'x-ratelimit-reset': String(NOW / 1000 + seconds),
	});

	it.each([
		['lasts until the window opens after a 429', 429, resets(60), 60_000],
		['is zero if the window of a 429 is open again', 429, resets(-60), 0],
		[
			'follows Retry-After, even if the window opens later',
			429,
			{ ...resets(60), 'retry-after': '5' },
			5000,
		],
		['is unknown after a 429 without a time', 429, {}, undefined],
		['does not depend on the window after another status', 503, resets(60), undefined],
	])('%s', (_, status, headers, ms) => {
		expect(requestedWaitMs({ status, headers }, NOW)).toBe(ms);
	});
});

describe('an unreadable answer', () => {
	it.each(['HPE_INVALID_CONSTANT', 'Z_DATA_ERROR', 'ERR_TOO_LARGE'])('causes %s', (code) => {
		expect(isUnreadable({ code })).toBe(true);
	});

	it.each([{ code: 'ECONNRESET' }, { code: 'ERR_TOO_LARGE_A_NUMBER' }, { status: 500 }])(
		'does not cause %j',
		(outcome) => {
			expect(isUnreadable(outcome)).toBe(false);
		},
	);
});

describe('a failed request', () => {
	it.each([408, 429, 500, 502, 503, 504, 507, 520, 521, 522, 524, 530])(
		'may succeed later after %d',
		(status) => {
			expect(isTransient({ status })).toBe(true);
		},
	);

	it.each([501, 505])('will not succeed later after %d', (status) => {
		expect(isTransient({ status })).toBe(false);
	});

	it.each([400, 401, 403, 404, 405, 409, 422, 301])(
		'will not succeed later after %d, and was not carried out',
		(status) => {
			expect(isTransient({ status })).toBe(false);
			expect(isAmbiguous({ status })).toBe(false);
		},
	);

	it.each([408, 500, 502, 503, 504, 520, 522, 524])(
		'may have been carried out after %d',
		(status) => {
			expect(isAmbiguous({ status })).toBe(true);
		},
	);

	it('was not carried out after 429', () => {
		expect(isAmbiguous({ status: 429 })).toBe(false);
	});

	it.each([
		['ECONNRESET', true, true],
		['ETIMEDOUT', true, true],
		['ECONNABORTED', true, true],
		['ESOCKETTIMEDOUT', true, true],
		['EPIPE', true, true],
		['ERR_BAD_RESPONSE', true, true],
		['ERR_STREAM_PREMATURE_CLOSE', true, true],
		['ERR_NETWORK', true, true],
		['UND_ERR_SOCKET', true, true],
		['UND_ERR_BODY_TIMEOUT', true, true],
		['UND_ERR_HEADERS_TIMEOUT', true, true],
		['UND_ERR_CONNECT_TIMEOUT', true, false],
		['EHOSTUNREACH', true, false],
		['ENETDOWN', true, false],
		['ENETUNREACH', true, false],
		['ECONNREFUSED', true, false],
		['EAI_AGAIN', true, false],
		['ENOTFOUND', false, false],
		['DEPTH_ZERO_SELF_SIGNED_CERT', false, false],
		['CERT_HAS_EXPIRED', false, false],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, false],
		['ERR_TLS_CERT_ALTNAME_INVALID', false, false],
		['EPROTO', false, false],
		['ERR_INVALID_URL', false, false],
		['UNKNOWN', false, false],
		['UNKNOWN_TO_US', false, true],
		['STILL_UNKNOWN', false, true],
		['EPERM', false, false],
		['EADDRNOTAVAIL', false, false],
		['EAI_FAIL', false, false],
		['INVALID_CA', false, false],
		['HPE_INVALID_CONSTANT', false, true],
		['Z_DATA_ERROR', false, true],
	])(
		'after %s: may succeed later %s, may have been carried out %s',
		(code, transient, ambiguous) => {
			expect([isTransient({ code }), isAmbiguous({ code })]).toEqual([transient, ambiguous]);
		},
	);
});
