/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { statSync } from 'node:fs';

import { ownSecrets } from '../../scripts/secrets';
import { freshFolder } from './freshFolder';

describe('the secrets of npm start', () => {
	const folder = freshFolder();

	it('are made up for each folder, and stay the same in it', () => {
		const first = ownSecrets(folder.pathOf('a'));
		expect(ownSecrets(folder.pathOf('a'))).toEqual(first);
		const other = ownSecrets(folder.pathOf('b'));
		expect(other.password).not.toBe(first.password);
		expect(other.encryptionKey).not.toBe(first.encryptionKey);
	});

	it('are strong, and n8n accepts the password', () => {
		const { password, encryptionKey } = ownSecrets(folder.root);
		expect(password).toMatch(/^(?=.*[A-Z])(?=.*\d).{24,64}$/);
		expect(encryptionKey).toMatch(/^[0-9a-f]{64}$/);
	});

	it('lie in a file that only its owner may read', () => {
		ownSecrets(folder.root);
		expect(statSync(folder.pathOf('secrets.json')).mode & 0o777).toBe(0o600);
	});
});
