import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';

import { apiPath } from '../shared/http/address';
import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';
import type { Page } from '../shared/http/paging';
import { readRateLimit } from '../shared/http/rateLimit';
import type { RateLimit } from '../shared/http/rateLimit';
import type { Answer, ApiRequest } from '../shared/http/request';
import { describeBody, isRecord, listIn, totalIn } from '../shared/http/answer';
import type { Variant } from './variants';

/** A link as the service gives it (Klinky, Create Link). */
export interface Link extends IDataObject {
	id: string;
}

/** Names under which a list may be wrapped: the reference shows `total` alone. */
const LIST_KEYS = ['items', 'links', 'clicks', 'data'] as const;

/** Where all links are. A 404 here means that the address of the service is wrong. */
export const LINKS = '/public/links';

/** A request that is about one link. */
function aboutLink(
	method: IHttpRequestMethods,
	linkId: string,
	more: Partial<ApiRequest> = {},
): ApiRequest {
	return { method, path: apiPath`/public/links/${linkId}`, subject: `link "${linkId}"`, ...more };
}

/**
 * One page of links (GET /public/links).
 *
 * @param page number, from 1
 * @param perPage rows, at most 100
 */
export async function pageOfLinks(api: Api, page: number, perPage: number): Promise<Page> {
	return await pageOf(api, { method: 'GET', path: LINKS, query: { page, per_page: perPage } });
}

/**
 * One page of the clicks of a link (GET /public/links/{id}/clicks).
 *
 * @param linkId the link's ID
 * @param query page, per_page, start_date and end_date
 */
export async function pageOfClicks(api: Api, linkId: string, query: IDataObject): Promise<Page> {
	const path = apiPath`/public/links/${linkId}/clicks`;
	return await pageOf(api, aboutLink('GET', linkId, { path, query }));
}

/**
 * What the headers of the cheapest request say of the budget (Klinky API Reference, Rate Limits).
 *
 * @param now ms since the epoch
 * @throws ServiceError when they say nothing
 */
export async function askRateLimit(api: Api, now: number): Promise<RateLimit> {
	const request: ApiRequest = { method: 'GET', path: LINKS, query: { page: 1, per_page: 1 } };
	const { headers } = await api.send(request);
	const told = readRateLimit(headers, now);
	if (told) return told;
	throw api.unexpectedAnswer(request, 'answered without X-RateLimit-Remaining');
}

type PageAnswer = Pick<Answer, 'body' | 'headers'>;

async function pageOf(api: Api, request: ApiRequest): Promise<Page> {
	const { body, headers } = await api.send(request).catch((error: unknown): PageAnswer => {
		// What is answered for a page behind the end is not documented
		const isBehind = error instanceof ServiceError && error.status === 404;
		if (isBehind && Number(request.query?.page) > 1) return { body: [], headers: {} };
		throw error;
	});
	const rows = listIn(body, LIST_KEYS);
	if (!rows)
		throw api.unexpectedAnswer(request, `answered ${describeBody(body)} in place of a list`);
	const serviceNow = Date.parse(String(headers.date));
	return { rows, total: totalIn(body), ...(Number.isNaN(serviceNow) ? {} : { serviceNow }) };
}

/** A single link (GET /public/links/{id}). */
export async function getLink(api: Api, linkId: string): Promise<Link> {
	const request = aboutLink('GET', linkId);
	return toLink(api, request, await api.object(request));
}

/**
 * Creates a link (POST /public/links). Sent again with the same key when an answer is lost.
 *
 * @param key the Idempotency-Key, which makes one link of however many requests
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
	return toLink(api, request, await api.object(request));
}

/** Changes what is given of a link (PUT /public/links/{id}). */
export async function updateLink(api: Api, linkId: string, changes: IDataObject): Promise<Link> {
	const request = aboutLink('PUT', linkId, { body: changes });
	return toLink(api, request, { id: linkId, ...(await api.object(request)) });
}

/** Deletes a link softly (DELETE /public/links/{id}). */
export async function deleteLink(api: Api, linkId: string): Promise<IDataObject> {
	await api.send(aboutLink('DELETE', linkId));
	return { id: linkId, deleted: true };
}

/**
 * Replaces all variants of a link (PUT /public/links/{id}/variants). What it answers is not
 * documented: the link or its variants.
 *
 * @returns the link with its variants, as far as the service tells
 */
export async function replaceVariants(
	api: Api,
	linkId: string,
	variants: readonly Variant[],
): Promise<Link> {
	const path = apiPath`/public/links/${linkId}/variants`;
	const request = aboutLink('PUT', linkId, { path, body: variants });
	const { body } = await api.send(request);
	const listed = listIn(body, ['variants', ...LIST_KEYS]);
	if (!listed) {
		throw api.unexpectedAnswer(
			request,
			`answered ${describeBody(body)} in place of a link or its variants`,
		);
	}
	return isRecord(body) && 'variants' in body
		? toLink(api, request, { id: linkId, ...body })
		: { id: linkId, variants: listed };
}

/**
 * The variants of a link with everything that a PUT of them takes.
 *
 * @throws ServiceError when the service tells too little to send them back
 */
export async function variantsOf(api: Api, linkId: string): Promise<Variant[]> {
	const link = await getLink(api, linkId);
	const variants = listIn(link.variants, []);
	return (variants ?? [undefined]).map((variant) => {
		const { label, destination_url, weight } = variant ?? {};
		if (typeof label === 'string' && typeof destination_url === 'string') {
			return { label, destination_url, weight: Number(weight ?? 0) };
		}
		throw api.unexpectedAnswer(
			aboutLink('GET', linkId),
			'answered a link without the label and the destination of each variant',
		);
	});
}

function toLink(api: Api, request: ApiRequest, row: IDataObject): Link {
	const { id } = row;
	if (typeof id === 'string' || typeof id === 'number') return { ...row, id: String(id) };
	throw api.unexpectedAnswer(request, 'answered a link without an ID');
}
