import type { Engine } from '../../test/engine/harness';
import { type Cost, measure, median } from './measure';
import { helperLoop, httpRequestNode, ownNode, rawLoop } from './runners';
import type { Traffic } from './server';
import type { Service } from './service';
import type { Job } from './work';

/** The candidates, in the order of their turns. */
const RUNNERS = {
	own: ownNode,
	http: httpRequestNode,
	loop: helperLoop,
	raw: rawLoop,
};

export type RunnerName = keyof typeof RUNNERS;

interface Entry {
	name: RunnerName;
	/** the cost of doing the job once, in each round */
	costs: Cost[];
	traffic: Traffic;
}

/** One job at one latency, done by every candidate. */
export interface Contest {
	job: Job;
	amount: number;
	latencyMs: number;
	entries: Entry[];
}

interface Setting {
	engine: Engine;
	service: Service;
	job: Job;
	amount: number;
	latencyMs: number;
	/** measured runs, after one to warm up */
	rounds: number;
}

/** Lets the candidates do a job in turns. @throws if one returns an unexpected number of rows */
export async function holdContest(setting: Setting): Promise<Contest> {
	const { engine, service, job, amount, latencyMs, rounds } = setting;
	const work = job.of(amount);
	const address = await service.start({ service: job.service, seed: work.seed, latencyMs });
	const polls = job.polls?.[latencyMs] ?? 1;
	const contestants = Object.entries(RUNNERS).map(([name, make]) => ({
		name: name as RunnerName,
		runner: make({ engine, job, work, polls, ...address }),
		costs: [] as Cost[],
		traffic: { requests: 0, mostAtOnce: 0, violations: [] } as Traffic,
	}));
	for (const { runner } of contestants) await runner.prepare?.();
	for (let round = 0; round <= rounds; round += 1) {
		for (const contestant of contestants) {
			const { name, runner } = contestant;
			await service.forget(job.writes === true);
			const { result, cost } = await measure(async () => await runner.run());
			engine.logs.length = 0;
			if (result !== work.rows && !(job.polls && name !== 'own')) {
				throw new Error(`${job.name}: ${name} returned ${result} rows instead of ${work.rows}`);
			}
			contestant.traffic = await service.count();
			// The first round warms up
			if (round > 0) contestant.costs.push(cost);
		}
	}
	return {
		job,
		amount,
		latencyMs,
		entries: contestants.map(({ name, runner: { times }, costs, traffic }) => ({
			name,
			costs: costs.map(({ wall, cpu, memory }) => ({
				wall: wall / times,
				cpu: cpu / times,
				memory,
			})),
			traffic: { ...traffic, requests: traffic.requests / times },
		})),
	};
}

/** @returns the median of all rounds */
export function typical(contest: Contest, name: RunnerName, key: keyof Cost): number {
	return median(costsOf(contest, name).map((cost) => cost[key]));
}

/**
 * Compares two candidates in each round, so that other work on the machine meets both.
 *
 * @returns the median of these ratios
 */
export function typicalRatio(
	contest: Contest,
	[name, other]: [RunnerName, RunnerName],
	key: keyof Cost,
): number {
	const others = costsOf(contest, other);
	return median(
		costsOf(contest, name).map((cost, round) => cost[key] / (others[round]?.[key] ?? NaN)),
	);
}

function costsOf(contest: Contest, name: RunnerName): Cost[] {
	return entryOf(contest, name)?.costs ?? [];
}

export function entryOf({ entries }: Contest, name: RunnerName): Entry | undefined {
	return entries.find((entry) => entry.name === name);
}
