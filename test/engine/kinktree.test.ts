import type { KinktreeReadings } from '../emulator';
import { describeOperations, type OperationCase, requestsIn } from './operations';
import { byId, kinktreeSetup, rowsOf } from './setup';

const TAGS = [
	{ id: 'a', activationCode: 'CODE-A', name: 'Front desk', locked: false },
	{ id: 'b', activationCode: 'CODE-B', name: null, locked: true },
	{ id: 'B', activationCode: 'CODE-CAPITAL', name: 'Bar', locked: false },
];
const setup = kinktreeSetup({ seed: { tags: TAGS } });
const { emulator, run } = setup;
const path = '/v1/partners/tags';

const CASES: OperationCase[] = [
	{
		name: 'tag.create',
		parameters: {
			additionalFields: { identifier: '={{ $json.id }}', activationCode: '={{ $json.code }}' },
		},
		items: [{ id: 'x' }, { id: 'y', code: 'CODE-Y' }],
		sends: [
			{ method: 'POST', path, body: { identifier: 'x' } },
			{ method: 'POST', path, body: { identifier: 'y', activationCode: 'CODE-Y' } },
		],
		rows: [[{ identifier: 'x' }], [{ identifier: 'y', activationCode: 'CODE-Y' }]],
		subject: 'tag "y"',
	},
	{
		name: 'tag.delete',
		parameters: { tagId: byId('={{ $json.id }}') },
		items: [{ id: 'a' }, { id: 'B' }],
		sends: [
			{ method: 'DELETE', path: `${path}/a` },
			{ method: 'DELETE', path: `${path}/B` },
		],
		rows: [[{ identifier: 'a', deleted: true }], [{ identifier: 'B', deleted: true }]],
		subject: 'tag "B"',
	},
	{
		// IDs are case-sensitive, and one list holds both tags
		name: 'tag.get',
		parameters: { tagId: byId('={{ $json.id }}') },
		items: [{ id: 'B' }, { id: 'b' }],
		sends: [{ method: 'GET', path }],
		rows: [
			[{ identifier: 'B', id: 'B', name: 'Bar', locked: false }],
			[{ identifier: 'b', id: 'b', name: null, locked: true }],
		],
	},
	{
		name: 'tag.getAll',
		parameters: { returnAll: '={{ $json.all }}', limit: '={{ $json.limit }}' },
		items: [{ all: false, limit: 2 }, { all: true }],
		sends: [{ method: 'GET', path }],
		rows: [
			[{ identifier: 'a' }, { identifier: 'b' }],
			[{ identifier: 'a' }, { identifier: 'b' }, { identifier: 'B' }],
		],
	},
	{
		name: 'tag.update',
		parameters: {
			tagId: byId('={{ $json.id }}'),
			codeSource: '={{ $json.source }}',
			activationCode: '={{ $json.code }}',
		},
		items: [
			{ id: 'a', source: 'generate' },
			{ id: 'b', source: 'custom', code: 'NEW' },
		],
		sends: [
			{ method: 'PATCH', path: `${path}/a`, body: {} },
			{ method: 'PATCH', path: `${path}/b`, body: { activationCode: 'NEW' } },
		],
		rows: [[{ identifier: 'a' }], [{ identifier: 'b', activationCode: 'NEW' }]],
		subject: 'tag "b"',
	},
	{
		name: 'tag.upsert',
		parameters: {
			identifier: '={{ $json.id }}',
			additionalFields: { activationCode: '={{ $json.code }}' },
		},
		items: [
			{ id: 'new', code: 'CODE-NEW' },
			{ id: 'b', code: 'CODE-B2' },
		],
		sends: [
			{ method: 'GET', path },
			{ method: 'POST', path, body: { identifier: 'new', activationCode: 'CODE-NEW' } },
			{ method: 'PATCH', path: `${path}/b`, body: { activationCode: 'CODE-B2' } },
		],
		rows: [
			[{ identifier: 'new', activationCode: 'CODE-NEW', created: true }],
			[{ identifier: 'b', activationCode: 'CODE-B2', created: false, locked: true }],
		],
		subject: 'tag "b"',
	},
];

describeOperations(setup, CASES);

it('tag.create shows its fields without a click, and sends none of them if they are empty', async () => {
	const additional = setup
		.engine()
		.description('kinktree')
		.properties.find(
			({ name, displayOptions: { show } = {} }) =>
				name === 'additionalFields' && show?.operation?.includes('create'),
		);
	const shown = { identifier: '', activationCode: '' };
	expect(additional?.default).toEqual(shown);
	for (const parameters of [{}, { additionalFields: shown }]) {
		expect((await run('tag.create', { parameters })).error).toBeUndefined();
	}
	expect(requestsIn(emulator().journal).map(({ body }) => body)).toEqual([{}, {}]);
});

