import {
	addressable,
	newActivationCode,
	optionalActivationCode,
	tagId,
} from '../../../nodes/Kinktree/fields';
import { text } from '../../../nodes/shared/fields/basicFields';

const context = { timezone: 'UTC' };
const identifier = addressable(text({ displayName: 'Identifier', name: 'identifier' }));

describe('a trailing line break and invisible characters', () => {
	it.each([
		['a code', optionalActivationCode],
		['a new code', newActivationCode],
		['an identifier', identifier],
		['the ID of a tag', tagId],
	])('are removed from %s', (_what, field) => {
		expect(field.read('\ufeffWELCOME-\u200b2026\n', context)).toBe('WELCOME-2026');
	});
});

describe('a value of spaces', () => {
	it('counts as empty if the field is optional', () => {
		expect(optionalActivationCode.read(' \n', context)).toBeUndefined();
		expect(identifier.read('  ', context)).toBeUndefined();
	});

	it('is refused if the field is required', () => {
		expect(() => newActivationCode.read(' \n', context)).toThrow("'Activation Code' is empty");
	});
});
