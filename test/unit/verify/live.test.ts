/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import spawn from 'cross-spawn';

import { readOnlyTransport } from '../../../scripts/verify/client';
import { EXIT } from '../../../scripts/verify/live';
import type { Misbehaviour, ServiceName } from '../../emulator';
import { readDocument } from '../../emulator/openapi';
import { differencesIn, NAMES, refutedIn, type Run, serviceOf, setUpVerification } from './setup';

const ENTRY = resolve(__dirname, '../../../scripts/verify/index.ts');

const { emulators, folder, run } = setUpVerification();

type Json = Record<string, unknown>;

/** For each operation that reads: the assumption about its rows. */
const OPERATIONS: Array<[ServiceName, string, string[]]> = [
	['kinktree', 'listTags', ['listShape']],
	['kindryn', 'getCommunity', []],
	['kindryn', 'listMembers', ['member']],
	['kindryn', 'getMember', ['member']],
	['kindryn', 'listInvitations', []],
	['kindryn', 'listSpaces', ['space']],
	['kindryn', 'listPosts', ['post']],
	['kindryn', 'getPost', ['post']],
	['kindryn', 'listEvents', ['event']],
	['kindryn', 'getEvent', ['event']],
	['kindryn', 'listCourses', ['course']],
	['kindryn', 'listCoachingSessions', ['coachingSession']],
	['klinky', 'listLinks', ['linkList']],
	['klinky', 'getLink', []],
	['klinky', 'listClicks', ['click']],
];

/** Changes every row of an answer, or the answer if it is a single row. */
function inRows(change: (row: Json) => unknown) {
	return (body: unknown): unknown => {
		const { data, items, message, detail, ...rest } = body as Json;
		if (message !== undefined || detail !== undefined) return body;
		if (Array.isArray(body)) return body.map((row) => change(row as Json));
		if (Array.isArray(data)) return { ...rest, data: data.map(change) };
		if (Array.isArray(items)) return { ...rest, items: items.map(change) };
		return change(body as Json);
	};
}

function without(key: string, row: Json): Json {
	return Object.fromEntries(Object.entries(row).filter(([name]) => name !== key));
}

/** The path to the rows in an operation's answer. */
function placeOf(operation: string): string {
	if (/^(listTags|listInvitations)$/.test(operation)) return '[].';
	if (/^(listLinks|listClicks)$/.test(operation)) return 'items[].';
	return operation.startsWith('list') ? 'data[].' : '';
}

function misbehave(name: ServiceName, operationId: string, rule: Misbehaviour): void {
	const match = { operationId, ...rule.match };
	emulators[name].misbehave({ times: Infinity, ...rule, match });
}

