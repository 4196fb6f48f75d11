import type { IDataObject } from 'n8n-workflow';

import { collection, flag } from '../shared/fields/basicFields';
import type { Field, ValuesOf } from '../shared/fields/field';
import { LONGEST_WAIT } from '../shared/http/retry';
import type { Call, ItemOperation, operation } from '../shared/operations/operation';

/** In ms. Longer than any rate limit window: Klinky counts requests by the hour. */
const LONGEST_WINDOW = 24 * 3_600_000;

const options = collection({ displayName: 'Options', name: 'options', placeholder: 'Add Option' }, [
	flag({
		displayName: 'Wait for Rate Limit',
		name: 'waitForRateLimit',
		description:
			'Whether to wait until Klinky accepts requests again. If off, a wait of more than a minute stops the node.',
	}),
]);

/** The argument of {@link operation}; `execute` also gets whether to wait for the window. */
type Definition<F extends readonly Field[]> = Omit<
	Parameters<typeof operation<F>>[0],
	'execute' | 'longestWait'
> & {
	execute(call: Call<ValuesOf<F>> & { waits: boolean }): Promise<IDataObject | IDataObject[]>;
};

type Waiting = { options: { waitForRateLimit?: boolean } };

/** The parameters of an operation, with the options that every Klinky operation has. */
type WithOptions<F extends readonly Field[]> = ValuesOf<F> & Waiting;

/** @returns the longest wait for the rate limit, in ms */
function longestWait({ options: { waitForRateLimit } }: Waiting): number {
	return waitForRateLimit === true ? LONGEST_WINDOW : LONGEST_WAIT;
}

/**
 * Defines an operation of Klinky. It waits for the rate limit as `options` say. Every request counts,
 * so items with the same parameters share one read.
 */
export function klinkyOperation<const F extends readonly Field[]>(
	definition: Definition<F>,
): ItemOperation<never> {
	return {
		...definition,
		fields: [...definition.fields, options],
		longestWait,
		async execute(call: Call<never>) {
			const parameters: WithOptions<F> = call.parameters;
			const wait = longestWait(parameters);
			const waits = wait === LONGEST_WINDOW;
			const api = call.api.within(wait);
			const send = async () => await definition.execute({ ...call, parameters, api, waits });
			if (!definition.reads) return await send();
			return await call.run.once(JSON.stringify(parameters), send);
		},
	};
}
