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
	/** Something of everything that the triggers wait for. */
	happen(): void;
	stop(): Promise<void>;
}

/** People join and use their invitations, tags are locked and renamed, a busy link is clicked. */
function letThingsHappen(
	kinktree: Emulator<'kinktree'>,
	kindryn: Emulator<'kindryn'>,
	klinky: Emulator<'klinky'>,
): void {
	const unlocked = [...kinktree.state.tags().values()].filter(({ locked }) => !locked);
	for (const tag of unlocked.slice(0, 2)) tag.locked = true;
	for (const tag of unlocked.slice(2, 3)) tag.name = 'Moved to the garden';

	for (const name of ['Amira Haddad', 'Jonas Berg']) {
		const email = `${name.toLowerCase().replace(' ', '.')}@example.org`;
		kindryn.state.addMember({ name, email });
	}
	const pending = kindryn.state.invitations.filter(({ status }) => status === 'pending');
	for (const invitation of pending.slice(0, 3)) invitation.status = 'used';

	const link = klinky.state.links.find(({ slug }) => slug === 'newsletter-16');
	for (const country of ['DE', 'US', 'DE', 'FR']) {
		if (link) klinky.state.addClick(link.id, { country, at: new Date().toISOString() });
	}
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
		happen: () => {
			const of = (service: ServiceName) =>
				emulators.find((started) => started.service === service)?.emulator;
			letThingsHappen(
				of('kinktree') as Emulator<'kinktree'>,
				of('kindryn') as Emulator<'kindryn'>,
				of('klinky') as Emulator<'klinky'>,
			);
		},
		stop: async () => {
			await Promise.all(all.map(async (emulator) => await emulator.stop()));
		},
	};
}