describe('one deviation of an operation', () => {
	it('is tried for each operation that reads', () => {
		const reading = NAMES.flatMap((name) =>
			Object.values(readDocument(name).paths).flatMap(({ get }) =>
				get ? [[name, get.operationId]] : [],
			),
		);
		expect(OPERATIONS.map(([name, id]) => [name, id]).sort()).toEqual(reading.sort());
	});

	it.each(OPERATIONS)(
		'of %s is named and no other: an extra key in %s',
		async (name, id, rests) => {
			misbehave(name, id, { rewrite: inRows((row) => ({ ...row, moodRing: 'blue' })) });
			const found = await run(name);
			const place = `${placeOf(id)}moodRing (string)`;
			expect(differencesIn(found)).toEqual([[id, `${place}: not documented`]]);
			expect(refutedIn(found)).toEqual(rests);
			expect(found.exit).toBe(EXIT.differs);
		},
	);

	it.each<[ServiceName, string]>([
		['kinktree', 'listTags'],
		['kindryn', 'listMembers'],
		['kindryn', 'getPost'],
		['klinky', 'listClicks'],
	])('of %s is named and no other: another status of %s', async (name, id) => {
		misbehave(name, id, { status: 418, body: {} });
		const found = await run(name);
		expect(differencesIn(found)).toEqual([[id, 'the status 418 is not documented']]);
		expect(refutedIn(found).filter((one) => one !== 'unauthorized')).toEqual([]);
		expect(found.exit).toBe(EXIT.differs);
	});

	it.each<[string, string[], (row: Json, number: number) => unknown]>([
		['a key that is missing', ['data[].userId: missing'], (row) => without('userId', row)],
		[
			'a key that some rows lack',
			['data[].email: missing (in some rows)'],
			({ email, ...row }, number) => (number % 2 ? row : { email, ...row }),
		],
		[
			'a key of another type',
			['data[].email: string expected, null found'],
			(row) => ({ ...row, email: null }),
		],
		[
			'a time of another format',
			['data[].joinedAt: not in the format date-time'],
			(row) => ({ ...row, joinedAt: 'yesterday' }),
		],
		[
			'a key that may be data',
			['data[].(a key that may be data) (boolean): not documented'],
			(row) => ({ ...row, 'amira@example.org': true }),
		],
	])('is named and no other: %s', async (_, expected, change) => {
		let number = 0;
		const rewrite = inRows((row) => change(row, (number += 1)));
		misbehave('kindryn', 'listMembers', { rewrite });
		const found = await run('kindryn');
		expect(differencesIn(found)).toEqual([['listMembers', ...expected]]);
		expect(refutedIn(found)).toEqual(['member']);
	});

	it.each<[ServiceName, string, Misbehaviour, string]>([
		['kindryn', 'listSpaces', { html: true }, 'a web page instead of JSON'],
		[
			'kindryn',
			'listInvitations',
			{ status: 200, body: { data: [] } },
			'array expected, object found',
		],
		[
			'kindryn',
			'listInvitations',
			{ rewrite: inRows((row) => ({ ...row, token: 'x' })) },
			'[].token: must not be there',
		],
		[
			'kindryn',
			'listInvitations',
			{ rewrite: inRows((row) => ({ ...row, status: 'lost' })) },
			'[].status: a value that is not documented',
		],
		[
			'klinky',
			'getLink',
			{ rewrite: (row) => ({ ...(row as Json), id: '7' }) },
			'id: not in the format uuid',
		],
	])('of %s is named and no other: %s answers %j', async (name, id, rule, expected) => {
		misbehave(name, id, rule);
		const found = await run(name);
		expect(differencesIn(found)).toEqual([[id, expected]]);
	});

	it('is named and no other: an answer without the rate limit headers', async () => {
		misbehave('klinky', 'getLink', { status: 200, body: emulators.klinky.state.links[0] });
		const names = ['limit', 'remaining', 'reset'];
		expect(differencesIn(await run('klinky'))).toEqual([
			['getLink', ...names.map((name) => `header x-ratelimit-${name}: missing`)],
		]);
	});
});

