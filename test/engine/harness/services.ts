/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoggerProxy } from 'n8n-workflow';
import { MemoryLogger } from './logs';

type ServiceClass = abstract new (...parameters: never[]) => object;

interface ServiceContainer {
	set(service: ServiceClass, instance: object): void;
	reset(): void;
}

// npm may install several versions of these two side by side. Only the versions that n8n-core
// resolves hold the services that it uses.
const requireAsCore = createRequire(createRequire(__filename).resolve('n8n-core'));
const { Container } = requireAsCore('@n8n/di') as { Container: ServiceContainer };
const { Logger } = requireAsCore('@n8n/backend-common') as { Logger: ServiceClass };

const environmentFor = (userFolder: string): Record<string, string> => ({
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'not-a-secret-of-the-engine-harness',
	// Nobody here reads the log of active crons, which an interval writes.
	N8N_LOG_CRON_ACTIVE_INTERVAL: '0',
	// A proxy in the environment would come between the nodes and the emulators on loopback.
	HTTP_PROXY: '',
	HTTPS_PROXY: '',
	ALL_PROXY: '',
	http_proxy: '',
	https_proxy: '',
	all_proxy: '',
});

const setEnvironment = (values: Record<string, string | undefined>): void => {
	for (const [name, value] of Object.entries(values)) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
};

/** n8n-core's services (settings, log, HTTP) for one engine. */
export interface CoreServices {
	/** A temporary n8n user folder. */
	userFolder: string;
	logger: MemoryLogger;
	/** Removes the folder and the services, and restores the environment. */
	stop(): void;
}

/** Starts n8n-core's services in a new user folder, with a log in memory. */
export const startServices = (): CoreServices => {
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
	const environment = environmentFor(userFolder);
	const before = Object.fromEntries(
		Object.keys(environment).map((name) => [name, process.env[name]]),
	);
	setEnvironment(environment);
	Container.reset();
	const logger = new MemoryLogger();
	Container.set(Logger, logger);
	LoggerProxy.init(logger);
	return {
		userFolder,
		logger,
		stop: () => {
			Container.reset();
			setEnvironment(before);
			rmSync(userFolder, { recursive: true, force: true });
		},
	};
};
