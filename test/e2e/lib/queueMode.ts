/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Release } from './installations';
import { type N8n, startN8n, startWorker } from './n8n';
import { packPackage, thisPackage } from './package';
import { type Processes, type Running, waitFor } from './processes';
import { installQueueServers, startPostgres, startRedis } from './queueServers';
import { startRegistry } from './registry';
import { RestClient } from './rest';

/** Executions that a worker runs at once. */
export const WORKER_CONCURRENCY = 5;

const INSTALL_TIMEOUT = 180_000;

/**
 * How long after a worker's last sign of life its executions count as interrupted. n8n's own values
 * are six times as long; much shorter ones would make a busy machine look like a dead worker.
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
	/** Each has a user folder of its own, as on a machine of its own. */
	workers: [QueueWorker, QueueWorker];
}

/** A worker, and what its log says. */
export class QueueWorker {
	constructor(readonly program: Running) {}

	/** IDs of the executions that it began, in that order; one that it began twice is there twice. */
	get began(): string[] {
		return this.logged('started');
	}

	get finished(): string[] {
		return this.logged('finished');
	}

	/** IDs of the executions that it began and did not bring to an end. */
	get unfinished(): string[] {
		const finished = new Set(this.finished);
		return this.began.filter((id) => !finished.has(id));
	}

	private logged(what: 'started' | 'finished'): string[] {
		const lines = this.program
			.output()
			.matchAll(new RegExp(`Worker ${what} execution (\\d+)`, 'g'));
		return [...lines].map(([, id = '']) => id);
	}
}

/**
 * Starts n8n in queue mode and installs the package the way a user does, in main. The first worker
 * is there and hears of the installation; the second comes later, with an empty user folder, and
 * installs what it finds missing.
 */
export async function startQueueMode(
	release: Release,
	processes: Processes,
	more: NodeJS.ProcessEnv = {},
): Promise<QueueMode> {
	await installQueueServers();
	const postgres = await startPostgres(processes);
	const redis = await startRedis(processes);
	const registry = await startRegistry(processes);
	const env = {
		...{ EXECUTIONS_MODE: 'queue', ...postgres.env, ...redis.env, ...registry.env },
		...{ ...SIGNS_OF_LIFE, ...more },
	};
	const folderOf = (name: string): string => {
		const folder = join(processes.folder, name);
		registry.prepare(folder);
		return folder;
	};
	const start = async (name: string, further: NodeJS.ProcessEnv = {}): Promise<QueueWorker> => {
		const program = await startWorker({
			...{ release, processes, name, userFolder: folderOf(name) },
			env: { ...env, N8N_CONCURRENCY_PRODUCTION_LIMIT: String(WORKER_CONCURRENCY), ...further },
		});
		return new QueueWorker(program);
	};
	try {
		await registry.publish(packPackage(join(processes.folder, 'packed')));
		const main = await startN8n({
			...{ release, processes, name: 'main', userFolder: folderOf('main'), env },
		});
		const client = new RestClient(main.url);
		await client.enter();
		const early = await start('worker-1');
		await client.installPackage(thisPackage().name);
		await waitFor(
			{ what: 'worker-1 to install the package', timeout: INSTALL_TIMEOUT, program: early.program },
			() => (hasPackage(join(processes.folder, 'worker-1')) ? true : undefined),
		);
		const late = await start('worker-2', { N8N_REINSTALL_MISSING_PACKAGES: 'true' });
		return { main, client, workers: [early, late] };
	} finally {
		await registry.stop();
	}
}

/** Whether a worker has unpacked this package. */
function hasPackage(userFolder: string): boolean {
	const { name, version } = thisPackage();
	const manifest = join(userFolder, '.n8n', 'nodes', 'node_modules', name, 'package.json');
	return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version === version;
}
