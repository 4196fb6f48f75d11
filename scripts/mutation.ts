/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Stryker } from '@stryker-mutator/core';
import Table from 'cli-table3';

import { endWith } from './command';

const PROJECT = resolve(__dirname, '..');
const CACHE = '.cache/mutation';

/** Files that only compute and send nothing. Their own unit tests can catch every change. */
const FILES = [
	'nodes/Kindryn/bulkInvitations.ts',
	'nodes/Kindryn/webhooks/deliveries.ts',
	'nodes/Kindryn/webhooks/envelope.ts',
	'nodes/Kindryn/webhooks/signature.ts',
	'nodes/Klinky/variants.ts',
	'nodes/shared/fields/checks.ts',
	'nodes/shared/fields/dates.ts',
	'nodes/shared/fields/rows.ts',
	'nodes/shared/fields/values.ts',
	'nodes/shared/http/answer.ts',
	'nodes/shared/http/pacing.ts',
	'nodes/shared/http/paging.ts',
	'nodes/shared/http/rateLimit.ts',
	'nodes/shared/http/redaction.ts',
	'nodes/shared/http/retry.ts',
	'nodes/shared/operations/journal.ts',
	'nodes/shared/polling/diff.ts',
	'nodes/shared/polling/journal.ts',
	'nodes/shared/polling/walk.ts',
	'nodes/shared/polling/window.ts',
];

/** The percentage of mutants that each file's tests must catch. */
const GOAL = 85;

/** A file's tests have the same name, in the test folder of its service or shared folder. */
function testOf(file: string): string {
	const [, room = '', ...path] = file.replace('nodes/shared/', 'nodes/').split('/');
	return ['test', 'unit', room.toLowerCase(), ...path].join('/').replace(/\.ts$/, '.test.ts');
}

function isNewer(file: string, than: string): boolean {
	return existsSync(than) && statSync(file).mtimeMs > statSync(than).mtimeMs;
}

function optionsFor(file: string): Options {
	const name = file.replace(/^nodes\/|\.ts$/g, '').replaceAll('/', '-');
	const incrementalFile = `${CACHE}/${name}.json`;
	return {
		mutate: [file],
		testRunner: 'jest',
		// Stryker's runner takes a configuration of one project
		jest: {
			projectType: 'custom',
			enableFindRelatedTests: false,
			config: {
				testEnvironment: resolve(__dirname, 'mutation', 'environment.cjs'),
				moduleNameMapper: { '^n8n-workflow$': '<rootDir>/scripts/mutation/n8n-workflow.cjs' },
				// Otherwise, Jest scans all folders before each mutant
				roots: ['<rootDir>/nodes', '<rootDir>/test/unit'],
				setupFiles: ['<rootDir>/scripts/mutation/setup.cjs'],
				testMatch: [`<rootDir>/${testOf(file)}`],
				transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
			},
		},
		coverageAnalysis: 'perTest',
		incremental: true,
		incrementalFile,
		// Stryker does not see that a new test covers what runs when the file is loaded
		force: isNewer(testOf(file), incrementalFile),
		// Outside the project, whose lint would find faults in the changed copy
		tempDirName: join(tmpdir(), 'mutation'),
		ignorePatterns: [
			'/dist',
			'/docs',
			'/examples',
			'/icons',
			'/test/e2e',
			'/test/engine',
			'/.cache',
		],
		concurrency: 2,
		// A runner gets slower with each mutant
		maxTestRunnerReuse: 20,
		// A busy machine must not make a mutant look detected
		timeoutFactor: 4,
		timeoutMS: 15_000,
		reporters: ['clear-text'],
		clearTextReporter: { reportTests: false, reportScoreTable: false, allowColor: false },
		allowConsoleColors: false,
		logLevel: 'warn' as Options['logLevel'],
	};
}

type Options = NonNullable<ConstructorParameters<typeof Stryker>[0]>;
type Mutants = Awaited<ReturnType<Stryker['runMutationTest']>>;

interface Score {
	file: string;
	detected: number;
	all: number;
}

function scoreOf(file: string, mutants: Mutants): Score {
	const count = (...statuses: string[]) =>
		mutants.filter(({ status }) => statuses.includes(status)).length;
	const detected = count('Killed', 'Timeout');
	return { file, detected, all: detected + count('Survived', 'NoCoverage') };
}

const percent = ({ detected, all }: Score): number => (100 * detected) / all;

/** @returns whether each file reaches the goal */
async function testMutation(): Promise<boolean> {
	process.chdir(PROJECT);
	const wanted = process.argv.slice(2);
	const files = FILES.filter(
		(file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
	);
	// Stryker is an ES module
	const { Stryker } = await import('@stryker-mutator/core');
	const table = new Table({
		head: ['', 'mutants', 'detected', '%', 'seconds'],
		colAligns: ['left', 'right', 'right', 'right', 'right'],
		style: { head: [], border: [], compact: true },
	});
	let reached = true;
	for (const file of files) {
		console.log(`\n▶ ${file}`);
		const startedAt = performance.now();
		const score = scoreOf(file, await new Stryker(optionsFor(file)).runMutationTest());
		reached &&= percent(score) >= GOAL;
		const seconds = (performance.now() - startedAt) / 1000;
		table.push([file, score.all, score.detected, percent(score).toFixed(0), seconds.toFixed(0)]);
	}
	console.log(`\n${table.toString()}`);
	return reached;
}

endWith(testMutation());
