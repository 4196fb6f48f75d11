import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';

import { ServiceError } from '../shared/http/errors';
import type { Run } from '../shared/operations/operation';
import { isRecord } from '../shared/http/answer';
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
export function idempotencyKeyOf(
	{ executionKey, nodeId, runIndex }: Pick<Run, 'executionKey' | 'nodeId' | 'runIndex'>,
	itemIndex: number,
): string {
	const hex = hashOf([executionKey, nodeId, runIndex, itemIndex]);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		hex.slice(12, 16),
		hex.slice(16, 20),
		hex.slice(20, 32),
	].join('-');
}

/** A request that may have made a link although no answer said so. */
interface Lost {
	body: string;
	runIndex: number;
}

/**
 * Creates a link unless this execution has created it: when n8n runs the node again, after "Retry On
 * Fail" or because a user retries the execution, the links made so far spend no requests.
 *
 * What was lost in another run is asked for with the key of then: each try of a tool is a run of its
 * own for n8n, and people lead what failed back to the node.
 *
 * @param own the key that the user gave
 * @param create sends the request with an Idempotency-Key
 */
export async function createOnce(
	run: Run,
	itemIndex: number,
	own: string | undefined,
	body: IDataObject,
	create: (key: string) => Promise<Link>,
): Promise<Link> {
	if (own !== undefined) await noticeSharedKey(run, own, itemIndex);
	const key = own ?? idempotencyKeyOf(run, itemIndex);
	const place = hashOf([key, body]);
	return await run.once(`link ${place}`, async () => {
		const links = noted<Link>(run.notes, 'links');
		if (links[place]) run.hint(REPLAYED);
		return (links[place] ??= await (own === undefined
			? createAnew(run, key, hashOf(body), create)
			: create(own)));
	});
}

async function createAnew(
	{ notes, runIndex }: Run,
	key: string,
	body: string,
	create: (key: string) => Promise<Link>,
): Promise<Link> {
	const lost = noted<Lost>(notes, 'lost');
	const [earlier] = Object.keys(lost).filter(
		(other) => lost[other]?.body === body && lost[other].runIndex !== runIndex,
	);
	const sent = earlier ?? key;
	const link = await create(sent).catch((error: unknown) => {
		if (error instanceof ServiceError && error.ambiguous) lost[sent] ??= { body, runIndex };
		throw error;
	});
	delete lost[sent];
	return link;
}

/** Tells the user when a key of their own stands for several items. */
async function noticeSharedKey(run: Run, key: string, itemIndex: number): Promise<void> {
	const first = await run.once(`idempotency key ${key}`, async () => itemIndex);
	if (first !== itemIndex) run.hint(SHARED_KEY);
}

/** n8n keeps a node's notes with the execution's data, as JSON. */
function noted<T>(notes: IDataObject, name: string): Record<string, T> {
	if (!isRecord(notes[name])) notes[name] = {};
	return notes[name] as Record<string, T>;
}

function hashOf(value: unknown): string {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
