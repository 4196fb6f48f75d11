/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Table from 'cli-table3';
import { parse } from 'yaml';

import { isRecord } from '../../nodes/shared/http/answer';
import { TIMEOUT } from '../../nodes/shared/http/request';
import { readDocument, SERVICES } from '../../test/emulator/openapi';
import { CannotAskError, readOnlyTransport } from './client';
import { DocumentComparison, type DocumentDifference } from './compare';
import type { Json } from './document';
import { EXIT, type Surroundings } from './live';

/** @param place a file or an address. The address gets no key. */
async function textAt(place: string): Promise<unknown> {
	if (!/^https?:\/\//i.test(place)) {
		if (!existsSync(place)) throw new CannotAskError(`There is no file ${place}.`);
		return readFileSync(place, 'utf8');
	}
	const result = await readOnlyTransport({})({ method: 'GET', url: place, timeout: TIMEOUT });
	if ('code' in result) throw new CannotAskError(`${place} could not be read: ${result.message}.`);
	if (result.status === 200) return result.body;
	throw new CannotAskError(`${place} could not be read: it answers with ${result.status}.`);
}

async function documentAt(place: string): Promise<Json> {
	const text = await textAt(place);
	let found: unknown;
	try {
		found = typeof text === 'string' ? parse(text) : text;
	} catch {
		found = undefined;
	}
	if (isRecord(found) && /^3\./.test(String(found.openapi)) && isRecord(found.paths)) return found;
	throw new CannotAskError(`${place} is not an OpenAPI 3 document.`);
}

/**
 * Compares a vendor's OpenAPI document with ours for the same service.
 *
 * @param place a file or an address
 * @returns the exit code
 */
export async function compareWith(
	place: string,
	{ folder, width, runtime, say }: Surroundings,
): Promise<number> {
	try {
		const theirs = await documentAt(place);
		const candidates = SERVICES.map((service) => ({
			service,
			comparison: new DocumentComparison(readDocument(service), theirs),
		}));
		const most = Math.max(...candidates.map(({ comparison }) => comparison.inCommon));
		const found = candidates.find(({ comparison }) => comparison.inCommon === most);
		if (!found || most === 0) {
			throw new CannotAskError(`${place} shares no operation with any of our documents.`);
		}
		const differences = found.comparison.differences();
		if (differences.length > 0) say(table(differences, width));
		say(
			`${differences.length} differences between our document for ${found.service} and ${place}.`,
		);
		const date = new Date(runtime.now()).toISOString().slice(0, 10);
		const file = `against-${found.service}-${date}.json`;
		const report = { service: found.service, date, differences };
		writeFileSync(join(folder, file), `${JSON.stringify(report, null, '\t')}\n`);
		say(`Written: ${file}`);
		return differences.length > 0 ? EXIT.differs : EXIT.same;
	} catch (error) {
		if (!(error instanceof CannotAskError)) throw error;
		say(error.message);
		return EXIT.unasked;
	}
}

function table(differences: DocumentDifference[], width: number): string {
	const column = Math.max(16, Math.floor((width - 16) / 5));
	const made = new Table({
		head: ['Operation', 'Where', 'Ours', 'Theirs', 'Assumption'],
		colWidths: Array<number>(5).fill(column),
		wordWrap: true,
		style: { head: [], border: [], compact: true },
	});
	for (const { operation, where, ours, theirs, assumption = '' } of differences) {
		made.push([operation, where, ours, theirs, assumption]);
	}
	return made.toString();
}
