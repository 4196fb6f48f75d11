/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { statSync } from 'node:fs';

import { ownSecrets } from '../../scripts/secrets';
import { freshFolder } from './freshFolder';

describe('npm start', () => {
	const folder = freshFolder();

	it('generates secrets for each folder once, and reuses them', () => {
		const first = ownSecrets(folder.pathOf('a'));
		expect(ownSecrets(folder.pathOf('a'))).toEqual(first);
		const other = ownSecrets(folder.pathOf('b'));
		expect(other.password).not.toBe(first.password);
		expect(other.encryptionKey).not.toBe(first.encryptionKey);
	});

	it('generates strong secrets, and a password that n8n accepts', () => {
		const { password, encryptionKey } = ownSecrets(folder.root);
		expect(password).toMatch(/^(?=.*[A-Z])(?=.*\d).{24,64}$/);
		expect(encryptionKey).toMatch(/^[0-9a-f]{64}$/);
	});

	it('keeps its secrets in a file that only its owner may read', () => {
		ownSecrets(folder.root);
		expect(statSync(folder.pathOf('secrets.json')).mode & 0o777).toBe(0o600);
	});
});
