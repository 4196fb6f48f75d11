/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { type ServiceName, SERVICES } from '../test/emulator';
import { installN8n } from '../test/e2e/lib/installations';
import { restoreData, saveData } from '../test/e2e/lib/emulatorData';
import { type N8n, OWNER, startN8n } from '../test/e2e/lib/n8n';
import { unpackPackage } from '../test/e2e/lib/package';
import { PROJECT } from '../test/e2e/lib/paths';
import {
	endLeftovers,
	freePort,
	isFree,
	isRunning,
	Processes,
	startTimeOf,
} from '../test/e2e/lib/processes';
import { RestClient } from '../test/e2e/lib/rest';
import {
	type Credential,
	credentialOf,
	SERVICE_DETAILS,
	type Services,
	startServices,
	stopServices,
} from '../test/e2e/lib/services';
import { type CredentialIds, withCredentials } from '../test/e2e/lib/workflows';
import { ensureBuilt } from './build';
import { endWith } from './command';
import { readExamples } from './demo/example';
import { ownSecrets } from './secrets';

/** Keeps everything from one start to the next. The tests use a folder of their own. */
const HOME = process.env.START_FOLDER ?? join(PROJECT, '.cache', 'start');
const MEMORY = join(HOME, 'start.json');
const LOCK = join(HOME, 'start.pid');
const EMULATED_DATA = join(HOME, 'emulated.bin');

/** n8n's default port. */
const EDITOR_PORT = 5678;

/** A record of earlier starts, so that a new start does not undo the user's changes. */
interface Memory {
	ports: Partial<Record<ServiceName | 'editor', number>>;
	/** By service: the credential in n8n, and a fingerprint of the content that we last wrote. */
	credentials: Partial<Record<ServiceName, { id: string; name: string; written: string }>>;
	/** By file: the ID of the workflow in n8n. */
	examples: Record<string, string>;
}

function readMemory(): Memory {
	if (!existsSync(MEMORY)) return { ports: {}, credentials: {}, examples: {} };
	return JSON.parse(readFileSync(MEMORY, 'utf8')) as Memory;
}

function remember(memory: Memory): void {
	writeFileSync(MEMORY, JSON.stringify(memory, null, '\t'));
}

/** Picks the ports. Saved credentials hold addresses, so a port stays the same while it is free. */
async function choosePorts({ ports }: Memory): Promise<void> {
	const usual = { editor: EDITOR_PORT } as Memory['ports'];
	for (const name of ['editor', ...SERVICES] as const) {
		const wanted = ports[name] ?? usual[name];
		ports[name] = wanted !== undefined && (await isFree(wanted)) ? wanted : await freePort();
	}
}

/** The real service's credential if its secret is in the environment, else the emulator's. */
function wantedCredential(service: ServiceName, services: Services): Credential {
	const { label, credentialType, secretField, secretVariable, addressVariable } =
		SERVICE_DETAILS[service];
	const secret = process.env[secretVariable];
	if (!secret) return credentialOf(service, services[service]);
	const address = addressVariable ? process.env[addressVariable] : undefined;
	if (addressVariable && !address) {
		throw new Error(`${secretVariable} is set, so ${addressVariable} must be set as well.`);
	}
	return {
		name: label,
		type: credentialType,
		data: { [secretField]: secret, ...(address ? { baseUrl: address } : {}) },
	};
}

const fingerprint = (credential: Credential): string =>
	createHash('sha256').update(JSON.stringify(credential)).digest('hex');

/** Saves missing credentials, and updates those whose service or port has changed. */
async function saveCredentials(
	client: RestClient,
	services: Services,
	memory: Memory,
): Promise<CredentialIds> {
	const there = new Set((await client.credentials()).map(({ id }) => id));
	const ids: CredentialIds = {};
	for (const service of SERVICES) {
		const credential = wantedCredential(service, services);
		const written = fingerprint(credential);
		const known = memory.credentials[service];
		if (!known || !there.has(known.id)) {
			const { id, name } = await client.saveCredential(credential);
			memory.credentials[service] = { id, name, written };
		} else if (known.written !== written) {
			await client.changeCredential(known.id, credential);
			memory.credentials[service] = { id: known.id, name: credential.name, written };
		}
		const saved = memory.credentials[service];
		if (saved) ids[credential.type] = { id: saved.id, name: saved.name };
	}
	return ids;
}

