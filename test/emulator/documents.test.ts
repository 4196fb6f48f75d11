/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import path from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { loadOpenApi, readDocument, type ServiceName } from './openapi';

/** The endpoints of the services' documents, written out by hand. */
const DOCUMENTED: Record<ServiceName, { basePath: string; endpoints: string[] }> = {
	kinktree: {
		basePath: '/v1',
		endpoints: [
			'GET /partners/tags',
			'POST /partners/tags',
			'PATCH /partners/tags/{tagId}',
			'DELETE /partners/tags/{tagId}',
		],
	},
	kindryn: {
		basePath: '/api/public/v1',
		endpoints: [
			'GET /community',
			'GET /members',
			'GET /members/{memberId}',
			'POST /members',
			'GET /invitations',
			'POST /invitations',
			'POST /invitations/bulk',
			'GET /spaces',
			'GET /posts',
			'GET /posts/{postId}',
			'POST /posts',
			'GET /events',
			'GET /events/{eventId}',
			'POST /events',
			'GET /courses',
			'GET /coaching/sessions',
		],
	},
	klinky: {
		basePath: '/api/v1',
		endpoints: [
			'POST /public/links',
			'GET /public/links',
			'GET /public/links/{id}',
			'PUT /public/links/{id}',
			'PUT /public/links/{id}/variants',
			'DELETE /public/links/{id}',
			'GET /public/links/{id}/clicks',
		],
	},
};

describe.each(Object.entries(DOCUMENTED))(
	'the OpenAPI document of %s',
	(name, { basePath, endpoints }) => {
		const service = name as ServiceName;

		it('is a valid OpenAPI 3.1 document', async () => {
			const file = path.join(__dirname, '..', 'openapi', `${service}.openapi.yaml`);
			const document = await SwaggerParser.validate(file);
			expect(document).toHaveProperty('openapi', '3.1.0');
		});

		it('has every documented endpoint and no other', () => {
			const { operations } = loadOpenApi(service);
			const found = operations.map(({ method, path: template }) => `${method} ${template}`);
			expect(found.sort()).toEqual([...endpoints].sort());
		});

		it('stands below the documented base address', () => {
			expect(loadOpenApi(service).basePath).toBe(basePath);
		});

		it('names every operation once and asks every one for a key', () => {
			const { operations, document } = loadOpenApi(service);
			const names = operations.map(({ operationId }) => operationId);
			expect(new Set(names).size).toBe(names.length);
			expect(Object.keys(document.components.securitySchemes ?? {})).toHaveLength(1);
			expect(JSON.stringify(document)).not.toContain('"security":[]');
		});

		it('documents errors for each operation', () => {
			for (const { operationId, statuses } of loadOpenApi(service).operations) {
				expect({ operationId, statuses }).toEqual({
					operationId,
					statuses: expect.arrayContaining([401, 500]),
				});
			}
		});

		it('gives a reason for every assumption, and marks nothing else', () => {
			const marks = partsOf(readDocument(service)).filter(
				(part) => 'x-assumed' in part || 'x-reason' in part,
			);
			expect(marks.length).toBeGreaterThan(0);
			for (const part of marks) {
				expect(part).toMatchObject({
					'x-assumed': true,
					'x-reason': expect.stringMatching(/^.{20,}$/su),
				});
			}
		});
	},
);

it('finds a document wrong that is wrong', async () => {
	const document = structuredClone(readDocument('kinktree'));
	Object.assign(document.paths['/partners/tags'] ?? {}, { get: { responses: 'none' } });
	await expect(SwaggerParser.validate(document as never)).rejects.toThrow();
});

function partsOf(value: unknown): Array<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null) return [];
	const below = Object.values(value).flatMap(partsOf);
	return Array.isArray(value) ? below : [value as Record<string, unknown>, ...below];
}
