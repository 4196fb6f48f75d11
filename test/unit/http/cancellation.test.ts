/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { getEventListeners } from 'node:events';

import { sleepUnlessCancelled, whenCancelled } from '../../../nodes/shared/http/cancellation';
import { CancelledError } from '../../../nodes/shared/http/errors';

const AN_HOUR = 3_600_000;

it('a hundred calls that wait for a cancellation take one listener, and each is called once', () => {
	const { signal, abort } = controller();
	const called: number[] = [];
	const forget = Array.from({ length: 100 }, (_, number) =>
		whenCancelled(signal, () => called.push(number)),
	);
	expect(getEventListeners(signal, 'abort')).toHaveLength(1);
	forget[7]?.();
	abort();
	expect(called).toEqual(Array.from({ length: 100 }, (_, number) => number).filter((n) => n !== 7));
});

describe('a wait', () => {
	it('ends when its time is over', async () => {
		await expect(sleepUnlessCancelled(1)).resolves.toBeUndefined();
		await expect(sleepUnlessCancelled(1, controller().signal)).resolves.toBeUndefined();
	});

	it('ends at once when the execution is cancelled, and many waits take one listener', async () => {
		const { signal, abort } = controller();
		const waits = Array.from(
			{ length: 20 },
			async () => await sleepUnlessCancelled(AN_HOUR, signal).catch((error: unknown) => error),
		);
		expect(getEventListeners(signal, 'abort')).toHaveLength(1);
		abort();
		for (const ended of await Promise.all(waits)) expect(ended).toBeInstanceOf(CancelledError);
	});

	it('does not begin after the execution was cancelled', async () => {
		await expect(sleepUnlessCancelled(AN_HOUR, AbortSignal.abort())).rejects.toThrow(
			CancelledError,
		);
	});
});

function controller() {
	const made = new AbortController();
	return { signal: made.signal, abort: () => made.abort() };
}
