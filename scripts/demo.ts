/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { resolve } from 'node:path';

import { startEngine } from '../test/engine/harness';
import { ensureBuilt } from './build';
import { endWith } from './command';
import { startWorld } from './demo/emulated';
import { type Example, type ExampleRun, readExamples, runExample } from './demo/example';
import { nodeTable, rowTable } from './demo/tables';

const PROJECT = resolve(__dirname, '..');
/** Hints of one example: a node in a loop gives one at each turn. */
const MAX_HINTS = 3;
const LINE_WIDTH = process.stdout.columns ?? 110;

function print({ file, workflow }: Example, run: ExampleRun): void {
	console.log(`\n▶ ${workflow.name ?? file} (examples/${file})`);
	console.log(nodeTable(run.nodes));
	for (const ms of run.sleeps) {
		const minutes = Math.round(ms / 60_000);
		console.log(`It slept for ${minutes} minutes. The demo turned the clock on and did not wait.`);
	}
	if (run.lastNode !== '') {
		console.log(`Rows of "${run.lastNode}":`);
		console.log(rowTable(run.rows, LINE_WIDTH));
	}
	for (const hint of run.hints.slice(0, MAX_HINTS)) console.log(`Hint of ${hint}`);
	const others = run.hints.length - MAX_HINTS;
	if (others > 0) console.log(`… ${others} more hints`);
	for (const trouble of run.troubles) console.log(`✘ ${trouble}`);
}

/**
 * Runs every example twice in n8n's engine against the emulators.
 * @returns whether all of them did their job
 */
async function demo(): Promise<boolean> {
	const examples = readExamples(PROJECT);
	if (examples.length === 0) {
		console.log('examples/ holds no workflow.');
		return false;
	}
	if (!(await ensureBuilt(PROJECT))) return false;
	console.log(`Running ${examples.length} examples in n8n's engine against emulated services.`);
	const world = await startWorld();
	const engine = await startEngine({ packageRoot: PROJECT });
	try {
		const runs: ExampleRun[] = [];
		for (const example of examples) {
			const run = await runExample(engine, world, example);
			print(example, run);
			// Every newcomer clicks twice
			const second = await runExample(engine, world, example, true);
			const rows = `${second.rows.length} ${second.rows.length === 1 ? 'row' : 'rows'}`;
			console.log(`Run again: ${rows} of "${second.lastNode}".`);
			for (const trouble of second.troubles) console.log(`✘ Run again: ${trouble}`);
			runs.push({ ...run, troubles: [...run.troubles, ...second.troubles] });
		}
		const failed = runs.filter(({ troubles }) => troubles.length > 0).length;
		const requests = runs
			.flatMap(({ nodes }) => nodes)
			.reduce((sum, node) => sum + node.requests, 0);
		console.log(
			`\n${runs.length - failed} of ${runs.length} examples did their job, with ${requests} requests.`,
		);
		return failed === 0;
	} finally {
		engine.stop();
		await world.stop();
	}
}

endWith(demo());
