import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { Secret } from './redaction';
import type { Limiter, Wording } from './request';

/** Where a service is, and how its requests are kept within its limits. */
export interface ConnectionSettings {
	/** without a trailing slash */
	baseUrl: string;
	/** what authenticates a request */
	headers: Record<string, string>;
	/** what must never be shown */
	secret: Secret;
	limiter?: Limiter;
}

/** A service: everything that the shared code has to know about it. */
export interface Service {
	wording: Wording;
	credentialType: string;
	/** how many reads run side by side; 1 where requests are counted */
	readsAtOnce: number;
	/** @throws InputError when the credential cannot work, before anything is sent */
	settings(credentials: ICredentialDataDecryptedObject): ConnectionSettings;
}
