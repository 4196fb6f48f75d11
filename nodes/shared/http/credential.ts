import type {
	IAuthenticate,
	ICredentialTestFunction,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';

import { Api } from './api';
import { runtime, toConnection } from './connection';
import { InputError, ServiceError } from './errors';
import { networkFailure } from './networkFailure';
import type { Transport } from './request';
import type { Service } from './service';

/**
 * A secret as it was pasted, without white space around it.
 *
 * @param label the parameter's name as the panel shows it
 * @throws InputError when it is empty or cannot be sent in a header
 */
export function pastedSecret(pasted: unknown, label: string): string {
	const secret = String(pasted ?? '').trim();
	if (secret === '') {
		throw new InputError(`'${label}' is empty`, `Open the credential and fill in '${label}'.`);
	}
	if (!/^[\x21-\x7e]+$/.test(secret)) {
		throw new InputError(
			`'${label}' holds a space, a line break or a character that no secret has`,
			'Copy it once more, without the text around it.',
		);
	}
	return secret;
}

/** @returns how n8n adds a service's secret to a request */
export function authenticateWith(service: Service): IAuthenticate {
	return async (credentials, request) => ({
		...request,
		headers: { ...request.headers, ...service.settings(credentials).headers },
	});
}

/**
 * The test behind a credential's Save and Retry buttons.
 *
 * @param probe sends a request; returns what the user reads when it worked
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
			return { status: 'OK', message: await probe(api.impatient()) };
		} catch (error) {
			return { status: 'Error', message: sentences(error) };
		}
	};
}

function sentences(error: unknown): string {
	if (error instanceof InputError || error instanceof ServiceError) {
		// The words of a service may end as a sentence does
		const message = error.message.replace(/\.$/, '');
		return error.description ? `${message}. ${error.description}` : error.message;
	}
	return error instanceof Error ? error.message : String(error);
}

/**
 * A credential test is handed no other helper than the old `request`, with options of its own
 * (n8n-workflow, ICredentialTestFunctions).
 */
function testTransport(
	{ helpers }: ICredentialTestFunctions,
	secretHeaders: Record<string, string>,
): Transport {
	return async (options: IHttpRequestOptions) => {
		try {
			const response = (await helpers.request({
				method: options.method,
				uri: options.url,
				qs: options.qs,
				headers: { ...options.headers, ...secretHeaders },
				timeout: options.timeout,
				json: true,
				simple: false,
				resolveWithFullResponse: true,
				followRedirect: false,
			})) as IN8nHttpFullResponse;
			return { status: response.statusCode, headers: response.headers, body: response.body };
		} catch (error) {
			return networkFailure(error);
		}
	};
}
