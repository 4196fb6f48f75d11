import {
	asId,
	asText,
	describeBody,
	insteadOf,
	isJson,
	isRefusal,
	isTooDeep,
	isWebAddress,
	listIn,
	serviceMessage,
	totalIn,
	withoutUndefined,
} from '../../../nodes/shared/http/answer';

describe('listIn', () => {
	const rows = [{ id: 'a' }, { id: 'b' }];

	it.each([
		['a bare list', rows],
		['a wrapped list', { tags: rows }],
		['a list under the second name', { data: rows, total: 2 }],
		['the list under the first name that holds one', { tags: null, data: rows }],
	])('finds %s', (_, body) => {
		expect(listIn(body, ['tags', 'data'])).toEqual(rows);
	});

	it.each([[null], ['text'], [{}], [{ other: rows }], [[1]], [{ tags: [null] }], [{ tags: {} }]])(
		'finds none in %j',
		(body) => {
			expect(listIn(body, ['tags', 'data'])).toBeUndefined();
		},
	);

	it('accepts an empty list', () => {
		expect(listIn([], [])).toEqual([]);
	});
});

describe('totalIn', () => {
	it.each([
		[{ total: 0 }, 0],
		[{ total: 250 }, 250],
		[{ total: -1 }, undefined],
		[{ total: 12.5 }, undefined],
		[{ total: '3' }, undefined],
		[{ total: 1e300 }, undefined],
		[{ total: Infinity }, undefined],
		[{ total: { valueOf: null } }, undefined],
		[[], undefined],
	])('of %p is %p', (body, total) => {
		expect(totalIn(body)).toBe(total);
	});
});

/** Makes a nested body in which each level holds the one before. */
function nested(levels: number, around: (inner: unknown) => unknown): unknown {
	let body: unknown = 'no';
	for (let level = 0; level < levels; level++) body = around(body);
	return body;
}

const NAMES = ['message', 'msg', 'title', 'error', 'detail', 'error_description', 'errors'];
const underAnyName = (inner: unknown) =>
	Object.fromEntries(NAMES.map((name) => [name, name === 'errors' ? inner : 'x']));

