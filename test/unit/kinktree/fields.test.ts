import {
	addressable,
	newActivationCode,
	optionalActivationCode,
	tagId,
} from '../../../nodes/Kinktree/fields';
import { text } from '../../../nodes/shared/fields/basicFields';

const context = { timezone: 'UTC' };
const identifier = addressable(text({ displayName: 'Identifier', name: 'identifier' }));

describe('a line break after an expression, and what nobody sees, are no part of', () => {
	it.each([
		['a code', optionalActivationCode],
		['a new code', newActivationCode],
		['an identifier', identifier],
		['the ID of a tag', tagId],
	])('%s', (_what, field) => {
		expect(field.read('\ufeffWELCOME-\u200b2026\n', context)).toBe('WELCOME-2026');
	});
});

describe('a value of spaces', () => {
	it('is none where a value may be left out', () => {
		expect(optionalActivationCode.read(' \n', context)).toBeUndefined();
		expect(identifier.read('  ', context)).toBeUndefined();
	});

	it('is refused where there must be one', () => {
		expect(() => newActivationCode.read(' \n', context)).toThrow("'Activation Code' is empty");
	});
});
