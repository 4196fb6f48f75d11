import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Field, ReadContext } from './field';

/**
 * The values of fields, each read and checked.
 *
 * @param valueOf the value of a parameter as n8n resolves it; null where it has none
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
 * @param values what was read of the fields before it; a field may only depend on those
 */
function isShown(property: INodeProperties, values: IDataObject): boolean {
	return Object.entries(property.displayOptions?.show ?? {}).every(([name, wanted]) =>
		(wanted as unknown[] | undefined)?.includes(values[name]),
	);
}
