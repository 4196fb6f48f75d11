import { createHash } from 'node:crypto';

import { normaliseAddress } from '../shared/http/address';
import { pastedSecret } from '../shared/http/credential';
import { AnnouncedLimiter, sharedLimiters } from '../shared/http/pacing';
import type { Service } from '../shared/http/service';
import { LINKS } from './links';

/** The address of short links: https://klinky.io/{slug} (Klinky API Reference, Example: Python). */
export const SHORT_LINKS = 'https://klinky.io/';

/** Most rows of a page (`per_page`). */
export const ROWS_PER_PAGE = 100;

const WHEN_SPENT =
	"Your plan's requests for this hour are used up. Turn on 'Wait for Rate Limit' in the options of this node, or run it again after that time.";

const TAKEN =
	"A slug can be used only once on klinky.io. Choose another 'Slug', or leave it empty to have one generated.";

/** The prefix that all keys of a kind share: "klinky_live_" (Klinky API Reference, Authentication). */
const KEY_KIND = /^klinky_[a-z]{1,20}_/;

const limiterOf = sharedLimiters(() => new AnnouncedLimiter('Klinky', WHEN_SPENT));

/** The Klinky API (Klinky API Reference). */
export const klinky: Service = {
	credentialType: 'klinkyApi',
	// Every request counts: "Growth 100 requests/hour, Scale 1,000 requests/hour"
	readsAtOnce: 1,
	wording: {
		name: 'Klinky',
		advice: {
			400: 'Check the parameters of this node.',
			401: 'Open the credential and paste the API key. Klinky shows a key only once. If you no longer have it, create a new one under Settings → API Keys.',
			403: 'Check in the Klinky dashboard whether your plan includes API access. If it does, check that the key may write: publishable keys can only read.',
			404: "Pick the link from the list, or choose 'By Slug or Short Link'. It may have been deleted, or belong to another account.",
			409: TAKEN,
			422: 'Check the parameters named in the message. A geo rule must use a label that the link has.',
			429: WHEN_SPENT,
		},
		adviceFor(status, words, { path }) {
			if (status === 404 && path === LINKS) {
				return 'Check the Base URL in the credential; it usually ends in /api/v1.';
			}
			if ((status === 409 || status === 422) && /idempoten/i.test(words)) {
				return "The same key was sent before with other parameters. Start a new execution, or change 'Idempotency Key' if you set one.";
			}
			const isTaken = /\bslug\b.*\b(already|exists|taken|in use)\b/i.test(words);
			return isTaken && [400, 422].includes(status) ? TAKEN : undefined;
		},
	},
	settings(credentials) {
		const secret = pastedSecret(credentials.apiKey, 'API Key');
		const baseUrl = normaliseAddress(credentials.baseUrl, { label: 'Base URL', secret });
		return {
			baseUrl,
			headers: { 'X-API-Key': secret },
			secret: { value: secret, publicLength: KEY_KIND.exec(secret)?.[0].length ?? 0, mask: '***' },
			// A hash, so that no secret stays in memory as the key of a map
			limiter: limiterOf(createHash('sha256').update(`${baseUrl} ${secret}`).digest('hex')),
		};
	},
};
