import Table from 'cli-table3';

import { describeBody, isJson } from '../../nodes/shared/http/answer';
import type { Client, Seen } from './client';
import type { ServiceDocument } from './document';
import { headerNames } from './headers';
import type { Verifiable } from './service';
import { type Comparison, type Difference, Shapes } from './shape';
import { type Answers, inWords, type Verdict } from './verdict';

export interface OperationReport {
	id: string;
	/** `GET /members` */
	request: string;
	result: 'as documented' | 'differs' | 'not tried';
	/** How it differs, or why it was not tried. */
	details: string[];
	requests: number;
}

export interface AssumptionReport extends Verdict {
	name: string;
	says: string;
}

/** The findings about a service. Holds names and types, never a value and never the secret. */
export interface Report {
	service: string;
	/** Day of the run: `2026-11-26`. */
	date: string;
	requests: number;
	operations: OperationReport[];
	assumptions: AssumptionReport[];
	/** The names of the received headers. */
	headers: string[];
	/** The scopes that the key lacks. */
	lacking: string[];
	/** The operations that the service failed to answer. */
	failed: string[];
}

/** Asks a service and sums up its answers. @throws CannotAskError */
export async function makeReport(
	{ id, checked, unreadable, explore }: Verifiable,
	document: ServiceDocument,
	client: Client,
): Promise<Report> {
	const judge = await explore(client);
	const shapes = new Shapes(document);
	const byOperation = new Map<string, Comparison>();
	for (const seen of client.seen) {
		const before = byOperation.get(seen.operation);
		const compared = compare(document, shapes, seen);
		byOperation.set(seen.operation, before ? join(before, compared) : compared);
	}
	const all = [...byOperation.values()].reduce(join, NOTHING);
	const verdicts = judge({ seen: client.seen, shapes: all } satisfies Answers);
	const operations = document.operations.map(({ id: operation, method, path }) => ({
		id: operation,
		request: `${method} ${path}`,
		...resultOf(operation, method, client, byOperation.get(operation)),
	}));
	return {
		service: id,
		date: new Date(client.now).toISOString().slice(0, 10),
		requests: client.seen.length,
		operations,
		assumptions: Object.entries(document.document['x-assumptions']).map(([name, { says }]) => ({
			...{ name, says },
			...(checked.includes(name) && verdicts[name]
				? verdicts[name]
				: { result: 'not seen' as const, evidence: unreadable[name] ?? '' }),
		})),
		headers: headerNames(client.seen),
		lacking: [...new Set(client.lacking.values())],
		failed: operations
			.filter(({ id: operation, result }) => result === 'not tried' && hasFailed(client, operation))
			.map(({ request }) => request),
	};
}

const NOTHING: Comparison = { differences: [], alternatives: new Map() };

function join(a: Comparison, b: Comparison): Comparison {
	const differences = [...a.differences];
	for (const difference of b.differences) {
		const { what, where, onlyInSome } = difference;
		const same = differences.findIndex((one) => one.what === what && one.where === where);
		if (same < 0) differences.push(difference);
		else if (onlyInSome) differences[same] = difference;
	}
	const alternatives = new Map(a.alternatives);
	for (const [name, found] of b.alternatives) {
		if (found.index >= (alternatives.get(name)?.index ?? 0)) alternatives.set(name, found);
	}
	return { differences, alternatives };
}

/** Compares one answer with the document. */
function compare(
	document: ServiceDocument,
	shapes: Shapes,
	{ operation, status, body, headers }: Seen,
): Comparison {
	const documented = document.operation(operation).answers.get(status);
	const only = (what: string): Comparison => ({ ...NOTHING, differences: [{ what, where: '' }] });
	if (!documented) return only(`the status ${status} is not documented`);
	const { schema } = documented;
	if (schema && !isJson(body)) return only(`${describeBody(body)} instead of JSON`);
	const { differences, alternatives } = schema ? shapes.compare(schema, body) : NOTHING;
	const missing = documented.headers.filter((name) => !(name in headers));
	const all: Difference[] = [
		...differences,
		...missing.map((name) => ({ what: 'missing', where: `header ${name}` })),
	];
	const at = (where: string) => (status === 200 ? where : `${status} ${where}`.trim());
	return {
		differences: all.map((difference) => ({ ...difference, where: at(difference.where) })),
		alternatives,
	};
}

function hasFailed({ seen }: Client, operation: string): boolean {
	return seen.some((one) => one.operation === operation && one.status >= 500);
}

function resultOf(
	operation: string,
	method: string,
	client: Client,
	comparison: Comparison | undefined,
): Pick<OperationReport, 'result' | 'details' | 'requests'> {
	const answers = client.seen.filter((one) => one.operation === operation);
	const requests = answers.length;
	const notTried = (why: string) => ({ result: 'not tried' as const, details: [why], requests });
	if (method !== 'GET') return notTried('it changes data');
	const lacked = client.lacking.get(operation);
	if (lacked !== undefined) return notTried(`the key lacks a scope: ${lacked}`);
	if (!comparison) return notTried('no list showed anything to ask for');
	const details = comparison.differences.map(inWords);
	if (details.length > 0) return { result: 'differs', details, requests };
	const good = answers.some(({ status }) => status < 300);
	if (!good) return notTried(`answered with ${answers[0]?.status}`);
	return { result: 'as documented', details: [], requests };
}

/** Whether the service differs from the document or from an assumption in it. */
export function differs({ operations, assumptions }: Report): boolean {
	return (
		operations.some(({ result }) => result === 'differs') ||
		assumptions.some(({ result }) => result === 'refuted')
	);
}

const plain = { head: [], border: [], compact: true };

/** The width of the borders and padding in a table of three columns. */
const FRAME = 10;

/** The report for the screen. @param width characters in a line of it */
export function tables(report: Report, width: number): string {
	const marks = { differs: '✘', refuted: '✘', 'as documented': '✔', confirmed: '✔' } as const;
	const marked = (result: string) => `${marks[result as keyof typeof marks] ?? '–'} ${result}`;
	const last = Math.max(20, width - 34 - 17 - FRAME);
	const table = (head: string[], rows: string[][]) => {
		const made = new Table({ head, colWidths: [36, 19, last], wordWrap: true, style: plain });
		made.push(...rows);
		return made.toString();
	};
	return [
		table(
			['Operation', 'Result', 'Differences, or why not tried'],
			report.operations.map(({ request, result, details }) => [
				request,
				marked(result),
				details.join('\n'),
			]),
		),
		table(
			['Assumption', 'Result', 'Evidence'],
			report.assumptions.map(({ name, says, result, evidence }) => [
				`${name}: ${says}`,
				marked(result),
				evidence,
			]),
		),
		`${report.requests} requests. Headers: ${report.headers.join(', ')}`,
	].join('\n');
}
