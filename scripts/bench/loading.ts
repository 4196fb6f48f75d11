/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- these rules are for code that runs inside n8n */
import { execFileSync } from 'node:child_process';

import { median } from './measure';

/** Loads the files that package.json lists, as n8n does at startup, and prints the ms that took. */
const LOAD = `
	require('n8n-workflow');
	const { nodes, credentials } = require('./package.json').n8n;
	const startedAt = performance.now();
	for (const file of [...nodes, ...credentials]) {
		for (const Type of Object.values(require('./' + file))) new Type();
	}
	console.log(performance.now() - startedAt);
`;

/**
 * @param root folder of the built package
 * @returns the median ms to load all nodes and credentials on top of n8n-workflow, each time in a new
 * process
 */
export function measureLoading(root: string, rounds: number): number {
	const load = () =>
		Number(execFileSync(process.execPath, ['-e', LOAD], { cwd: root, encoding: 'utf8' }));
	// The first load brings the files into the disk cache
	load();
	return median(Array.from({ length: rounds }, load));
}
