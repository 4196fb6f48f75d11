/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- these rules are for code that runs inside n8n */
import { execFileSync } from 'node:child_process';

import { median } from './measure';

/** Loads what package.json names, as n8n does at its start, and prints how many ms it took. */
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
 * @returns ms that all nodes and credentials take to load on top of n8n-workflow; each time in a new
 * process, the median
 */
export function measureLoading(root: string, rounds: number): number {
	const load = () =>
		Number(execFileSync(process.execPath, ['-e', LOAD], { cwd: root, encoding: 'utf8' }));
	// The first one finds the files on the disk
	load();
	return median(Array.from({ length: rounds }, load));
}
