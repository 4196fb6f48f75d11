import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import type { Run } from '../shared/operation';
import { isRecord } from '../shared/shape';
import type { Link } from './links';

const REPLAYED =
	'Links that an earlier try of this execution had created were not created again: the result shows them.';

const SHARED_KEY =
	"'Idempotency Key' is the same for several items, so Klinky makes one link for all of them. Use an expression such as {{ $json.id }} to have one for each.";

/**
 * The Idempotency-Key of an item: the same whenever n8n runs the item again within its execution,
 * and another one for each other item, node, run of a loop, or execution.
 *
 * @returns a text in the form of a UUID
 */
export function keyOf(
	{ origin, nodeId, runIndex }: Pick<Run, 'origin' | 'nodeId' | 'runIndex'>,
	itemIndex: number,
): string {
	const hex = hashOf([origin, nodeId, runIndex, itemIndex]);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		hex.slice(12, 16),
		hex.slice(16, 20),
		hex.slice(20, 32),
	].join('-');
}

/**
 * Creates a link unless this execution has created it: when n8n runs the node again, after "Retry On
 * Fail" or because a user retries the execution, the links made so far spend no requests.
 *
 * @param key the Idempotency-Key that `create` sends
 */
export async function createOnce(
	run: Run,
	key: string,
	body: IDataObject,
	create: () => Promise<Link>,
): Promise<Link> {
	const place = hashOf([key, body]);
	return await run.once(`link ${place}`, async () => {
		const links = linksOf(run.notes);
		if (links[place]) run.hint(REPLAYED);
		return (links[place] ??= await create());
	});
}

/** Tells the user when a key of their own stands for several items. */
export async function noticeSharedKey(run: Run, key: string, itemIndex: number): Promise<void> {
	const first = await run.once(`idempotency key ${key}`, async () => itemIndex);
	if (first !== itemIndex) run.hint(SHARED_KEY);
}

/** n8n keeps a node's notes with the execution's data, as JSON. */
function linksOf(notes: IDataObject): Record<string, Link> {
	if (!isRecord(notes.links)) notes.links = {};
	return notes.links as Record<string, Link>;
}

function hashOf(parts: unknown[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
