import type { IDataObject } from 'n8n-workflow';

import { collection, flag } from '../shared/fields/basicFields';
import type { Field, ValuesOf } from '../shared/fields/field';
import { LONGEST_WAIT } from '../shared/http/retry';
import type { Call, ItemOperation, operation } from '../shared/operations/operation';

/** Longer than any window of Klinky, which counts by the hour; in ms. */
const LONGEST_WINDOW = 24 * 3_600_000;

const options = collection({ displayName: 'Options', name: 'options', placeholder: 'Add option' }, [
	flag({
		displayName: 'Wait for Rate Limit',
		name: 'waitForRateLimit',
		description:
			'Whether to wait until Klinky takes requests again when those of this hour are used up. A wait of up to a minute is always taken; without this option the node stops at a longer one and says until when.',
	}),
]);

/** As {@link operation} takes it; `execute` also hears whether it is to wait for the window. */
type Definition<F extends readonly Field[]> = Omit<
	Parameters<typeof operation<F>>[0],
	'execute' | 'longestWait'
> & {
	execute(call: Call<ValuesOf<F>> & { waits: boolean }): Promise<IDataObject | IDataObject[]>;
};

type Waiting = { options: { waitForRateLimit?: boolean } };

/** The parameters of an operation, and the options that stand on every one of Klinky's. */
type WithOptions<F extends readonly Field[]> = ValuesOf<F> & Waiting;

/** In ms. */
function longestWait({ options: { waitForRateLimit } }: Waiting): number {
	return waitForRateLimit === true ? LONGEST_WINDOW : LONGEST_WAIT;
}

/**
 * Defines an operation of Klinky, where every request counts: it waits for the window as `options`
 * say, and what several items ask alike is asked once.
 */
export function klinkyOperation<const F extends readonly Field[]>(
	definition: Definition<F>,
): ItemOperation<never> {
	return {
		// Creations carry an Idempotency-Key
		repeatable: () => true,
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
