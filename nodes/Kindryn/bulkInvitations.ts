import type { IDataObject } from 'n8n-workflow';

import { isEmpty, quoted } from '../shared/fields/field';
import { asText, describeBody, isRecord, serviceMessage } from '../shared/http/answer';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import type { ApiRequest } from '../shared/http/request';
import type { Result, Run } from '../shared/operations/operation';

/** One entry of POST /invitations/bulk. */
export interface Invitee {
	email: string;
	role?: string;
	name?: string;
}

/** A person to invite, with the number of the input item that names them. */
export interface Entry {
	itemIndex: number;
	invitee: Invitee;
}

/** What became of an entry: Kindryn's result, or why there is none. */
export type InviteOutcome = { result: IDataObject } | { error: ServiceError };

/** The outcomes that mean somebody was added or invited (Kindryn API, POST /members). */
const INVITED = new Set(['member_created', 'invitation_sent', 'unverified_user_invited']);

const LOOK_FIRST = 'Look at the invitations in Kindryn before you invite these people again.';

/**
 * Invites the people of all items in batches, one after the other. An address that comes twice is
 * sent once. A batch that fails takes only its own items with it; with On Error → Stop no further
 * batch is sent, and the message says which items were invited by then. When n8n runs the node again
 * after that, those are not invited a second time.
 *
 * @param batchSize entries of one request, at most 50
 * @returns a result for each entry, in their order
 */
export async function inviteTogether(
	entries: readonly Entry[],
	batchSize: number,
	api: Api,
	run: Run,
): Promise<Result[]> {
	const distinct = distinctEntries(entries);
	hintDoubles(run, entries.length - distinct.length);
	const known = invitedBefore(run);
	const open = distinct.filter((entry) => !known.has(addressOf(entry)));
	const sent = await sendAll(open, batchSize, api, run.continuesOnError);
	open.forEach((entry, position) => {
		const outcome = sent[position];
		if (outcome) known.set(addressOf(entry), outcome);
	});

	const outcomes = entries.map((entry) => known.get(addressOf(entry)));
	if (!run.hasErrorOutput) hintNotInvited(run, outcomes);
	const results = entries.map((entry, position) =>
		toResult(entry, outcomes[position], run.hasErrorOutput),
	);
	if (run.continuesOnError) return results;
	remember(run, results.some(isFailure) ? known : new Map());
	return withWhatWasDone(results, outcomes, entries);
}

/** Sends batch after batch. @param continues whether to go on after one that failed */
async function sendAll(
	entries: readonly Entry[],
	batchSize: number,
	api: Api,
	continues: boolean,
): Promise<InviteOutcome[]> {
	const outcomes: InviteOutcome[] = [];
	for (let start = 0; start < entries.length; start += batchSize) {
		const made = await send(entries.slice(start, start + batchSize), api);
		outcomes.push(...made);
		if (!continues && made.some(isFailure)) break;
	}
	return outcomes;
}

/** Not sent a second time when the answer is lost: nothing tells who was invited already. */
async function send(batch: readonly Entry[], api: Api): Promise<InviteOutcome[]> {
	const invitees = batch.map(({ invitee }) => invitee);
	const request: ApiRequest = {
		method: 'POST',
		path: '/invitations/bulk',
		body: invitees,
		subject: shownItems(batch.map(({ itemIndex }) => itemIndex)),
	};
	const answer = await readResults(request, api).catch((error: unknown) => {
		if (error instanceof ServiceError) return error;
		throw error;
	});
	if (!(answer instanceof ServiceError)) return matchResults(invitees, answer);
	const error = answer.ambiguous
		? reworded(answer, 'Some of these people may have been invited', LOOK_FIRST)
		: answer;
	return batch.map(() => ({ error }));
}

/**
 * @returns the results, without secrets in their texts. What is no result, such as null, is left out:
 * it tells nothing of an entry, but the others still hold.
 */
async function readResults(request: ApiRequest, api: Api): Promise<IDataObject[]> {
	const { body } = await api.send(request);
	const results: unknown = isRecord(body) ? body.results : body;
	if (!Array.isArray(results)) {
		throw api.unexpectedAnswer(request, `answered ${describeBody(body)} in place of a list`);
	}
	const shown = JSON.parse(JSON.stringify(results), (_, value: unknown) =>
		typeof value === 'string' ? api.redact(value) : value,
	) as unknown[];
	return shown.filter(isRecord);
}

/**
 * Matches the results of a batch to its entries by `index`, or by address where a result has none. No
 * result, several, or one that names another address are a failure of the entry concerned, never a
 * silent mismatch.
 *
 * @param batch entries of which no two have the same address
 * @param results as Kindryn answered them, in any order
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
		if (!result) return unmatched(email, 'holds no result for this address');
		if (others.length > 0) return unmatched(email, 'holds several results for this address');
		if (typeof result.email === 'string' && !names(result, email)) {
			return unmatched(email, `names ${quoted(result.email)} in its place`);
		}
		return { result };
	});
}

/** @returns the `index` of a result, also one written as text; undefined where there is none */
function positionIn({ index }: IDataObject): number | undefined {
	const isNumber =
		typeof index === 'string' ? /^\s*\d+\s*$/.test(index) : typeof index === 'number';
	return isNumber ? Number(index) : undefined;
}

