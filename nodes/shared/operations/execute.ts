import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { InputError, toNodeError } from '../http/errors';
import type { Service } from '../http/service';
import { WriteJournal } from './journal';
import type { Operation, Resource } from './operation';
import { OperationRun } from './operationRun';
import { placeOf } from './run';

/**
 * Runs the chosen operation over the input items.
 *
 * The output keeps the order of the input, and each row is paired with its item. With On Error →
 * Continue a failed item leaves `{ error: <message> }` in its place. Items written by an earlier try of
 * this execution are not sent again.
 *
 * @throws NodeApiError, NodeOperationError for the first failing item when On Error is Stop
 */
export async function execute(
	context: IExecuteFunctions,
	service: Service,
	resources: readonly Resource[],
): Promise<INodeExecutionData[][]> {
	if (context.getInputData().length === 0) return [[]];
	try {
		const chosen = chosenOperation(context, resources);
		// Reads need no journal
		const notes = chosen.reads ? {} : context.getContext('node');
		return [await runNode(context, service, chosen, new WriteJournal(notes, placeOf(context)))];
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

function chosenOperation(context: IExecuteFunctions, resources: readonly Resource[]): Operation {
	const resourceName = String(context.getNodeParameter('resource', 0));
	const operationName = String(context.getNodeParameter('operation', 0));
	const resource = resources.find(({ value }) => value === resourceName);
	const chosen = resource?.operations.find(({ value }) => value === operationName);
	if (!chosen) {
		throw new InputError(
			`There is no operation "${operationName}" for the resource "${resourceName}"`,
			'Pick a resource and an operation from the lists, or update the package of this node.',
		);
	}
	return chosen;
}

async function runNode(
	context: IExecuteFunctions,
	service: Service,
	chosen: Operation,
	journal: WriteJournal,
): Promise<INodeExecutionData[]> {
	let hasReturned = false;
	try {
		const rows = await new OperationRun(context, service, chosen, journal).rows();
		hasReturned = true;
		journal.returned(rows[0]?.json);
		return rows;
	} finally {
		if (!hasReturned) journal.threw();
	}
}
