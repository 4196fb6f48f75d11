/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { cpus, release, type } from 'node:os';

import { format } from 'prettier';

import { devDependencies, version } from '../../package.json';
import { type Contest, entryOf, type RunnerName, typical, typicalRatio } from './contest';
import type { Cost } from './measure';

/** The findings of a benchmark. */
export interface Findings {
	contests: readonly Contest[];
	/** ms to load all nodes and credentials */
	loading: number;
	/** rounds behind each median */
	rounds: number;
	/** duration of the whole benchmark */
	minutes: number;
}

const COMPARED: ReadonlyArray<[RunnerName, string]> = [
	['own', 'This package'],
	['http', 'HTTP Request node'],
	['raw', 'Node.js alone'],
];

const ALL = [...COMPARED, ['loop', 'Bare loop']] as const;

const MIB = 2 ** 20;

const amount = (value: number): string =>
	value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

const ratio = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: string[], rows: string[][]): string =>
	[head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
		.map((cells) => row(...cells))
		.join('\n');

/** The contests of each job, by latency. */
const byJob = (contests: readonly Contest[]): Contest[][] =>
	[...new Set(contests.map(({ job }) => job))].map((job) =>
		contests.filter((contest) => contest.job === job),
	);

/** The cell of one job: a number for each latency. */
const atEachLatency = (
	contests: Contest[],
	write: (value: number) => string,
	value: (contest: Contest) => number,
): string => contests.map((contest) => write(value(contest))).join(' · ');

const ratioTable = (findings: Findings, key: keyof Cost): string =>
	table(
		['', ...COMPARED.map(([, title]) => title), 'Bare loop, ms'],
		byJob(findings.contests).map((contests) => [
			contests[0]?.job.name ?? '',
			...COMPARED.map(([name]) =>
				atEachLatency(contests, ratio, (contest) => typicalRatio(contest, [name, 'loop'], key)),
			),
			atEachLatency(contests, amount, (contest) => typical(contest, 'loop', key)),
		]),
	);

const memoryTable = ({ contests }: Findings): string =>
	table(
		['', ...ALL.map(([, title]) => title)],
		byJob(contests).map((all) => [
			all[0]?.job.name ?? '',
			...ALL.map(([name]) =>
				atEachLatency(all, amount, (contest) => typical(contest, name, 'memory') / MIB),
			),
		]),
	);

const trafficTable = ({ contests }: Findings): string =>
	table(
		['', 'This package', 'HTTP Request node', 'Both loops'],
		byJob(contests).map((all) => {
			const cells = (['own', 'http', 'loop'] as const).map((name) => {
				const [first, slowest] = [all[0], all.at(-1)].map(
					(contest) => contest && entryOf(contest, name)?.traffic,
				);
				const atOnce = all.length > 1 ? `, ${slowest?.mostAtOnce} at once` : '';
				return `${first?.requests.toLocaleString('en')}${atOnce}`;
			});
			return [all[0]?.job.name ?? '', ...cells];
		}),
	);

const smallerAmounts = ({ contests }: Findings): string =>
	byJob(contests)
		.map((all) => ({
			name: all[0]?.job.name,
			amounts: [...new Set(all.map(({ amount }) => amount))],
		}))
		.filter(({ amounts }) => amounts.length > 1)
		.map(
			({ name, amounts }) =>
				`"${name}" stands for ${amounts.map((rows) => rows.toLocaleString('en')).join(' · ')}`,
		)
		.join('; ');

/** @returns the document that reports a benchmark's findings */
export async function reportOf(findings: Findings): Promise<string> {
	const { loading, rounds, minutes } = findings;
	const processors = cpus();
	const text = `
# Benchmarks

\`npm run bench\` writes this page. It runs everything in n8n's engine against an emulated service. The
service runs in its own process, whose time does not count. \`npm run bench -- --quick\` tries each job
once.

- This package ${version}, n8n-core ${devDependencies['n8n-core']}, n8n-nodes-base ${devDependencies['n8n-nodes-base']}, Node ${process.versions.node}
- ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, ${type()} ${release()}; ${minutes.toFixed(0)} minutes in all
- Medians of ${rounds} rounds after a warm-up. In each round, the four take turns and are compared, so that other work on the machine slows down all of them alike.

## Candidates

- **This package**: its node or trigger. Kindryn's limit is set to 100,000 requests a second. At the
  usual 10, the benchmark would only measure the waiting.
- **HTTP Request node**: n8n's own, with the same credential, set up as its documentation shows:
  pagination for lists, one request for each input item, no batching, and Split Out for the rows. For
  invitations, its input is grouped by 50 beforehand, so n8n resolves 60 expressions for it instead of
  3,000. To find new rows, it reads the whole list.
- **Bare loop**: a node that only reads its parameters and calls n8n's request helper, with as many
  requests at once as this package. No n8n node can cost less. **Its cost counts as 1.**
- **Node.js alone**: the same loop without n8n, on connections that stay open.

Three numbers in a cell are for responses delayed by 0, 50 and 200 ms. Longer delays use smaller
amounts, to keep the benchmark short: ${smallerAmounts(findings)}.

## CPU time

${ratioTable(findings, 'cpu')}

## Elapsed time

${ratioTable(findings, 'wall')}

## Memory

The peak of memory in use, in MiB, less the memory before the run. It is sampled every 5 ms and includes
garbage that is not collected yet.

${memoryTable(findings)}

## Requests

The number of requests without delay, and how many were open at once with the longest delay.

${trafficTable(findings)}

## Startup

Loading all nodes and credentials takes **${loading.toFixed(0)} ms** on top of n8n-workflow.
`;
	return await format(text, { parser: 'markdown' });
}
