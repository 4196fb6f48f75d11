/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import spawn from 'cross-spawn';

import { PROJECT } from './paths';

/** Runs a program to its end and returns its output. @throws with its error message */
function runSync(command: string, args: string[], cwd: string): string {
	const { status, stdout, stderr, error } = spawn.sync(command, args, { cwd, encoding: 'utf8' });
	if (status === 0) return stdout;
	throw new Error(`${command} ${args[0]} in ${cwd}: ${error?.message ?? stderr}`);
}

/** Name and version of this package. */
export function thisPackage(): { name: string; version: string } {
	return JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
		name: string;
		version: string;
	};
}

function pack(cwd: string, folder: string): string {
	mkdirSync(folder, { recursive: true });
	const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error'];
	const [packed] = JSON.parse(runSync('npm', [...args, '--pack-destination', folder], cwd)) as [
		{ filename: string },
	];
	return join(folder, packed.filename);
}

function unpack(tarball: string, folder: string): void {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	// Pass relative names: tar mistakes the part before the colon of a Windows path for a host
	const from = join(folder, '..');
	const target = basename(folder);
	runSync('tar', ['-xzf', basename(tarball), '-C', target, '--strip-components=1'], from);
}

/**
 * Packs the built package as for publishing.
 *
 * @param version replaces the version of package.json, to test an upgrade
 * @returns path of the tarball
 */
export function packPackage(folder: string, version?: string): string {
	const tarball = pack(PROJECT, folder);
	if (version === undefined) return tarball;
	// The same files under another version, taken from the tarball and not from the work tree
	const copy = join(folder, `version-${version}`);
	unpack(tarball, copy);
	const manifest = join(copy, 'package.json');
	const content = JSON.parse(readFileSync(manifest, 'utf8')) as object;
	writeFileSync(manifest, JSON.stringify({ ...content, version }));
	return pack(copy, folder);
}

/** The folder in which n8n installs this package. */
export function packageFolder(userFolder: string): string {
	return join(userFolder, '.n8n', 'nodes', 'node_modules', thisPackage().name);
}

/** Packs the built package and unpacks it where n8n looks for community packages. */
export function unpackPackage(userFolder: string): void {
	const folder = packageFolder(userFolder);
	const tarball = pack(PROJECT, dirname(folder));
	unpack(tarball, folder);
	rmSync(tarball);
}
