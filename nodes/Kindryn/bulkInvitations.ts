import type { IDataObject } from 'n8n-workflow';

import { isEmpty, quoted } from '../shared/fields/field';
import { asText, insteadOf, isRecord, serviceMessage } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import type { ApiRequest } from '../shared/http/request';
import type { Bulk, Result, Run } from '../shared/operations/operation';
import { addressKey } from './emails';

/** One entry of POST /invitations/bulk. */
export interface Invitee {
	email: string;
	role?: string;
	name?: string;
}

/** A person to invite, with the numbers of the input items that name them. */
export interface Entry {
	itemIndexes: number[];
	invitee: Invitee;
}

/** The outcome of an entry: Kindryn's result, or an error if it has none. */
export type InviteOutcome = { result: IDataObject } | { error: ServiceError };

/** The outcomes that mean that somebody was added or invited (Kindryn API, POST /members). */
const INVITED = new Set(['member_created', 'invitation_sent', 'unverified_user_invited']);

const LOOK_FIRST = 'Check the invitations in Kindryn before you invite these people again.';

/**
 * Invites people in batches, one after the other. A failed batch fails only its own items. With
 * On Error → Stop, no further batch is sent.
 *
 * @param entries entries with distinct addresses
 * @param batchSize entries in one request, at most 50
 */
export async function inviteTogether(
	entries: readonly Entry[],
	batchSize: number,
	{ api, run, settle }: Bulk,
): Promise<void> {
	for (let start = 0; start < entries.length; start += batchSize) {
		const batch = entries.slice(start, start + batchSize);
		const outcomes = await send(batch, api);
		const results = batch.map(({ invitee }, position) =>
			toResult(outcomes[position] as InviteOutcome, invitee.email, run, api),
		);
		for (const [position, { itemIndexes }] of batch.entries()) {
			for (const itemIndex of itemIndexes) settle(itemIndex, results[position] as Result);
		}
		if (!run.continuesOnError && results.some((result) => 'error' in result)) return;
	}
}

/** Sends one batch. If the answer is lost, it does not send it again: some may be invited already. */
async function send(batch: readonly Entry[], api: Api): Promise<InviteOutcome[]> {
	const invitees = batch.map(({ invitee }) => invitee);
	const request: ApiRequest = {
		method: 'POST',
		path: '/invitations/bulk',
		body: invitees,
		subject: shownItems(batch.flatMap(({ itemIndexes }) => itemIndexes.slice(0, 1))),
	};
	const answer = await readResults(request, api).catch((error: unknown) => {
		if (error instanceof ServiceError) return error;
		throw error;
	});
	if (!(answer instanceof ServiceError)) return matchResults(invitees, answer);
	const error = answer.ambiguous
		? answer.adding('Some of these people may have been invited', LOOK_FIRST)
		: answer;
	return batch.map(() => ({ error }));
}

/** @returns the results without values that are not objects, such as null: the other results still count */
async function readResults(request: ApiRequest, api: Api): Promise<IDataObject[]> {
	const { body } = await api.send(request);
	const results: unknown = isRecord(body) ? body.results : body;
	if (!Array.isArray(results)) {
		throw api.unexpectedAnswer(request, `returned ${insteadOf(body, 'a list')}`);
	}
	return results.filter(isRecord);
}

/**
 * Matches the results of a batch to its entries by `index`, or by address if a result has no index. An
 * entry fails if it has no result, several results, or a result that names another address.
 *
 * @param batch entries with distinct addresses
 * @param results as Kindryn returned them, in any order
 */
export function matchResults(
	batch: readonly Invitee[],
	results: readonly IDataObject[],
): InviteOutcome[] {
	return batch.map(({ email }, index) => {
		const [result, ...others] = results.filter((candidate) => {
			const position = positionIn(candidate);
			return position === undefined ? names(candidate, email) : position === index;
		});
		if (!result) return unmatched(email, 'has no result for this address');
		if (others.length > 0) return unmatched(email, 'has several results for this address');
		if (typeof result.email === 'string' && !names(result, email)) {
			return unmatched(email, `names ${quoted(result.email)} instead`);
		}
		return { result };
	});
}

