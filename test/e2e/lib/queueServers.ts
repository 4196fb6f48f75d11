/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import {
	accessSync,
	chmodSync,
	chownSync,
	constants,
	existsSync,
	mkdirSync,
	readdirSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

import spawn from 'cross-spawn';

import { installFromDebian } from './debian';
import { freePort, type Processes, requireLoopback, run, waitFor } from './processes';

/** Debian's folder for those programs of PostgreSQL that are not on the PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

const START_TIMEOUT = 60_000;

/** The path of a program, or undefined if the machine does not have it. */
function findProgram(name: string): string | undefined {
	const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
	return [
		...(process.env.PATH ?? '').split(delimiter),
		...versions
			.sort((one, other) => Number(other) - Number(one))
			.map((version) => join(DEBIAN_POSTGRES, version, 'bin')),
	]
		.map((folder) => join(folder, name))
		.find((path) => {
			try {
				accessSync(path, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

/**
 * Installs Redis and PostgreSQL on Debian if they are missing.
 *
 * @throws an error that names the programs that cannot be installed
 */
export async function installQueueServers(): Promise<void> {
	const needed = {
		'redis-server': 'redis-server',
		initdb: 'postgresql',
		postgres: 'postgresql',
		pg_dump: 'postgresql',
	};
	const missing = () =>
		Object.entries(needed).flatMap(([program, from]) => (findProgram(program) ? [] : [from]));
	const packages = [...new Set(missing())];
	if (packages.length === 0) return;
	await installFromDebian(packages);
	const still = [...new Set(missing())];
	if (still.length > 0) {
		throw new Error(
			`Queue mode needs ${still.join(' and ')}, which is not on the PATH. Install it, or run the tests as root on Debian, where they install it themselves.`,
		);
	}
}

const pathOf = (program: string): string => {
	const path = findProgram(program);
	if (path === undefined) throw new Error(`${program} is not installed`);
	return path;
};

/**
 * Starts Redis on loopback; it writes nothing to disk.
 * @returns the settings with which n8n finds it
 */
export async function startRedis(processes: Processes): Promise<NodeJS.ProcessEnv> {
	const port = await freePort();
	const settings = { bind: '127.0.0.1', port: String(port), save: '', appendonly: 'no' };
	const redis = processes.start({
		name: 'redis',
		command: pathOf('redis-server'),
		args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
		cwd: processes.folder,
		env: { PATH: process.env.PATH },
	});
	await waitFor({ goal: 'Redis to start', timeout: START_TIMEOUT, program: redis }, () =>
		redis.output().includes('Ready to accept connections') ? true : undefined,
	);
	await requireLoopback(port);
	return { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) };
}

/**
 * The user for PostgreSQL, which refuses to run as root: the one that Debian creates for it, or else
 * the user "nobody".
 */
function postgresUser(): { uid: number; gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const idOf = (option: string): number | undefined => {
		for (const user of ['postgres', 'nobody']) {
			const { status, stdout } = spawn.sync('id', [option, user], { encoding: 'utf8' });
			if (status === 0) return Number(stdout);
		}
		return undefined;
	};
	const uid = idOf('-u');
	const gid = idOf('-g');
	return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/**
 * Starts PostgreSQL on loopback, with its data in the folder of the processes.
 * @returns the settings with which n8n finds it
 */
export async function startPostgres(processes: Processes): Promise<NodeJS.ProcessEnv> {
	const port = await freePort();
	const folder = join(processes.folder, 'postgres');
	const data = join(folder, 'data');
	const user = postgresUser();
	mkdirSync(folder, { mode: 0o700 });
	if (user) {
		chownSync(folder, user.uid, user.gid);
		// Only we may enter our temporary folders. Let PostgreSQL pass through them to its own, without
		// the right to list them.
		for (const passed of [processes.folder, process.env.E2E_FOLDER]) {
			if (passed !== undefined) chmodSync(passed, 0o711);
		}
	}
	const program = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' }, ...user };
	const preparation = processes.start({
		name: 'initdb',
		command: pathOf('initdb'),
		args: ['--pgdata', data, '--username', 'n8n', '--auth', 'trust', '--encoding', 'UTF8', '-N'],
		...program,
	});
	const end = await preparation.ended;
	if (end !== 0) throw new Error(`initdb ended with ${end}:\n${preparation.output()}`);
	const settings = {
		listen_addresses: '127.0.0.1',
		unix_socket_directories: '',
		// The data of a test need not survive a power failure.
		fsync: 'off',
	};
	const postgres = processes.start({
		name: 'postgres',
		command: pathOf('postgres'),
		args: [
			...['-D', data, '-p', String(port)],
			...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		],
		...program,
	});
	await waitFor({ goal: 'PostgreSQL to start', timeout: START_TIMEOUT, program: postgres }, () =>
		postgres.output().includes('ready to accept connections') ? true : undefined,
	);
	await requireLoopback(port);
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
	};
}

/**
 * Returns all rows of the database that {@link startPostgres} started, as text.
 *
 * @param settings the ones that {@link startPostgres} returned
 */
export async function dumpPostgres(settings: NodeJS.ProcessEnv): Promise<string> {
	const { DB_POSTGRESDB_HOST, DB_POSTGRESDB_PORT, DB_POSTGRESDB_DATABASE, DB_POSTGRESDB_USER } =
		settings;
	return await run(pathOf('pg_dump'), ['--data-only'], {
		env: {
			PATH: process.env.PATH,
			PGHOST: DB_POSTGRESDB_HOST,
			PGPORT: DB_POSTGRESDB_PORT,
			PGDATABASE: DB_POSTGRESDB_DATABASE,
			PGUSER: DB_POSTGRESDB_USER,
		},
	});
}
