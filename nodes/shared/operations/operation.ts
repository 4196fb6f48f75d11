import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Field, ValuesOf } from '../fields/field';
import { keptAsWritten } from '../fields/rows';
import type { Api } from '../http/api';
import { ServiceError } from '../http/errors';

/** Everything an operation gets for one input item. */
export interface Call<P = never> {
	/** the parameters of this item, read and checked */
	parameters: P;
	api: Api;
	run: Run;
	/** position of the input item, from 0 */
	itemIndex: number;
	/** whether an earlier try may have written this item without a confirmation */
	mayBeWritten: boolean;
	/** @returns an Idempotency-Key: the same each time this item is sent */
	requestKey(): string;
}

/** Everything that all items of one execution of a node share. */
export interface Run {
	/** the workflow's time zone, e.g. "Europe/Berlin" */
	timezone: string;
	/** whether the other items still run after one failed (On Error → Continue) */
	continuesOnError: boolean;
	/** whether failed items go to their own output (On Error → error output) */
	hasErrorOutput: boolean;
	/** ms since the epoch */
	now(): number;
	/**
	 * Reads something once for all items: the first call with a key runs `read`. An InputError counts
	 * as a result; after any other failure the next call reads again.
	 */
	once<T>(key: string, read: () => Promise<T>): Promise<T>;
	/**
	 * Adds a hint to the output pane. All hints share one box, and the same text appears once.
	 *
	 * @param message one or more sentences
	 */
	hint(message: string): void;
}

/** The rows made from one item, or its error. */
export type Result = Made | Failed;

export interface Made {
	rows: IDataObject[];
	/** whether the rows only explain why nothing was written */
	refused?: boolean;
}

export interface Failed {
	error: unknown;
	/** fields beside the error with On Error → Continue */
	row?: IDataObject;
}

interface OperationDescription<F extends readonly Field[]> {
	/** its name in the dropdown, without the resource: "Get Many" */
	name: string;
	/** its name in saved workflows; never changes */
	value: string;
	/** a sentence with the resource: "Get many tags" */
	action: string;
	description: string;
	fields: F;
	/** whether it only reads, so that items may run side by side */
	reads?: boolean;
	/**
	 * What an item writes to, e.g. the ID of a link. Items run side by side, except that items with a
	 * common target run in input order. Without this, all items run one after the other.
	 */
	targets?(parameters: ValuesOf<F>): string[];
	/** Whether a write with an unknown outcome may be sent again; by default not. */
	repeatable?(parameters: ValuesOf<F>): boolean;
	/** Where a person can check whether it was carried out: "the posts of the space in Kindryn". */
	lookAt?: string;
	/** Says in an error text what happened to the written items: "links were created". */
	done?: string;
	/** Checks fields together, before anything is sent. @throws InputError */
	check?(parameters: ValuesOf<F>): void;
	/** The longest wait for a rate limit while the IDs of names are looked up, in ms. */
	longestWait?(parameters: ValuesOf<F>): number;
}

/** An operation that runs for each item. */
export interface ItemOperation<P = unknown> extends OperationDescription<readonly Field[]> {
	execute(call: Call<P>): Promise<IDataObject | IDataObject[]>;
}

/** An operation that runs once for all items, e.g. to send them in batches. */
export interface BulkOperation<P = unknown> extends OperationDescription<readonly Field[]> {
	/** Writes all items. With On Error → Stop it sends nothing more after a failure. */
	executeAll(calls: Array<Call<P>>, bulk: Bulk): Promise<void>;
	/**
	 * @param valueOf returns the value of a parameter as entered
	 * @returns the fields beside the error of a failed item, with On Error → Continue
	 */
	failedRow?(valueOf: (name: string) => unknown, error: unknown): IDataObject;
	/** A hint for a result with failed items: how many of how many. */
	failedHint?(failed: number, items: number): string;
	/** The last sentence of an error text, which says what was done before. @param written numbers of items */
	doneBefore?(written: readonly number[]): string;
}

