/* eslint-disable @n8n/community-nodes/no-restricted-imports, no-console -- these rules are for code that runs inside n8n */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import glob from 'fast-glob';

import { runCommand } from './command';

const SOURCES = [
	'{nodes,credentials,icons}/**',
	'package.json',
	'tsconfig.json',
	'gulpfile.js',
	'scripts/assets.ts',
];

/** The file that a complete build writes last. */
const STAMP = join('dist', '.npmignore');

/**
 * Whether dist is complete and newer than its sources.
 * @param root folder of the package
 */
export function isBuilt(root: string): boolean {
	if (!existsSync(join(root, STAMP))) return false;
	const built = statSync(join(root, STAMP)).mtimeMs;
	const sources = glob.sync(SOURCES, { cwd: root, stats: true });
	return sources.every(({ stats }) => (stats?.mtimeMs ?? 0) <= built);
}

/**
 * Builds the package if its sources have changed since the last build.
 * @param root folder of the package
 * @returns whether dist is complete now
 */
export async function ensureBuilt(root: string): Promise<boolean> {
	if (isBuilt(root)) return true;
	console.log('Building the package because dist is missing or older than its sources.');
	return (
		(await runCommand('n8n-node', ['build'], root)) === 0 &&
		(await runCommand('gulp', ['--silent'], root)) === 0
	);
}