/** Imports the examples that no earlier start imported. The user may have changed the others. */
async function importExamples(
	client: RestClient,
	credentials: CredentialIds,
	memory: Memory,
): Promise<number> {
	let imported = 0;
	for (const { file, workflow } of readExamples(PROJECT)) {
		if (memory.examples[file] !== undefined) continue;
		const { id } = await client.saveWorkflow({
			...withCredentials(workflow, credentials),
			name: workflow.name ?? file,
		});
		memory.examples[file] = id;
		imported += 1;
	}
	return imported;
}

function describe(service: ServiceName, services: Services): string {
	const { label, secretVariable, addressVariable } = SERVICE_DETAILS[service];
	if (!process.env[secretVariable]) return `${label}: emulated, at ${services[service].url}`;
	const address = addressVariable ? ` at ${process.env[addressVariable]}` : '';
	return `${label}: the real service${address}, with the key in ${secretVariable}`;
}

/**
 * Resolves on Ctrl-C. The signal arrives several times: from the terminal, and from the programs
 * between the terminal and us. The listeners stay, because a signal without one would cut off the
 * clean-up.
 */
async function interruption(): Promise<void> {
	await new Promise<void>((resolve) => {
		for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(name, () => resolve());
		}
	});
}

/**
 * Looks for another `npm start`: two n8n in one folder would corrupt its database.
 * @returns its process ID, or undefined
 */
function runningAlready(): string | undefined {
	if (!existsSync(LOCK)) return undefined;
	const [pid = '', start] = readFileSync(LOCK, 'utf8').split('\n');
	return isRunning(Number(pid), start) ? pid : undefined;
}

/** @returns the exit code */
async function start(): Promise<number> {
	const other = runningAlready();
	if (other !== undefined) {
		console.error(`npm start is running already, as process ${other}.`);
		return 1;
	}
	// Listen before the installation, so that Ctrl-C always leads to the clean-up below.
	const interrupted = interruption();
	if (!(await ensureBuilt(PROJECT))) return 1;
	const { version } = await installN8n('newest');
	const processes = new Processes(HOME);
	endLeftovers(HOME);
	writeFileSync(LOCK, `${process.pid}\n${startTimeOf(process.pid)}`);
	const { password, encryptionKey } = ownSecrets(HOME);
	const memory = readMemory();
	await choosePorts(memory);
	const services = await startServices(memory.ports);
	try {
		restoreData(services, EMULATED_DATA);
		unpackPackage(HOME);
		console.log(`Starting n8n ${version} …`);
		const n8n = await Promise.race([
			startN8n({
				release: 'newest',
				...{ processes, userFolder: HOME, name: 'n8n', port: memory.ports.editor, quiet: true },
				env: { N8N_ENCRYPTION_KEY: encryptionKey },
			}),
			interrupted,
		]);
		if (!n8n) return 0;
		const client = new RestClient(n8n.url);
		await client.logIn(password);
		const credentials = await saveCredentials(client, services, memory);
		remember(memory);
		const imported = await importExamples(client, credentials, memory);
		remember(memory);
		tell(n8n, password, services, imported);
		const end = await Promise.race([interrupted, n8n.ended]);
		if (end === undefined) return 0;
		console.error(`n8n has ended (${end}). Its log: ${n8n.log}`);
		return 1;
	} finally {
		console.log('\nStopping n8n and the emulators …');
		await processes.stopAll();
		saveData(services, EMULATED_DATA);
		await stopServices(services);
		rmSync(LOCK);
	}
}

function tell(n8n: N8n, password: string, services: Services, imported: number): void {
	const news = imported > 0 ? `${imported} example workflows were imported.` : '';
	console.log(`
  Editor    ${n8n.url}
  E-mail    ${OWNER.email}
  Password  ${password}

  ${SERVICES.map((service) => describe(service, services)).join('\n  ')}

${news ? `${news}\n` : ''}Workflows, credentials and the emulators' data stay in ${relative(PROJECT, HOME)} until you delete it.
Ctrl-C stops everything.`);
}

endWith(start());
