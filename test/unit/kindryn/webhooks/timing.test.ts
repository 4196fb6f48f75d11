import * as crypto from 'node:crypto';

jest.mock('node:crypto', () => {
	const real = jest.requireActual<typeof crypto>('node:crypto');
	return { ...real, timingSafeEqual: jest.fn(real.timingSafeEqual) };
});

import { isSigned } from '../../../../nodes/Kindryn/webhooks/signature';

it('a signature is compared in constant time, as its 32 decoded bytes', () => {
	const compare = jest.mocked(crypto.timingSafeEqual);
	expect(isSigned(Buffer.from('{}'), `sha256=${'0'.repeat(64)}`, 'secret')).toBe(false);
	expect(compare.mock.calls.map((sides) => sides.map(({ byteLength }) => byteLength))).toEqual([
		[32, 32],
	]);
	compare.mockReturnValue(true);
	expect(isSigned(Buffer.from('{}'), `sha256=${'0'.repeat(64)}`, 'secret')).toBe(true);
});
