import type { Dice } from './dice';
import type { ServiceName, Violation } from './openapi';
import type { CommonReadings } from './readings';

/** A key that a service knows. The service may still refuse it, e.g. because it has expired. */
export interface Key {
	/** Name of the key in the journal. */
	name: string;
	secret: string;
}

/** The input for a service's state when an emulator starts or is reset. */
export interface Setup<Seed> {
	/** Rows from the test, or `demo` for the realistic data set. */
	seed: Seed | 'demo';
	/** The emulator's clock, in ms. */
	now: () => number;
	dice: Dice;
}

/** The types in which the services' emulators differ. */
export interface ServiceTypes {
	/** The keys by name, which a test may change, add or delete, and the service's own data. */
	state: { keys: Record<string, Key> };
	/** See `readings.ts`. */
	readings: CommonReadings;
	key: Key;
	/** The rows that a test can start with. */
	seed: object;
}

/** An operation being carried out. */
export interface Call<T extends ServiceTypes> {
	operationId: string;
	/** Upper-case HTTP method. */
	method: string;
	params: Record<string, string>;
	/** With the OpenAPI document's types. */
	query: Record<string, unknown>;
	body: unknown;
	headers: Record<string, string>;
	/** The documented scopes that the operation asks for. */
	scopes: string[];
	key: T['key'];
	state: T['state'];
	readings: T['readings'];
	/** By the emulator's clock, in ms. */
	now: number;
}

/** An answer before it is sent; `body` is sent as JSON. */
export interface Answer {
	status: number;
	body?: unknown;
	/** The true body to check if a reading makes `body` lie. */
	checkedBody?: unknown;
	headers?: Record<string, string>;
	/** Documented rules that the request broke and that no schema can express. */
	violations?: string[];
}

/** The part of an emulator that is specific to one service. */
export interface Service<T extends ServiceTypes> {
	name: ServiceName;
	/** The readings to start with. */
	readings: T['readings'];
	/** Builds the state; called at start and by `reset()`. */
	createState(setup: Setup<T['seed']>): T['state'];
	/** The secret that a request presents, `undefined` without one. */
	presentedSecret(headers: Record<string, string>): string | undefined;
	/** One handler for each operationId of the OpenAPI document. */
	handlers: Record<string, (call: Call<T>) => Answer>;
	/** Refuses a request with a known key, e.g. because a scope is missing or the rate limit is used up. */
	admit?(call: Call<T>): Answer | undefined;
	/** Completes an answer to a known key, e.g. with rate limit headers. */
	finish?(answer: Answer, call: Call<T>): Answer;
	/** The service's error answer. */
	failure(status: number, message: string, readings: T['readings']): Answer;
	/** The answer to a key that is missing (`undefined`) or unknown. */
	unauthorized(secret: string | undefined, readings: T['readings']): Answer;
	/** The answer to a request that breaks the OpenAPI document. */
	invalid(violations: Violation[], readings: T['readings']): Answer;
	/** Status for a known path with an unknown method. */
	wrongMethodStatus: 404 | 405;
}
