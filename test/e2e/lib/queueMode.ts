/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Release } from './installations';
import { type N8n, startN8n, startWebhookProcess, startWorker } from './n8n';
import { packageFolder, packPackage, thisPackage } from './package';
import { freePort, type Processes, type RunningProgram, waitFor } from './processes';
import { dumpPostgres, installQueueServers, startPostgres, startRedis } from './queueServers';
import { startRegistry } from './registry';
import { RestClient } from './rest';
import type { WrittenData } from './secrets';

/** Executions that a worker runs at once. */
export const WORKER_CONCURRENCY = 5;

const INSTALL_TIMEOUT = 180_000;

/**
 * How soon n8n takes the executions of a silent worker for interrupted, in ms. n8n's own values are
 * six times as long. With much shorter ones, a busy machine would look like a dead worker.
 */
const SIGNS_OF_LIFE = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1500',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** An n8n in queue mode: main, two workers, Redis and PostgreSQL, with the package installed. */
export interface QueueMode {
	main: N8n;
	client: RestClient;
	/** Each has its own user folder, as if it ran on its own machine. */
	workers: [QueueWorker, QueueWorker];
	/** Starts a process that answers webhooks at its own port. After a kill, call this again. */
	startReceiver(port: number): ReturnType<typeof startWebhookProcess>;
	/** Everything that main and the workers have written so far. */
	written(): Promise<WrittenData>;
}

/** A worker. Its log tells which executions it ran. */
export class QueueWorker {
	constructor(
		readonly program: RunningProgram,
		readonly userFolder: string,
	) {}

	get hasPackage(): boolean {
		return existsSync(join(packageFolder(this.userFolder), 'dist'));
	}

	/** IDs of the executions that it began, in order. An execution that it began twice appears twice. */
	get began(): string[] {
		return this.logged('started');
	}

	/** IDs of the executions that it began but did not finish. */
	get unfinished(): string[] {
		const finished = new Set(this.logged('finished'));
		return this.began.filter((id) => !finished.has(id));
	}

	private logged(verb: 'started' | 'finished'): string[] {
		const lines = this.program
			.output()
			.matchAll(new RegExp(`Worker ${verb} execution (\\d+)`, 'g'));
		return [...lines].map(([, id = '']) => id);
	}
}

/**
 * Starts n8n in queue mode and installs the package in main, as a user does. Running workers then
 * install it too. In n8n 2, the second worker starts after that, with an empty user folder, and installs
 * the missing package itself. In n8n 1, such a worker would install it once for each node of the package,
 * and make every other process do the same. So there, both workers start before the installation.
 *
 * @throws if Redis or PostgreSQL is missing and cannot be installed
 */
export async function startQueueMode(release: Release, processes: Processes): Promise<QueueMode> {
	await installQueueServers();
	const postgres = await startPostgres(processes);
	const redis = await startRedis(processes);
	const registry = await startRegistry(processes);
	const port = await freePort();
	const env = {
		EXECUTIONS_MODE: 'queue',
		...{ ...postgres, ...redis, ...registry.env, ...SIGNS_OF_LIFE },
	};
	const folderOf = (name: string): string => {
		const folder = join(processes.folder, name);
		registry.prepare(folder);
		return folder;
	};
	const start = async (name: string, more: NodeJS.ProcessEnv = {}): Promise<QueueWorker> => {
		const userFolder = folderOf(name);
		const program = await startWorker({
			...{ release, processes, name, userFolder },
			env: { ...env, N8N_CONCURRENCY_PRODUCTION_LIMIT: String(WORKER_CONCURRENCY), ...more },
		});
		return new QueueWorker(program, userFolder);
	};
	try {
		await registry.publish(packPackage(join(processes.folder, 'packed')));
		const userFolder = folderOf('main');
		const main = await startN8n({ release, processes, name: 'main', userFolder, port, env });
		const client = new RestClient(main.url);
		await client.logIn();
		const first = await start('worker-1');
		const early = release === 'oldest' ? await start('worker-2') : undefined;
		await client.installPackage(thisPackage().name);
		const second = early ?? (await start('worker-2', { N8N_REINSTALL_MISSING_PACKAGES: 'true' }));
		for (const { program } of [first, second]) {
			await waitFor(
				{ goal: `${program.name} to install the package`, timeout: INSTALL_TIMEOUT, program },
				() => program.output().includes('Community package installed') || undefined,
			);
		}
		return {
			...{ main, client, workers: [first, second] },
			startReceiver: async (receiverPort) =>
				// In the user folder of a worker, which has the package
				await startWebhookProcess({
					...{ release, processes, name: 'webhook', userFolder: second.userFolder },
					...{ port: receiverPort, env },
				}),
			written: async () => ({
				database: await dumpPostgres(postgres),
				userFolders: [main, first, second].map((program) => program.userFolder),
				logs: [main, first.program, second.program].map(({ log }) => log),
			}),
		};
	} finally {
		await registry.stop();
	}
}
