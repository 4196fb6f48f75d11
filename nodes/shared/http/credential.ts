import type { IAuthenticate, ICredentialTestFunction } from 'n8n-workflow';

import { asText } from './answer';
import { Api } from './api';
import { runtime, toConnection } from './connection';
import { asSentences, InputError, isLimit, ServiceError, withoutTags } from './errors';
import { testTransport } from './transport';
import type { Service } from './service';

/**
 * A secret as it was pasted, without white space around it.
 *
 * @param label the parameter's name as the panel shows it
 * @throws InputError when it is empty or cannot be sent in a header
 */
export function pastedSecret(pasted: unknown, label: string): string {
	const secret = asText(pasted)?.trim() ?? '';
	if (secret === '') {
		throw new InputError(`'${label}' is empty`, `Open the credential and fill in '${label}'.`);
	}
	if (!/^[\x21-\x7e]+$/.test(secret)) {
		throw new InputError(
			`'${label}' contains a space, a line break or a character that no secret has`,
			'Copy it again, without the text around it.',
		);
	}
	return secret;
}

/** @returns a function with which n8n adds the service's secret to a request */
export function authenticateWith(service: Service): IAuthenticate {
	return async (credentials, request) => ({
		...request,
		headers: { ...request.headers, ...service.settings(credentials).headers },
	});
}

/**
 * The test behind a credential's Save and Retry buttons.
 *
 * @param probe sends a request and returns the message for success
 */
export function credentialTest(
	service: Service,
	probe: (api: Api) => Promise<string>,
): ICredentialTestFunction {
	return async function (credential) {
		try {
			const settings = service.settings(credential.data ?? {});
			const send = testTransport(this, settings.headers);
			const api = new Api(toConnection(service, settings, send), runtime());
			return { status: 'OK', message: withoutTags(await probe(api.impatient())) };
		} catch (error) {
			return { status: 'Error', message: withoutTags(sentences(error)) };
		}
	};
}

function sentences(error: unknown): string {
	if (isLimit(error)) return asSentences(error.message, 'Test the credential again later.');
	if (error instanceof InputError || error instanceof ServiceError) {
		return asSentences(error.message, error.description);
	}
	return error instanceof Error ? error.message : String(error);
}
