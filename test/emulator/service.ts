import type { Dice } from './dice';
import type { ServiceName, Violation } from './openapi';
import type { CommonReadings } from './readings';

/** A key that a service accepts (or refuses for a reason of its own). */
export interface Key {
	/** What the journal calls the key. */
	name: string;
	secret: string;
}

/** What a service is built from when an emulator starts or is reset. */
export interface Setup<Seed> {
	/** Rows of a test's own, `demo` for the believable data set. */
	seed: Seed | 'demo';
	/** The emulator's clock, in ms. */
	now: () => number;
	dice: Dice;
}

/** What the emulators of two services differ in, as types. */
export interface ServiceTypes {
	/** The keys by name (a test may change, add or delete them), and whatever the service stores. */
	state: { keys: Record<string, Key> };
	/** See `readings.ts`. */
	readings: CommonReadings;
	key: Key;
	/** What a test can start with. */
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
	/** The body to check in place of one that lies by a reading. */
	checkedBody?: unknown;
	headers?: Record<string, string>;
	/** Documented rules that the request broke and a schema cannot express. */
	violations?: string[];
}

/** One service: what makes its answers its own. */
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
	/** Refuses what a known key may not do, e.g. for lack of a scope or of budget. */
	admit?(call: Call<T>): Answer | undefined;
	/** Adds what every answer to a known key carries, e.g. rate limit headers. */
	finish?(answer: Answer, call: Call<T>): Answer;
	/** The service's error answer. */
	failure(status: number, message: string, readings: T['readings']): Answer;
	/** The answer to a key that is missing (`undefined`) or unknown. */
	unauthorized(secret: string | undefined, readings: T['readings']): Answer;
	/** The answer to a request that breaks the OpenAPI document. */
	invalid(violations: Violation[], readings: T['readings']): Answer;
	/** Status of an answer to a known path with an unknown method. */
	wrongMethodStatus: 404 | 405;
}
