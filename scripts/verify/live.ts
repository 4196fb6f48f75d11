/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- these rules are for code that runs inside n8n */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../../nodes/shared/http/errors';
import type { Runtime } from '../../nodes/shared/http/request';
import { CannotAskError, Client } from './client';
import { ServiceDocument } from './document';
import { kindryn } from './kindryn';
import { kinktree } from './kinktree';
import { klinky } from './klinky';
import { differs, makeReport, type Report, tables } from './report';
import type { Verifiable } from './service';

export const SERVICES = [kinktree, kindryn, klinky];

/** Exit codes: nothing differs, something differs, or not everything could be asked. */
export const EXIT = { same: 0, differs: 1, unasked: 2 } as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

export interface Surroundings {
	env: Record<string, string | undefined>;
	runtime: Runtime;
	/** Where the reports are written. */
	folder: string;
	/** Characters in a line. */
	width: number;
	say(text: string): void;
}

/** Asks each service whose key is in the environment. @returns the exit code */
export async function verifyLive(surroundings: Surroundings): Promise<Exit> {
	const { env, say } = surroundings;
	const exits: Exit[] = [];
	for (const verifiable of SERVICES) {
		const { service, variables } = verifiable;
		if (!env[variables.secret]) {
			say(`${service.wording.name}: skipped, because ${variables.secret} is not set.`);
			continue;
		}
		try {
			exits.push(await verify(verifiable, surroundings));
		} catch (error) {
			if (!(error instanceof CannotAskError || error instanceof InputError)) throw error;
			say(error.message);
			exits.push(EXIT.unasked);
		}
	}
	if (exits.includes(EXIT.differs)) return EXIT.differs;
	return exits.length === 0 || exits.includes(EXIT.unasked) ? EXIT.unasked : EXIT.same;
}

async function verify(verifiable: Verifiable, surroundings: Surroundings): Promise<Exit> {
	const { id, service, most } = verifiable;
	const { runtime, folder, width, say } = surroundings;
	const { name } = service.wording;
	const document = ServiceDocument.of(id);
	const settings = settingsOf(verifiable, document, surroundings);
	const client = new Client({
		...{ name, document, settings, runtime, most },
		limiter: verifiable.limiter(runtime.now()),
		variables: verifiable.variables,
		lacks: verifiable.lacks,
	});
	say(`\nAsking ${name} at ${settings.baseUrl}, with at most ${most} requests that only read …`);
	const report = await makeReport(verifiable, document, client);
	const { lacking, failed } = report;
	if (lacking.length > 0 && report.operations.every(({ result }) => result === 'not tried')) {
		throw new CannotAskError(`${name}: the key lacks these scopes: ${lacking.join(', ')}.`);
	}
	say(tables(report, width));
	say(`Written: ${write(report, settings.secret.value, folder)}`);
	if (lacking.length > 0) say(`${name}: the key lacks these scopes: ${lacking.join(', ')}.`);
	if (failed.length > 0) say(`${name} failed to answer ${failed.join(', ')}.`);
	if (differs(report)) return EXIT.differs;
	return lacking.length + failed.length > 0 ? EXIT.unasked : EXIT.same;
}

function settingsOf(
	{ service, secretField, variables, needsAddress }: Verifiable,
	{ document }: ServiceDocument,
	{ env }: Surroundings,
) {
	const { name } = service.wording;
	const secret = env[variables.secret] ?? '';
	const address = env[variables.address] || (needsAddress ? '' : document.servers[0]?.url);
	if (!address) {
		throw new CannotAskError(`${name}: set ${variables.address} as well as ${variables.secret}.`);
	}
	try {
		return service.settings({ [secretField]: secret, baseUrl: address });
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		throw new CannotAskError(
			`${name}: ${error.message} (${variables.secret}, ${variables.address}).`,
		);
	}
}

/** @returns the name of the file */
function write(report: Report, secret: string, folder: string): string {
	const file = `verify-${report.service}-${report.date}.json`;
	// A report holds no values, but a service could send the secret as the name of a key
	const text = JSON.stringify(report, null, '\t').replaceAll(secret, '***');
	writeFileSync(join(folder, file), `${text}\n`);
	return file;
}
