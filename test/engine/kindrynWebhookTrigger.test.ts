import type { IDataObject } from 'n8n-workflow';

import { type Delivery, padding, type Switches } from '../emulator/kindryn/webhooks';
import { findSecrets, type Receiver } from './harness';
import { kindrynSetup } from './setup';

const SECRET = 'whsec_of_the_engine_tests';

/** A flood of deliveries takes longer than Jest's limit on a busy machine, in ms. */
const LONG = 120_000;

const setup = kindrynSetup();
const { emulator } = setup;
const webhooks = () => emulator().state.webhooks;

let receivers: Receiver[] = [];
afterEach(async () => {
	const shown = receivers.map(({ started, staticData }) => ({ started, staticData }));
	expect(findSecrets({ shown, logs: setup.engine().logs }, [SECRET])).toEqual([]);
	await Promise.all(receivers.map(async (receiver) => await receiver.stop()));
	receivers = [];
});

type Changes = Partial<Parameters<ReturnType<typeof setup.engine>['receiver']>[0]>;

function unpublished(changes: Changes = {}): Receiver {
	return setup.engine().receiver({
		type: 'kindrynWebhookTrigger',
		parameters: { event: 'any' },
		credentials: setup.credentials({ webhookSecret: SECRET }),
		...changes,
	});
}

/** A published workflow whose address is registered in Kindryn. Kindryn does not retry by itself. */
async function published(changes?: Changes): Promise<Receiver> {
	const receiver = unpublished(changes);
	await receiver.publish();
	receivers.push(receiver);
	webhooks().register({ url: receiver.url, secret: SECRET });
	webhooks().pauses = [];
	return receiver;
}

const send = async (event = 'onMemberJoin', switches?: Switches): Promise<Delivery> =>
	await webhooks().send(event, { memberId: 'm1' }, switches);

const statuses = ({ tries }: Delivery) => tries.map(({ status }) => status);
const rows = ({ started }: Receiver): IDataObject[] => started.flat().map(({ json }) => json);
const idsOf = (deliveries: Delivery[]) => deliveries.map(({ envelope }) => envelope.deliveryId);

describe('a signed delivery', () => {
	it('starts the workflow with one row: the envelope as it arrived', async () => {
		const receiver = await published();
		const delivery = await send();
		expect(statuses(delivery)).toEqual([200]);
		expect(receiver.started).toEqual([[{ json: delivery.envelope }]]);
	});

	it('is accepted with unicode, white space and keys in any order, because its bytes are signed', async () => {
		const receiver = await published();
		const write = () => '\n{ "z": "\\u00e9 é 👋", "payload": {},\t"event" : "onMemberJoin" }\n';
		expect(statuses(await send('onMemberJoin', { write }))).toEqual([200]);
		expect(rows(receiver)).toEqual([{ z: 'é é 👋', payload: {}, event: 'onMemberJoin' }]);
	});

	it('is accepted if white space was pasted around the secret', async () => {
		const credentials = setup.credentials({ webhookSecret: `  ${SECRET}\r\n` });
		const receiver = await published({ credentials });
		expect(statuses(await send())).toEqual([200]);
		expect(receiver.started).toHaveLength(1);
	});

	it('is accepted with 5 MB', async () => {
		const receiver = await published();
		const { envelope, tries } = await webhooks().send('onMemberJoin', padding(5_000_000));
		expect(tries.map(({ status }) => status)).toEqual([200]);
		expect(rows(receiver)).toEqual([envelope]);
	});

	it('loses a key named __proto__, and no prototype changes', async () => {
		const receiver = await published();
		const write = () =>
			'{"event":"a","__proto__":{"x":1},"payload":[{"__proto__":{"x":1},"constructor":{"y":2}}]}';
		expect(statuses(await send('a', { write }))).toEqual([200]);
		const [row] = rows(receiver);
		expect(JSON.stringify(row)).toBe('{"event":"a","payload":[{"constructor":{"y":2}}]}');
		expect(({} as IDataObject).x).toBeUndefined();
	});
});