describe('an assumption without a switch', () => {
	const emptyPage = { data: [], total: 0, limit: 100, offset: 0 };
	const profile = () => {
		const { socialLinks, ...member } = emulators.kindryn.state.members.at(-1) ?? {};
		return { ...member, socialLinks };
	};

	it.each<[ServiceName, string, string, string, () => Misbehaviour[]]>([
		[
			'kinktree',
			'listedId',
			'has no "id"',
			'listTags',
			() => [{ rewrite: inRows(({ id, ...row }) => ({ ...row, identifier: id })) }],
		],
		[
			'kinktree',
			'listedId',
			'they differ',
			'listTags',
			() => [{ rewrite: inRows((row) => ({ ...row, identifier: 'other' })) }],
		],
		[
			'kinktree',
			'unauthorized',
			'with 200',
			'listTags',
			() => [{ skip: 1, status: 200, body: [] }],
		],
		[
			'kindryn',
			'memberId',
			'the userId alone',
			'getMember',
			() => [
				{ times: 1, status: 404 },
				{ status: 200, body: profile() },
			],
		],
		[
			'kindryn',
			'search',
			'not found by name',
			'listMembers',
			() => [
				{
					match: { query: { search: emulators.kindryn.state.members[220]?.name ?? '' } },
					status: 200,
					body: emptyPage,
				},
			],
		],
		[
			'kindryn',
			'comment',
			'comments[].mood (string)',
			'getPost',
			() => [
				{
					rewrite: (body) => ({
						...(body as Json),
						comments: [
							{ id: 'c', body: 'b', authorId: 'a', createdAt: '2026-01-01T00:00:00Z', mood: 'm' },
						],
					}),
				},
			],
		],
		[
			'kindryn',
			'postSort',
			'as with "oldest"',
			'listPosts',
			() => [{ times: 1, rewrite: (body) => ({ ...(body as Json), data: oldestPosts() }) }],
		],
		[
			'kindryn',
			'eventStatus',
			'others too',
			'listEvents',
			() => [
				{
					match: { query: { status: latestStatus() } },
					rewrite: inRows((row) => ({ ...row, status: 'OTHER' })),
				},
			],
		],
		[
			'kindryn',
			'eventStatus',
			'with 400',
			'listEvents',
			() => [{ match: { query: { status: latestStatus() } }, status: 400 }],
		],
		[
			'kindryn',
			'limit',
			'"limit" says otherwise',
			'listSpaces',
			() => [{ rewrite: (body) => ({ ...(body as Json), limit: 20 }) }],
		],
		[
			'kindryn',
			'tooLargeLimit',
			'spaces: taken without an error',
			'listSpaces',
			() => [{ match: { query: { limit: '101' } }, status: 200, body: emptyPage }],
		],
		[
			'kindryn',
			'beyondEnd',
			'spaces: answered with 404',
			'listSpaces',
			() => [{ match: { query: { offset: '1008' } }, status: 404 }],
		],
		[
			'klinky',
			'beyondEnd',
			'it holds rows',
			'listLinks',
			() => [
				{
					match: { query: { page: '566' } },
					status: 200,
					body: emulators.klinky.state.links.slice(0, 2),
				},
			],
		],
		[
			'klinky',
			'tooLargeLimit',
			'refused with 400',
			'listLinks',
			() => [{ match: { query: { per_page: '101' } }, status: 400 }],
		],
		[
			'klinky',
			'dateFilter',
			'without a time',
			'listClicks',
			() => [{ match: { query: { start_date: dayOfNewClick() } }, status: 422 }],
		],
		[
			'klinky',
			'click',
			'lacks one of them',
			'listClicks',
			() => [{ rewrite: inRows((row) => without('clicked_at', row)) }],
		],
		[
			'klinky',
			'perPage',
			'"per_page" says otherwise',
			'listLinks',
			() => [{ rewrite: (body) => ({ ...(body as Json), per_page: 30 }) }],
		],
		[
			'klinky',
			'variant',
			'variants[].clicks (integer)',
			'getLink',
			() => [
				{
					rewrite: (body) => ({
						...(body as Json),
						variants: [{ label: 'a', destination_url: 'https://a.org', weight: 100, clicks: 7 }],
					}),
				},
			],
		],
		[
			'klinky',
			'unauthorized',
			'401 and x-ratelimit-limit',
			'listLinks',
			() => [{ skip: 9, status: 401, headers: { 'X-RateLimit-Limit': '7' } }],
		],
	])(
		'of %s is refuted in the report: %s, %s',
		async (name, assumption, evidence, operation, rules) => {
			for (const rule of rules()) misbehave(name, operation, rule);
			const { report } = await run(name);
			const found = report?.assumptions.find((one) => one.name === assumption);
			expect(found).toMatchObject({
				result: 'refuted',
				evidence: expect.stringContaining(evidence),
			});
		},
	);

	const oldestPosts = () =>
		emulators.kindryn.state.posts.slice(0, 2).map((post) => without('comments', { ...post }));
	const dayOfNewClick = () => {
		const { state } = emulators.klinky;
		return state.addClick(state.links.at(-1)?.id ?? '').at.slice(0, 10);
	};
	const latestStatus = () => emulators.kindryn.state.events.at(-1)?.status ?? '';
});

/** Expects a run that could not ask the service. @returns its one sentence */
async function refusalOf(found: Run): Promise<string> {
	expect([found.exit, found.file]).toEqual([EXIT.unasked, '']);
	expect(found.sentences).toHaveLength(1);
	return await Promise.resolve(found.sentences[0] ?? '');
}

