import { sleep } from 'n8n-workflow';

import { CancelledError } from './errors';

/** The calls that wait for each execution to be cancelled. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the execution is cancelled. All calls share one listener: Node.js 20 warns of a
 * memory leak when a signal has more than ten.
 *
 * @param signal fires when the execution is cancelled
 * @returns a function that takes the call back
 */
export function whenCancelled(signal: AbortSignal, call: () => void): () => void {
	const calls = waiting.get(signal) ?? new Set();
	if (!waiting.has(signal)) {
		waiting.set(signal, calls);
		signal.addEventListener('abort', () => calls.forEach((each) => each()), { once: true });
	}
	calls.add(call);
	return () => {
		calls.delete(call);
	};
}

/**
 * @param ms how long to wait, in ms
 * @param signal fires when the execution is cancelled; n8n has none outside executions
 * @throws CancelledError as soon as the execution is cancelled
 */
export async function sleepUnlessCancelled(ms: number, signal?: AbortSignal): Promise<void> {
	if (!signal) return await sleep(ms);
	if (signal.aborted) throw new CancelledError();
	let forget = () => {};
	await new Promise<void>((resolve, reject) => {
		const timer = new AbortController();
		forget = whenCancelled(signal, () => {
			reject(new CancelledError());
			// In n8n 1 the timer runs on, without effect
			timer.abort();
		});
		sleep(ms, timer.signal).then(resolve, reject);
	}).finally(forget);
}