describe('tag.get', () => {
	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'fails only the item whose tag does not exist: %s',
		async (onError) => {
			const result = await run('tag.get', {
				parameters: { tagId: byId('={{ $json.id }}') },
				items: [{ id: 'a' }, { id: 'A' }],
				onError,
			});
			const failing = onError === 'continueErrorOutput' ? result.errorOutput : result.output;
			expect(failing.at(-1)?.json.error).toBe('Kinktree has no tag "A" in your namespace [item 1]');
			expect(rowsOf(result)[0]).toMatchObject({ identifier: 'a' });
		},
	);

	it('gives each item its own row of the same tag, which a later node may change', async () => {
		const { output } = await run('tag.get', { parameters: { tagId: byId('a') }, items: [{}, {}] });
		const [first, second] = output;
		expect(first?.json).toEqual(second?.json);
		expect(first?.json).not.toBe(second?.json);
	});
});

describe('tag.getAll', () => {
	it("says how many rows 'Limit' left out", async () => {
		const { hints } = await run('tag.getAll', { parameters: { limit: 2 } });
		expect(hints).toMatchObject([
			{ message: expect.stringContaining('2 of 3 tags'), location: 'outputPane' },
		]);
	});

	it("fails an item with an invalid 'Limit', and reads the others", async () => {
		const result = await run('tag.getAll', {
			parameters: { limit: '={{ $json.limit }}' },
			items: [{ limit: 0 }, { limit: 1 }],
			onError: 'continueRegularOutput',
		});
		expect(rowsOf(result)).toMatchObject([
			{ error: `'Limit' must be a whole number of at least 1, but is "0" [item 0]` },
			{ identifier: 'a' },
		]);
	});

	it('returns 50,000 tags', async () => {
		const on = await setup.startAnother({ seed: { tags: 50_000 } });
		const rows = rowsOf(await run('tag.getAll', { on, parameters: { returnAll: true } }));
		expect(rows).toHaveLength(50_000);
		expect(rows.at(-1)).toMatchObject({ identifier: 'tag-50000' });
	});

	it('returns no row for an empty list, and does not fail', async () => {
		const on = await setup.startAnother({ seed: {} });
		expect(await run('tag.getAll', { on })).toMatchObject({ status: 'success', output: [] });
	});

	it.each([
		['{"id":"req_42","message":"maintenance"}', 'returned an object instead of a list of tags'],
		['[{"name":"x"}]', 'a tag without an identifier'],
	])('fails if Kinktree answers with %s', async (body, words) => {
		emulator().misbehave({ raw: { body } });
		const { error } = await run('tag.getAll');
		expect(error?.message).toContain(words);
	});

	it('finds the list in an envelope that has its own ID', async () => {
		const tags = [{ id: 'x', namespace: 'n', activationCode: 'C', name: null, locked: false }];
		emulator().misbehave({ raw: { body: JSON.stringify({ id: 'ns-1', tags }) } });
		expect(rowsOf(await run('tag.getAll'))).toMatchObject([{ identifier: 'x', id: 'x' }]);
	});
});

describe('where the document is silent', () => {
	const readings: Array<Partial<KinktreeReadings>> = [
		{ listShape: 'array' },
		{ listShape: 'tags' },
		{ listShape: 'data' },
		{ listShape: 'items' },
		{ listShape: 'single' },
		{ createStatus: 200 },
		{ createStatus: 201 },
		{ deleteAnswer: 'body' },
		{ deleteAnswer: 'empty204' },
		{ errorKey: 'error' },
		{ errorKey: 'detail' },
		{ duplicateStatus: 400 },
	];

	it.each(readings)('lets every operation work with the reading %j', async (reading) => {
		const on = await setup.startAnother({ seed: { tags: TAGS.slice(0, 1) }, readings: reading });
		const rows = async (operation: string, parameters: object = {}) =>
			rowsOf(await run(`tag.${operation}`, { on, parameters }));
		const tagId = byId('a');

		expect(await rows('getAll')).toMatchObject([{ identifier: 'a', id: 'a' }]);
		expect(await rows('get', { tagId })).toMatchObject([
			{ identifier: 'a', activationCode: 'CODE-A' },
		]);
		const duplicate = { additionalFields: { identifier: 'a' } };
		const { error } = await run('tag.create', { on, parameters: duplicate });
		expect(error?.message).toContain('already exists');
		const next = { identifier: 'a', additionalFields: { activationCode: 'NEXT' } };
		expect(await rows('upsert', next)).toMatchObject([
			{ identifier: 'a', activationCode: 'NEXT', created: false },
		]);
		expect(await rows('create')).toMatchObject([
			{ identifier: expect.any(String), activationCode: expect.any(String) },
		]);
		expect(await rows('delete', { tagId })).toMatchObject([{ identifier: 'a', deleted: true }]);
	});
});

describe('tag.delete', () => {
	it.each([
		['{"deleted":false}', 'Kinktree refused this, and did not say why'],
		['{"error":"nope"}', 'Kinktree: nope'],
		['[{"identifier":"a"}]', 'Kinktree returned a list instead of an object'],
	])('does not treat %s as success', async (body, words) => {
		emulator().misbehave({ raw: { body } });
		const { error } = await run('tag.delete', { parameters: { tagId: byId('a') } });
		expect(error?.message).toBe(`${words} (tag "a") [item 0]`);
	});
});

