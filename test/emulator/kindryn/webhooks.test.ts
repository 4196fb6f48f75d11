/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { setUp } from '../testing';
import { isAccepted, padding, PAUSES, type Switches } from './webhooks';

const SECRET = 'the secret of the emulated webhook';
const setup = setUp('kindryn', { members: 2 });
const state = () => setup.emulator().state;

interface Received {
	headers: IncomingHttpHeaders;
	body: Buffer;
}

let server: Server;
const received: Received[] = [];
const statuses: number[] = [];

beforeAll(async () => {
	server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			received.push({ headers: request.headers, body: Buffer.concat(chunks) });
			response.writeHead(statuses.shift() ?? 200).end('{}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
	received.length = 0;
	statuses.length = 0;
	const { port } = server.address() as AddressInfo;
	state().webhooks.register({ url: `http://127.0.0.1:${port}/hook`, secret: SECRET });
	state().webhooks.pauses = [];
});
afterAll(() => {
	server.close();
});

const signatureOf = ({ body }: Received) =>
	`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
const send = async (switches?: Switches) =>
	await state().webhooks.send('onMemberJoin', { memberId: 'm1' }, switches);

it('sends an event with the headers and the signature that the guide shows', async () => {
	const { envelope } = await send();
	const [only] = received;
	expect(JSON.parse(String(only?.body))).toEqual(envelope);
	expect(envelope).toEqual({
		event: 'onMemberJoin',
		payload: { memberId: 'm1' },
		deliveryId: expect.stringMatching(/^whd_/),
		timestamp: new Date(setup.now).toISOString(),
	});
	expect(only?.headers).toMatchObject({
		'content-type': 'application/json',
		'user-agent': 'Kindryn-Webhook/1.0',
		'x-kindryn-event': 'onMemberJoin',
		'x-kindryn-delivery': envelope.deliveryId,
		'x-kindryn-signature': only && signatureOf(only),
	});
});

it('sends an event for a new member, but none while no address is registered', async () => {
	const { id } = state().addMember();
	await state().webhooks.settled();
	expect(received.map(({ body }) => JSON.parse(String(body)).payload)).toEqual([
		{ communityId: state().community.id, memberId: id },
	]);
	setup.emulator().reset();
	state().addMember();
	await state().webhooks.settled();
	expect(received).toHaveLength(1);
});

it('tries up to five more times, with the same ID, until an answer is 2xx', async () => {
	expect(PAUSES).toEqual([1000, 2000, 4000, 8000, 16_000]);
	state().webhooks.pauses = [1, 1, 1, 1, 1];
	statuses.push(500, 302, 404);
	const { tries } = await send();
	expect(tries.map(({ status }) => status)).toEqual([500, 302, 404, 200]);
	expect(new Set(received.map(({ headers }) => headers['x-kindryn-delivery'])).size).toBe(1);

	statuses.push(...Array.from({ length: 9 }, () => 503));
	const given = await send();
	expect(given.tries).toHaveLength(6);
	expect(given.tries.some(isAccepted)).toBe(false);
});

it('records no status for a try that nobody answers', async () => {
	state().webhooks.register({ url: 'http://127.0.0.1:1/', secret: SECRET });
	expect((await send()).tries).toEqual([expect.not.objectContaining({ status: 200 })]);
});

describe('a switch', () => {
	it('replaces the signature, or leaves it out', async () => {
		await send({ sign: () => 'sha256=0' });
		await send({ sign: () => undefined });
		expect(received.map(({ headers }) => headers['x-kindryn-signature'])).toEqual([
			'sha256=0',
			undefined,
		]);
	});

	it('changes the body after it was signed', async () => {
		await send({ change: (body) => `${body} ` });
		const [changed] = received;
		expect(changed?.headers['x-kindryn-signature']).not.toBe(changed && signatureOf(changed));
	});

	it('writes another body and signs it', async () => {
		await send({ write: () => '[]' });
		const [other] = received;
		expect(String(other?.body)).toBe('[]');
		expect(other?.headers['x-kindryn-signature']).toBe(other && signatureOf(other));
	});

	it('replaces a header', async () => {
		await send({ headers: { 'X-Kindryn-Event': 'onSomethingElse' } });
		expect(received[0]?.headers['x-kindryn-event']).toBe('onSomethingElse');
	});

	it('sends a delivery several times at once', async () => {
		const { tries } = await send({ copies: 3 });
		expect([tries.length, received.length]).toEqual([3, 3]);
	});
});

it('repeats an accepted delivery with the same ID', async () => {
	const delivery = await send();
	await state().webhooks.repeat(delivery);
	expect(received.map(({ body }) => String(body))).toEqual([
		JSON.stringify(delivery.envelope),
		JSON.stringify(delivery.envelope),
	]);
});

it('gives each event of a flood its own ID, and sends bodies of 5 MB', async () => {
	const flood = await state().webhooks.flood(50, 'onAnything', (number) => ({ number }));
	expect(new Set(flood.map(({ envelope }) => envelope.deliveryId)).size).toBe(50);
	await state().webhooks.send('onAnything', padding(5_000_000));
	expect(received.at(-1)?.body.length).toBeGreaterThan(5_000_000);
});
