import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../http/api';
import { isNamed } from './field';
import type { Field } from './field';

/** The IDs for the names in an item's parameters, or the reason why one has no ID. */
export type LookedUp = { ids: IDataObject } | { error: unknown };

/**
 * Finds the IDs for the names in the parameters. Each name is looked up once.
 *
 * @param all the parameters of each item, read and checked
 * @returns one entry for each item; its IDs are listed by the parameter's name
 */
export async function lookUp(
	fields: readonly Field[],
	all: readonly IDataObject[],
	api: Api,
): Promise<LookedUp[]> {
	const found: LookedUp[] = all.map(() => ({ ids: {} }));
	for (const { property, find } of fields) {
		const values = all.map((parameters) => parameters[property.name]);
		const names = values.filter(isNamed).map(({ named }) => named);
		if (!find || names.length === 0) continue;
		const idOf = await find([...new Set(names)], api).catch((error: unknown) => () => {
			throw error;
		});
		for (const [position, value] of values.entries()) {
			if (isNamed(value))
				found[position] = added(found[position], property.name, () => idOf(value.named));
		}
	}
	return found;
}

function added(found: LookedUp | undefined, name: string, idOf: () => string): LookedUp {
	if (found && 'error' in found) return found;
	try {
		return { ids: { ...found?.ids, [name]: idOf() } };
	} catch (error) {
		return { error };
	}
}
