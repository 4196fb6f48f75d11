import axios, { type AxiosInstance } from 'axios';
import { type Emulator, type EmulatorOptions, type ServiceName, startEmulator } from './index';
import { loadOpenApi } from './openapi';

/** The time at which each test starts. */
export const NOW = Date.parse('2026-11-02T12:00:00.000Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The ISO time `ms` after the start of a test. */
export const iso = (ms: number) => new Date(NOW + ms).toISOString();

/** The header in which each service expects a key. */
const KEY_HEADERS = {
	kinktree: (secret: string) => ({ Authorization: secret }),
	kindryn: (secret: string) => ({ Authorization: `Bearer ${secret}` }),
	klinky: (secret: string) => ({ 'X-API-Key': secret }),
};

/** One valid request for each operation, and the status of its answer. */
export type Requests = Record<string, { url: string; data?: unknown; status: number }>;

/** A client for an emulator that accepts every status and follows no redirect. */
export function clientOf(baseURL: string, headers: Record<string, string> = {}): AxiosInstance {
	return axios.create({
		baseURL,
		headers,
		validateStatus: () => true,
		maxRedirects: 0,
		proxy: false,
	});
}

/** A client that sends a key of the emulator, `main` by default. */
export function clientFor<S extends ServiceName>(
	emulator: Emulator<S>,
	key = 'main',
	headers: Record<string, string> = {},
): AxiosInstance {
	const secret = emulator.secretOf(key);
	return clientOf(emulator.url, { ...KEY_HEADERS[emulator.service](secret), ...headers });
}

/** The code of the error that a request ends with, or `none` when it is answered. */
export async function errorCodeOf(request: Promise<unknown>): Promise<string> {
	try {
		await request;
		return 'none';
	} catch (error) {
		return axios.isAxiosError(error) ? (error.code ?? error.message) : String(error);
	}
}

/**
 * Runs one emulator for all tests of a file or `describe`, and resets it before each. A test fails if it
 * leaves behind violations that it did not take.
 */
export function setUp<S extends ServiceName>(
	service: S,
	seed: EmulatorOptions<S>['seed'],
	requests: Requests = {},
) {
	let emulator: Emulator<S>;
	const { operations } = loadOpenApi(service);
	const setup = {
		/** The emulator's clock, in ms. */
		now: NOW,
		operations,
		emulator: () => emulator,
		as: (key?: string, headers?: Record<string, string>) => clientFor(emulator, key, headers),
		/** Sends the valid request of an operation. */
		send: async (operationId: string, key?: string) => {
			const { method } = operations.find((one) => one.operationId === operationId) ?? {};
			const request = requests[operationId];
			if (!request)
				throw new Error(`${operationId} has no request in the table of service.test.ts`);
			const { url, data } = request;
			return await setup.as(key).request({ method, url, data });
		},
		/** Sends the valid request of every operation, in the order given, and checks the statuses. */
		expectEveryAnswer: async () => {
			expect(Object.keys(requests).sort()).toEqual(operations.map((o) => o.operationId).sort());
			for (const [operationId, { status }] of Object.entries(requests)) {
				expect([operationId, (await setup.send(operationId)).status]).toEqual([
					operationId,
					status,
				]);
			}
		},
		/** The violations so far; forgets them. */
		takeViolations: () => {
			const violations = emulator.journal.violations();
			emulator.journal.clear();
			return violations;
		},
	};
	beforeAll(async () => {
		emulator = await startEmulator(service, { seed, now: () => setup.now });
	});
	beforeEach(() => {
		setup.now = NOW;
		emulator.reset();
	});
	afterEach(() => expect(setup.takeViolations()).toEqual([]));
	afterAll(async () => await emulator.stop());
	return setup;
}

/** Runs a test on the demo data. Checks that a second emulator has the same data, and finds no violations. */
export async function withDemo<S extends ServiceName>(
	service: S,
	test: (emulator: Emulator<S>, client: AxiosInstance) => Promise<void> | void,
): Promise<void> {
	const options = { seed: 'demo', now: () => NOW } as const;
	const [emulator, twin] = await Promise.all([
		startEmulator(service, options),
		startEmulator(service, options),
	]);
	try {
		expect(emulator.state).toEqual(twin.state);
		await test(emulator, clientFor(emulator));
		expect(emulator.journal.violations()).toEqual([]);
	} finally {
		await Promise.all([emulator.stop(), twin.stop()]);
	}
}
