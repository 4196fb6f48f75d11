import { createHash } from 'node:crypto';

import { isEmpty, quoted } from '../shared/fields/field';
import { normaliseAddress } from '../shared/http/address';
import { asText } from '../shared/http/answer';
import { pastedSecret } from '../shared/http/credential';
import { InputError } from '../shared/http/errors';
import { PacedLimiter, sharedLimiters } from '../shared/http/pacing';
import type { Service } from '../shared/http/service';

const NAME = 'Kindryn';

/** "Stay below ~10 requests/second for steady-state load" (Kindryn API, Rate limiting). */
export const REQUESTS_PER_SECOND = 10;

/** Rows of one page; "limit (1-100, default 50)", "use limit=100" (Members; Rate limiting). */
export const PAGE_SIZE = 100;

/** Pages fetched side by side. The rate of the credential decides how fast they are sent. */
export const PAGES_AT_ONCE = 10;

/** Most invitations in one answer. There is no offset (Invitations). */
export const MOST_INVITATIONS = 200;

/** Most entries in one bulk request (Invitations, POST /invitations/bulk). */
export const MOST_BULK_ENTRIES = 50;

/** "The first 12 characters … are safe to display" (Getting an API key). */
const SHOWN_CHARACTERS = 12;

/** Shorter keys are not from Kindryn, and twelve characters would reveal too much of them. */
const SHORTEST_SHOWN_KEY = 24;

const EXPIRED = 'Create a new key in Kindryn under API Keys, and paste it into the credential.';

const DISABLED =
	'Ask an admin to turn this key on in Kindryn under API Keys, or paste another key into the credential.';

const ROLE_CAP =
	"A role cannot be higher than the role of the person who created the key. Choose a lower 'Role', or use a key created by somebody with this role.";

/** Paths of requests that may concern somebody who is already a member or invited. */
const INVITING = new Set(['/members', '/invitations']);

/** Statuses that may refuse such a request. The documents name neither a status nor a text. */
const TAKEN_STATUSES = new Set([400, 409, 422]);

const MEMBER_ALREADY =
	'This person is already a member. Leave them out, or set On Error to "Continue" to go on with the others.';

const INVITED_ALREADY =
	'This person is already invited: Invitation → Get Many shows the link. To invite them again, revoke the invitation in Kindryn first.';

const limiterOf = sharedLimiters(() => new PacedLimiter(NAME));

/** The Kindryn Public API, as its documentation page "Kindryn Public API" describes it. */
export const kindryn: Service = {
	credentialType: 'kindrynApi',
	readsAtOnce: 5,
	wording: {
		name: NAME,
		advice: {
			400: 'Check the parameters of this node: Kindryn rejects one of the values.',
			401: 'Open the credential and paste the API key again. It starts with "kak_". If it is lost, create a new one in Kindryn under API Keys.',
			403: 'Check this key in Kindryn under API Keys: it may be disabled or expired. If you set a role, it cannot be higher than the role of the person who created the key.',
			404: "Check the ID, or pick an entry from the list: it may have been deleted, or belong to another community. A member's ID is not their user ID.",
			405: 'Check the address in the credential: it may lead to another version of Kindryn that does not support this request.',
			409: 'Check the parameters of this node: Kindryn already has something like this.',
		},
		adviceFor(status, words, { path }) {
			if (INVITING.has(path) && TAKEN_STATUSES.has(status) && /\b(already|exists)\b/i.test(words)) {
				const isMember =
					/\bmember\b/i.test(words) || (path === '/members' && !/invit/i.test(words));
				return isMember ? MEMBER_ALREADY : INVITED_ALREADY;
			}
			if ((status === 403 || status === 400) && isAboutRoleCap(words)) return ROLE_CAP;
			if (status !== 403) return undefined;
			if (/\bexpired\b/i.test(words)) return EXPIRED;
			if (/\b(disabled|revoked)\b/i.test(words)) return DISABLED;
			if (!isAboutScope(words)) return undefined;
			const scope = missingScope(words);
			return `In Kindryn, under API Keys, grant ${scope ? `the scope "${scope}"` : 'the missing scope'} to the key of this credential, or use a key that has it.`;
		},
	},
	settings(credentials) {
		const secret = pastedSecret(withoutBearer(credentials.apiKey), 'API Key');
		const baseUrl = normaliseAddress(credentials.baseUrl, {
			label: 'Base URL',
			secret,
			path: '/api/public/v1',
			schemeOptional: true,
			allowInsecureHttp: credentials.allowInsecureHttp === true,
			insecureAdvice:
				"Use https://. For a community in your own network without https, turn on 'Allow Insecure HTTP' in the credential.",
		});
		// A hash, so that no secret stays in memory as the key of a map
		const limiter = limiterOf(createHash('sha256').update(`${baseUrl}\n${secret}`).digest('hex'));
		limiter.limitTo(requestsPerSecond(credentials.maxRequestsPerSecond), Date.now());
		const publicLength = secret.length < SHORTEST_SHOWN_KEY ? 0 : SHOWN_CHARACTERS;
		return {
			baseUrl,
			headers: { Authorization: `Bearer ${secret}` },
			secret: {
				value: secret,
				publicLength,
				mask: publicLength === 0 ? '***' : `${secret.slice(0, publicLength)}…`,
			},
			limiter,
		};
	},
};

/**
 * Whether the text of a 403 says that the key lacks a scope, not that it is disabled or expired. The
 * documents show one wording; there may be others (Kindryn API, Errors; Scopes).
 */
export function isAboutScope(words: string): boolean {
	const namesScope = /\bscopes?\b|\b[a-z]+:(read|write)\b/i.test(words);
	return namesScope && !/disabled|expired|revoked/i.test(words);
}

/** "You cannot mint a role higher than the creator's own role" (Kindryn API, POST /members). */
function isAboutRoleCap(words: string): boolean {
	return /\brole\b/i.test(words) && /\b(higher|above|exceeds?)\b/i.test(words);
}

/** @returns the missing scope that Kindryn's text names (Kindryn API, Errors) */
export function missingScope(words: string): string | undefined {
	return /does not have "([a-z]{1,30}:[a-z]{1,30})" scope/i.exec(words)?.[1];
}

/** The documents' examples show "Bearer" before the key, so people may copy both. */
function withoutBearer(pasted: unknown): string {
	return (asText(pasted) ?? '').replace(/^\s*bearer\s+/i, '');
}

function requestsPerSecond(entered: unknown): number {
	const perSecond = isEmpty(entered) ? REQUESTS_PER_SECOND : Number(entered);
	if (Number.isFinite(perSecond) && perSecond >= 1) return perSecond;
	throw new InputError(
		`'Max Requests Per Second' must be a number of at least 1, but is ${quoted(entered)}`,
		`Open the credential and correct it, e.g. to ${REQUESTS_PER_SECOND}.`,
	);
}