describe('input', () => {
	const code = { codeSource: 'custom', tagId: byId('a') };
	it.each<[string, object, string | RegExp]>([
		['create', { additionalFields: { identifier: '..' } }, `'Identifier' cannot be ".."`],
		['upsert', { identifier: '..' }, `'Identifier' cannot be ".."`],
		['upsert', { identifier: '={{ $json.missing }}' }, "'Identifier' is empty [item 0]"],
		['upsert', { identifier: '={{ "  " }}' }, "'Identifier' is empty [item 0]"],
		// n8n itself refuses an empty required parameter unless it is an expression
		['update', { ...code, activationCode: '' }, '"Activation Code" is required'],
		['update', { ...code, activationCode: '={{ null }}' }, "'Activation Code' is empty [item 0]"],
		['update', { ...code, activationCode: '={{ $json.no }}' }, "'Activation Code' is empty"],
		['update', { ...code, activationCode: '  ' }, "'Activation Code' is empty [item 0]"],
		...['={{ $json.missing }}', '={{ null }}', "={{ '' }}"].map(
			(codeSource): [string, object, string] => [
				'update',
				{ ...code, codeSource, activationCode: 'NEW' },
				"'Code Source' must be one of custom, generate, but is empty",
			],
		),
	])('is refused before anything is sent: %s with %j', async (operation, parameters, words) => {
		const { error } = await run(`tag.${operation}`, { parameters });
		expect(error?.message).toContain(words);
		expect(emulator().journal.requests).toEqual([]);
		expect(emulator().state.tags().get('a')?.activationCode).toBe('CODE-A');
	});
});

describe('tag.create', () => {
	it('is not sent twice if its answer is lost, and says so', async () => {
		emulator().misbehave({ drop: 'after' });
		const parameters = { additionalFields: { identifier: 'x' } };
		const { error } = await run('tag.create', { parameters });
		expect(error).toMatchObject({
			message: expect.stringContaining('connection was closed before the answer arrived'),
			description: expect.stringContaining('not sent a second time'),
		});
		expect(emulator().journal.find({ method: 'POST' })).toHaveLength(1);
	});
});

describe('tag.upsert', () => {
	const upsert = async (identifier: string, activationCode?: string) =>
		await run('tag.upsert', {
			parameters: { identifier, additionalFields: activationCode ? { activationCode } : {} },
		});

	it('creates one tag, and reports it as created, if the answer is lost', async () => {
		emulator().misbehave({ match: { method: 'POST' }, drop: 'after' });
		expect(rowsOf(await upsert('x', 'CODE-X'))).toMatchObject([
			{ identifier: 'x', activationCode: 'CODE-X', created: true },
		]);
		expect(emulator().state.tags().size).toBe(TAGS.length + 1);
		expect(requestsIn(emulator().journal).map(({ method }) => method)).toEqual([
			'GET',
			'POST',
			'GET',
		]);
	});

	it.each([
		[500, 'Oh no', expect.stringContaining("'Create or Update' creates no duplicate")],
		[400, 'activationCode must have 8 to 32 characters', expect.not.stringContaining('identifier')],
		[409, 'Reserved identifier', expect.stringContaining('Try another identifier')],
	])('is sent once and gives fitting advice after %d: %s', async (status, message, description) => {
		emulator().misbehave({ match: { method: 'POST' }, status, body: { message } });
		const { error } = await upsert('x');
		expect(error).toMatchObject({
			message: `Kinktree: ${message} (tag "x") [item 0]`,
			description,
		});
		expect(emulator().journal.find({ method: 'POST' })).toHaveLength(1);
	});

	it('sets the code of a tag that was created in the meantime', async () => {
		emulator().misbehave({ match: { method: 'GET' }, raw: { body: '[]' } });
		expect(rowsOf(await upsert('a', 'CODE-A2'))).toMatchObject([
			{ identifier: 'a', activationCode: 'CODE-A2', created: false },
		]);
	});

	it("leaves a tag's code alone if none is given", async () => {
		expect(rowsOf(await upsert('a'))).toMatchObject([
			{ identifier: 'a', activationCode: 'CODE-A', created: false },
		]);
		expect(emulator().journal.find({ method: 'PATCH' })).toEqual([]);
	});

	it('creates a tag once if its identifier appears twice in a run', async () => {
		const result = await run('tag.upsert', {
			parameters: { identifier: 'x', additionalFields: { activationCode: '={{ $json.code }}' } },
			items: [{ code: 'ONE' }, { code: 'TWO' }],
		});
		expect(rowsOf(result)).toMatchObject([
			{ created: true, activationCode: 'ONE' },
			{ created: false, activationCode: 'TWO' },
		]);
	});
});

it.each([400, 409, 422])(
	'says how to go on if an identifier is taken, after a %i',
	async (status) => {
		emulator().misbehave({
			match: { method: 'POST' },
			status,
			body: { message: 'Already exists' },
		});
		const parameters = { additionalFields: { identifier: 'A' } };
		const { error } = await run('tag.create', { parameters });
		expect(error?.description).toContain('An identifier can be used only once in your namespace');
	},
);