describe('one sentence and the exit code 2', () => {
	const WRONG = { kinktree: 'wrong-secret', kindryn: 'kak_wrong', klinky: 'klinky_live_wrong' };

	it.each(NAMES)('answer a wrong key of %s', async (name) => {
		const { variables, service } = serviceOf(name);
		const found = await run(name, { [variables.secret]: WRONG[name] });
		expect(await refusalOf(found)).toBe(
			`${service.wording.name} does not know the key in ${variables.secret} (401).`,
		);
	});

	it.each(NAMES)('answer a host of %s that cannot be reached', async (name) => {
		const { variables, service } = serviceOf(name);
		const found = await run(name, { [variables.address]: 'http://127.0.0.1:9/api' });
		expect(await refusalOf(found)).toBe(
			`${service.wording.name} could not be reached: the connection was refused.`,
		);
	});

	it.each<[string, Misbehaviour]>([
		['answers with a web page instead of JSON; check KLINKY_BASE_URL.', { html: true }],
		['answers with a redirect', { redirect: 'http://127.0.0.1:9/' }],
		['has nothing at this address (404); check KLINKY_BASE_URL.', { status: 404 }],
		['accepts no more requests for now (429).', { status: 429 }],
		['could not be reached: the connection was closed', { drop: 'before' }],
	])('say that Klinky %s', async (words, rule) => {
		emulators.klinky.misbehave(rule);
		const said = await refusalOf(await run('klinky'));
		expect(said).toMatch(/^Klinky [^.]+\.$/);
		expect(said).toContain(words);
		expect(emulators.klinky.journal.requests).toHaveLength(1);
	});

	it('say that a plan has no access', async () => {
		const found = await run('klinky', { KLINKY_API_KEY: emulators.klinky.secretOf('free') });
		expect(await refusalOf(found)).toBe(
			'Klinky refuses the key in KLINKY_API_KEY (403): API access is not available on your plan.',
		);
	});

	it.each(['disabled', 'expired'])('say that a key of Kindryn is %s', async (key) => {
		const found = await run('kindryn', { KINDRYN_API_KEY: emulators.kindryn.secretOf(key) });
		expect(await refusalOf(found)).toMatch(/^Kindryn refuses the key .* \(403\): API key [^.]+\.$/);
	});

	it('name all scopes if a key has none of them', async () => {
		const found = await run('kindryn', { KINDRYN_API_KEY: emulators.kindryn.secretOf('unscoped') });
		expect(await refusalOf(found)).toMatch(
			/^Kindryn: the key lacks these scopes: community:read, members:read, .*invitations:read\.$/,
		);
	});

	it('say after a single request that too few are left in this hour', async () => {
		const { klinky } = emulators;
		klinky.state.limits.growth = 15;
		expect(await refusalOf(await run('klinky'))).toMatch(
			/^Klinky accepts fewer than 20 more requests/,
		);
		expect(klinky.journal.requests).toHaveLength(1);
	});

	it.each([
		['KINDRYN_BASE_URL', '', 'Kindryn: set KINDRYN_BASE_URL as well as KINDRYN_API_KEY.'],
		['KINDRYN_BASE_URL', 'http://community.example', 'unencrypted to community.example'],
	])('answer %s="%s" before anything is sent', async (variable, address, words) => {
		expect(await refusalOf(await run('kindryn', { [variable]: address }))).toContain(words);
		expect(emulators.kindryn.journal.requests).toEqual([]);
	});

	it('answer an environment without a key, and name the skipped services', async () => {
		const found = await run('klinky', { KLINKY_API_KEY: '' });
		expect([found.exit, found.said.split('\n')]).toEqual([
			EXIT.unasked,
			NAMES.map((name) => {
				const { service, variables } = serviceOf(name);
				return `${service.wording.name}: skipped, because ${variables.secret} is not set.`;
			}),
		]);
	});
});

it('reports on the operations that a key allows, names the missing scopes, and exits with 2', async () => {
	emulators.kindryn.state.addKey({ name: 'some', scopes: ['members:read', 'posts:read'] });
	const found = await run('kindryn', { KINDRYN_API_KEY: emulators.kindryn.secretOf('some') });
	expect(found.exit).toBe(EXIT.unasked);
	const results = Object.fromEntries(
		(found.report?.operations ?? []).map(({ id, result, details }) => [id, [result, ...details]]),
	);
	expect(results.listMembers).toEqual(['as documented']);
	expect(results.getPost).toEqual(['as documented']);
	expect(results.listEvents).toEqual(['not tried', 'the key lacks a scope: events:read']);
	expect(emulators.kindryn.journal.find({ operationId: 'listEvents' })).toHaveLength(1);
});

