/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ownSecrets } from '../../scripts/secrets';

describe('the secrets of npm start', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'secrets-'));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	it('are made up for each folder, and stay the same in it', () => {
		const first = ownSecrets(join(folder, 'a'));
		expect(ownSecrets(join(folder, 'a'))).toEqual(first);
		const other = ownSecrets(join(folder, 'b'));
		expect(other.password).not.toBe(first.password);
		expect(other.encryptionKey).not.toBe(first.encryptionKey);
	});

	it('are strong, and n8n accepts the password', () => {
		const { password, encryptionKey } = ownSecrets(folder);
		expect(password).toMatch(/^(?=.*[A-Z])(?=.*\d).{24,64}$/);
		expect(encryptionKey).toMatch(/^[0-9a-f]{64}$/);
	});

	it('lie in a file that only its owner may read', () => {
		ownSecrets(folder);
		expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
	});
});
