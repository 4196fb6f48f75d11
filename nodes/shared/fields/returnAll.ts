import { flag, integer } from './basicFields';
import type { ReadContext } from './field';

const returnAll = flag({
	displayName: 'Return All',
	name: 'returnAll',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
});

/** The two fields of every Get Many. */
export const returnAllAndLimit = [
	// If an expression returns nothing, 'Limit' counts
	{
		...returnAll,
		read: (value: unknown, context: ReadContext) => returnAll.read(value, context) ?? false,
	},
	integer({
		displayName: 'Limit',
		name: 'limit',
		min: 1,
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	}),
] as const;

/** @returns how many rows are wanted; Infinity for all */
export function wantedRows(values: { returnAll?: boolean; limit?: number }): number {
	return values.returnAll ? Infinity : (values.limit ?? 50);
}
