/**
 * Emulates the three services on 127.0.0.1. The code follows the services' documents and shares
 * nothing with `nodes/`, so that a misunderstanding in one of them shows.
 *
 * ```ts
 * const emulator = await startEmulator('kindryn', { seed: { members: 250 }, readings: { order: 'oldest' } });
 * emulator.url; // for the credential's base URL
 * emulator.secret; // its key; for others see `secretOf('readonly')`, `state.addKey({ name, scopes })`
 * emulator.misbehave({ match: { operationId: 'addMember' }, drop: 'after' });
 * emulator.state.members; // live
 * emulator.journal.violations(); // [] if all requests and answers conform to the OpenAPI document
 * emulator.reset();
 * await emulator.stop();
 * ```
 *
 * See `readings.ts` for the readings, and `misbehaviour.ts` for answers that no document allows.
 */
import type { ServiceName } from './openapi';
import { kindryn, type KindrynTypes } from './kindryn/service';
import { kinktree, type KinktreeTypes } from './kinktree/service';
import { klinky, type KlinkyTypes } from './klinky/service';
import { type EmulatorOptions as ServerOptions, EmulatorServer } from './server';
import type { Service } from './service';

export { type ServiceName, SERVICES } from './openapi';
export type { Journal, JournalEntry } from './journal';
export type { Misbehaviour } from './misbehaviour';
export { startTrap } from './trap';
export type { KindrynSeed } from './kindryn/state';
export type { KindrynReadings, KinktreeReadings, KlinkyReadings } from './readings';

/** The types in which the services' emulators differ. */
export interface EmulatedServices {
	kinktree: KinktreeTypes;
	kindryn: KindrynTypes;
	klinky: KlinkyTypes;
}

export type EmulatorOptions<S extends ServiceName> = ServerOptions<EmulatedServices[S]>;

export type Emulator<S extends ServiceName> = EmulatorServer<EmulatedServices[S]>;

const definitions: { [S in ServiceName]: Service<EmulatedServices[S]> } = {
	kinktree,
	kindryn,
	klinky,
};

/**
 * Starts the emulator of a service on 127.0.0.1. The emulator checks requests strictly and keeps a
 * journal of them. Stop it with `stop()`.
 *
 * @throws if the port is taken or the OpenAPI document cannot be read
 */
export async function startEmulator<S extends ServiceName>(
	service: S,
	options: EmulatorOptions<S> = {},
): Promise<Emulator<S>> {
	const emulator = new EmulatorServer<EmulatedServices[S]>(definitions[service], options);
	await emulator.start();
	return emulator;
}
