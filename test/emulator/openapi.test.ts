import { loadOpenApi, type ServiceName } from './openapi';

const operation = (service: ServiceName, wanted: string) => {
	const found = loadOpenApi(service).operations.find(({ operationId }) => operationId === wanted);
	if (!found) throw new Error(`No operation ${wanted}`);
	return found;
};

describe('checks of an answer', () => {
	const limits = {
		'x-ratelimit-limit': '100',
		'x-ratelimit-remaining': '99',
		'x-ratelimit-reset': '1',
	};
	const wrongLimits = { ...limits, 'x-ratelimit-reset': 'soon' };

	it.each<[string, ServiceName, string, number, Record<string, string>, unknown, string[]]>([
		['a good answer', 'klinky', 'listLinks', 200, limits, [], []],
		['no rate limit headers', 'klinky', 'listLinks', 200, {}, [], ['x-ratelimit-limit']],
		['a wrong header', 'klinky', 'listLinks', 200, wrongLimits, [], ['x-ratelimit-reset']],
		[
			'a 429 without Retry-After',
			'klinky',
			'listLinks',
			429,
			limits,
			{ detail: 'x' },
			['retry-after'],
		],
		[
			'an unknown status',
			'kinktree',
			'listTags',
			418,
			{},
			{},
			['418 is not in the OpenAPI document'],
		],
		['a body with 204', 'kinktree', 'deleteTag', 204, {}, {}, ['no body for this status']],
		['no body with 200', 'kinktree', 'deleteTag', 200, {}, undefined, ['must be object']],
		['an invitation token', 'kindryn', 'listInvitations', 200, {}, [invitation('t')], ['0/token']],
		['an invitation', 'kindryn', 'listInvitations', 200, {}, [invitation()], []],
		['an error without message', 'kindryn', 'getPost', 404, {}, { error: 'x' }, ['body/message']],
		[
			'an event that is no draft',
			'kindryn',
			'createEvent',
			201,
			{},
			event('PUBLISHED'),
			['constant'],
		],
		['an event', 'kindryn', 'createEvent', 201, {}, event('DRAFT'), []],
	])('%s', (_case, service, operationId, status, headers, body, expected) => {
		const found = operation(service, operationId).checkAnswer(status, headers, body);
		expect(found).toEqual(expected.map((text) => expect.stringContaining(text)));
	});
});

describe('checks of a request', () => {
	const request = { params: {}, query: {}, headers: {} };

	it('types and completes the query', () => {
		const query = { offset: '20', upcoming: 'false' };
		const { query: typed, breaches } = operation('kindryn', 'listEvents').checkRequest({
			...request,
			query,
		});
		expect([typed, breaches]).toEqual([{ offset: 20, upcoming: false, limit: 50 }, []]);
		expect(query).toEqual({ offset: '20', upcoming: 'false' });
	});

	it('leaves the body as it came', () => {
		const headers = { 'content-type': 'application/json; charset=utf-8' };
		const rawBody =
			'{"name":"N","variants":[{"label":"a","destination_url":"https://a.b","weight":100}]}';
		const checked = operation('klinky', 'createLink').checkRequest({
			...request,
			headers,
			rawBody,
		});
		expect([checked.body, checked.breaches]).toEqual([JSON.parse(rawBody), []]);
	});
});

function invitation(token?: string) {
	return { id: 'i', email: 'a@b.org', inviteUrl: 'https://c.example/i', ...(token && { token }) };
}

function event(status: string) {
	return { id: 'e', spaceId: 's', title: 'T', startsAt: '2026-12-01T17:00:00Z', status };
}
