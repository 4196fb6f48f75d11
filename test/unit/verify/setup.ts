/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync } from 'node:fs';

import { SERVICES, verifyLive } from '../../../scripts/verify/live';
import type { Report } from '../../../scripts/verify/report';
import type { Verifiable } from '../../../scripts/verify/service';
import { type Emulator, type ServiceName, startEmulator } from '../../emulator';
import { freshFolder } from '../freshFolder';

export const NAMES = ['kinktree', 'kindryn', 'klinky'] as const;

/** Not a full hour, so that a window that begins now differs from one that follows the clock. */
const START = Date.parse('2026-11-02T12:34:56.000Z');

/** By service: the most requests that a run may need. */
const MOST = { kinktree: 2, kindryn: 75, klinky: 20 };

export interface Run {
	exit: number;
	/** Everything on the screen. */
	said: string;
	/** The sentences beside the tables. */
	sentences: string[];
	/** The text of the file; empty without one. */
	file: string;
	report?: Report;
}

export function serviceOf(name: ServiceName): Verifiable {
	return SERVICES.find(({ id }) => id === name) as Verifiable;
}

/** Starts emulators with demo data for all tests of a file, and returns the command that asks them. */
export function setUpVerification() {
	const folder = freshFolder();
	const clock = { now: START };
	const emulators = {} as { [S in ServiceName]: Emulator<S> };

	/** Runs on the clock of the emulators. A wait ends at once. */
	const runtime = {
		now: () => clock.now,
		random: () => 0,
		sleep: async (ms: number) => {
			await Promise.resolve();
			clock.now += ms;
		},
	};

	beforeAll(async () => {
		const options = { seed: 'demo', now: () => clock.now } as const;
		for (const name of NAMES) {
			Object.assign(emulators, { [name]: await startEmulator(name, options) });
		}
	});
	beforeEach(() => {
		clock.now = START;
	});
	afterEach(() => {
		for (const name of NAMES) {
			const { requests, faults } = emulators[name].journal;
			expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
			expect(requests.length).toBeLessThanOrEqual(MOST[name]);
			expect(faults).toEqual([]);
			clock.now = START;
			if (requests.length > 0) emulators[name].reset();
		}
	});
	afterAll(async () => {
		for (const name of NAMES) await emulators[name].stop();
	});

	/** Runs the command for one service, with the variables that its users set. */
	async function run(name: ServiceName, env: Record<string, string> = {}): Promise<Run> {
		const { variables } = serviceOf(name);
		const { url, secret } = emulators[name];
		const said: string[] = [];
		const exit = await verifyLive({
			env: { [variables.secret]: secret, [variables.address]: url, ...env },
			...{ runtime, folder: folder.root, width: 120, say: (text) => said.push(text) },
		});
		const path = folder.pathOf(`verify-${name}-2026-11-02.json`);
		const file = existsSync(path) ? readFileSync(path, 'utf8') : '';
		const isAside = (text: string) => /Asking|skipped|Written|┌/.test(text);
		return {
			...{ exit, file, said: said.join('\n'), sentences: said.filter((text) => !isAside(text)) },
			...(file !== '' && { report: JSON.parse(file) as Report }),
		};
	}

	return { emulators, run, runtime, folder };
}

/** The result of each assumption. */
export function resultsIn({ report }: Run): Record<string, string> {
	const entries = report?.assumptions.map(({ name, result }) => [name, result] as const);
	return Object.fromEntries(entries ?? []);
}

export const refutedIn = (found: Run) =>
	Object.entries(resultsIn(found)).flatMap(([name, result]) => (result === 'refuted' ? name : []));

/** The operations that differ, each with its differences. */
export const differencesIn = ({ report }: Run) =>
	(report?.operations ?? [])
		.filter(({ result }) => result === 'differs')
		.map(({ id, details }) => [id, ...details]);
