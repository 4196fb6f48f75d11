/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnSecrets {
	/** Password of n8n's owner. */
	password: string;
	/** Key that encrypts the credentials in n8n's database. */
	encryptionKey: string;
}

/**
 * Returns the secrets of the n8n in a folder. The first call makes them up, because users may save
 * real keys in this n8n. Only the user who runs n8n can read the file.
 */
export function ownSecrets(folder: string): OwnSecrets {
	const file = join(folder, 'secrets.json');
	if (!existsSync(file)) {
		const secrets: OwnSecrets = {
			// n8n requires a capital letter and a digit.
			password: `N8n-${randomBytes(18).toString('base64url')}`,
			encryptionKey: randomBytes(32).toString('hex'),
		};
		mkdirSync(folder, { recursive: true });
		writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
	}
	return JSON.parse(readFileSync(file, 'utf8')) as OwnSecrets;
}