/** Everything a bulk operation gets. */
export interface Bulk {
	api: Api;
	run: Run;
	/** Reports the result of an item, as soon as it is clear. */
	settle(itemIndex: number, result: Result): void;
}

export type Operation = ItemOperation<never> | BulkOperation<never>;

/** Defines an operation; `parameters` has the types of its fields. */
export function operation<const F extends readonly Field[]>(
	definition: OperationDescription<F> & Pick<ItemOperation<ValuesOf<F>>, 'execute'>,
): ItemOperation<ValuesOf<F>> {
	return definition;
}

/** Defines an operation that runs once for all items. */
export function bulkOperation<const F extends readonly Field[]>(
	definition: OperationDescription<F> &
		Pick<BulkOperation<ValuesOf<F>>, 'executeAll' | 'failedRow' | 'failedHint' | 'doneBefore'>,
): BulkOperation<ValuesOf<F>> {
	return definition;
}

export interface Resource {
	/** its name in the dropdown */
	name: string;
	/** its name in saved workflows; never changes */
	value: string;
	operations: readonly Operation[];
}

/**
 * Makes the parameters of a node from its resources: the two dropdowns, then the fields of each
 * operation.
 *
 * @param defaultResource value of the resource shown first
 */
export function propertiesOf(
	resources: readonly Resource[],
	defaultResource: string,
): INodeProperties[] {
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: byName(resources.map(({ name, value }) => ({ name, value }))),
			default: defaultResource,
		},
		...resources.flatMap((resource) => [
			operationDropdown(resource),
			...resource.operations.flatMap((candidate) =>
				candidate.fields
					.map((field) => shownFor(resource, candidate, field))
					.flatMap((property) => [property, ...keptAsWritten(property)]),
			),
		]),
	];
}

function operationDropdown(resource: Resource): INodeProperties {
	const options = byName(
		resource.operations.map(({ name, value, action, description }) => ({
			name,
			value,
			action,
			description,
		})),
	);
	// The default operation must change nothing in the service
	const first = options.find(({ value }) => value === 'getAll') ?? options[0];
	const value = first?.value ?? '';
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options,
		default: value,
	};
}

function shownFor(resource: Resource, candidate: Operation, { property }: Field): INodeProperties {
	return {
		...property,
		displayOptions: {
			...property.displayOptions,
			show: {
				resource: [resource.value],
				operation: [candidate.value],
				...property.displayOptions?.show,
			},
		},
	};
}

/** n8n's UX rules ask for alphabetical lists. */
function byName(options: INodePropertyOptions[]): INodePropertyOptions[] {
	return [...options].sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Deletes something. A 404 counts as success if an earlier try may have deleted it.
 *
 * @param gone the result in that case
 */
export async function deleteOnce<T>(
	{ mayBeWritten }: Pick<Call, 'mayBeWritten'>,
	gone: T,
	send: () => Promise<T>,
): Promise<T> {
	return await send().catch((error: unknown) => {
		if (mayBeWritten && error instanceof ServiceError && error.status === 404) return gone;
		throw error;
	});
}

/** The rows read from a list, and the service's count of all rows. */
interface Found {
	rows: IDataObject[];
	total?: number;
}

/**
 * Cuts a list to the wanted number of rows, and adds a hint if that drops some.
 *
 * @param things a plural that names the rows: "tags"
 */
export function limitRows(
	run: Pick<Run, 'hint'>,
	found: Found,
	wanted: number,
	things: string,
): IDataObject[] {
	const rows = found.rows.slice(0, wanted);
	const total = Math.max(found.total ?? 0, found.rows.length);
	if (total > wanted && rows.length === wanted) {
		run.hint(`'Limit' cut the result: ${rows.length} of ${total} ${things}.`);
	}
	return rows;
}
