/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-hardcoded-secrets -- these rules are for code that runs inside n8n; the password opens only the n8n of a test */
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { installedN8n, type Release } from './installations';
import {
	freePort,
	type Processes,
	requireLoopback,
	run,
	type RunningProgram,
	waitFor,
} from './processes';

/** The made-up owner of an n8n. */
export const OWNER = {
	email: 'owner@example.org',
	password: 'Emulated-Services-1',
	firstName: 'Olive',
	lastName: 'Owner',
};

export interface N8nOptions {
	release: Release;
	processes: Processes;
	/** The folder in which n8n keeps its own folder `.n8n`. */
	userFolder: string;
	/** Names the log (default `n8n-<release>`). */
	name?: string;
	/** Port of the editor (default: a free one). */
	port?: number;
	/** More environment variables of n8n. */
	env?: NodeJS.ProcessEnv;
	/** Whether n8n logs at level info; the default is debug. */
	quiet?: boolean;
}

export interface N8n extends RunningProgram {
	readonly release: Release;
	/** e.g. `http://127.0.0.1:5678`, where the editor is */
	readonly url: string;
	readonly userFolder: string;
	/** Its environment, for running n8n's commands. */
	readonly env: NodeJS.ProcessEnv;
}

/** Usually seconds are enough, but a first start sets up the database, perhaps on a busy machine. */
const START_TIMEOUT = 180_000;

const QUIET_SETTINGS = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
};

/**
 * The whole environment of an n8n. It takes only language and paths from the machine, so that a
 * developer's settings change no result.
 */
export async function environmentOf({
	release,
	userFolder,
	port,
	env,
	quiet,
}: Omit<N8nOptions, 'processes'>): Promise<NodeJS.ProcessEnv> {
	const { node } = installedN8n(release);
	mkdirSync(userFolder, { recursive: true });
	const { HOME, LANG, PATH, SystemRoot, TMPDIR, USERPROFILE } = process.env;
	return {
		...{ HOME, LANG, SystemRoot, TMPDIR, USERPROFILE },
		PATH: [dirname(node), PATH ?? ''].join(delimiter),
		NODE_ENV: 'production',
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: 'emulated-services-encryption-key',
		N8N_PORT: String(port ?? (await freePort())),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		// Without this, plain http gets no session cookie
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_LOG_LEVEL: quiet ? 'info' : 'debug',
		N8N_LOG_OUTPUT: 'console',
		GENERIC_TIMEZONE: 'Europe/Berlin',
		// The npm of n8n's installer keeps its cache in the folder as well.
		npm_config_cache: join(userFolder, 'npm'),
		npm_config_update_notifier: 'false',
		...QUIET_SETTINGS,
		...env,
	};
}

/**
 * n8n prints this when its start is over. Until then it starts every execution that is not running yet, so
 * it runs one twice that it gets meanwhile.
 */
const STARTED = 'Editor is now accessible via';

/**
 * Starts n8n and waits until it answers and its start is over.
 *
 * @throws with the end of its log if n8n stops instead
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { release, processes, userFolder, name = `n8n-${release}` } = options;
	const { node, script } = installedN8n(release);
	const env = await environmentOf(options);
	const url = `http://127.0.0.1:${env.N8N_PORT}`;
	const running = processes.start({ name, command: node, args: [script, 'start'], env });
	// The log also has the earlier starts
	const starts = () => running.output().split(STARTED).length;
	const before = starts();
	await waitFor(
		{ goal: `${name} to answer`, timeout: START_TIMEOUT, program: running },
		async () => {
			// Answers as soon as the database is migrated and the nodes are loaded
			const { ok } = await fetch(`${url}/healthz/readiness`);
			const settings = ok ? await fetch(`${url}/rest/settings`) : undefined;
			const type = settings?.headers.get('content-type') ?? '';
			const answers = settings?.ok === true && type.includes('json');
			return answers && starts() > before ? true : undefined;
		},
	);
	await requireLoopback(Number(env.N8N_PORT));
	return { ...running, release, url, userFolder, env };
}

/** Starts a process of an n8n in queue mode that only answers webhooks. */
export async function startWebhookProcess(
	options: N8nOptions,
): Promise<RunningProgram & { readonly url: string }> {
	const { release, processes, name = 'webhook' } = options;
	const { node, script } = installedN8n(release);
	const env = await environmentOf(options);
	const url = `http://127.0.0.1:${env.N8N_PORT}`;
	const running = processes.start({ name, command: node, args: [script, 'webhook'], env });
	await waitFor(
		{ goal: `${name} to answer`, timeout: START_TIMEOUT, program: running },
		async () => ((await fetch(`${url}/healthz/readiness`)).ok ? true : undefined),
	);
	return { ...running, url };
}

/** Starts a worker of an n8n in queue mode. */
export async function startWorker(options: N8nOptions): Promise<RunningProgram> {
	const { release, processes, name = 'worker' } = options;
	const { node, script } = installedN8n(release);
	const health = await freePort();
	const env = {
		...(await environmentOf(options)),
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(health),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	};
	const running = processes.start({ name, command: node, args: [script, 'worker'], env });
	await waitFor(
		{ goal: `${name} to answer`, timeout: START_TIMEOUT, program: running },
		async () => ((await fetch(`http://127.0.0.1:${health}/healthz`)).ok ? true : undefined),
	);
	return running;
}

/**
 * Runs one of n8n's own commands, such as `import:workflow`, on a user folder.
 * @returns its output
 */
export async function n8nCommand(
	release: Release,
	env: NodeJS.ProcessEnv,
	args: string[],
): Promise<string> {
	const { node, script } = installedN8n(release);
	return await run(node, [script, ...args], { env });
}
