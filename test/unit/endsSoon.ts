/* eslint-disable @n8n/community-nodes/no-restricted-imports -- this rule is for code that runs inside n8n */
import { runInNewContext } from 'node:vm';

/** Far more than the work takes on a busy machine, and less than it takes if it is quadratic; in ms. */
const TIMEOUT = 20_000;

/**
 * Runs work that could block n8n for minutes. Jest cannot interrupt it, so this does.
 *
 * @throws when the work does not end
 */
export function endsSoon(work: () => unknown): void {
	runInNewContext('work()', { work }, { timeout: TIMEOUT });
}
