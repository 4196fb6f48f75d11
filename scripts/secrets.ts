/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnSecrets {
	/** of the owner of the n8n */
	password: string;
	/** of the credentials in its database */
	encryptionKey: string;
}

/**
 * The secrets of the n8n in a folder, made up at the first call: real keys may be saved in it.
 * Only the user who runs it may read their file.
 */
export function ownSecrets(folder: string): OwnSecrets {
	const file = join(folder, 'secrets.json');
	if (!existsSync(file)) {
		const secrets: OwnSecrets = {
			// n8n asks for a capital letter and a digit.
			password: `N8n-${randomBytes(18).toString('base64url')}`,
			encryptionKey: randomBytes(32).toString('hex'),
		};
		mkdirSync(folder, { recursive: true });
		writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
	}
	return JSON.parse(readFileSync(file, 'utf8')) as OwnSecrets;
}
