import {
	type EmulatedServices,
	type Emulator,
	type EmulatorOptions,
	startEmulator,
} from '../../test/emulator';
import type { SavedCredentials } from '../../test/engine/harness';

type ServiceName = keyof EmulatedServices;
type AnyEmulator = Emulator<ServiceName>;

/** How the credential of each service is filled in for its emulator. */
const CREDENTIALS: Record<ServiceName, (emulator: AnyEmulator) => SavedCredentials> = {
	kinktree: ({ secret, url }) => ({ kinktreeApi: { apiSecret: secret, baseUrl: url } }),
	kindryn: ({ secret, url }) => ({ kindrynApi: { apiKey: secret, baseUrl: url } }),
	klinky: ({ secret, url }) => ({ klinkyApi: { apiKey: secret, baseUrl: url } }),
};

const SERVICES = Object.keys(CREDENTIALS) as ServiceName[];

/** The services that the example workflows talk to, on this machine. */
export interface EmulatedWorld {
	/** By credential type, as a user would have saved them. */
	credentials: SavedCredentials;
	/** The secrets in these credentials. */
	secrets: string[];
	/** Requests received since the start or the last reset. */
	countRequests(): number;
	/** What the services' documents have against these requests; see `Journal.violations`. */
	violations(): string[];
	/** Back to the demo data, with empty journals. */
	reset(): void;
	stop(): Promise<void>;
}

async function start(service: ServiceName): Promise<AnyEmulator> {
	return (await startEmulator(service, {
		seed: 'demo',
	} satisfies EmulatorOptions<ServiceName>)) as AnyEmulator;
}

/** Starts all emulators with their demo data. */
export async function startWorld(): Promise<EmulatedWorld> {
	const emulators = await Promise.all(
		SERVICES.map(async (service) => ({ service, emulator: await start(service) })),
	);
	const all = emulators.map(({ emulator }) => emulator);
	return {
		credentials: Object.assign(
			{},
			...emulators.map(({ service, emulator }) => CREDENTIALS[service](emulator)),
		) as SavedCredentials,
		secrets: all.map(({ secret }) => secret),
		countRequests: () => all.reduce((sum, { journal }) => sum + journal.requests.length, 0),
		violations: () => all.flatMap(({ journal }) => journal.violations()),
		reset: () => all.forEach((emulator) => emulator.reset()),
		stop: async () => {
			await Promise.all(all.map(async (emulator) => await emulator.stop()));
		},
	};
}
