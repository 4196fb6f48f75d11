import { normaliseAddress } from '../shared/http/address';
import { asText } from '../shared/http/answer';
import { pastedSecret } from '../shared/http/credential';
import { InputError } from '../shared/http/errors';
import type { Service } from '../shared/http/service';

const TAKEN =
	"An identifier can be used only once in your namespace. Leave 'Identifier' empty to have one generated, or use the operation 'Create or Update'.";

/** Kinktree partner tags (Kinktree, API Endpoints). */
export const kinktree: Service = {
	credentialType: 'kinktreeApi',
	readsAtOnce: 5,
	wording: {
		name: 'Kinktree',
		advice: {
			401: 'Open the credential and paste the API secret exactly as your Kinktree partner representative gave it to you, without "Bearer".',
			404: 'Identifiers are case-sensitive. Pick the tag from the list; it may have been deleted.',
			409: TAKEN,
		},
		adviceFor: (status, words) =>
			[400, 422].includes(status) && /\b(already|exists|taken)\b/i.test(words) ? TAKEN : undefined,
	},
	settings(credentials) {
		const secret = pastedSecret(withoutBearer(credentials.apiSecret), 'API Secret');
		return {
			baseUrl: normaliseAddress(credentials.baseUrl, { label: 'Base URL', secret }),
			// "Do not use Bearer tokens or OAuth – simply pass the raw secret string."
			headers: { Authorization: secret },
			secret: { value: secret, publicLength: 0, mask: '***' },
		};
	},
};

function withoutBearer(pasted: unknown): unknown {
	if (/^\s*bearer\s/i.test(asText(pasted) ?? '')) {
		throw new InputError(
			'\'API Secret\' starts with "Bearer", which Kinktree does not use',
			'Open the credential and remove "Bearer" and the space after it. Kinktree expects only the secret.',
		);
	}
	return pasted;
}
