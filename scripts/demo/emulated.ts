import {
	type EmulatedServices,
	type Emulator,
	type EmulatorOptions,
	startEmulator,
} from '../../test/emulator';
import type { SavedCredentials } from '../../test/engine/harness';
import { Clock } from './clock';

type ServiceName = keyof EmulatedServices;
type AnyEmulator = Emulator<ServiceName>;

const HOUR = 3_600_000;

const WEBHOOK_SECRET = 'emulated webhook secret';

/** How the credential of each service is filled in for its emulator. */
const CREDENTIALS: Record<ServiceName, (emulator: AnyEmulator) => SavedCredentials> = {
	kinktree: ({ secret, url }) => ({ kinktreeApi: { apiSecret: secret, baseUrl: url } }),
	kindryn: ({ secret, url }) => ({
		kindrynApi: { apiKey: secret, baseUrl: url, webhookSecret: WEBHOOK_SECRET },
	}),
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
	/** Back to the demo data, with empty journals, at the beginning of an hour of Klinky's. */
	reset(): void;
	/** Turns the clock of this process on to a moment. @returns by how many ms */
	turnOnTo(moment: Date): number;
	/** Something of everything that the triggers wait for. */
	happen(): void;
	/** Has Kindryn tell an address of what happens, until the next reset. */
	tell(url: string): void;
	/** Resolves when Kindryn has told of all that happened. */
	told(): Promise<void>;
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
		if (link) klinky.state.addClick(link.id, { country });
	}
}

async function start(service: ServiceName): Promise<AnyEmulator> {
	return (await startEmulator(service, {
		seed: 'demo',
		now: () => Date.now(),
	} satisfies EmulatorOptions<ServiceName>)) as AnyEmulator;
}

/** Starts all emulators with their demo data, and a clock that can be turned on. */
export async function startWorld(): Promise<EmulatedWorld> {
	const clock = new Clock();
	clock.start();
	const emulators = await Promise.all(
		SERVICES.map(async (service) => ({ service, emulator: await start(service) })),
	);
	const all = emulators.map(({ emulator }) => emulator);
	const of = (service: ServiceName) =>
		emulators.find((started) => started.service === service)?.emulator;
	const kindryn = of('kindryn') as Emulator<'kindryn'>;
	const klinky = of('klinky') as Emulator<'klinky'>;
	return {
		credentials: Object.assign(
			{},
			...emulators.map(({ service, emulator }) => CREDENTIALS[service](emulator)),
		) as SavedCredentials,
		secrets: [...all.map(({ secret }) => secret), WEBHOOK_SECRET],
		countRequests: () => all.reduce((sum, { journal }) => sum + journal.requests.length, 0),
		violations: () => all.flatMap(({ journal }) => journal.violations()),
		reset: () => {
			// The nodes of this process remember how many requests the hour before had left
			clock.turnOn(HOUR);
			for (const emulator of all) emulator.reset();
			klinky.state.hour.opens = Date.now();
		},
		turnOnTo: (moment) => {
			const ms = moment.getTime() - Date.now();
			clock.turnOn(ms);
			return ms;
		},
		happen: () => letThingsHappen(of('kinktree') as Emulator<'kinktree'>, kindryn, klinky),
		tell: (url) => kindryn.state.webhooks.register({ url, secret: WEBHOOK_SECRET }),
		told: async () => await kindryn.state.webhooks.settled(),
		stop: async () => {
			clock.stop();
			await Promise.all(all.map(async (emulator) => await emulator.stop()));
		},
	};
}