describe('a delivery', () => {
	const unsigned: Array<[string, Switches]> = [
		['without a signature', { sign: () => undefined }],
		['with an empty signature', { sign: () => '' }],
		['with another prefix', { sign: (right) => right.replace('sha256', 'sha1') }],
		['with upper-case digits', { sign: (right) => right.replace(/[0-9a-f]+$/, upper) }],
		['with 63 digits', { sign: (right) => right.slice(0, -1) }],
		['with 65 digits', { sign: (right) => `${right}0` }],
		['signed with random digits', { sign: () => `sha256=${'ab'.repeat(32)}` }],
		['changed after it was signed', { change: (body) => body.replace('m1', 'm2') }],
		[
			'signed before its body was rewritten',
			{ change: (body) => JSON.stringify(JSON.parse(body), null, 1) },
		],
	];
	it.each(unsigned)('%s is answered with 401 and starts nothing', async (_, switches) => {
		const receiver = await published();
		expect(statuses(await send('onMemberJoin', switches))).toEqual([401]);
		expect([receiver.started, receiver.staticData]).toEqual([[], {}]);
	});

	it('signed with another secret is answered with 401 until the credential has that secret', async () => {
		const credentials = setup.credentials({ webhookSecret: SECRET });
		const receiver = await published({ credentials });
		webhooks().register({ url: receiver.url, secret: 'whsec_new' });
		const delivery = await send();
		expect([receiver.started, receiver.staticData]).toEqual([[], {}]);
		Object.assign(credentials.kindrynApi ?? {}, { webhookSecret: 'whsec_new' });
		await webhooks().repeat(delivery);
		webhooks().register({ url: receiver.url, secret: SECRET });
		const old = await send();
		expect([delivery, old].map(statuses)).toEqual([[401, 200], [401]]);
		expect(rows(receiver)).toEqual([delivery.envelope]);
	});

	it.each([
		'',
		'{',
		'"text"',
		'7',
		'null',
		'[{"event":"a"}]',
		'{}',
		'{"event":7}',
		'{"event":" "}',
	])('that says %j is answered with 400 and starts nothing', async (body) => {
		const receiver = await published();
		expect(statuses(await send('a', { write: () => body }))).toEqual([400]);
		expect([receiver.started, receiver.staticData]).toEqual([[], {}]);
	});

	it.each(['{', '[]', '{}'])(
		'that says %j without a signature is answered with 401',
		async (body) => {
			await published();
			const switches = { write: () => body, sign: () => undefined };
			expect(statuses(await send('a', switches))).toEqual([401]);
		},
	);

	it('in a form, whose bytes n8n does not keep, is answered with 401', async () => {
		const receiver = await published();
		const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
		expect(statuses(await send('a', { headers }))).toEqual([401]);
		expect(receiver.started).toEqual([]);
	});

	it('nested ten thousand levels deep is answered with 400', async () => {
		await published();
		const payload = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
		const write = () => `{"event":"a","payload":${payload}}`;
		expect(statuses(await send('a', { write }))).toEqual([400]);
	});
});

function upper(digits: string): string {
	// A signature without a letter would stay right in capitals
	return digits.replace(/[a-f]/, (digit) => digit.toUpperCase());
}

describe('an event', () => {
	it.each([
		[{ event: 'any' }, ['onMemberJoin', 'onPostCreate', 'onmemberjoin']],
		[{ event: 'onMemberJoin' }, ['onMemberJoin']],
		[{}, ['onMemberJoin']],
		[{ event: 'other', eventName: ' onPostCreate ' }, ['onPostCreate']],
		[{ event: 'other', eventName: 'any' }, []],
	])('starts a workflow with %j if the workflow asks for it', async (parameters, wanted) => {
		const receiver = await published({ parameters: parameters as Changes['parameters'] });
		for (const event of ['onMemberJoin', 'onPostCreate', 'onmemberjoin']) {
			expect(statuses(await send(event))).toEqual([200]);
		}
		expect(rows(receiver).map(({ event }) => event)).toEqual(wanted);
		const { deliveries = {} } = receiver.staticData;
		expect(Object.keys(deliveries as IDataObject)).toHaveLength(wanted.length);
	});

	it('has the name in the signed body, whatever the header says', async () => {
		const receiver = await published({ parameters: { event: 'onMemberJoin' } });
		await send('onMemberJoin', { headers: { 'X-Kindryn-Event': 'onPostCreate' } });
		await send('onPostCreate', { headers: { 'X-Kindryn-Event': 'onMemberJoin' } });
		expect(rows(receiver).map(({ event }) => event)).toEqual(['onMemberJoin']);
	});
});

