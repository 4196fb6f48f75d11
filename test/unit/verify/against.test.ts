/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { compareWith } from '../../../scripts/verify/against';
import { DocumentComparison } from '../../../scripts/verify/compare';
import { EXIT } from '../../../scripts/verify/live';
import { type OpenApiDocument, readDocument, SERVICES } from '../../emulator/openapi';
import { freshFolder } from '../freshFolder';

type Json = Record<string, unknown>;

const folder = freshFolder();

/** A copy of Klinky's document with a changed part at a path. */
function klinkyWith(path: string[], change: (part: Json) => unknown): Json {
	const copy = structuredClone(readDocument('klinky')) as unknown as Json;
	const steps = [...path];
	const last = steps.pop() ?? '';
	const parent = steps.reduce<Json>((part, step) => part[step] as Json, copy);
	const changed = change((parent[last] ?? {}) as Json);
	if (changed === undefined) delete parent[last];
	else parent[last] = changed;
	return copy;
}

const compare = (theirs: Json) =>
	new DocumentComparison(readDocument('klinky'), theirs).differences();

/** The differences in the other direction: the changed document is ours. */
const compareBack = (ours: Json) =>
	new DocumentComparison(
		ours as unknown as OpenApiDocument,
		readDocument('klinky') as unknown as Json,
	).differences();

describe('comparing two documents', () => {
	it.each(SERVICES)('finds no difference if both are ours for %s', (service) => {
		const document = readDocument(service);
		const comparison = new DocumentComparison(document, document as unknown as Json);
		expect(comparison.differences()).toEqual([]);
		expect(comparison.inCommon).toBeGreaterThan(3);
	});

	it('finds no difference if one says the same in another way', () => {
		const { paths, ...rest } = structuredClone(readDocument('klinky')) as unknown as Json;
		const links = Object.entries(paths as Json).map(
			([path, item]) => [`/api/v1${path.replace('{id}', '{link_id}')}`, item] as const,
		);
		const components = rest.components as { schemas: Record<string, Json> };
		components.schemas.Threshold = { type: 'integer', exclusiveMinimum: 9 };
		components.schemas.Name = { allOf: [{ type: 'string', minLength: 1 }, { maxLength: 100 }] };
		components.schemas.Link = { oneOf: [components.schemas.Link] };
		const theirs = {
			...rest,
			components,
			servers: [{ url: '/' }],
			paths: Object.fromEntries(links),
		};
		expect(compare(theirs)).toEqual([]);
	});

	const links = ['paths', '/public/links'];
	const schemas = ['components', 'schemas'];
	const list = 'GET /public/links';
	const clicks = 'GET /public/links/{}/clicks';

	it.each<[string, string[], (part: Json) => unknown, Array<[string, string, string, string]>]>([
		['an operation', [...links, 'get'], () => undefined, [[list, '', 'there', '–']]],
		[
			'a parameter',
			[...links, 'get', 'parameters'],
			() => [{ $ref: '#/components/parameters/Page' }],
			[[list, 'query per_page', 'there', '–']],
		],
		[
			'a limit',
			['components', 'parameters', 'PerPage', 'schema'],
			(schema) => ({ ...schema, maximum: 50 }),
			[
				[list, 'query per_page', 'maximum 100', 'maximum 50'],
				[clicks, 'query per_page', 'maximum 100', 'maximum 50'],
			],
		],
		[
			'a required parameter',
			[...links, 'post', 'parameters', '0', 'required'],
			() => true,
			[['POST /public/links', 'header Idempotency-Key', 'required false', 'required true']],
		],
		[
			'an enumeration',
			[
				...links,
				'post',
				'requestBody',
				'content',
				'application/json',
				'schema',
				'properties',
				'routing_type',
			],
			(schema) => ({ ...schema, enum: ['ab_test', 'geo', 'device'] }),
			[
				[
					'POST /public/links',
					'body routing_type',
					'enum ["ab_test","geo"]',
					'enum ["ab_test","device","geo"]',
				],
			],
		],
		[
			'a required field',
			[...links, 'post', 'requestBody', 'content', 'application/json', 'schema', 'required'],
			() => ['name'],
			[['POST /public/links', 'body variants', 'required true', 'required false']],
		],
		[
			'a key of an answer',
			[...schemas, 'Click', 'properties', 'ip'],
			() => undefined,
			[[clicks, '200 items[].ip', 'there', '–']],
		],
		[
			'a type',
			[...schemas, 'Click', 'properties', 'id'],
			() => ({ type: 'integer' }),
			[[clicks, '200 items[].id', 'type ["string"]', 'type ["integer"]']],
		],
		[
			'a value that may be null',
			[...schemas, 'Click', 'properties', 'id'],
			() => ({ anyOf: [{ type: 'string' }, { type: 'null' }] }),
			[[clicks, '200 items[].id', 'null false', 'null true']],
		],
		[
			'a status',
			['paths', '/public/links/{id}', 'delete', 'responses', '204'],
			() => undefined,
			[['DELETE /public/links/{}', '204', 'there', '–']],
		],
	])('finds a difference in %s, in both directions', (_, path, change, expected) => {
		const changed = klinkyWith(path, change);
		const found = compare(changed).map((one) => [one.operation, one.where, one.ours, one.theirs]);
		expect(found).toEqual(expected);
		const back = compareBack(changed).map((one) => [
			one.operation,
			one.where,
			one.theirs,
			one.ours,
		]);
		expect(back).toEqual(expected);
	});

	it('names the assumption that a difference touches', () => {
		const changed = klinkyWith([...schemas, 'Click', 'properties', 'ip'], () => undefined);
		expect(compare(changed)).toMatchObject([{ assumption: 'click' }]);
	});

	it('ends even if schemas contain themselves', () => {
		const tree = { type: 'object', properties: { child: { $ref: '#/components/schemas/Click' } } };
		const changed = klinkyWith([...schemas, 'Click'], () => tree);
		expect(compare(changed).map(({ where }) => where)).toContain('200 items[].child');
		const twice = new DocumentComparison(changed as unknown as OpenApiDocument, changed);
		expect(twice.differences()).toEqual([]);
	});
});

