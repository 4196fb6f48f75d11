import type { IDataObject } from 'n8n-workflow';

import type { Misbehaviour, ServiceName } from '../emulator';
import { COMMUNITY } from './kindrynCommunity';
import {
	byId,
	kindrynSetup,
	kinktreeSetup,
	klinkySetup,
	pairing,
	rowsOf,
	type Setup,
} from './setup';
import { inVirtualTime } from './virtualTime';

/** An operation over two items, of which the service refuses the second. */
interface Example {
	name: string;
	parameters: object;
	items: [IDataObject, IDataObject];
}

type Texts = Array<[status: number, words: string, advice: string]>;

/** Tests the behaviour that all operations of a service share, with a few of them. */
function describeShared<S extends ServiceName>(
	setup: Setup<S>,
	given: {
		read: Example;
		write: Example;
		/** part of the advice after a write that failed with 500 */
		writeAdvice: string;
		/** a Get Many */
		list: string;
		texts: Texts;
		/** operations with the parameter of their ID */
		ids: Array<[name: string, parameter: string]>;
		/** an operation that sends its ID in the path, and the path before it */
		path: [name: string, parameter: string, path: string];
		/** a Delete with the row that it returns */
		deletion?: [name: string, parameters: object, row: IDataObject];
		alias: string;
	},
): void {
	const { emulator, engine, run } = setup;
	const { list } = given;
	const examples = [given.read, given.write];

	it('is installed with codex, with icons for light and dark, and as a tool for AI agents', () => {
		const { codex, iconUrl, usableAsTool } = engine().description(setup.service);
		expect(codex?.alias).toContain(given.alias);
		expect(iconUrl).toEqual({
			light: expect.stringMatching(new RegExp(`${setup.service}\\.svg$`)),
			dark: expect.stringMatching(new RegExp(`${setup.service}\\.dark\\.svg$`)),
		});
		expect(usableAsTool).toBe(true);
	});

	it('gives general advice only before the run', () => {
		const { hints = [] } = engine().description(setup.service);
		expect(hints).not.toEqual([]);
		// In any other place, n8n keeps showing the hint after the run
		for (const { whenToDisplay, location } of hints) {
			expect([whenToDisplay, location]).toEqual(['beforeExecution', 'outputPane']);
		}
	});

	it("tells n8n's assistant how to use the node and the trigger", () => {
		for (const type of [setup.service, `${setup.service}Trigger`]) {
			expect(engine().description(type).builderHint?.searchHint).toMatch(/^[A-Z].{40,160}\.$/);
		}
	});

	describe.each(examples)('$name', ({ name, parameters, items }) => {
		it('goes on with the other items, and returns a row with the error', async () => {
			const result = await run(name, { parameters, items, onError: 'continueRegularOutput' });
			expect(result.status).toBe('success');
			expect(pairing(result.output)).toEqual([0, 1]);
			expect(rowsOf(result)[0]).not.toHaveProperty('error');
			expect(rowsOf(result)[1]).toEqual({ error: expect.stringMatching(/^K.+ \[item 1\]$/) });
		});

		it.each([undefined, 'continueRegularOutput'] as const)(
			'tells a model the problem and the remedy in one text, because it sees nothing else: %s',
			async (onError) => {
				const options = { parameters, items: [items[1]], onError };
				const { error } = await run(name, options);
				const plain = error ?? (await run(name, { parameters, items: [items[1]] })).error;
				const asTool = await run(name, {
					...options,
					...{ type: `${setup.service}Tool`, typeVersion: 1 },
				});
				const told = onError ? rowsOf(asTool)[0]?.error : asTool.error?.message;
				const happened = plain?.message.replace(/\.? \[item 0\]$/, '');
				expect(told).toBe(`${happened}. ${plain?.description}`);
				expect(asTool.error?.description ?? null).toBeNull();
			},
		);

		it('hands the failing item and its error to the error output', async () => {
			const result = await run(name, { parameters, items, onError: 'continueErrorOutput' });
			expect(pairing(result.output)).toEqual([0]);
			expect(result.errorOutput.map(({ json }) => json)).toEqual([
				{ ...items[1], error: expect.stringMatching(/^K.+ \[item 1\]$/) },
			]);
		});

		it.each(given.texts)('says after %d: %s, and gives the remedy', async (...text) => {
			const [status, words, advice] = text;
			emulator().misbehave({
				status,
				body: { message: words, detail: words },
				...(status === 429 && { headers: { 'retry-after': '1800' } }),
			});
			const { error } = await run(name, { parameters, items: items.slice(0, 1) });
			expect(error).toMatchObject({
				message: expect.stringMatching(/^K\w+: .* \[item 0\]$/),
				description: expect.stringContaining(advice),
				httpCode: String(status),
			});
			expect(error?.message).toContain(words);
			expect(emulator().journal.requests).toHaveLength(1);
		});
	});

	it.each([500, 502, 503, 504])('tries a read four times if it gets %d', async (status) => {
		const body = { message: 'Out of order', detail: 'Out of order' };
		emulator().misbehave({ status, body, times: Infinity });
		const { error } = await inVirtualTime(async () => await run(list));
		expect(error).toMatchObject({
			message: expect.stringMatching(/^K\w+: Out of order \[item 0\]$/),
			description: expect.stringContaining('Try again later'),
		});
		expect(emulator().journal.requests).toHaveLength(4);
	});

	it('says whether a write that failed with 500 may be run again', async () => {
		emulator().misbehave({ status: 500, times: Infinity });
		const { name, parameters, items } = given.write;
		const failed = async () => await run(name, { parameters, items: items.slice(0, 1) });
		const { error } = await inVirtualTime(failed);
		expect(error?.description).toContain(given.writeAdvice);
	});

	it.each<[string, Misbehaviour]>([
		['503 twice', { status: 503, times: 2 }],
		['a connection that closes', { drop: 'before' }],
		['an answer that closes half-way', { truncate: 'connection' }],
		['429 with Retry-After: 1', { status: 429, headers: { 'retry-after': '1' } }],
	])('reads despite %s', async (_, rule) => {
		const { name, parameters, items } = given.read;
		emulator().misbehave(rule);
		const read = async () => await run(name, { parameters, items: items.slice(0, 1) });
		expect((await inVirtualTime(read)).output).toHaveLength(1);
		expect(emulator().journal.requests).toHaveLength((rule.times ?? 1) + 1);
	});

	it.each<[string, Misbehaviour, string]>([
		['a web page', { html: true }, 'a web page instead of JSON'],
		['null', { raw: { body: 'null' } }, 'null instead of JSON'],
		['JSON that is cut off', { truncate: 'consistent' }, 'JSON that is cut off [item 0]'],
		['nothing', { raw: { body: '' } }, 'nothing instead of JSON'],
		['an object', { raw: { body: '{"total":3}' } }, 'an object instead of a list'],
		['a list of texts', { raw: { body: '["a"]' } }, 'a list with entries that are not objects'],
	])('fails, instead of returning no row, if the answer is %s', async (_, rule, words) => {
		emulator().misbehave({ ...rule, times: Infinity });
		const { error } = await run(list);
		expect(error?.message).toContain(`returned ${words}`);
	});

	it('fails if a list comes instead of the created row', async () => {
		emulator().misbehave({ raw: { body: '[]' } });
		const { name, parameters, items } = given.write;
		const { error } = await run(name, { parameters, items: items.slice(0, 1) });
		expect(error?.message).toContain('instead of an object');
	});

	it('hides the secret, whatever goes wrong', async () => {
		const { apiSecret, apiKey } = setup.credential();
		const words = `Unknown secret ${String(apiSecret ?? apiKey)}`;
		const trouble: Misbehaviour[] = [
			{ status: 401, body: { message: words, detail: words } },
			{ drop: 'before', times: Infinity },
			{ html: true },
			{ redirect: 'https://elsewhere.example/' },
		];
		for (const rule of trouble) {
			const active = emulator().misbehave(rule);
			// The set-up searches every run, and the log after the test, for the secret
			const { status } = await inVirtualTime(async () => await run(list));
			active.cancel();
			expect(status).toBe('error');
		}
	});

	const refusedIds = ['', '  ', '.', '..', 'x'.repeat(10_240), ' .. '];
	it.each(given.ids)(
		'refuses a value that cannot be an ID: %s with %s',
		async (name, parameter) => {
			for (const id of refusedIds) {
				const { error } = await run(name, {
					parameters: { [parameter]: byId('={{ $json.id }}') },
					items: [{ id }],
				});
				expect(error?.message).toMatch(/^'\w+' (is empty|cannot be "|is 10240 characters long)/);
			}
			expect(emulator().journal.requests).toEqual([]);
		},
	);

	it.each([
		['a/b', 'a%2Fb'],
		['ä?#%2F', '%C3%A4%3F%23%252F'],
		['..%2f..', '..%252f..'],
		[' a\n', 'a'],
	])('sends the ID %j as %s', async (id, segment) => {
		const [name, parameter, path] = given.path;
		await run(name, { parameters: { [parameter]: byId(id) } });
		expect(emulator().journal.requests).toMatchObject([{ path: `${path}/${segment}` }]);
	});

	it('names an operation that does not exist in this version', async () => {
		const { error } = await run(list.replace('getAll', 'archive'));
		expect(error?.message).toContain('There is no operation "archive"');
	});

	const { deletion } = given;
	if (deletion) {
		it('treats a Delete as done if its first answer was lost and the row is gone', async () => {
			const [name, parameters, row] = deletion;
			emulator().misbehave({ drop: 'after' });
			const result = await inVirtualTime(async () => await run(name, { parameters }));
			expect(rowsOf(result)).toEqual([row]);
			expect(emulator().journal.requests.map(({ status }) => status)).toEqual([undefined, 404]);
		});
	}
}

describe('Kinktree', () => {
	const setup = kinktreeSetup({ seed: { tags: [{ id: 'a' }] } });
	const { emulator, run } = setup;
	describeShared(setup, {
		read: {
			name: 'tag.get',
			parameters: { tagId: byId('={{ $json.id }}') },
			items: [{ id: 'a' }, { id: 'A' }],
		},
		write: {
			name: 'tag.create',
			parameters: { additionalFields: { identifier: '={{ $json.id }}' } },
			items: [{ id: 'new' }, { id: 'a' }],
		},
		writeAdvice: 'not sent a second time',
		list: 'tag.getAll',
		texts: [
			[401, 'Invalid API secret', 'paste the API secret'],
			[404, 'Tag not found', 'case-sensitive'],
			[409, 'Identifier taken', 'Create or Update'],
			[418, 'I am a teapot', 'Check the parameters'],
		],
		ids: [
			['tag.get', 'tagId'],
			['tag.update', 'tagId'],
			['tag.delete', 'tagId'],
		],
		path: ['tag.delete', 'tagId', '/v1/partners/tags'],
		deletion: ['tag.delete', { tagId: byId('a') }, { identifier: 'a', deleted: true }],
		alias: 'kinktag',
	});

	it("keeps n8n's explanation of an expression that cannot be resolved", async () => {
		const { error } = await run('tag.get', {
			parameters: { tagId: "={{ $('Nobody').item.json.id }}" },
		});
		expect(error?.message).toMatch(/Nobody|referenced node/i);
		expect(error?.message).not.toContain("‘'");
		expect(error?.context).toMatchObject({ itemIndex: 0, nodeCause: 'Nobody' });
	});

	it('ends at once when the execution is cancelled during a wait, and sends no more', async () => {
		emulator().misbehave({ status: 429, headers: { 'retry-after': '50' }, times: Infinity });
		const arrival = emulator().journal.arrival();
		const controller = new AbortController();
		const running = run('tag.getAll', {
			items: [{}, {}],
			onError: 'continueRegularOutput',
			signal: controller.signal,
		});
		await arrival;
		controller.abort();
		expect((await running).status).toBe('canceled');
		expect(emulator().journal.requests.length).toBeLessThanOrEqual(2);
	});
});

describe('Kindryn', () => {
	describeShared(kindrynSetup({ seed: COMMUNITY }), {
		read: {
			name: 'member.get',
			parameters: { memberId: byId('={{ $json.id }}') },
			items: [{ id: 'm1' }, { id: 'nobody' }],
		},
		write: {
			name: 'event.create',
			parameters: { spaceId: byId('={{ $json.id }}'), title: 'Talk', startsAt: '2120-05-01' },
			items: [{ id: 'night' }, { id: 'nowhere' }],
		},
		writeAdvice: 'not sent a second time',
		list: 'member.getAll',
		texts: [
			[400, 'Invalid request body', 'Check the parameters'],
			[401, 'Invalid API key', 'paste the API key again'],
			[403, 'API key does not have "x:y" scope', 'under API Keys, grant the scope "x:y"'],
			[403, 'Missing required scope: x:y', 'under API Keys, grant the missing scope'],
			[403, 'API key is disabled', 'turn this key on'],
			[403, 'API key has expired', 'Create a new key in Kindryn'],
			[403, 'Forbidden', 'it may be disabled or expired'],
			[403, 'Cannot assign role "X": it is higher than yours', "Choose a lower 'Role'"],
			[400, 'The role exceeds that of the key creator', "Choose a lower 'Role'"],
			[400, 'Unknown role "X"', 'Check the parameters'],
			[404, 'Not found', 'Check the ID,'],
			[405, 'Method not allowed', 'Check the address in the credential'],
		],
		ids: [
			['member.get', 'memberId'],
			['post.get', 'postId'],
			['event.get', 'eventId'],
		],
		path: ['member.get', 'memberId', '/api/public/v1/members'],
		alias: 'community',
	});
});

describe('Klinky', () => {
	const id = '00000000-0000-4000-8000-000000000001';
	describeShared(klinkySetup({ seed: { links: [{ id, slug: 'taken' }] } }), {
		read: {
			name: 'link.get',
			parameters: { linkId: byId('={{ $json.id }}') },
			items: [{ id }, { id: id.replace('1', '9') }],
		},
		write: {
			name: 'link.create',
			parameters: {
				name: 'New',
				destinationUrl: 'https://x.example',
				additionalFields: { slug: '={{ $json.slug }}' },
			},
			items: [{ slug: 'free' }, { slug: 'taken' }],
		},
		writeAdvice: 'Try again later',
		list: 'link.getAll',
		texts: [
			[400, 'Bad request', 'Check the parameters'],
			[401, 'Missing API key. Include X-API-Key header.', 'Settings → API Keys'],
			[401, 'Invalid API key.', 'Settings → API Keys'],
			[403, 'API access is not available on your plan.', 'whether your plan includes API access'],
			[409, 'Slug "x" is already taken.', "Choose another 'Slug'"],
			[409, 'Idempotency-Key was used with a different request.', 'Start a new execution'],
			[422, 'Idempotency key reused', 'Start a new execution'],
			[422, 'field required: name', 'Check the parameters named in the message'],
			[429, 'Rate limit exceeded.', 'Wait for Rate Limit'],
			[418, 'I am a teapot', 'Check the parameters'],
		],
		ids: ['get', 'delete', 'update', 'updateVariants', 'updateWeights'].map((operation) => [
			`link.${operation}`,
			'linkId',
		]),
		path: ['link.get', 'linkId', '/api/v1/public/links'],
		deletion: ['link.delete', { linkId: byId(id) }, { id, deleted: true }],
		alias: 'short link',
	});
});
