/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import Table from 'cli-table3';

import { endWith, runCommand } from './command';
import { countTests, type JestReport, type LevelCount } from './counts';

const PROJECT = resolve(__dirname, '..');
const JEST_REPORT = resolve(PROJECT, '.cache', 'jest.json');
const LEVELS = ['unit', 'emulator', 'engine'] as const;

interface Step {
	name: string;
	says: string;
	commands: string[][];
}

const STEPS: Step[] = [
	{
		name: 'lint',
		says: "n8n's rules for community nodes, without a warning, and the spelling",
		commands: [
			['n8n-node', 'lint'],
			['eslint', '.', '--max-warnings', '0'],
			['npm', 'run', '--silent', 'spelling'],
		],
	},
	{
		name: 'type check',
		says: 'sources, tests and scripts',
		commands: [['tsc', '-p', 'test/tsconfig.json']],
	},
	{
		name: 'imports',
		says: 'each room imports only from earlier rooms',
		commands: [['npm', 'run', '--silent', 'imports']],
	},
	{
		name: 'build',
		says: 'dist, with icons, codex and schemas checked',
		commands: [['n8n-node', 'build'], ['gulp']],
	},
	{
		name: 'tests',
		says: 'unit, emulator and engine, with coverage of nodes/ and credentials/',
		commands: [['jest', '--coverage', '--json', '--outputFile', JEST_REPORT]],
	},
	{
		name: 'scan',
		says: "n8n's scan of the sources and of the packed tarball",
		commands: [['tsx', 'scripts/scan.ts']],
	},
];

interface Outcome {
	name: string;
	passed: boolean;
	/** Wall time in seconds. */
	seconds: number;
}

async function runStep({ name, says, commands }: Step): Promise<Outcome> {
	console.log(`\n▶ ${name}: ${says}`);
	const started = performance.now();
	let passed = true;
	for (const [command = '', ...args] of commands) {
		passed = passed && (await runCommand(command, args, PROJECT)) === 0;
	}
	const seconds = (performance.now() - started) / 1000;
	console.log(`${passed ? '✔' : '✘'} ${name}, ${seconds.toFixed(1)} s`);
	return { name, passed, seconds };
}

function readCounts(): LevelCount[] {
	const report: JestReport = existsSync(JEST_REPORT)
		? (JSON.parse(readFileSync(JEST_REPORT, 'utf8')) as JestReport)
		: { testResults: [] };
	return countTests(report, LEVELS, PROJECT);
}

function printSummary(steps: Outcome[], counts: LevelCount[]): void {
	const table = new Table({
		head: ['', 'passed', 'failed', 'seconds'],
		colAligns: ['left', 'right', 'right', 'right'],
		style: { head: [], border: [], compact: true },
	});
	for (const { name, passed, seconds } of steps) {
		table.push([name, Number(passed), Number(!passed), seconds.toFixed(1)]);
	}
	for (const { level, passed, failed, seconds } of counts) {
		table.push([`${level} tests`, passed, failed, seconds.toFixed(1)]);
	}
	console.log(`\n${table.toString()}`);
	for (const sentence of counts.flatMap(({ trouble }) => trouble)) console.log(`✘ ${sentence}`);
	for (const { name, passed } of steps) if (!passed) console.log(`✘ ${name} did not pass.`);
}

/** @returns whether everything passed */
async function test(): Promise<boolean> {
	// Otherwise an old report could pass for tests that did not run.
	rmSync(JEST_REPORT, { force: true });
	const steps: Outcome[] = [];
	for (const step of STEPS) steps.push(await runStep(step));
	const counts = readCounts();
	printSummary(steps, counts);

	const count = (key: 'passed' | 'failed') => counts.reduce((sum, level) => sum + level[key], 0);
	const passed = count('passed') + steps.filter((step) => step.passed).length;
	// Jest can fail without a failed test, for instance if a worker crashes.
	const isCounted = ({ name }: Outcome) => name === 'tests' && count('failed') > 0;
	const failed = count('failed') + steps.filter((step) => !step.passed && !isCounted(step)).length;
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0;
}

endWith(test());
