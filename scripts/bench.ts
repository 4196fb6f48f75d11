/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { startEngine } from '../test/engine/harness';
import { type Contest, holdContest, typical, typicalRatio } from './bench/contest';
import { measureLoading } from './bench/loading';
import type { Cost } from './bench/measure';
import { reportOf } from './bench/report';
import { Service } from './bench/service';
import { JOBS } from './bench/work';
import { ensureBuilt } from './build';
import { endWith } from './command';

const PROJECT = resolve(__dirname, '..');
const REPORT = resolve(PROJECT, 'docs', 'benchmarks.md');

const LATENCIES = [0, 50, 200];
const ROUNDS = 5;

/*
 * This uses no benchmark library: tinybench and mitata run one candidate after the other and measure
 * neither CPU time nor memory. Here, candidates take turns.
 */
async function bench(): Promise<boolean> {
	const isQuick = process.argv.includes('--quick');
	const only = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
	if (!(await ensureBuilt(PROJECT))) return false;
	const startedAt = performance.now();
	const loading = measureLoading(PROJECT, ROUNDS);
	console.log(`Loading all nodes and credentials: ${loading.toFixed(0)} ms on top of n8n-workflow`);
	const service = new Service();
	const engine = await startEngine({ packageRoot: PROJECT });
	const contests: Contest[] = [];
	try {
		for (const latencyMs of isQuick ? LATENCIES.slice(0, 1) : LATENCIES) {
			for (const job of JOBS) {
				const amount = job.amounts[latencyMs];
				if (amount === undefined || !job.name.includes(only ?? '')) continue;
				console.log(`${job.name}, ${latencyMs} ms of latency`);
				const rounds = isQuick ? 1 : ROUNDS;
				const contest = await holdContest({ engine, service, job, amount, latencyMs, rounds });
				contests.push(contest);
				for (const { name, traffic } of contest.entries) {
					const middle = (key: keyof Cost) => typical(contest, name, key);
					const ratio = typicalRatio(contest, [name, 'loop'], 'cpu');
					console.log(
						`  ${name.padEnd(6)} ${middle('wall').toFixed(0).padStart(7)} ms ${middle('cpu').toFixed(0).padStart(6)} ms CPU (${ratio.toFixed(2)}) ${(middle('memory') / 2 ** 20).toFixed(0).padStart(5)} MiB ${String(traffic.requests).padStart(5)} requests, ${traffic.mostAtOnce} at once`,
					);
				}
			}
		}
	} finally {
		engine.stop();
		service.stop();
	}
	const minutes = (performance.now() - startedAt) / 60_000;
	if (isQuick || only !== undefined) return true;
	writeFileSync(REPORT, await reportOf({ contests, loading, rounds: ROUNDS, minutes }));
	console.log(`Written to ${REPORT}`);
	return true;
}

endWith(bench());