describe('--against', () => {
	const requests: IncomingHttpHeaders[] = [];
	const server = createServer((request, response) => {
		requests.push(request.headers);
		if (request.url === '/moved') response.writeHead(302, { location: '/openapi.json' }).end();
		else response.end(JSON.stringify(readDocument('klinky')));
	});
	let origin: string;
	beforeAll(async () => {
		await once(server.listen(0, '127.0.0.1'), 'listening');
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => server.close());

	/** Runs the command. @returns the exit code and the last line on the screen */
	async function against(place: string): Promise<[number, string]> {
		const said: string[] = [];
		const exit = await compareWith(place, {
			...{ folder: folder.root, width: 120, env: { KLINKY_API_KEY: 'klinky_live_key' } },
			runtime: { now: () => 0, random: () => 0, sleep: async () => await Promise.resolve() },
			say: (text) => said.push(text),
		});
		return [exit, said.at(-1) ?? ''];
	}

	it('reads a file, finds out its service, and writes the differences', async () => {
		const changed = klinkyWith(['paths', '/public/links/{id}', 'get'], () => undefined);
		folder.write({ 'theirs.json': JSON.stringify(changed) });
		const written = 'Written: against-klinky-1970-01-01.json';
		expect(await against(folder.pathOf('theirs.json'))).toEqual([EXIT.differs, written]);
		const file = readFileSync(folder.pathOf('against-klinky-1970-01-01.json'), 'utf8');
		expect((JSON.parse(file) as Json).differences).toEqual([
			{ operation: 'GET /public/links/{}', where: '', ours: 'there', theirs: '–' },
		]);
	});

	it('reads an address and sends no key to it', async () => {
		const [exit] = await against(`${origin}/openapi.json`);
		expect(exit).toBe(EXIT.same);
		expect(requests.map((headers) => headers['x-api-key'] ?? headers.authorization)).toEqual([
			undefined,
		]);
	});

	it.each<[string, () => string]>([
		['There is no file', () => folder.pathOf('none.yaml')],
		['is not an OpenAPI 3 document', () => write('swagger: "2.0"\npaths: {}')],
		['is not an OpenAPI 3 document', () => write('<!doctype html><p>{: "')],
		['shares no operation with any of our documents', () => write('openapi: 3.1.0\npaths: {}')],
		['could not be read: it answers with 302', () => `${origin}/moved`],
		['could not be read: the connection was refused', () => 'http://127.0.0.1:9/openapi.json'],
	])('says in one sentence: %s', async (words, place) => {
		const [exit, said] = await against(place());
		expect([exit, said]).toEqual([EXIT.unasked, expect.stringContaining(words)]);
	});

	function write(text: string): string {
		folder.write({ theirs: text });
		return folder.pathOf('theirs');
	}
});
