import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';

import { apiPath } from '../shared/http/address';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import type { Page } from '../shared/http/paging';
import { readRateLimit } from '../shared/http/rateLimit';
import type { RateLimit } from '../shared/http/rateLimit';
import type { ApiRequest } from '../shared/http/request';
import { asId, asText, isRecord, listIn, withoutUndefined } from '../shared/http/answer';
import type { Variant } from './variants';

/** A link as the service returns it (Klinky, Create Link). */
export interface Link extends IDataObject {
	id: string;
}

/** Keys that may hold a list. The reference shows only `total`. */
const LIST_KEYS = ['items', 'links', 'clicks', 'data'] as const;

/** The path of all links. A 404 here means that the base URL is wrong. */
export const LINKS = '/public/links';

/** @returns a request about one link */
function aboutLink(
	method: IHttpRequestMethods,
	linkId: string,
	more: Partial<ApiRequest> = {},
): ApiRequest {
	return { method, path: apiPath`/public/links/${linkId}`, subject: `link "${linkId}"`, ...more };
}

/**
 * Fetches one page of links (GET /public/links).
 *
 * @param page number, from 1
 * @param perPage rows, at most 100
 */
export async function pageOfLinks(api: Api, page: number, perPage: number): Promise<Page> {
	return await pageOf(api, { method: 'GET', path: LINKS, query: { page, per_page: perPage } });
}

/**
 * Fetches one page of the clicks of a link (GET /public/links/{id}/clicks).
 *
 * @param linkId the link's ID
 * @param query page, per_page, start_date and end_date
 */
export async function pageOfClicks(api: Api, linkId: string, query: IDataObject): Promise<Page> {
	const path = apiPath`/public/links/${linkId}/clicks`;
	return await pageOf(api, aboutLink('GET', linkId, { path, query }));
}

/**
 * Reads the rate limit from the headers of the cheapest request (Klinky API Reference, Rate Limits).
 *
 * @param now ms since the epoch
 * @throws ServiceError if the headers lack it
 */
export async function askRateLimit(api: Api, now: number): Promise<RateLimit> {
	const request: ApiRequest = { method: 'GET', path: LINKS, query: { page: 1, per_page: 1 } };
	const { headers } = await api.send(request);
	const rateLimit = readRateLimit(headers, now);
	if (rateLimit) return rateLimit;
	throw api.unexpectedAnswer(request, 'returned no X-RateLimit-Remaining header');
}

async function pageOf(api: Api, request: ApiRequest): Promise<Page> {
	const page = await api.page(request, LIST_KEYS).catch((error: unknown): Page => {
		// The documents do not say what Klinky answers for a page after the last one
		const isBehind = error instanceof ServiceError && error.status === 404;
		if (isBehind && Number(request.query?.page) > 1) return { rows: [] };
		throw error;
	});
	// This node returns IDs as text, even if the service sends numbers
	const rows = page.rows.map((row) => ({ ...row, ...withoutUndefined({ id: asId(row.id) }) }));
	return { ...page, rows };
}

/** Fetches one link (GET /public/links/{id}). */
export async function getLink(api: Api, linkId: string): Promise<Link> {
	const request = aboutLink('GET', linkId);
	return toLink(api, request, await api.object(request, 'id'));
}

/**
 * Creates a link (POST /public/links). If the answer is lost, sends it again with the same key.
 *
 * @param key the Idempotency-Key: several requests with the same key create one link
 */
export async function createLink(api: Api, body: IDataObject, key: string): Promise<Link> {
	const request: ApiRequest = {
		method: 'POST',
		path: LINKS,
		body,
		headers: { 'Idempotency-Key': key },
		repeatable: true,
		subject: `link "${String(body.name)}"`,
	};
	return toLink(api, request, await api.object(request, 'id'));
}

/** Changes the given fields of a link (PUT /public/links/{id}). */
export async function updateLink(api: Api, linkId: string, changes: IDataObject): Promise<Link> {
	const request = aboutLink('PUT', linkId, { body: changes });
	const answer = await api.object(request);
	return { ...answer, id: asId(answer.id) ?? linkId };
}

/** Soft-deletes a link (DELETE /public/links/{id}). */
export async function deleteLink(api: Api, linkId: string): Promise<IDataObject> {
	await api.object(aboutLink('DELETE', linkId));
	return { id: linkId, deleted: true };
}

/**
 * Replaces all variants of a link (PUT /public/links/{id}/variants). The answer is not documented: it
 * may be the link or its variants.
 *
 * @returns the link with the variants from the answer, or as sent if the answer is empty
 */
export async function replaceVariants(
	api: Api,
	linkId: string,
	variants: readonly Variant[],
): Promise<Link> {
	const path = apiPath`/public/links/${linkId}/variants`;
	const request = aboutLink('PUT', linkId, { path, body: variants });
	const { body } = await api.send(request);
	if (body === undefined)
		return { id: linkId, variants: variants.map((variant) => ({ ...variant })) };
	const listed = listIn(body, ['variants', ...LIST_KEYS]);
	if (!listed) {
		throw api.unexpectedBody(request, body, 'a link or its variants');
	}
	return isRecord(body) && 'variants' in body
		? { ...body, id: asId(body.id) ?? linkId }
		: { id: linkId, variants: listed };
}

/**
 * Fetches the variants of a link, with every field that a PUT needs.
 *
 * @throws ServiceError if the answer lacks a field that is needed to send them back
 */
export async function variantsOf(api: Api, linkId: string): Promise<Variant[]> {
	const link = await getLink(api, linkId);
	const variants = listIn(link.variants, []);
	return (variants ?? [undefined]).map((variant) => {
		const { label, destination_url, weight } = variant ?? {};
		if (typeof label === 'string' && typeof destination_url === 'string') {
			return { label, destination_url, weight: Number(asText(weight) ?? 0) };
		}
		throw api.unexpectedAnswer(
			aboutLink('GET', linkId),
			'returned a link without the label and destination of each variant',
		);
	});
}

function toLink(api: Api, request: ApiRequest, row: IDataObject): Link {
	const id = asId(row.id);
	if (id !== undefined) return { ...row, id };
	throw api.unexpectedAnswer(request, 'returned a link without an ID');
}
