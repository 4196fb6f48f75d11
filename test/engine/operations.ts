import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Journal, Misbehaviour } from '../emulator';
import { findSecrets } from './harness';
import type { Engine, NodeRunResult, SavedCredentials } from './harness';

/** What a request looked like on the wire. */
export interface Wire {
	method: string;
	path: string;
	query?: IDataObject;
	body?: unknown;
}

/** An operation run over two items of different parameters. */
export interface OperationCase {
	resource: string;
	operation: string;
	/** with expressions over `$json` */
	parameters: INodeParameters;
	items: [IDataObject, IDataObject];
	/** the requests, in the order of arrival */
	wire: Wire[];
	/** whether the requests leave side by side, so that they may arrive in any order */
	sideBySide?: boolean;
	/** the rows made from each item; matched with toMatchObject */
	rows: [IDataObject[], IDataObject[]];
	/** makes the second item fail and leaves the first alone */
	fails: Misbehaviour;
	/** part of the failing item's message */
	says: string;
	/** what stands beside the message when the node goes on */
	beside?: IDataObject;
}

/** A service as these tests use it; functions, because it is set up anew for every test. */
export interface Bench {
	type: string;
	engine(): Engine;
	emulator(): { journal: Journal; misbehave(rule: Misbehaviour): unknown };
	credentials(): SavedCredentials;
	secrets(): string[];
}

/** The requests of a journal as {@link Wire}, without what is absent. */
export function onTheWire(journal: Journal): Wire[] {
	return journal.requests.map(({ method, path, query, body }) => ({
		method,
		path,
		...(Object.keys(query).length > 0 ? { query } : {}),
		...(body === undefined ? {} : { body }),
	}));
}

/** The input item that each output item names. */
export function pairing(items: NodeRunResult['output']): unknown[] {
	return items.map(({ pairedItem }) =>
		typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : pairedItem,
	);
}

/** What must hold of every operation, whatever it does (interface, "What holds for every operation"). */
export function describeOperation(bench: Bench, given: OperationCase): void {
	const { resource, operation, items } = given;

	describe(`${resource}: ${operation}`, () => {
		const run = async (onError?: 'continueRegularOutput' | 'continueErrorOutput') =>
			await bench.engine().runNode({
				type: bench.type,
				parameters: { resource, operation, ...given.parameters },
				credentials: bench.credentials(),
				items,
				onError,
			});
		const expectNoSecret = (result: NodeRunResult) => {
			expect(findSecrets([result, bench.engine().logs], bench.secrets())).toEqual([]);
		};

		it('reads the parameters of each item, and pairs what it makes of them', async () => {
			const result = await run();
			expect(result.error).toBeUndefined();
			const [first, second] = given.rows;
			expect(result.output.map(({ json }) => json)).toMatchObject([...first, ...second]);
			expect(pairing(result.output)).toEqual([...first.map(() => 0), ...second.map(() => 1)]);
			const wire = onTheWire(bench.emulator().journal);
			if (given.sideBySide) expect(new Set(wire)).toEqual(new Set(given.wire));
			else expect(wire).toEqual(given.wire);
			expectNoSecret(result);
		});

		it('stops at the failing item and says which', async () => {
			bench.emulator().misbehave(given.fails);
			const result = await run();
			expect(result.status).toBe('error');
			expect(result.error?.message).toContain(given.says);
			expect(result.error?.message).toMatch(/\[item 1\]$/);
			expect(result.error?.description).toMatch(/\w/);
			expectNoSecret(result);
		});

		it('goes on with the others when told to', async () => {
			bench.emulator().misbehave(given.fails);
			const result = await run('continueRegularOutput');
			const [first] = given.rows;
			expect(result.status).toBe('success');
			expect(pairing(result.output)).toEqual([...first.map(() => 0), 1]);
			expect(result.output.at(-1)?.json).toEqual({
				...given.beside,
				error: expect.stringContaining(given.says),
			});
			expectNoSecret(result);
		});

		it('hands the failing item to the error output', async () => {
			bench.emulator().misbehave(given.fails);
			const result = await run('continueErrorOutput');
			const [first] = given.rows;
			expect(result.output.map(({ json }) => json)).toMatchObject(first);
			expect(result.errorOutput.map(({ json }) => json)).toEqual([
				{ ...items[1], error: expect.stringContaining(given.says) },
			]);
			expectNoSecret(result);
		});
	});
}
