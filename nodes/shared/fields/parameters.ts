import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Field, ReadContext } from './field';

/**
 * Reads and checks the values of fields.
 *
 * @param valueOf returns the value of a parameter as n8n resolves it; null if it has none
 * @throws InputError that names the parameter and the value
 */
export function readParameters(
	fields: readonly Field[],
	valueOf: (name: string) => unknown,
	context: ReadContext,
): IDataObject {
	const parameters: IDataObject = {};
	for (const { property, read } of fields) {
		// n8n throws for a parameter that is hidden
		if (!isShown(property, parameters)) continue;
		parameters[property.name] = read(valueOf(property.name), context) as IDataObject[string];
	}
	return parameters;
}

/**
 * Whether the panel shows a field of an operation.
 *
 * @param values the values of the fields before it; a field may only depend on these
 */
function isShown(property: INodeProperties, values: IDataObject): boolean {
	return Object.entries(property.displayOptions?.show ?? {}).every(([name, wanted]) =>
		(wanted as unknown[] | undefined)?.includes(values[name]),
	);
}
