import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Field, ValuesOf } from '../fields/field';
import { keptAsWritten } from '../fields/rows';
import type { Api } from '../http/api';
import { ServiceError } from '../http/errors';

/** What an operation has at hand for one input item. */
export interface Call<P = never> {
	/** the parameters of this item, read and checked */
	parameters: P;
	api: Api;
	run: Run;
	/** position of the input item, from 0 */
	itemIndex: number;
	/** whether an earlier try may have written this item although no answer said so */
	mayBeWritten: boolean;
	/** An Idempotency-Key for a write: the same whenever this item is sent again. */
	requestKey(): string;
}

/** What all items of one execution of a node share. */
export interface Run {
	/** the workflow's time zone, e.g. "Europe/Berlin" */
	timezone: string;
	/** whether the other items are run after one failed (On Error → Continue) */
	continuesOnError: boolean;
	/** whether failing items go to an output of their own (On Error → error output) */
	hasErrorOutput: boolean;
	/** ms since the epoch */
	now(): number;
	/**
	 * Reads something once for all items: the first call with a key runs `read`. An InputError of
	 * `read` is an answer as well; after any other failure the next call reads again.
	 */
	once<T>(key: string, read: () => Promise<T>): Promise<T>;
	/**
	 * Tells the user something about the result, in the output pane. All hints share one box there, and
	 * the same text is shown once.
	 *
	 * @param message one or more sentences
	 */
	hint(message: string): void;
}

/** The rows made from one item, or why there are none. */
export type Result = Made | Failed;

export interface Made {
	rows: IDataObject[];
	/** whether the rows only say why nothing was written */
	refused?: boolean;
}

export interface Failed {
	error: unknown;
	/** what On Error → Continue shows beside the error */
	row?: IDataObject;
}

interface OperationDescription<F extends readonly Field[]> {
	/** as the dropdown shows it, without the resource: "Get Many" */
	name: string;
	/** as a saved workflow stores it; never renamed */
	value: string;
	/** a sentence with the resource: "Get many tags" */
	action: string;
	description: string;
	fields: F;
	/** whether it changes nothing, so that items may be read side by side */
	reads?: boolean;
	/**
	 * What an item writes to: the ID of a link, an address. Items are then written side by side, and
	 * those with a target in common one after the other. Without this, all go one after the other.
	 */
	targets?(parameters: ValuesOf<F>): string[];
	/** Whether sending a write again does no harm when nobody knows if it was carried out; by default not. */
	repeatable?(parameters: ValuesOf<F>): boolean;
	/** Where people see whether it was carried out: "the posts of the space in Kindryn". */
	lookAt?: string;
	/** What has happened to the items that are written, in the plural: "links were created". */
	done?: string;
	/** Checks what a field cannot check by itself, before anything is sent. @throws InputError */
	check?(parameters: ValuesOf<F>): void;
}

/** An operation that is run for each item. */
export interface ItemOperation<P = unknown> extends OperationDescription<readonly Field[]> {
	/**
	 * Reads what `execute` will need, so that an item that cannot be sent shows before anything is
	 * written: with On Error → Stop it is run for all items before the first is executed. It only
	 * reads; what it finds is kept by {@link Run.once}.
	 *
	 * @throws InputError when the item cannot be sent
	 */
	prepare?(call: Call<P>): Promise<void>;
	execute(call: Call<P>): Promise<IDataObject | IDataObject[]>;
}

/** An operation that takes all items together, e.g. to send them in batches. */
export interface BulkOperation<P = unknown> extends OperationDescription<readonly Field[]> {
	/** Writes the items of all calls; with On Error → Stop it sends nothing more after a failure. */
	executeAll(calls: Array<Call<P>>, bulk: Bulk): Promise<void>;
	/**
	 * What stands beside the error of an item that failed, with On Error → Continue.
	 *
	 * @param valueOf the value of a parameter, as it was entered
	 */
	failedRow?(valueOf: (name: string) => unknown, error: unknown): IDataObject;
	/** A hint for a result in which some items are not written: how many, of how many. */
	failedHint?(failed: number, items: number): string;
	/** What ends the text of an error: what was done before it. @param written numbers of items */
	doneBefore?(written: readonly number[]): string;
}

/** What an operation over all items has at hand. */
export interface Bulk {
	api: Api;
	run: Run;
	/** Hands over what became of an item, as soon as that is clear. */
	settle(itemIndex: number, result: Result): void;
}

export type Operation = ItemOperation<never> | BulkOperation<never>;

/** Defines an operation; `parameters` has the types of its fields. */
export function operation<const F extends readonly Field[]>(
	definition: OperationDescription<F> & Pick<ItemOperation<ValuesOf<F>>, 'prepare' | 'execute'>,
): ItemOperation<ValuesOf<F>> {
	return definition;
}

/** Defines an operation over all items together. */
export function bulkOperation<const F extends readonly Field[]>(
	definition: OperationDescription<F> &
		Pick<BulkOperation<ValuesOf<F>>, 'executeAll' | 'failedRow' | 'failedHint' | 'doneBefore'>,
): BulkOperation<ValuesOf<F>> {
	return definition;
}

export interface Resource {
	/** as the dropdown shows it */
	name: string;
	/** as a saved workflow stores it; never renamed */
	value: string;
	operations: readonly Operation[];
}

/**
 * The parameters of a node, made from its resources: the two dropdowns, then the fields of each
 * operation, shown when it is chosen.
 *
 * @param defaultResource value of the resource that is shown first
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
	// What is shown first changes nothing in the service
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
 * Deletes something. That it is not there is no failure when an earlier try may have deleted it.
 *
 * @param gone what is returned then
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

/** What a list held: the rows that were read, and how many there are where the service tells. */
interface Found {
	rows: IDataObject[];
	total?: number;
}

/**
 * The wanted rows of a list; when Limit cuts it, a hint says so.
 *
 * @param things what the rows are, in the plural: "tags"
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
