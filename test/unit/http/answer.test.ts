import { describeBody, listIn, totalIn, serviceMessage } from '../../../nodes/shared/http/answer';

describe('listIn', () => {
	const rows = [{ id: 'a' }, { id: 'b' }];

	it.each([
		['bare', rows],
		['wrapped', { tags: rows }],
		['wrapped under the second name', { data: rows, total: 2 }],
		['under the first name that holds a list', { tags: null, data: rows }],
	])('finds a %s list', (_, body) => {
		expect(listIn(body, ['tags', 'data'])).toEqual(rows);
	});

	it.each([[null], ['text'], [{}], [{ other: rows }], [[1]], [{ tags: [null] }], [{ tags: {} }]])(
		'finds none in %j',
		(body) => {
			expect(listIn(body, ['tags', 'data'])).toBeUndefined();
		},
	);

	it('takes an empty list for one', () => {
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
		[[], undefined],
	])('%j', (body, total) => {
		expect(totalIn(body)).toBe(total);
	});
});

describe('serviceMessage', () => {
	it.each([
		[{ detail: ['one', 'two'] }, 'one; two'],
		[{ detail: [{ msg: 'field required', loc: ['body', 'name'] }] }, 'field required: name'],
		[{ errors: [{ message: 'taken' }] }, 'taken'],
		[{ detail: { msg: 'bad' } }, 'bad'],
		[{ detail: { msg: 'bad', loc: ['body', 'name'] } }, 'bad: name'],
		[{ detail: { error: 'bad' } }, 'bad'],
		[{ detail: [{ error: 'bad' }, { detail: 'worse' }] }, 'bad; worse'],
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
	])('of %j', (body, words) => {
		expect(serviceMessage(body, (text) => text)).toBe(words);
	});

	it('are cut after the secret was taken out, since half of it would not be found', () => {
		const message = `${'x'.repeat(490)}my-secret-key`;
		const words = serviceMessage({ message }, (text) => text.replaceAll('my-secret-key', '***'));
		expect(words).toBe(`${'x'.repeat(490)}***`);
		expect(serviceMessage({ message: 'y'.repeat(501) }, (text) => text)).toBe(
			`${'y'.repeat(500)}…`,
		);
	});
});

describe('describeBody', () => {
	it.each([
		[undefined, 'nothing'],
		[null, 'null'],
		[[], 'a list'],
		[[{}], 'a list'],
		[['a'], 'a list of something else than objects'],
		[[{}, null], 'a list of something else than objects'],
		[{}, 'an object'],
		[7, 'a number'],
		['  <HTML>', 'a web page'],
		['{"a":', 'JSON that is cut off'],
		['hello', 'text'],
	])('%j', (body, words) => {
		expect(describeBody(body)).toBe(words);
	});
});
