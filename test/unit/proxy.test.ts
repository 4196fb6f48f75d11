/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import spawn from 'cross-spawn';

/** Replaces mockttp, which only the end-to-end tests install. Listens and returns its address. */
const MOCKTTP = `
const server = require('node:net').createServer();
exports.generateCACertificate = async () => ({ cert: '' });
exports.getLocal = () => ({
	start: async (port) => {
		server.listen(port);
		await require('node:events').once(server, 'listening');
	},
	forUnmatchedRequest: () => ({ thenForwardTo: async () => server.unref() }),
	url: { toString: () => server.address().address },
});
`;

describe('the proxy of the end-to-end tests', () => {
	it('listens on loopback only', () => {
		const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
		mkdirSync(join(folder, 'mockttp'));
		writeFileSync(join(folder, 'mockttp', 'index.js'), MOCKTTP);
		const { stdout } = spawn.sync(
			process.execPath,
			[resolve(__dirname, '../e2e/proxy.js'), 'http://127.0.0.1:1', join(folder, 'ca.pem')],
			{ env: { NODE_PATH: folder }, encoding: 'utf8' },
		);
		rmSync(folder, { recursive: true });
		expect(stdout).toBe('listening at 127.0.0.1\n');
	});
});
