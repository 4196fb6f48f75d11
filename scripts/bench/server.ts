/* eslint-disable @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import {
	type EmulatedServices,
	type Emulator,
	type EmulatorOptions,
	startEmulator,
} from '../../test/emulator';

/*
 * The emulated service of a benchmark. It runs in its own process, so that neither its CPU time nor
 * its memory counts. It answers messages, one at a time.
 */

type ServiceName = keyof EmulatedServices;

/** A message to the server. Each one gets one answer. */
export type Question =
	| { ask: 'start'; service: ServiceName; seed: object; latencyMs: number }
	/** Forgets the requests; `fresh` also restores the rows of the start. */
	| { ask: 'forget'; fresh: boolean }
	| { ask: 'count' };

export interface Address {
	url: string;
	secret: string;
}

/** The requests since the last `forget`. */
export interface Traffic {
	requests: number;
	/** the most requests that were open at once */
	mostAtOnce: number;
	/** how they violate the service's documents */
	violations: string[];
}

/** A limit that no benchmark reaches. */
const NO_LIMIT = 1_000_000;

let emulator: Emulator<ServiceName> | undefined;
let latencyMs = 0;

function setUp(started: Emulator<ServiceName>): void {
	if ('limits' in started.state) started.state.limits.growth = NO_LIMIT;
	if (latencyMs > 0) started.misbehave({ times: Infinity, delayMs: latencyMs });
}

async function answer(question: Question): Promise<Address | Traffic | undefined> {
	if (question.ask === 'start') {
		await emulator?.stop();
		const options = { seed: question.seed } as EmulatorOptions<ServiceName>;
		emulator = (await startEmulator(question.service, options)) as Emulator<ServiceName>;
		latencyMs = question.latencyMs;
		setUp(emulator);
		return { url: emulator.url, secret: emulator.secret };
	}
	if (!emulator) throw new Error('The service has not been started');
	const { journal } = emulator;
	if (question.ask === 'count') {
		return {
			requests: journal.requests.length,
			mostAtOnce: Math.max(0, ...journal.requests.map(({ inFlight }) => inFlight)),
			violations: journal.violations(),
		};
	}
	if (question.fresh) {
		emulator.reset();
		setUp(emulator);
	}
	journal.clear();
	return undefined;
}

process.on('message', (question: Question) => {
	void answer(question).then((given) => process.send?.(given ?? {}));
});
// The benchmark has ended
process.on('disconnect', () => process.exit());
