/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SERVICES } from '../../emulator';
import { Processes } from './processes';
import type { RestClient } from './rest';
import { credentialOf, type Services } from './services';
import type { CredentialIds } from './workflows';

/** Programs with a folder of their own below that of the run. */
export function freshProcesses(name: string): Processes {
	return new Processes(mkdtempSync(join(process.env.E2E_FOLDER ?? tmpdir(), `${name}-`)));
}

/** Saves the credentials of all emulators, as a user would. */
export async function saveCredentials(
	client: RestClient,
	services: Services,
): Promise<CredentialIds> {
	const ids: CredentialIds = {};
	for (const service of SERVICES) {
		const credential = credentialOf(service, services[service]);
		const { id, name } = await client.saveCredential(credential);
		ids[credential.type] = { id, name };
	}
	return ids;
}
