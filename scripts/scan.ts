/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import glob from 'fast-glob';

import { endWith, runCommand } from './command';

/** The files of the tarball that n8n's scan of a published package checks. */
const TARBALL_PATTERNS = ['**/*.js', 'package.json'];

/** Files that belong in the tarball: code, codex, schemas, icons, and the files that npm adds. */
const TARBALL_CONTENT =
	/^(package\.json|README\.md|LICENSE(\.md)?|dist\/(nodes|credentials)\/.+\.(js|json)|dist\/icons\/.+\.svg)$/;

const PROJECT = resolve(__dirname, '..');

/** Runs the rules of n8n's scan on a folder. Unlike n8n, fails if no file matches the patterns. */
async function scanFolder(title: string, folder: string, patterns: string[]): Promise<boolean> {
	// An ES module, which `require` cannot load in Node 20.
	const { analyzePackage } = await import('@n8n/scan-community-package/scanner/scanner.mjs');
	const files = glob.sync(patterns, { cwd: folder, ignore: ['node_modules/**'] });
	console.log(`${title}: ${files.length} files`);
	const { passed, message, details } = await analyzePackage(folder, patterns);
	if (!passed) console.log(details ?? message);
	return passed && files.length > 0;
}

/** Packs the package as for publishing, unpacks the tarball and scans the files that users get. */
async function scanTarball(folder: string): Promise<boolean> {
	const target = mkdtempSync(join(tmpdir(), 'scan-'));
	try {
		const packed = await runCommand(
			'npm',
			['pack', '--silent', '--ignore-scripts', '--pack-destination', target],
			folder,
		);
		const [tarball] = glob.sync('*.tgz', { cwd: target });
		if (packed !== 0 || tarball === undefined) return false;
		if ((await runCommand('tar', ['-xzf', tarball], target)) !== 0) return false;
		const content = glob.sync('**', { cwd: join(target, 'package'), dot: true });
		const foreign = content.filter((file) => !TARBALL_CONTENT.test(file));
		for (const file of foreign) console.log(`${file} has no place in the tarball.`);
		console.log(
			`Tarball: ${tarball}, ${statSync(join(target, tarball)).size} bytes, ${content.length} files`,
		);
		const passed = await scanFolder(
			'Scan of the tarball',
			join(target, 'package'),
			TARBALL_PATTERNS,
		);
		return passed && foreign.length === 0;
	} finally {
		rmSync(target, { recursive: true });
	}
}

/**
 * Runs n8n's scanner on the sources and on the tarball. Needs a built package.
 * @returns whether everything passed
 */
async function scan(folder: string): Promise<boolean> {
	const { SOURCE_FILE_PATTERNS } = await import('@n8n/scan-community-package/scanner/scanner.mjs');
	const sources = await scanFolder('Scan of the sources', folder, SOURCE_FILE_PATTERNS);
	const tarball = await scanTarball(folder);
	const verdict = (passed: boolean) => (passed ? 'passed' : 'FAILED');
	console.log(`Sources ${verdict(sources)}, tarball ${verdict(tarball)}.`);
	return sources && tarball;
}

endWith(scan(resolve(process.argv[2] ?? PROJECT)));
