import { type Emulator, type ServiceName, SERVICES, startEmulator } from '../../emulator';

/** One of the package's credentials, filled in. */
export interface Credential {
	name: string;
	type: string;
	data: Record<string, string | number | boolean>;
}

/** Details of one service, for the tests and for `npm start`. */
export interface ServiceDetails {
	/** The service's name, as people write it. */
	label: string;
	credentialType: string;
	/** The field of the credential that holds the secret. */
	secretField: string;
	/** The variable that holds a real secret, for `npm start`. */
	secretVariable: string;
	/** The variable that holds a real address, if every customer has their own. */
	addressVariable?: string;
}

export const SERVICE_DETAILS: Record<ServiceName, ServiceDetails> = {
	kinktree: {
		label: 'Kinktree',
		credentialType: 'kinktreeApi',
		secretField: 'apiSecret',
		secretVariable: 'KINKTREE_API_SECRET',
	},
	kindryn: {
		label: 'Kindryn',
		credentialType: 'kindrynApi',
		secretField: 'apiKey',
		secretVariable: 'KINDRYN_API_KEY',
		addressVariable: 'KINDRYN_BASE_URL',
	},
	klinky: {
		label: 'Klinky',
		credentialType: 'klinkyApi',
		secretField: 'apiKey',
		secretVariable: 'KLINKY_API_KEY',
	},
};

/** The signing secret of the emulated community's webhook. */
export const WEBHOOK_SECRET = 'emulated-webhook-secret';

/** A running emulator of any service. */
export type AnyEmulator = Pick<
	Emulator<ServiceName>,
	'url' | 'origin' | 'secret' | 'secretOf' | 'journal' | 'misbehave' | 'reset' | 'stop'
>;

/** The three services on this machine, with their demo data. */
export interface Services {
	kinktree: Emulator<'kinktree'>;
	kindryn: Emulator<'kindryn'>;
	klinky: Emulator<'klinky'>;
}

/** Starts the emulators. @param ports the port of each; any free one if left out */
export async function startServices(
	ports: Partial<Record<ServiceName, number>> = {},
): Promise<Services> {
	const [kinktree, kindryn, klinky] = await Promise.all([
		startEmulator('kinktree', { seed: 'demo', port: ports.kinktree }),
		startEmulator('kindryn', { seed: 'demo', port: ports.kindryn }),
		startEmulator('klinky', { seed: 'demo', port: ports.klinky }),
	]);
	return { kinktree, kindryn, klinky };
}

export async function stopServices(services: Services): Promise<void> {
	await Promise.all(SERVICES.map(async (service) => await services[service].stop()));
}

/** Restores the demo data and empties the journals. */
export function resetServices(services: Services): void {
	for (const service of SERVICES) services[service].reset();
}

/** The credential for a service's emulator. */
export function credentialOf(service: ServiceName, { url, secret }: AnyEmulator): Credential {
	const { label, credentialType, secretField } = SERVICE_DETAILS[service];
	return {
		name: `${label} (emulated)`,
		type: credentialType,
		data: {
			...{ [secretField]: secret, baseUrl: url },
			...(service === 'kindryn' ? { webhookSecret: WEBHOOK_SECRET } : {}),
		},
	};
}

/** Every violation of the OpenAPI documents so far; see `Journal.violations`. */
export function violations(services: Services): string[] {
	return SERVICES.flatMap((service) => services[service].journal.violations());
}
