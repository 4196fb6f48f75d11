import fc from 'fast-check';

import { readEnvelope } from '../../../../nodes/Kindryn/webhooks/envelope';

const read = (text: string) => readEnvelope(Buffer.from(text));
const nested = (levels: number) =>
	`{"event":"a","payload":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('an envelope', () => {
	it('is returned as sent, with keys that the guide does not show', () => {
		const envelope = {
			event: 'onMemberJoin',
			payload: { communityId: 'c', memberId: 'm', more: [1, null, { deep: true }] },
			deliveryId: 'whd_1',
			timestamp: '2026-04-11T14:02:18.472Z',
			version: 2,
		};
		expect(read(JSON.stringify(envelope, null, 2))).toEqual(envelope);
	});

	it.each(['{"event":"a"}', '{"event":"a","deliveryId":7,"payload":"text","timestamp":null}'])(
		'needs only its event: %s',
		(text) => {
			expect(read(text)).toEqual(JSON.parse(text));
		},
	);

	it('may begin with a byte order mark', () => {
		expect(read('\ufeff{"event":"a"}')).toEqual({ event: 'a' });
	});

	it.each([
		'',
		' ',
		'event=onMemberJoin',
		'{"event":"a"',
		'{"event":"a"}{}',
		'null',
		'true',
		'7',
		'"onMemberJoin"',
		'[]',
		'[{"event":"a"}]',
		'{}',
		'{"Event":"a"}',
		'{"event":null}',
		'{"event":7}',
		'{"event":["a"]}',
		'{"event":""}',
		'{"event":" \\n"}',
		'{"__proto__":{"event":"a"}}',
	])('cannot be %j', (text) => {
		expect(read(text)).toBeUndefined();
	});

	it('may be up to 100 levels deep', () => {
		expect(read(nested(99))).toBeDefined();
		expect(read(nested(100))).toBeUndefined();
		expect(read(nested(1_000_000))).toBeUndefined();
	});

	it('loses every __proto__ key, which a copy would treat as a prototype', () => {
		const text =
			'{"event":"a","__proto__":{"x":1},"payload":{"list":[{"__proto__":{"x":1},"y":2}],"\\u005f_proto__":3}}';
		const envelope = read(text);
		expect(JSON.stringify(envelope)).toBe('{"event":"a","payload":{"list":[{"y":2}]}}');
		expect(Object.getPrototypeOf(envelope)).toBe(Object.prototype);
		expect({}).not.toHaveProperty('x');
	});

	it('is returned as sent for any JSON object with an event', () => {
		const payload = fc.jsonValue({ maxDepth: 5 });
		fc.assert(
			fc.property(fc.record({ event: fc.stringMatching(/^\w+$/), payload }), (envelope) => {
				const text = JSON.stringify(envelope);
				fc.pre(!text.includes('__proto__'));
				expect(read(text)).toEqual(JSON.parse(text));
			}),
		);
	});

	it('never makes the reader throw', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.uint8Array(),
					fc.json().map((text) => Buffer.from(text)),
				),
				(body) => {
					expect(() => readEnvelope(body)).not.toThrow();
				},
			),
		);
	});
});