function names(result: IDataObject, email: string): boolean {
	return typeof result.email === 'string' && plain(result.email) === plain(email);
}

function unmatched(email: string, what: string): { error: ServiceError } {
	return {
		error: new ServiceError(
			`Kindryn's answer ${what}, so it is unknown whether ${quoted(email)} was invited`,
			{ description: LOOK_FIRST, ambiguous: true },
		),
	};
}

/** @returns the first entry of each address */
export function distinctEntries(entries: readonly Entry[]): Entry[] {
	const first = new Map<string, Entry>();
	for (const entry of entries) {
		const address = addressOf(entry);
		if (!first.has(address)) first.set(address, entry);
	}
	return [...first.values()];
}

function addressOf({ invitee }: Entry): string {
	return plain(invitee.email);
}

/** Addresses that differ in case or in white space around them are one. */
function plain(email: string): string {
	return email.trim().toLowerCase();
}

/** @returns the outcomes of the try before, by address: n8n may run a node again after it failed */
function invitedBefore(run: Run): Map<string, InviteOutcome> {
	const noted = run.notes[noteOf(run)];
	return new Map(
		Object.entries(isRecord(noted) ? noted : {}).flatMap(([address, result]) =>
			isRecord(result) ? [[address, { result }]] : [],
		),
	);
}

function remember(run: Run, outcomes: ReadonlyMap<string, InviteOutcome>): void {
	const invited = [...outcomes].flatMap(([address, outcome]) =>
		'result' in outcome && isInvited(outcome.result) ? [[address, outcome.result]] : [],
	);
	run.notes[noteOf(run)] = Object.fromEntries(invited) as IDataObject;
}

/** A loop runs the node several times in one execution, each time with items of its own. */
function noteOf({ runIndex }: Run): string {
	return `invited in run ${runIndex}`;
}

function isFailure(result: object): boolean {
	return 'error' in result;
}

function hintDoubles(run: Run, count: number): void {
	if (count === 0) return;
	run.hint(
		`${count} ${count === 1 ? 'item repeats' : 'items repeat'} the address of an earlier item. Each address was sent once, with the name and role of its first item.`,
	);
}

function hintNotInvited(run: Run, outcomes: ReadonlyArray<InviteOutcome | undefined>): void {
	const refused = outcomes.filter(
		(outcome) => outcome && 'result' in outcome && !isInvited(outcome.result),
	);
	if (refused.length === 0) return;
	run.hint(
		`${refused.length} of ${outcomes.length} people were not invited: see the outcome of their items. To send those items elsewhere, set On Error to "Continue (using error output)".`,
	);
}

function isInvited({ outcome }: IDataObject): boolean {
	return INVITED.has(asText(outcome) ?? '');
}

function toResult(
	{ invitee }: Entry,
	outcome: InviteOutcome | undefined,
	hasErrorOutput: boolean,
): Result {
	if (!outcome) return { error: new ServiceError('Not sent, because an earlier batch failed') };
	if ('error' in outcome) return outcome;
	if (hasErrorOutput && !isInvited(outcome.result)) {
		return notInvited(invitee.email, outcome.result);
	}
	const row = { ...outcome.result };
	// The position within a request that nobody sees would only mislead
	delete row.index;
	return { rows: [row] };
}

function notInvited(email: string, result: IDataObject): { error: ServiceError } {
	// Secrets were taken out when the results were read
	const words = serviceMessage(result, (text) => text);
	if (words === undefined && isEmpty(result.outcome)) {
		return unmatched(email, 'tells no outcome for this address');
	}
	const why = words ?? `the outcome is ${quoted(result.outcome)}`;
	return { error: new ServiceError(`Kindryn did not invite ${quoted(email)}: ${why}`) };
}

/** With On Error → Stop the first failing item is all that is seen of the run. */
function withWhatWasDone(
	results: Result[],
	outcomes: ReadonlyArray<InviteOutcome | undefined>,
	entries: readonly Entry[],
): Result[] {
	const done = entries
		.filter((_, position) => {
			const outcome = outcomes[position];
			return outcome && 'result' in outcome && isInvited(outcome.result);
		})
		.map(({ itemIndex }) => itemIndex);
	if (done.length === 0) return results;
	return results.map((result) =>
		'error' in result && result.error instanceof ServiceError
			? { error: reworded(result.error, `Already invited: ${shownItems(done)}`) }
			: result,
	);
}

/** The same error with another sentence, and another advice if one is given. */
function reworded(error: ServiceError, sentence: string, description = error.description) {
	return new ServiceError(`${error.message}. ${sentence}`, {
		...error,
		description,
		cause: error.failure,
	});
}

/** @param numbers in rising order @returns them as ranges: "items 0 to 49, 60" */
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
