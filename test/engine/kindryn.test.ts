/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { parse } from 'yaml';

import type { KindrynReadings } from '../emulator';
import { byId, CASES, kindrynBench, rowsOf } from './kindrynBench';
import { describeOperation, onTheWire, pairing } from './operations';
import { inVirtualTime } from './virtualTime';

const bench = kindrynBench();
const { engine, emulator, run } = bench;

for (const given of CASES) describeOperation(bench, given);

describe('community: get', () => {
	it('is read once for all items', async () => {
		const result = await run('community.get', { items: [{}, {}] });
		expect(rowsOf(result)).toMatchObject([{ name: 'Builders Guild' }, { slug: 'builders-guild' }]);
		expect(pairing(result.output)).toEqual([0, 1]);
		expect(onTheWire(emulator().journal)).toEqual([
			{ method: 'GET', path: '/api/public/v1/community' },
		]);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'leaves a row for each item that failed: %s',
		async (onError) => {
			emulator().misbehave({ status: 400, body: { message: 'No' }, times: Infinity });
			const result = await run('community.get', { items: [{ a: 1 }, { a: 2 }], onError });
			const failing = onError === 'continueErrorOutput' ? result.errorOutput : result.output;
			expect(failing.map(({ json }) => json)).toMatchObject([
				{ error: 'Kindryn: No [item 0]' },
				{ error: 'Kindryn: No [item 1]' },
			]);
		},
	);
});

/** Every operation, with its first item. */
const EVERY = [
	...CASES.map(({ resource, operation, parameters, items: [item] }) => ({
		name: `${resource}.${operation}`,
		parameters,
		item,
	})),
	{ name: 'community.get', parameters: {}, item: {} },
];

const UNKNOWN_SPACE = { spaceId: byId('nowhere'), authorId: byId('u1'), body: '<p>Hi</p>' };

describe('error texts', () => {
	const texts: Array<[status: number, words: string, advice: string]> = [
		[400, 'Invalid request body', 'Check the parameters'],
		[401, 'Invalid API key', 'paste the API key once more'],
		[403, 'API key does not have "x:y" scope', 'under API Keys, grant the scope "x:y"'],
		[403, 'Missing required scope: x:y', 'under API Keys, grant what it lacks'],
		[403, 'API key is disabled', 'it may be disabled or expired'],
		[405, 'Method not allowed', 'Check the address in the credential'],
	];

	describe.each(EVERY)('$name', ({ name, parameters, item }) => {
		const notFound =
			name === 'community.get' ? 'Enter the address of the community' : 'Check the IDs';
		it.each([...texts, [404, 'Not found', notFound] as const])(
			'%d: %s',
			async (status, words, advice) => {
				emulator().misbehave({ status, body: { message: words } });
				const { error } = await run(name, { parameters, items: [item] });
				expect(error).toMatchObject({
					message: expect.stringMatching(/^Kindryn: .* \[item 0\]$/),
					description: expect.stringContaining(advice),
					httpCode: String(status),
				});
				expect(error?.message).toContain(words);
				expect(emulator().journal.requests).toHaveLength(1);
			},
		);

		it('500: a read is tried four times, a write once', async () => {
			emulator().misbehave({ status: 500, body: { message: 'Boom' }, times: Infinity });
			const { error } = await inVirtualTime(
				async () => await run(name, { parameters, items: [item] }),
			);
			expect(error?.message).toMatch(/^Kindryn: Boom.* \[item 0\]$/);
			const isRead = name.includes('.get');
			expect(emulator().journal.requests).toHaveLength(isRead ? 4 : 1);
			expect(error?.description).toMatch(
				isRead ? /Try again later/ : /not sent a second time|before you invite/,
			);
		});
	});

	it('a key without the scope is told which one it lacks', async () => {
		const { error } = await run('post.get', {
			parameters: { postId: 'p1' },
			credential: { apiKey: emulator().secretOf('unscoped') },
		});
		expect(error).toMatchObject({
			message: 'Kindryn: API key does not have "posts:read" scope (post "p1") [item 0]',
			description: expect.stringContaining('grant the scope "posts:read"'),
		});
	});

	it('a role above that of the key is refused in the words of the service', async () => {
		const { error } = await run('member.add', {
			parameters: { email: 'new@example.org', additionalFields: { role: 'OWNER' } },
			credential: { apiKey: emulator().secretOf('moderator') },
		});
		expect(error?.message).toContain(`higher than the key creator's own role`);
		expect(error?.description).toContain('A role cannot be higher');
	});
});

describe('where the documents are silent', () => {
	const readings: Array<Partial<KindrynReadings>> = [
		{ order: 'oldest' },
		{ undocumentedList: 'array' },
		{ upcomingFalse: 'past' },
		{ invitationForVerified: 'invitation_sent' },
		{ bulkStatus: 201, bulkOrder: 'reversed' },
		{ bulkStatus: 207 },
		{ eventEndRequired: true },
		{ createEventStatus: 200 },
		{ socialLinks: 'array' },
		{ rateLimit: 100, rateLimitReset: 'unix' },
		{ rateLimit: 100, rateLimitReset: 'seconds' },
	];

	it.each(readings)('every operation works with %j', async (reading) => {
		Object.assign(emulator().readings, reading);
		for (const { resource, operation, parameters, items } of CASES) {
			const result = await run(`${resource}.${operation}`, { parameters, items: [items[1]] });
			expect(result.error).toBeUndefined();
			expect(result.output).not.toEqual([]);
		}
		expect((await run('community.get')).output).toHaveLength(1);
	});

	const known = { email: 'jane@example.org' };
	const owner = { email: 'new@example.org', additionalFields: { role: 'OWNER' } };
	it.each<[Partial<KindrynReadings>, string, INodeParameters, string]>([
		[{ existingMemberStatus: 400 }, 'member.add', known, 'already a member'],
		[{ existingMemberStatus: 409 }, 'member.add', known, 'already a member'],
		[{ roleCapStatus: 400 }, 'invitation.create', owner, 'higher than'],
		[{ roleCapStatus: 403 }, 'invitation.create', owner, 'higher than'],
		[{ unknownReferenceStatus: 400 }, 'post.create', UNKNOWN_SPACE, 'Space not found'],
		[{ unknownReferenceStatus: 404 }, 'post.create', UNKNOWN_SPACE, 'Space not found'],
	])('%j: %s says in the words of the service what is wrong', async (reading, name, ...rest) => {
		const [parameters, words] = rest;
		Object.assign(emulator().readings, reading);
		const apiKey = emulator().secretOf('moderator');
		const { error } = await run(name, { parameters, credential: { apiKey } });
		expect(error?.message).toContain(words);
		expect(error?.description).toMatch(/Check|Look at/);
	});
});

describe('the node and the OpenAPI document', () => {
	const text = readFileSync(resolve(__dirname, '../openapi/kindryn.openapi.yaml'), 'utf8');
	const { paths } = parse(text) as {
		paths: Record<string, Record<string, { operationId: string }>>;
	};
	const documented = Object.values(paths).flatMap((methods) =>
		Object.values(methods).map(({ operationId }) => operationId),
	);

	const optionsOf = (property: INodeProperties) =>
		(property.options ?? []).map((option) => ('value' in option ? String(option.value) : ''));
	const pairsInNode = () =>
		engine()
			.description('kindryn')
			.properties.filter(({ name }) => name === 'operation')
			.flatMap((property) => {
				const [resource] = property.displayOptions?.show?.resource ?? [];
				return optionsOf(property).map((value) => `${String(resource)}.${value}`);
			});

	it('every pair of the node reaches an endpoint of its own, and every endpoint has a pair', async () => {
		const reached: Record<string, string[]> = {};
		for (const { name, parameters, item } of EVERY) {
			emulator().reset();
			const { error } = await run(name, { parameters, items: [item] });
			expect(error).toBeUndefined();
			reached[name] = emulator().journal.requests.map(({ operationId }) => operationId ?? 'none');
		}
		expect(Object.keys(reached).sort()).toEqual(pairsInNode().sort());
		expect(Object.values(reached).flat().sort()).toEqual([...documented].sort());
		expect(documented).toHaveLength(16);
	});

	it('every pair has an output schema, whose keys the service answers', async () => {
		const unlike: string[] = [];
		for (const { name, parameters, item } of EVERY) {
			const [resource = '', operation = ''] = name.split('.');
			emulator().reset();
			const schema = engine().schema('kindryn', resource, operation);
			const [row] = rowsOf(await run(name, { parameters, items: [item] }));
			const known = Object.keys((schema?.properties ?? {}) as object);
			const shared = Object.keys(row ?? {}).filter((key) => known.includes(key));
			if (shared.length < 2) unlike.push(name);
		}
		expect(unlike).toEqual([]);
	});
});
