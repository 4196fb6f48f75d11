/**
 * The three services on 127.0.0.1, written from their documents and from nothing under `nodes/`: a
 * second reading, so that one misunderstanding cannot hide in both.
 *
 * ```ts
 * const emulator = await startEmulator('kindryn', { seed: { members: 250 }, readings: { order: 'oldest' } });
 * emulator.url; // for the credential's base URL
 * emulator.secret; // its key; others by `secretOf('readonly')` or `state.addKey({ name, scopes })`
 * emulator.misbehave({ match: { operationId: 'addMember' }, drop: 'after' });
 * emulator.state.members; // live
 * emulator.journal.violations(); // [] when every request and every answer kept to the OpenAPI document
 * emulator.reset();
 * await emulator.stop();
 * ```
 *
 * `readings.ts` documents the readings, `misbehaviour.ts` the answers that no document allows.
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
export type { KindrynReadings, KinktreeReadings, KlinkyReadings } from './readings';

/** What the services' emulators differ in. */
export interface EmulatedServices {
	kinktree: KinktreeTypes;
	kindryn: KindrynTypes;
	klinky: KlinkyTypes;
}

/** How the emulator of a service is set up. */
export type EmulatorOptions<S extends ServiceName> = ServerOptions<EmulatedServices[S]>;

/** A running emulator of a service. */
export type Emulator<S extends ServiceName> = EmulatorServer<EmulatedServices[S]>;

const definitions: { [S in ServiceName]: Service<EmulatedServices[S]> } = {
	kinktree,
	kindryn,
	klinky,
};

/**
 * Starts the emulator of a service on 127.0.0.1, strict about what it is sent, with a journal of all
 * requests. Stop it with `stop()`.
 *
 * @throws when the port is taken or the OpenAPI document cannot be read
 */
export async function startEmulator<S extends ServiceName>(
	service: S,
	options: EmulatorOptions<S> = {},
): Promise<Emulator<S>> {
	const emulator = new EmulatorServer<EmulatedServices[S]>(definitions[service], options);
	await emulator.start();
	return emulator;
}
