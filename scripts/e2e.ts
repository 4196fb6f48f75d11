/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBrowser } from '../test/e2e/lib/chromium';
import { installN8n, installTools, RELEASES } from '../test/e2e/lib/installations';
import { CACHE, EVIDENCE, PROJECT } from '../test/e2e/lib/paths';
import { endLeftovers } from '../test/e2e/lib/processes';
import { ensureBuilt } from './build';
import { runCommand } from './command';
import { countTests, type JestReport } from './counts';

const REPORT = join(CACHE, 'jest.json');

/** npm passes its settings to its scripts. They would change what npm does in the tests. */
const NPM_SETTING = /^npm_(config|package)_/i;

/** Runs the tests. `folder` takes their files and the logs of their programs. */
async function runTests(folder: string, args: string[]): Promise<boolean> {
	for (const name of Object.keys(process.env)) {
		if (NPM_SETTING.test(name)) delete process.env[name];
	}
	Object.assign(process.env, { E2E_FOLDER: folder, TMPDIR: folder });
	const jest = ['--config', 'test/e2e/jest.config.js', '--json', '--outputFile', REPORT];
	return (await runCommand('jest', [...jest, ...args], PROJECT)) === 0;
}

function readReport(): JestReport {
	if (!existsSync(REPORT)) return { testResults: [] };
	return JSON.parse(readFileSync(REPORT, 'utf8')) as JestReport;
}

/** @returns the number of passed steps, and one sentence for each problem */
async function test(args: string[]): Promise<{ passed: number; troubles: string[] }> {
	if (!(await ensureBuilt(PROJECT))) return { passed: 0, troubles: ['The package was not built.'] };
	await installTools();
	for (const release of RELEASES) await installN8n(release);
	await ensureBrowser();
	const troubles: string[] = [];
	if ((await runCommand('tsc', ['-p', 'test/e2e/tsconfig.json'], PROJECT)) !== 0) {
		troubles.push('The type check of test/e2e failed.');
	}

	// Otherwise an old report could pass for tests that did not run.
	rmSync(REPORT, { force: true });
	rmSync(EVIDENCE, { recursive: true, force: true });
	const folder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
	// Ctrl-C ends only the tests, so that the code below can end the programs that they started.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
		process.on(signal, () => undefined);
	const well = await runTests(folder, args);
	for (const name of endLeftovers(folder)) troubles.push(`${name} was left running.`);
	rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

	const [count] = countTests(readReport(), ['e2e'], PROJECT);
	troubles.push(...(count?.trouble ?? []));
	if (!well && troubles.length === 0) troubles.push('Jest failed, although no test did.');
	return { passed: count?.passed ?? 0, troubles };
}

test(process.argv.slice(2)).then(
	({ passed, troubles }) => {
		for (const sentence of troubles) console.log(`✘ ${sentence}`);
		if (existsSync(EVIDENCE))
			console.log('Logs and screenshots of failed steps: .cache/e2e/failed');
		console.log(`${passed} passed, ${troubles.length} failed`);
		process.exitCode = troubles.length === 0 ? 0 : 1;
	},
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		console.log('0 passed, 1 failed');
		process.exitCode = 1;
	},
);
