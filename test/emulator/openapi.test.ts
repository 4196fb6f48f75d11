/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import path from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { kindryn } from './kindryn/service';
import { kinktree } from './kinktree/service';
import { klinky } from './klinky/service';
import { SERVICES, type ServiceName, loadOpenApi, readDocument } from './openapi';
import { ASSUMPTIONS } from './readings';

const HANDLERS = {
	kinktree: kinktree.handlers,
	kindryn: kindryn.handlers,
	klinky: klinky.handlers,
};

const operation = (service: ServiceName, wanted: string) => {
	const found = loadOpenApi(service).operations.find(({ operationId }) => operationId === wanted);
	if (!found) throw new Error(`No operation ${wanted}`);
	return found;
};

describe.each(SERVICES)('the OpenAPI document of %s', (service) => {
	it('is a valid OpenAPI 3.1 document', async () => {
		const file = path.join(__dirname, '..', 'openapi', `${service}.openapi.yaml`);
		expect(await SwaggerParser.validate(file)).toHaveProperty('openapi', '3.1.0');
	});

	it('names every operation once and asks every one for a key', () => {
		const { operations, document } = loadOpenApi(service);
		const names = operations.map(({ operationId }) => operationId);
		expect(new Set(names).size).toBe(names.length);
		expect(Object.keys(document.components.securitySchemes ?? {})).toHaveLength(1);
		expect(JSON.stringify(document)).not.toContain('"security":[]');
	});

	it('has exactly the operations that the emulator handles', () => {
		const names = loadOpenApi(service).operations.map(({ operationId }) => operationId);
		expect(names.sort()).toEqual(Object.keys(HANDLERS[service]).sort());
	});

	it('documents errors for each operation', () => {
		for (const { operationId, statuses } of loadOpenApi(service).operations) {
			const expected = expect.arrayContaining([401, 500]);
			expect({ operationId, statuses }).toEqual({ operationId, statuses: expected });
		}
	});

	it('gives a reason for each assumption, and marks places by the names of assumptions alone', () => {
		const document = readDocument(service);
		const assumptions = document['x-assumptions'];
		const text = expect.stringMatching(/^.{15,}\.$/u);
		for (const name of Object.keys(assumptions)) {
			expect({ name, ...assumptions[name] }).toEqual({ name, says: text, why: text });
		}
		const marks = partsOf(document).flatMap((part) =>
			'x-assumed' in part ? part['x-assumed'] : [],
		);
		expect(marks.length).toBeGreaterThan(0);
		expect(Object.keys(assumptions)).toEqual(expect.arrayContaining(marks));
	});

	it('has an assumption for each switch of the emulator', () => {
		const switched = Object.values<string[]>(ASSUMPTIONS[service]).flat();
		const known = Object.keys(readDocument(service)['x-assumptions']);
		expect(known).toEqual(expect.arrayContaining(switched));
	});
});

it('finds an invalid OpenAPI document invalid', async () => {
	const document = structuredClone(readDocument('kinktree'));
	Object.assign(document.paths['/partners/tags'] ?? {}, { get: { responses: 'none' } });
	await expect(SwaggerParser.validate(document as never)).rejects.toThrow();
});

describe('checks of an answer', () => {
	const limits = {
		'x-ratelimit-limit': '100',
		'x-ratelimit-remaining': '99',
		'x-ratelimit-reset': '1',
	};
	const late = { ...limits, 'x-ratelimit-reset': 'soon' };
	const sent = { id: 'i', email: 'a@b.org', inviteUrl: 'https://c.example/i' };
	const event = { id: 'e', spaceId: 's', title: 'T', startsAt: '2026-12-01T17:00:00Z' };
	const published = { ...event, status: 'PUBLISHED' };

	it.each<[string, string, number, unknown, string, object]>([
		['a link without limits', 'klinky listLinks', 200, [], 'x-ratelimit-limit', {}],
		['a word as reset', 'klinky listLinks', 200, [], 'x-ratelimit-reset', late],
		['no Retry-After', 'klinky listLinks', 429, { detail: 'x' }, 'retry-after', limits],
		['an unknown status', 'kinktree listTags', 418, {}, '418 is not in the OpenAPI', {}],
		['a body with 204', 'kinktree deleteTag', 204, {}, 'no body for this status', {}],
		['no body with 200', 'kinktree deleteTag', 200, undefined, 'must be object', {}],
		['a token', 'kindryn listInvitations', 200, [{ ...sent, token: 't' }], '0/token', {}],
		['no message', 'kindryn getPost', 404, { error: 'x' }, 'body/message', {}],
		['a published event', 'kindryn createEvent', 201, published, 'constant', {}],
	])('find %s wrong in %s', (_case, names, status, body, violation, headers) => {
		const [service, operationId = ''] = names.split(' ');
		const { checkAnswer } = operation(service as ServiceName, operationId);
		expect(checkAnswer(status, { ...headers }, body)).toEqual([expect.stringContaining(violation)]);
	});

	it('find nothing wrong in good answers', () => {
		const draft = { ...event, status: 'DRAFT' };
		expect(operation('klinky', 'listLinks').checkAnswer(200, limits, [])).toEqual([]);
		expect(operation('kindryn', 'listInvitations').checkAnswer(200, {}, [sent])).toEqual([]);
		expect(operation('kindryn', 'createEvent').checkAnswer(201, {}, draft)).toEqual([]);
	});
});

describe('checks of a request', () => {
	const request = { params: {}, query: {}, headers: {} };

	it('type and complete the query', () => {
		const query = { offset: '20', upcoming: 'false' };
		const checked = operation('kindryn', 'listEvents').checkRequest({ ...request, query });
		const expected = { offset: 20, upcoming: false, limit: 50 };
		expect([checked.query, checked.violations]).toEqual([expected, []]);
		expect(query).toEqual({ offset: '20', upcoming: 'false' });
	});

	it('leave the body as it came', () => {
		const headers = { 'content-type': 'application/json; charset=utf-8' };
		const variants = [{ label: 'a', destination_url: 'https://a.b', weight: 100 }];
		const rawBody = JSON.stringify({ name: 'N', variants });
		const { checkRequest } = operation('klinky', 'createLink');
		const checked = checkRequest({ ...request, headers, rawBody });
		expect([checked.body, checked.violations]).toEqual([{ name: 'N', variants }, []]);
	});
});

function partsOf(value: unknown): Array<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null) return [];
	const below = Object.values(value).flatMap(partsOf);
	return Array.isArray(value) ? below : [value as Record<string, unknown>, ...below];
}