describe('serviceMessage', () => {
	it.each([
		[{ detail: ['one', 'two'] }, 'one; two'],
		[{ detail: [{ msg: 'field required', loc: ['body', 'name'] }] }, 'field required: name'],
		[{ errors: [{ message: 'taken' }] }, 'taken'],
		[{ detail: { msg: 'bad' } }, 'bad'],
		[{ detail: { msg: 'bad', loc: ['body', 'name'] } }, 'bad: name'],
		[{ detail: { error: 'bad' } }, 'bad'],
		[{ detail: [{ error: 'bad' }, { detail: 'worse' }] }, 'bad; worse'],
		[[{ message: 'taken' }, { message: 'too long' }], 'taken; too long'],
		[
			{ type: 'about:blank', title: 'Forbidden', detail: 'Your plan ended' },
			'Forbidden: Your plan ended',
		],
		[{ title: 'Forbidden', status: 403 }, 'Forbidden'],
		[{ error: 'invalid_token', error_description: 'It expired' }, 'invalid_token: It expired'],
		[
			{ message: 'Validation failed', errors: [{ message: 'is taken', field: 'slug' }, 'no name'] },
			'Validation failed: is taken: slug; no name',
		],
		[
			{ message: 'Validation failed', errors: { slug: ['is taken'] } },
			'Validation failed: slug: is taken',
		],
		[{ message: 'Not valid.', detail: 'Too long.' }, 'Not valid: Too long.'],
		[{ detail: ['v1.2 is old:', 'use v2.'] }, 'v1.2 is old; use v2.'],
		[{ detail: [{ msg: 'bad', loc: ['query', '', 'body', 0] }] }, 'bad: query.body.0'],
		[{ detail: [{ msg: 'bad name', loc: ['body', 'name'] }] }, 'bad name'],
		[{ detail: [{ msg: 'bad', loc: ['body'] }] }, 'bad'],
		[{ errors: { code: null, name: 'is taken' } }, 'name: is taken'],
		[{ message: 'Gone', detail: 'Gone' }, 'Gone'],
		[nested(5, (message) => ({ message })), 'no'],
		[nested(6, (message) => ({ message })), undefined],
		[nested(5, (entry) => [entry]), 'no'],
		[nested(6, (entry) => [entry]), undefined],
		[nested(5, (name) => ({ errors: { name } })), 'name: name: name: name: name: no'],
		[nested(6, (name) => ({ errors: { name } })), undefined],
		[{ loc: ['body', 'name'] }, undefined],
		[{ msg: 'bad', loc: [...'abcdefghijk'] }, 'bad: a.b.c.d.e.f.g.h.i.j'],
		[
			{ errors: Object.fromEntries([...'abcdefghijk'].map((name) => [name, 'x'])) },
			'a: x; b: x; c: x; d: x; e: x; f: x; g: x; h: x; i: x; j: x',
		],
		[{ errors: [...'abcdefghijk'] }, 'a; b; c; d; e; f; g; h; i; j'],
		[{ error: { details: [{ message: 'bad' }] } }, 'bad'],
		[{ message: { toString: null } }, undefined],
		[{ message: 7 }, undefined],
		[{ message: '  ' }, undefined],
		[{ detail: [{ unknown: 1 }] }, undefined],
		[
			{ errors: { identifier: ['is taken'], code: 'is short' } },
			'identifier: is taken; code: is short',
		],
		[' Identifier taken\n', 'Identifier taken'],
		['<b>Bad Gateway</b>', undefined],
		['{"message": "cut o', undefined],
		['', undefined],
		[null, undefined],
	])('of %j is %p', (body, words) => {
		expect(serviceMessage(body, (text) => text)).toBe(words);
	});

	it.each<[string, unknown]>([
		['a message nested 32 deep', nested(32, (message) => ({ message }))],
		['a message nested 3,000 deep', nested(3_000, (message) => ({ message }))],
		['errors nested 45 deep', nested(45, (errors) => ({ errors: [errors, 'x'] }))],
		['every name nested 90 deep', nested(90, underAnyName)],
		['a hundred thousand errors', { errors: Array(100_000).fill({ message: 'x'.repeat(100) }) }],
		[
			'a hundred thousand fields',
			{ errors: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`f${n}`, 'x'])) },
		],
		['a path of a hundred thousand steps', { msg: 'bad', loc: Array(100_000).fill('x') }],
		['ten million characters', { message: 'x'.repeat(10_000_000) }],
		['ten million characters of HTML', `x${'<'.repeat(10_000_000)}`],
	])('is found and cut short in %s', (_, body) => {
		const words = serviceMessage(body, (text) => text) ?? '';
		describeBody(body);
		expect(words.length).toBeLessThanOrEqual(501);
	});

	it('is masked up to 5,000 characters, because more of them take long', () => {
		const lengths: number[] = [];
		serviceMessage({ errors: Array(10).fill('x'.repeat(5_000)) }, (text) => {
			lengths.push(text.length);
			return text;
		});
		expect(lengths).toEqual([5_000]);
	});

	it('is cut after the secret is masked, because half of a secret would not be found', () => {
		const message = `${'x'.repeat(490)}my-secret-key`;
		const words = serviceMessage({ message }, (text) => text.replaceAll('my-secret-key', '***'));
		expect(words).toBe(`${'x'.repeat(490)}***`);
		const longest = 'y'.repeat(500);
		expect(serviceMessage({ message: longest }, (text) => text)).toBe(longest);
		expect(serviceMessage({ message: 'y'.repeat(501) }, (text) => text)).toBe(`${longest}…`);
	});
});

describe('describeBody', () => {
	it.each([
		[undefined, 'nothing'],
		['', 'nothing'],
		[null, 'null'],
		[nested(102, (inner) => [inner]), 'JSON that is nested too deeply'],
		[[], 'a list'],
		[[{}], 'a list'],
		[['a'], 'a list with entries that are not objects'],
		[[{}, null], 'a list with entries that are not objects'],
		[{}, 'an object'],
		[7, 'a number'],
		[true, 'a boolean'],
		['  <HTML>', 'a web page'],
		['<!doctype html>', 'a web page'],
		['<head>', 'a web page'],
		['<body>', 'a web page'],
		['<?xml version="1.0"?>', 'a web page'],
		['see <html>', 'text'],
		['{"a":', 'JSON that is cut off'],
		['[{', 'JSON that is cut off'],
		['hello {name}', 'text'],
	])('calls %p "%s"', (body, words) => {
		expect(describeBody(body)).toBe(words);
	});
});

