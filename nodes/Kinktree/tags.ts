import type { IDataObject } from 'n8n-workflow';

import { apiPath } from '../shared/http/address';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import type { Run } from '../shared/operations/operation';
import type { ApiRequest } from '../shared/http/request';
import { asId, isRecord, listIn, withoutUndefined } from '../shared/http/answer';
import { kinktree } from './service';

/** A tag as the node returns it. */
export interface Tag extends IDataObject {
	identifier: string;
}

/** Keys that may hold the list. The document shows a single tag, but no list. */
const LIST_KEYS = ['tags', 'data', 'items'] as const;

/** Fetches all tags of the namespace (GET /partners/tags). The document mentions no pages. */
export async function listTags(api: Api): Promise<Tag[]> {
	const request: ApiRequest = { method: 'GET', path: '/partners/tags' };
	const { body } = await api.send(request);
	const rows = listIn(body, LIST_KEYS) ?? (isTag(body) ? [body] : undefined);
	if (!rows) throw api.unexpectedBody(request, body, 'a list of tags');
	return rows.map((row) => toTag(api, request, row));
}

/** Fetches all tags once for all items of an execution, keyed by identifier. */
export async function knownTags(api: Api, run: Run): Promise<Map<string, Tag>> {
	return await run.once('tags', async () => byIdentifier(await listTags(api)));
}

/** @returns the tags by their identifier, which is case-sensitive (Kinktree, Integration Notes) */
export function byIdentifier(tags: Tag[]): Map<string, Tag> {
	return new Map(tags.map((tag) => [tag.identifier, tag]));
}

/** Reads a tag from an answer. Lists call the identifier `id`; other answers call it `identifier`. */
function toTag(api: Api, request: ApiRequest, row: IDataObject): Tag {
	const identifier = identifierOf(row);
	if (identifier === undefined)
		throw api.unexpectedAnswer(request, 'returned a tag without an identifier');
	return { ...row, identifier };
}

/** An ID is not enough: other answers have one too, e.g. the ID of the request. */
function isTag(body: unknown): body is IDataObject {
	return isRecord(body) && identifierOf(body) !== undefined && 'activationCode' in body;
}

function identifierOf(row: IDataObject): string | undefined {
	return asId(row.identifier) ?? asId(row.id);
}

/** Creates a tag (POST /partners/tags). Kinktree generates the values that are undefined. */
export async function createTag(
	api: Api,
	body: { identifier?: string; activationCode?: string },
): Promise<Tag> {
	const request: ApiRequest = {
		method: 'POST',
		path: '/partners/tags',
		body,
		...(body.identifier === undefined ? {} : { subject: subject(body.identifier) }),
	};
	return toTag(api, request, await api.object(request, 'identifier', 'id'));
}

/**
 * Sets the activation code of a tag (PATCH /partners/tags/<tagId>).
 *
 * @param activationCode undefined lets Kinktree generate one
 */
export async function setActivationCode(
	api: Api,
	tagId: string,
	activationCode: string | undefined,
): Promise<Tag> {
	const request: ApiRequest = {
		method: 'PATCH',
		path: apiPath`/partners/tags/${tagId}`,
		body: { activationCode },
		subject: subject(tagId),
	};
	const answer = await api.object(request);
	return {
		...withoutUndefined({ activationCode }),
		...answer,
		identifier: asId(answer.identifier) ?? tagId,
	};
}

/** @returns the name of a tag in an error text */
export function subject(tagId: string): string {
	return `tag "${tagId}"`;
}

/** @returns the error for a tag that is not in the list */
export function noSuchTag(tagId: string): ServiceError {
	return new ServiceError(`Kinktree has no tag "${tagId}" in your namespace`, {
		status: 404,
		description: kinktree.wording.advice[404],
	});
}
