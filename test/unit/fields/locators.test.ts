import { isNamed } from '../../../nodes/shared/fields/field';
import {
	isNoOpaqueId,
	locator,
	namingLocator,
	optionalLocator,
} from '../../../nodes/shared/fields/locators';
import { lookUp } from '../../../nodes/shared/fields/lookUp';
import { InputError } from '../../../nodes/shared/http/errors';
import type { Api } from '../../../nodes/shared/http/api';
import { endsSoon } from '../endsSoon';

const context = { timezone: 'UTC' };
const shown = { displayName: 'Thing', name: 'thingId', searchMethod: 'search', example: 'a1' };
const find = async (names: readonly string[]) => (name: string) => {
	if (name === 'nothing') throw new InputError(`no thing is called ${name}`);
	return `${name} of ${names.length}`;
};
const thing = namingLocator({
	...shown,
	naming: { title: 'By Title', name: 'title' },
	nameIn: (entered) => entered.toLowerCase(),
	find,
});
const noApi = {} as Api;

describe('a value that is not an ID', () => {
	it.each([
		'https://klinky.io/summer',
		'ftp://x',
		'klinky.io/summer',
		'www.community.example/members/m1',
		'two words',
		'jane@example.org',
		'jane+x@mail.example.co.uk',
	])('%j is refused, and the error names another way', (value) => {
		for (const field of [locator(shown), optionalLocator(shown)]) {
			expect(() => field.read({ mode: 'id', value }, context)).toThrow(
				expect.objectContaining({
					message: `'Thing' must be an ID, but is "${value}"`,
					description: expect.stringContaining('Pick an entry from the list'),
				}),
			);
		}
		expect(() => thing.read({ mode: 'id', value }, context)).toThrow(
			expect.objectContaining({ description: expect.stringContaining("Choose 'By Title'") }),
		);
	});

	it.each(['m1', 'a/b', 'ä?#%2F', '..%2f..', 'a.b', 'x:y', '@me', 'a@b', 'user-id', '7'])(
		'is not %j',
		(value) => {
			expect(locator(shown).read({ mode: 'id', value }, context)).toBe(value);
		},
	);

	it.each(['a.', 'a@', 'a.b', '-', 'a:'])('is quickly distinguished from many %j', (piece) => {
		endsSoon(() => isNoOpaqueId(piece.repeat(500)));
	});
});

describe('a name', () => {
	it('is only read in its own mode', () => {
		expect(thing.read({ mode: 'title', value: ' Summer\n' }, context)).toEqual({ named: 'summer' });
		expect(thing.read({ mode: 'list', value: 'Summer' }, context)).toBe('Summer');
		expect(thing.read('Summer', context)).toBe('Summer');
		expect(() => thing.read({ mode: 'title', value: '' }, context)).toThrow("'Thing' is empty");
	});

	it('is looked up once together with all others, and fails only its own item', async () => {
		const all = ['a', 'nothing', 'b', 'a'].map((named) => ({ thingId: { named } }));
		const found = await lookUp([thing], [...all, { thingId: 'x1' }], noApi);
		expect(found).toEqual([
			{ ids: { thingId: 'a of 3' } },
			{ error: expect.objectContaining({ message: 'no thing is called nothing' }) },
			{ ids: { thingId: 'b of 3' } },
			{ ids: { thingId: 'a of 3' } },
			{ ids: {} },
		]);
	});

	it('is not looked up if every item has an ID', async () => {
		const asked = jest.fn();
		expect(await lookUp([{ ...thing, find: asked }], [{ thingId: 'x1' }], noApi)).toEqual([
			{ ids: {} },
		]);
		expect(asked).not.toHaveBeenCalled();
	});

	it.each([undefined, null, 'x', { value: 'x' }, { named: 7 }])('is not %j', (value) => {
		expect(isNamed(value)).toBe(false);
	});
});
