/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { relative, sep } from 'node:path';

/** The part of Jest's `--json` report that the counts need. */
export interface JestReport {
	testResults: Array<{
		/** Path of the test file. */
		name: string;
		/** Milliseconds since 1970. */
		startTime?: number;
		/** Milliseconds since 1970. */
		endTime?: number;
		status: string;
		assertionResults: Array<{ status: string; fullName: string }>;
	}>;
}

export interface LevelCount {
	level: string;
	passed: number;
	failed: number;
	/** Sum of the times of its files, in seconds. */
	seconds: number;
	/** One sentence for each failure. */
	trouble: string[];
}

function countLevel(level: string, files: JestReport['testResults'], root: string): LevelCount {
	const tests = files.flatMap(({ assertionResults }) => assertionResults);
	const notPassed = files.flatMap(({ name, assertionResults }) =>
		assertionResults
			.filter(({ status }) => status !== 'passed')
			// A skipped test can never fail, so it counts as failed.
			.map(({ status, fullName }) => `${relative(root, name)}: ${fullName} (${status})`),
	);
	const broken = files
		.filter(
			({ status, assertionResults }) =>
				status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
		)
		.map(({ name }) => `${relative(root, name)} could not be run to its end.`);
	const none = tests.length + broken.length === 0 ? [`No ${level} test was run.`] : [];
	const trouble = [...notPassed, ...broken, ...none];
	const milliseconds = files.reduce(
		(sum, { startTime = 0, endTime = 0 }) => sum + Math.max(0, endTime - startTime),
		0,
	);
	return {
		level,
		passed: tests.length - notPassed.length,
		failed: trouble.length,
		seconds: milliseconds / 1000,
		trouble,
	};
}

/**
 * Counts the tests of each level, which is a folder in test/. Skipped tests, files that could not
 * be run and levels without a test count as failed.
 * @param root folder of the project
 */
export function countTests(
	report: JestReport,
	levels: readonly string[],
	root: string,
): LevelCount[] {
	return levels.map((level) =>
		countLevel(
			level,
			report.testResults.filter(({ name }) =>
				relative(root, name).startsWith(['test', level, ''].join(sep)),
			),
			root,
		),
	);
}
