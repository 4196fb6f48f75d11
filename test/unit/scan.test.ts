/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

import spawn from 'cross-spawn';

import { freshFolder } from './freshFolder';

const PROJECT = resolve(__dirname, '../..');

const GOOD: Record<string, string> = {
	'package.json': JSON.stringify({
		name: 'n8n-nodes-fixture',
		version: '1.0.0',
		description: 'A package for the test of the scan',
		license: 'MIT',
		homepage: 'https://example.com/fixture',
		author: { name: 'Fixture', email: 'fixture@example.com' },
		repository: { type: 'git', url: 'https://example.com/fixture.git' },
		keywords: ['n8n-community-node-package'],
		files: ['dist'],
		n8n: {
			n8nNodesApiVersion: 1,
			strict: true,
			nodes: ['dist/nodes/A/A.node.js'],
			credentials: [],
		},
		peerDependencies: { 'n8n-workflow': '*' },
	}),
	'README.md': '# Fixture',
	'nodes/shared/add.ts': 'export const add = (a: number, b: number): number => a + b;\n',
	'dist/nodes/A/A.node.js': "'use strict';\nexports.A = class {};\n",
	'dist/nodes/A/A.node.json': '{}',
	'dist/icons/a.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
};

const folder = freshFolder();

function scan(changes: Record<string, string> = {}) {
	symlinkSync(join(PROJECT, 'node_modules'), folder.pathOf('node_modules'));
	folder.write({ ...GOOD, ...changes });
	const { status, stdout, stderr } = spawn.sync(
		process.execPath,
		[join(PROJECT, 'node_modules/tsx/dist/cli.mjs'), join(PROJECT, 'scripts/scan.ts'), folder.root],
		{ cwd: folder.root, encoding: 'utf8' },
	);
	return { status, output: stdout + stderr };
}

describe('the scan', () => {
	it('passes good sources and a good tarball, and counts the files', () => {
		const { status, output } = scan();
		expect(output).toContain('Scan of the sources: 2 files');
		expect(output).toContain('Scan of the tarball: 2 files');
		expect(output).toContain('Sources passed, tarball passed.');
		expect(status).toBe(0);
	});

	it('refuses sources that n8n refuses, even behind an eslint-disable, and stray files in the tarball', () => {
		const { status, output } = scan({
			'nodes/shared/wait.ts':
				'// eslint-disable-next-line @n8n/community-nodes/no-restricted-globals\nexport const wait = () => setTimeout(() => {}, 1);\n',
			'dist/nodes/A/A.node.js.map': '{}',
		});
		expect(output).toContain('@n8n/community-nodes/no-restricted-globals');
		expect(output).toContain('dist/nodes/A/A.node.js.map has no place in the tarball.');
		expect(output).toContain('Sources FAILED, tarball FAILED.');
		expect(status).toBe(1);
	});

	it('refuses built code that is worse than its source', () => {
		const { status, output } = scan({
			'dist/nodes/A/A.node.js': "exports.A = class { read = () => require('fs') };\n",
		});
		expect(output).toContain('dist/nodes/A/A.node.js');
		expect(output).toContain('Sources passed, tarball FAILED.');
		expect(status).toBe(1);
	});
});