describe('a repeated delivery', () => {
	it('is answered with 200 and starts nothing, even after a restart', async () => {
		const receiver = await published();
		const deliveries = [await send(), await send(), await send()];
		receiver.restart();
		for (const delivery of deliveries) await webhooks().repeat(delivery);
		expect(deliveries.map(statuses)).toEqual(deliveries.map(() => [200, 200]));
		expect(rows(receiver).map(({ deliveryId }) => deliveryId)).toEqual(idsOf(deliveries));
	});

	it('is recognized by the ID in the signed body, whatever the header says', async () => {
		const receiver = await published();
		const delivery = await send();
		delivery.switches.headers = { 'X-Kindryn-Delivery': 'whd_another' };
		await webhooks().repeat(delivery);
		expect(receiver.started).toHaveLength(1);
	});

	it.each([
		['no ID', undefined],
		['an empty ID', ''],
		['an ID that is not text', 7],
	])('with %s is recognized by its bytes', async (_, deliveryId) => {
		const receiver = await published();
		const write = (envelope: object) => JSON.stringify({ ...envelope, deliveryId });
		const delivery = await webhooks().send('a', { number: 1 }, { write });
		await webhooks().repeat(delivery);
		await webhooks().send('a', { number: 2 }, { write });
		expect(statuses(delivery)).toEqual([200, 200]);
		expect(rows(receiver).map(({ payload }) => payload)).toEqual([{ number: 1 }, { number: 2 }]);
	});

	it('starts the workflow once, even if all its tries arrive at once', async () => {
		const receiver = await published();
		const delivery = await send('onMemberJoin', { copies: 20 });
		expect(receiver.started).toHaveLength(1);
		expect(statuses(delivery)).toEqual(Array.from({ length: 20 }, () => 200));
	});

	it('starts nothing even if n8n answered without asking the node', async () => {
		const receiver = await published({ ignoresResponse: true });
		const delivery = await send();
		await webhooks().repeat(delivery);
		expect(statuses(delivery)).toEqual([200, 200]);
		expect(receiver.started).toHaveLength(1);
	});

	it('starts the workflow once for each of its triggers, even if these have the same node ID', async () => {
		const one = await published();
		const delivery = await send();
		const other = await published({ name: 'Other', beside: one });
		await webhooks().repeat(delivery);
		await webhooks().repeat(delivery);
		expect(statuses(delivery)).toEqual([200, 200, 200]);
		expect([one, other].map(({ started }) => started.length)).toEqual([1, 1]);
	});

	/** Holds up the start of the next execution. `begun` resolves when n8n reaches it. */
	function hold(receiver: Receiver) {
		let end: { resolve(): void; reject(error: Error): void } | undefined;
		const begun = new Promise<void>((begin) => {
			receiver.onStart = async () => {
				receiver.onStart = () => {};
				begin();
				await new Promise<void>((resolve, reject) => (end = { resolve, reject }));
			};
		});
		return {
			begun,
			succeed: () => end?.resolve(),
			fail: () => end?.reject(new Error('no database')),
		};
	}

	describe('that arrives while n8n handles the first try', () => {
		beforeEach(() => {
			jest.useFakeTimers({
				doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
			});
		});
		afterEach(() => {
			jest.useRealTimers();
		});

		/** Sends a delivery, and repeats it before n8n can handle the first try. */
		async function sendTwice() {
			const receiver = await published();
			const held = hold(receiver);
			const first = send();
			await held.begun;
			const [delivery] = webhooks().deliveries as [Delivery];
			let isAnswered = false;
			const repetition = webhooks()
				.repeat(delivery)
				.finally(() => (isAnswered = true));
			// The time stands still, but requests go on
			while (jest.getTimerCount() === 0 && !isAnswered) await jest.advanceTimersByTimeAsync(0);
			const answer = async () => {
				while (!isAnswered) await jest.advanceTimersToNextTimerAsync();
				await repetition;
			};
			return { receiver, held, first, delivery, answer };
		}

		it.each([
			['starts nothing if that succeeds', 'succeed' as const, 200],
			['starts the workflow if that fails', 'fail' as const, 500],
		])('waits, and %s', async (_, outcome, status) => {
			const { receiver, held, first, delivery, answer } = await sendTwice();
			expect(delivery.tries).toEqual([]);
			held[outcome]();
			await first;
			await answer();
			expect(statuses(delivery)).toEqual([status, 200]);
			expect(rows(receiver)).toEqual([delivery.envelope]);
		});

		it('is deferred with 503 after two seconds, so that Kindryn sends it again', async () => {
			const { receiver, held, first, delivery, answer } = await sendTwice();
			const begin = Date.now();
			await answer();
			expect(Date.now() - begin).toBe(2000);
			held.succeed();
			await first;
			await webhooks().repeat(delivery);
			expect(statuses(delivery)).toEqual([503, 200, 200]);
			expect(rows(receiver)).toEqual([delivery.envelope]);
		});
	});

	it(
		'is remembered after 999 others, in less than 100 kB',
		async () => {
			const receiver = await published();
			const first = await send();
			await webhooks().flood(999, 'onMemberJoin', (number) => ({ number }));
			receiver.restart();
			await webhooks().repeat(first);
			expect(statuses(first)).toEqual([200, 200]);
			expect(receiver.started).toHaveLength(1000);
			expect(JSON.stringify(receiver.staticData).length).toBeLessThan(100_000);

			await webhooks().flood(500, 'onMemberJoin', (number) => ({ number }));
			expect(JSON.stringify(receiver.staticData).length).toBeLessThan(100_000);
		},
		LONG,
	);

	it('from a flood starts nothing after a crash, even though each save read older data', async () => {
		const receiver = await published();
		let open = 0;
		let release = () => {};
		const all = new Promise<void>((resolve) => (release = resolve));
		receiver.onStart = async () => {
			open += 1;
			if (open === 50) release();
			await all;
		};
		const deliveries = await webhooks().flood(50, 'onMemberJoin', (number) => ({ number }));
		receiver.restart();
		for (const delivery of deliveries) await webhooks().repeat(delivery);
		expect(receiver.started).toHaveLength(50);
	});
});

