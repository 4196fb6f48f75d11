import { asText } from '../../shared/http/answer';
import { credentialTest } from '../../shared/http/credential';
import { ServiceError } from '../../shared/http/errors';
import { ADDRESS_ADVICE, COMMUNITY, readCommunity } from '../community';
import { isAboutScope, kindryn, missingScope } from '../service';

/** Statuses from an address that does not lead to a Kindryn API. */
const WRONG_ADDRESS = new Set([404, 405]);

/**
 * Sends GET /community. A key that lacks the scope is still valid, because Kindryn checks the key first
 * (Kindryn API, Errors).
 */
export const testKindrynApi = credentialTest(kindryn, async (api) => {
	const answer = await readCommunity(api).catch((error: unknown) => {
		if (error instanceof ServiceError) return error;
		throw error;
	});
	if (!(answer instanceof ServiceError)) {
		const name = asText(answer.name) ?? asText(answer.slug);
		if (name !== undefined) return `Connection successful: ${api.redact(name)}`;
		throw api.unexpectedAnswer(COMMUNITY, 'returned something other than a community');
	}
	if (answer.status === 403 && isAboutScope(answer.message)) {
		const scope = missingScope(answer.message);
		const lacked = scope === undefined ? `a scope (${answer.message})` : `the scope "${scope}"`;
		return `The key is valid. It lacks ${lacked}, which this test needs. Its other scopes work.`;
	}
	if (WRONG_ADDRESS.has(answer.status ?? 0)) {
		throw new ServiceError(`There is no Kindryn API at this address (${answer.message})`, {
			description: ADDRESS_ADVICE,
		});
	}
	throw answer;
});
