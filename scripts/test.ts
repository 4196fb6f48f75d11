/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import Table from 'cli-table3';

import { runCommand } from './command';
import { countTests, type JestReport, type LevelCount } from './counts';

const PROJECT = resolve(__dirname, '..');
const JEST_REPORT = resolve(PROJECT, '.cache', 'jest.json');
const MAX_TROUBLES = 20;
const MAX_SENTENCE = 200;
const LEVELS = ['unit', 'emulator', 'engine'] as const;

interface Step {
	name: string;
	says: string;
	commands: string[][];
}

const BEFORE_TESTS: Step[] = [
	{ name: 'lint', says: "n8n's rules for community nodes", commands: [['n8n-node', 'lint']] },
	{
		name: 'type check',
		says: 'sources, tests and scripts',
		commands: [['tsc', '-p', 'test/tsconfig.json']],
	},
	{
		name: 'imports',
		says: 'each room imports only from those before it',
		commands: [['npm', 'run', '--silent', 'imports']],
	},
	{
		name: 'build',
		says: 'dist, with icons, codex and schemas checked',
		commands: [['n8n-node', 'build'], ['gulp']],
	},
];

const TESTS: Step = {
	name: 'tests',
	says: 'unit, emulator and engine, with coverage of nodes/ and credentials/',
	commands: [['jest', '--coverage', '--json', '--outputFile', JEST_REPORT]],
};

const AFTER_TESTS: Step[] = [
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

function printSummary(steps: Outcome[], tests: Outcome, counts: LevelCount[]): void {
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
	console.log(`All tests ran in ${tests.seconds.toFixed(1)} s; those of a level add up its files.`);
}

/** Jest has told everything above; this is the reminder at the end. */
function printTrouble({ level, trouble }: LevelCount): void {
	for (const sentence of trouble.slice(0, MAX_TROUBLES)) {
		console.log(
			`✘ ${sentence.length > MAX_SENTENCE ? `${sentence.slice(0, MAX_SENTENCE)}…` : sentence}`,
		);
	}
	const more = trouble.length - MAX_TROUBLES;
	if (more > 0) console.log(`✘ ${more} more ${level} tests`);
}

async function main(): Promise<void> {
	// An old report must not stand for tests that did not run.
	rmSync(JEST_REPORT, { force: true });
	const steps: Outcome[] = [];
	for (const step of BEFORE_TESTS) steps.push(await runStep(step));
	const tests = await runStep(TESTS);
	for (const step of AFTER_TESTS) steps.push(await runStep(step));

	const counts = readCounts();
	printSummary(steps, tests, counts);
	for (const count of counts) printTrouble(count);
	for (const { name, passed } of steps) if (!passed) console.log(`✘ ${name} did not pass.`);

	const failedTests = counts.reduce((sum, { failed }) => sum + failed, 0);
	const passedTests = counts.reduce((sum, { passed }) => sum + passed, 0);
	const passedSteps = steps.filter(({ passed }) => passed).length;
	// Jest can stop without a failed test, for instance when a worker crashes.
	const crashed = !tests.passed && failedTests === 0 ? 1 : 0;
	if (crashed > 0) console.log('✘ Jest did not finish well, although no test failed.');
	const failed = failedTests + crashed + steps.length - passedSteps;
	console.log(`${passedTests + passedSteps} passed, ${failed} failed`);
	process.exitCode = failed === 0 ? 0 : 1;
}

void main();