it('restores deliveries that a node of the workflow has overwritten, from the next delivery on', async () => {
	const receiver = await published();
	const first = await send();
	receiver.staticData = {};
	await webhooks().repeat(first);
	expect(receiver.started).toHaveLength(1);
	const second = await send();
	receiver.restart();
	for (const delivery of [first, second]) await webhooks().repeat(delivery);
	expect(receiver.started).toHaveLength(2);
});

it.each([
	{ deliveries: 'damaged' },
	{ deliveries: [1, 2] },
	{ deliveries: { short: 1, ['x'.repeat(12)]: 'noon' } },
	'text',
	null,
])('accepts a delivery once even if its state is %j', async (state) => {
	const receiver = await published();
	receiver.staticData = state as IDataObject;
	const delivery = await send();
	await webhooks().repeat(delivery);
	expect(statuses(delivery)).toEqual([200, 200]);
	expect(receiver.started).toHaveLength(1);
});

describe('listening for a test event', () => {
	it('shows a repeated delivery each time, and leaves the state alone', async () => {
		const receiver = await published({ mode: 'manual' });
		const delivery = await send();
		await webhooks().repeat(delivery);
		expect(rows(receiver)).toEqual([delivery.envelope, delivery.envelope]);
		expect(receiver.staticData).toEqual({});
	});

	it('accepts no unsigned delivery', async () => {
		const receiver = await published({ mode: 'manual' });
		expect(statuses(await send('a', { sign: () => undefined }))).toEqual([401]);
		expect(receiver.started).toEqual([]);
	});
});

describe('without a secret', () => {
	it.each(['', ' \n', undefined])(
		'%j, publishing fails and names the field',
		async (webhookSecret) => {
			const credentials = setup.credentials({ webhookSecret });
			const publishing = unpublished({ credentials }).publish();
			await expect(publishing).rejects.toMatchObject({
				name: 'NodeOperationError',
				message: expect.stringContaining("'Webhook Secret' of the credential is empty"),
				description: expect.stringContaining('Kindryn'),
			});
		},
	);

	it.each(['', undefined])(
		'%j, a published workflow accepts nothing, not even a delivery signed with that',
		async (webhookSecret) => {
			const credentials = setup.credentials({ webhookSecret: SECRET });
			const receiver = await published({ credentials });
			Object.assign(credentials.kindrynApi ?? {}, { webhookSecret });
			webhooks().register({ url: receiver.url, secret: String(webhookSecret) });
			expect(statuses(await send())).toEqual([401]);
			expect(receiver.started).toEqual([]);
		},
	);

	it('that can be read, a delivery is answered with 503, so that Kindryn retries, and starts nothing', async () => {
		const credentials = setup.credentials({ webhookSecret: SECRET });
		const receiver = await published({ credentials });
		delete credentials.kindrynApi;
		expect(statuses(await send())).toEqual([503]);
		expect(receiver.started).toEqual([]);
	});
});

it('cannot be published for an event without a name', async () => {
	const publishing = unpublished({ parameters: { event: 'other', eventName: ' ' } }).publish();
	await expect(publishing).rejects.toThrow("'Event Name' is empty");
});

it('says in the panel, in two sentences, where the address and the secret go, and when it waits', () => {
	const description = setup.engine().description('kindrynWebhookTrigger');
	expect(description).toMatchObject({
		group: ['trigger'],
		inputs: [],
		activationMessage: expect.stringContaining('Production URL'),
		eventTriggerDescription: expect.stringContaining('Test URL'),
	});
	const [notice] = description.properties.filter(({ type }) => type === 'notice');
	expect(notice?.displayName).toMatch(
		/^In Kindryn, [^.]*Production URL[^.]*\. [^.]*'Webhook Secret'[^.]*\.$/,
	);
});

it('has a schema of the rows that it emits', () => {
	const { properties = {} } = setup.engine().schema('kindrynWebhookTrigger', '', '') ?? {};
	expect(Object.keys(properties as IDataObject)).toEqual([
		'event',
		'payload',
		'deliveryId',
		'timestamp',
	]);
});
