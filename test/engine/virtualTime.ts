/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** After this many turns of the event loop without a request in flight, only timers are left. */
const QUIET_TURNS = 30;

const nextTurn = setImmediate;

/**
 * Runs `work` with a clock that stands still while requests are in flight, and otherwise jumps to the
 * next timer. Waits take no time, and a journal with the clock `() => Date.now()` shows exactly when
 * each request left.
 */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
	let open = 0;
	const opened = (message: unknown) => {
		open += 1;
		const { request } = message as { request: ClientRequest };
		request.once('close', () => {
			open -= 1;
		});
	};
	subscribe('http.client.request.start', opened);
	jest.useFakeTimers({
		doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
	});
	try {
		let isRunning = true;
		const running = work().finally(() => {
			isRunning = false;
		});
		// The await below throws the failure
		running.catch(() => undefined);
		for (let quiet = 0; isRunning; ) {
			await new Promise<void>((resolve) => nextTurn(resolve));
			quiet = open === 0 ? quiet + 1 : 0;
			if (quiet < QUIET_TURNS) continue;
			jest.advanceTimersToNextTimer();
			quiet = 0;
		}
		return await running;
	} finally {
		jest.useRealTimers();
		unsubscribe('http.client.request.start', opened);
	}
}
