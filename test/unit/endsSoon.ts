/* eslint-disable @n8n/community-nodes/no-restricted-imports -- this rule is for code that runs inside n8n */
import { runInNewContext } from 'node:vm';

/** Enough for the work on a busy machine, but too short for quadratic work; in ms. */
const TIMEOUT = 20_000;

/**
 * Runs work that could block n8n for minutes, and interrupts it at the timeout. Jest cannot do that.
 *
 * @throws when the work does not end
 */
export function endsSoon(work: () => unknown): void {
	runInNewContext('work()', { work }, { timeout: TIMEOUT });
}
