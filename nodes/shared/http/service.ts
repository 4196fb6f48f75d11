import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { Secret } from './redaction';
import type { Limiter, Wording } from './request';

/** Address, secret and limits of a service, read from its credential. */
export interface ConnectionSettings {
	/** without a trailing slash */
	baseUrl: string;
	/** headers that authenticate a request */
	headers: Record<string, string>;
	secret: Secret;
	limiter?: Limiter;
}

/** Everything the shared code needs to know about a service. */
export interface Service {
	wording: Wording;
	credentialType: string;
	/** most reads side by side; 1 if the service counts requests */
	readsAtOnce: number;
	/** @throws InputError when the credential cannot work, before anything is sent */
	settings(credentials: ICredentialDataDecryptedObject): ConnectionSettings;
}