describe('insteadOf', () => {
	it.each([
		[{}, 'a list', 'an object instead of a list'],
		['<html>', 'JSON', 'a web page instead of JSON'],
		[['a'], 'a list', 'a list with entries that are not objects'],
		['{"a":', 'JSON', 'JSON that is cut off'],
	])('says what arrived: %j, wanted %s', (body, wanted, words) => {
		expect(insteadOf(body, wanted)).toBe(words);
	});
});

describe('isJson', () => {
	it.each<[unknown, boolean]>([
		[{}, true],
		[[], true],
		['{}', false],
		[null, false],
		[undefined, false],
	])('of %j is %j', (body, is) => {
		expect(isJson(body)).toBe(is);
	});
});

describe('withoutUndefined', () => {
	it('keeps null and other empty values', () => {
		const values = withoutUndefined({ a: null, b: undefined, c: 0, d: '' });
		expect(Object.entries(values)).toEqual([
			['a', null],
			['c', 0],
			['d', ''],
		]);
		expect(withoutUndefined(undefined)).toEqual({});
	});
});

describe('asText', () => {
	it.each<[unknown, string | undefined]>([
		['a', 'a'],
		[0, '0'],
		[false, 'false'],
		[null, undefined],
		[{ toString: null }, undefined],
		[[1], undefined],
	])('of %j is %p', (value, text) => {
		expect(asText(value)).toBe(text);
	});
});

describe('asId', () => {
	it.each<[unknown, string | undefined]>([
		['a', 'a'],
		[7, '7'],
		['', undefined],
		[' \n', undefined],
		[true, undefined],
		[null, undefined],
		[{ toString: null }, undefined],
	])('of %j is %p', (value, id) => {
		expect(asId(value)).toBe(id);
	});
});

describe('isWebAddress', () => {
	it.each<[unknown, boolean]>([
		['https://klinky.io/a', true],
		['HTTP://klinky.io', true],
		['javascript:alert(1)', false],
		[' javascript:alert(1)', false],
		['javascript://https://klinky.io/%0aalert(1)', false],
		['data:text/html,x', false],
		['https:alert(1)', false],
		['https://', false],
		['https:// x', false],
		['https://[', false],
		['/relative', false],
		[{ toString: null }, false],
	])('of %j is %j', (value, is) => {
		expect(isWebAddress(value)).toBe(is);
	});
});

describe('isRefusal', () => {
	it.each<[unknown, boolean]>([
		[{ status: 'error' }, true],
		[{ status: 'fail' }, true],
		[{ status: 'failed' }, true],
		[{ status: 'failure' }, true],
		[{ error: 'Link is locked' }, true],
		[{ error: { code: 7 } }, true],
		[{ errors: ['no'] }, true],
		[{ ok: false }, true],
		[{ success: false }, true],
		[{ status: 'active', error: null, errors: [], ok: true }, false],
		[{ error: 0 }, false],
		[{ error: {} }, false],
		[{ status: { toString: null } }, false],
		[[{ error: 'x' }], false],
		['error', false],
		[null, false],
	])('of %j is %j', (body, is) => {
		expect(isRefusal(body)).toBe(is);
	});
});

describe('isTooDeep', () => {
	it('allows 100 levels in an answer, and checks a million without a stack overflow', () => {
		expect(isTooDeep(nested(101, (inner) => ({ inner, more: null })))).toBe(false);
		expect(isTooDeep(nested(102, (inner) => ({ inner })))).toBe(true);
		expect(isTooDeep(nested(1_000_000, (inner) => [inner]))).toBe(true);
		expect(isTooDeep('text')).toBe(false);
		expect(isTooDeep(null)).toBe(false);
	});
});
