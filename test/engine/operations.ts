import type { IDataObject, INodeParameters, INodeProperties } from 'n8n-workflow';

import type { Journal, Misbehaviour, ServiceName } from '../emulator';
import { loadOpenApi } from '../emulator/openapi';
import { pairing, rowsOf, type Setup } from './setup';
import { inVirtualTime } from './virtualTime';

/** A request as it is sent. */
export interface Sent {
	method: string;
	path: string;
	query?: Record<string, string>;
	body?: unknown;
}

/** An operation run over two items of different parameters. */
export interface OperationCase {
	/** resource and operation: `member.get` */
	name: string;
	/** with expressions over `$json` */
	parameters?: INodeParameters;
	items?: [IDataObject, IDataObject];
	/** the requests in order; reads may arrive in any order */
	sends: Sent[];
	/** the rows of each item, matched with toMatchObject */
	rows: [IDataObject[], IDataObject[]];
	/** the name of the failing item in its message: `tag "b"` */
	subject?: string;
}

/** The requests of a journal, without absent parts. */
export function requestsIn(journal: Journal): Sent[] {
	return journal.requests.map(({ method, path, query, body }) => ({
		method,
		path,
		...(Object.keys(query).length > 0 && { query: query as Record<string, string> }),
		...(body !== undefined && { body }),
	}));
}

/** The options of all parameters with this name, each after the resources that show it. */
function choices(properties: INodeProperties[], name: string): string[] {
	return properties
		.filter((property) => property.name === name)
		.flatMap(({ options = [], displayOptions }) =>
			options.map((option) =>
				[...(displayOptions?.show?.resource ?? []), 'value' in option ? option.value : ''].join(
					'.',
				),
			),
		);
}

/** The options of the built node that no case covers. */
export function uncovered<S extends ServiceName>(
	setup: Setup<S>,
	parameter: 'operation' | 'event',
	covered: string[],
): string[] {
	const type = parameter === 'event' ? `${setup.service}Trigger` : setup.service;
	const offered = choices(setup.engine().description(type).properties, parameter);
	expect(offered).not.toEqual([]);
	return offered.filter((name) => !covered.includes(name));
}

const isRead = ({ sends }: OperationCase) => sends.every(({ method }) => method === 'GET');

/** A rule that matches the last request of a case. That request belongs to the second item. */
function lastRequestOf({ sends }: OperationCase): Misbehaviour {
	const { method = '', path = '', query } = sends.at(-1) ?? {};
	const alike = sends.filter(
		(other) =>
			other.method === method &&
			other.path === path &&
			JSON.stringify(other.query) === JSON.stringify(query),
	);
	return { match: { method, path, query }, skip: alike.length - 1 };
}

/**
 * Tests the requests, rows and words of each operation of a node. sharedBehaviour.test.ts tests the
 * behaviour that all operations share.
 */
export function describeOperations<S extends ServiceName>(
	setup: Setup<S>,
	cases: OperationCase[],
): void {
	const words = { message: 'The service says no', detail: 'The service says no' };

	describe.each(cases)('$name', (given) => {
		const { name, parameters, items = [{}, {}], rows } = given;
		const run = async () => await setup.run(name, { parameters, items });
		/** The service's name, its words, and the failing item. */
		const failure = () => {
			const { displayName } = setup.engine().description(setup.service);
			const subject = given.subject === undefined ? '' : ` (${given.subject})`;
			return `${displayName}: The service says no${subject}`;
		};
		// If the items share their only request, the first item fails
		const mark = `[item ${given.sends.length === 1 ? 0 : 1}]`;

		it('reads the parameters of each item, and pairs the rows with it', async () => {
			const result = await run();
			expect(result.error).toBeUndefined();
			expect(rowsOf(result)).toMatchObject(rows.flat());
			expect(pairing(result.output)).toEqual(rows.flatMap((own, item) => own.map(() => item)));
			const sent = requestsIn(setup.emulator().journal);
			expect(sent).toEqual(isRead(given) ? expect.arrayContaining(given.sends) : given.sends);
			expect(sent).toHaveLength(given.sends.length);
		});

		it('returns every key of its output schema', async () => {
			const [resource = '', operation = ''] = name.split('.');
			const schema = setup.engine().schema(setup.service, resource, operation);
			const answered = rowsOf(await run()).flatMap((row) => Object.keys(row));
			const promised = Object.keys((schema?.properties ?? {}) as object);
			expect(promised).not.toEqual([]);
			expect(promised.filter((key) => !answered.includes(key))).toEqual([]);
		});

		it('stops at the failing item and names it', async () => {
			setup.emulator().misbehave({ ...lastRequestOf(given), status: 400, body: words });
			const { status, error } = await run();
			expect(status).toBe('error');
			expect(error?.message).toContain(failure());
			expect(error?.message.endsWith(mark)).toBe(true);
			expect(error?.description).toMatch(/\w/);
		});

		it('repeats a request that failed with 500, but only if that does no harm', async () => {
			const trouble = { status: 500, body: words, times: Infinity };
			const rule = setup.emulator().misbehave({ ...lastRequestOf(given), ...trouble });
			const { error } = await inVirtualTime(run);
			expect(error?.message).toContain(failure());
			const failed = setup.emulator().journal.find({ status: 500 });
			const isHarmless = failed.every(
				({ method, headers }) => method !== 'POST' || 'idempotency-key' in headers,
			);
			expect(rule.hits).toBe(isHarmless ? 4 : 1);
		});
	});

	it('has a case for every operation that the node offers', () => {
		const names = cases.map(({ name }) => name);
		expect(uncovered(setup, 'operation', names)).toEqual([]);
	});

	it('reaches every operation of the OpenAPI document', () => {
		const { basePath, operations } = loadOpenApi(setup.service);
		const sends = cases.flatMap((given) => given.sends);
		const missed = operations.filter(({ method, path }) => {
			const template = new RegExp(`^${basePath}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
			return !sends.some((sent) => sent.method === method && template.test(sent.path));
		});
		expect(missed.map(({ operationId }) => operationId)).toEqual([]);
	});
}
