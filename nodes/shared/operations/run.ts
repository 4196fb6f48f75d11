import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import { InputError, isTool, withoutTags } from '../http/errors';
import type { Place } from './journal';
import type { Run } from './operation';

/** Everything that all items share, and the last step of the node. */
export interface StartedRun extends Run {
	/** Shows all hints in one box. @param first the one that matters most */
	showHints(first?: string): void;
}

/** Starts the run that all items of this execution of the node share. */
export function startRun(context: IExecuteFunctions): StartedRun {
	const memory = new Map<string, Promise<unknown>>();
	const hints = new Set<string>();
	return {
		timezone: context.getTimezone(),
		hasErrorOutput: context.getNode().onError === 'continueErrorOutput',
		continuesOnError: context.continueOnFail(),
		now: () => Date.now(),
		async once<T>(key: string, read: () => Promise<T>) {
			const known = memory.get(key) as Promise<T> | undefined;
			if (known) return await known;
			const reading = read();
			memory.set(key, reading);
			// A failed read is repeated for the next item. An InputError stays: reading again would fail alike.
			reading.catch((error: unknown) => {
				if (!(error instanceof InputError)) memory.delete(key);
			});
			return await reading;
		},
		hint(message) {
			hints.add(message);
		},
		showHints(first) {
			const message = [...(first ? [first] : []), ...hints].join(' ');
			// n8n before 1.75 has no hints
			if (message === '' || typeof context.addExecutionHints !== 'function') return;
			context.addExecutionHints({ message: withoutTags(message), location: 'outputPane' });
		},
	};
}

/** @returns the node's place in the execution, for its {@link WriteJournal} */
export function placeOf(context: IExecuteFunctions): Place {
	const node = context.getNode();
	const { id, retryOnFail, maxTries } = node;
	const executionId: string | undefined = context.getExecutionId();
	// Each n8n counts its executions from 1, so the ID alone is not unique. The instance's address
	// would not do: each worker of a queue may have another one.
	const instance = typeof context.getInstanceId === 'function' ? context.getInstanceId() : '';
	const runIndex: unknown = context.getWorkflowDataProxy(0).$runIndex;
	return {
		executionId: executionId ?? '',
		origin: [instance, context.getWorkflow().id ?? '', executionId ?? randomUUID(), id].join(' '),
		runIndex: typeof runIndex === 'number' ? runIndex : 0,
		isTool: isTool(node),
		// As n8n counts (n8n-core, WorkflowExecute)
		maxTries: retryOnFail === true ? Math.min(5, Math.max(2, maxTries || 3)) : 1,
	};
}