it('asks Kindryn no more than a few times in a second', async () => {
	await run('kindryn');
	const times = emulators.kindryn.journal.requests.map(({ at }) => at);
	const within = (from: number) => times.filter((time) => time >= from && time < from + 1000);
	expect(Math.max(...times.map((time) => within(time).length))).toBeLessThanOrEqual(8);
});

it('reports on an empty service as far as it can', async () => {
	const { state } = emulators.kindryn;
	for (const rows of [state.members, state.spaces, state.posts, state.events]) rows.length = 0;
	const { exit, report } = await run('kindryn');
	expect(exit).toBe(EXIT.same);
	expect(report?.operations.find(({ id }) => id === 'getMember')).toMatchObject({
		result: 'not tried',
		details: ['no list showed anything to ask for'],
	});
});

it('runs as a command', async () => {
	const { url, secret } = emulators.klinky;
	const others = { KINKTREE_API_SECRET: '', KINDRYN_API_KEY: '' };
	const command = spawn(
		process.execPath,
		['--import', pathToFileURL(require.resolve('tsx')).href, ENTRY],
		{
			cwd: folder.root,
			env: { ...process.env, ...others, KLINKY_API_KEY: secret, KLINKY_BASE_URL: url },
		},
	);
	let said = '';
	command.stdout?.on('data', (text) => (said += String(text)));
	// The emulators' clock stands still, so the date of an answer differs
	expect(await once(command, 'close')).toEqual([EXIT.differs, null]);
	expect(said).toContain('Kinktree: skipped, because KINKTREE_API_SECRET is not set.');
	expect(said).toMatch(/Written: verify-klinky-[\d-]+\.json/);
});

describe('nothing but GET', () => {
	it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('leaves: %s is refused', async (method) => {
		const { url } = emulators.kinktree;
		await expect(readOnlyTransport({})({ method, url: `${url}/partners/tags` })).rejects.toThrow(
			`${method} is not sent`,
		);
		expect(emulators.kinktree.journal.requests).toEqual([]);
	});
});

/** Every text, number and map key in some data. */
function valuesOf(data: unknown): string[] {
	if (data instanceof Map) return valuesOf([...data]);
	if (typeof data === 'string' || typeof data === 'number') return [String(data)];
	if (typeof data !== 'object' || data === null) return [];
	return Object.values(data).flatMap(valuesOf);
}

describe('a report', () => {
	/** The data of a service, with the keys that are data themselves. */
	const dataOf = (name: ServiceName): unknown[] => {
		const { kinktree, kindryn, klinky } = emulators;
		if (name === 'kinktree') return [kinktree.state.tags()];
		if (name === 'klinky') return [klinky.state.links, klinky.state.clicks, ['europe', 'FR', 'NL']];
		const { community, members, invitations, spaces, posts, events, courses, sessions } =
			kindryn.state;
		return [community, members, invitations, spaces, posts, events, courses, sessions, ['website']];
	};

	it.each(NAMES)('on %s holds no value of the data and no secret', async (name) => {
		const { file, said } = await run(name);
		const document = JSON.stringify(readDocument(name));
		const shown = new Set(`${file} ${said}`.match(/[\w@:/.+<>-]+/g));
		const data = [...new Set(valuesOf(dataOf(name)))];
		const values = data.filter((value) => value.length > 1 && !document.includes(value));
		expect(values.length).toBeGreaterThan(100);
		expect(values.filter((value) => shown.has(value))).toEqual([]);
		const long = values.filter((value) => value.length > 6);
		expect(long.filter((value) => file.includes(value) || said.includes(value))).toEqual([]);
		for (const { secret } of Object.values<{ secret: string }>(emulators[name].state.keys)) {
			expect(`${file} ${said}`).not.toContain(secret);
		}
	});

	it('holds no secret that the service sends back, and neither does the screen', async () => {
		const { secret } = emulators.kindryn;
		misbehave('kindryn', 'getCommunity', {
			rewrite: (body) => ({ ...(body as Json), [secret]: secret }),
		});
		const found = await run('kindryn');
		expect(differencesIn(found)).toHaveLength(1);
		emulators.kindryn.misbehave({ status: 403, body: { message: `No: ${secret}` } });
		const { said } = await run('kindryn');
		expect(said).toContain('Kindryn refuses the key');
		expect(found.file + found.said + said).not.toContain(secret.slice(12));
	});
});