/** @returns the `index` of a result, sent as a number or as text; undefined if it has none */
function positionIn({ index }: IDataObject): number | undefined {
	const isNumber =
		typeof index === 'string' ? /^\s*\d+\s*$/.test(index) : typeof index === 'number';
	return isNumber ? Number(index) : undefined;
}

function names(result: IDataObject, email: string): boolean {
	return typeof result.email === 'string' && addressKey(result.email) === addressKey(email);
}

function unmatched(email: string, what: string): { error: ServiceError } {
	return {
		error: new ServiceError(
			`Kindryn's answer ${what}, so it is unknown whether ${quoted(email)} was invited`,
			{ description: LOOK_FIRST, ambiguous: true },
		),
	};
}

/** @returns one entry for each address, with the invitee of the first item that has it */
export function distinctEntries(
	people: ReadonlyArray<{ itemIndex: number; invitee: Invitee }>,
): Entry[] {
	const entries = new Map<string, Entry>();
	for (const { itemIndex, invitee } of people) {
		const address = addressKey(invitee.email);
		const entry = entries.get(address) ?? { itemIndexes: [], invitee };
		entry.itemIndexes.push(itemIndex);
		entries.set(address, entry);
	}
	return [...entries.values()];
}

function toResult(outcome: InviteOutcome, email: string, run: Run, api: Api): Result {
	if ('error' in outcome) return { error: api.withoutSecret(outcome.error) };
	const isInvited = INVITED.has(asText(outcome.result.outcome) ?? '');
	// A refusal becomes an error text; any other answer is data and stays as it is
	const row = isInvited ? { ...outcome.result } : withoutSecrets(outcome.result, api);
	// Users do not see the request, so a position within it would only mislead them
	delete row.index;
	if (isInvited) return { rows: [row] };
	const { error } = notInvited(email, row);
	if (run.hasErrorOutput || error.ambiguous) return { error };
	return run.continuesOnError
		? { error, row: { ...failedInvitation(email, error), ...row } }
		: { rows: [row], refused: true };
}

function withoutSecrets(result: IDataObject, api: Api): IDataObject {
	return JSON.parse(JSON.stringify(result), (_, value: unknown) =>
		typeof value === 'string' ? api.redact(value) : value,
	) as IDataObject;
}

/** @returns the fields beside the error of a failed item, with On Error → Continue */
export function failedInvitation(email: unknown, error: unknown): IDataObject {
	const isUnknown = error instanceof ServiceError && error.ambiguous;
	return { email: email as IDataObject[string], outcome: isUnknown ? 'unknown' : 'error' };
}

function notInvited(email: string, result: IDataObject): { error: ServiceError } {
	// Its secrets are removed already
	const words = serviceMessage(result, (text) => text);
	if (words === undefined && isEmpty(result.outcome)) {
		return unmatched(email, 'has no outcome for this address');
	}
	const why = words ?? `the outcome is ${quoted(result.outcome)}`;
	return { error: new ServiceError(`Kindryn did not invite ${quoted(email)}: ${why}`) };
}

/** @param written item numbers in ascending order @returns which items were invited, for an error text */
export function invitedBefore(written: readonly number[]): string {
	return written.length === 0 ? 'Nobody was invited' : `Already invited: ${shownItems(written)}`;
}

/** @param numbers in ascending order @returns ranges: "items 0 to 49, 60" */
export function shownItems(numbers: readonly number[]): string {
	const ranges: Array<[first: number, last: number]> = [];
	for (const number of numbers) {
		const range = ranges.at(-1);
		if (range && number === range[1] + 1) range[1] = number;
		else ranges.push([number, number]);
	}
	const shown = ranges.map(([first, last]) =>
		first === last ? String(first) : `${first} to ${last}`,
	);
	return `${numbers.length === 1 ? 'item' : 'items'} ${shown.join(', ')}`;
}
