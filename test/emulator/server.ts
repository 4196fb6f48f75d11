/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type OpenApiOperation, describe, loadOpenApi } from './openapi';
import { Dice } from './dice';
import { Journal, type JournalEntry } from './journal';
import { type ActiveMisbehaviour, type Misbehaviour, Misbehaviours } from './misbehaviour';
import type { Answer, Service, ServiceTypes } from './service';

/** Enough for tag IDs of 10 kB, percent-encoded. */
const MAX_HEADER_BYTES = 128 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const HTML = '<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>';

export interface EmulatorOptions<T extends ServiceTypes> {
	/** Rows to start with, or `demo` for a realistic data set that never changes. Empty by default. */
	seed?: T['seed'] | 'demo';
	/** Readings that differ from the likely ones; see `readings.ts`. */
	readings?: Partial<T['readings']>;
	/** The emulator's clock, in ms (default: the machine's). */
	now?: () => number;
	/** Port to listen on (default 0: any free one). */
	port?: number;
}

/** A running emulator of one service on 127.0.0.1. */
export class EmulatorServer<T extends ServiceTypes> {
	readonly journal = new Journal();

	/** The current readings. Tests may change them at any time. */
	readonly readings: T['readings'];

	private data: T['state'];

	private readonly misbehaviours = new Misbehaviours();

	private readonly app: FastifyInstance;

	private readonly now: () => number;

	/** Ends every wait when the emulator stops. */
	private readonly stopping = new AbortController();

	private inFlight = 0;

	constructor(
		private readonly definition: Service<T>,
		private readonly options: EmulatorOptions<T>,
	) {
		this.now = options.now ?? Date.now;
		this.readings = { ...definition.readings, ...options.readings };
		this.data = this.freshState();
		this.app = this.createApp();
		// Any number of requests may wait at once
		setMaxListeners(0, this.stopping.signal);
	}

	get service(): Service<T>['name'] {
		return this.definition.name;
	}

	/** The service's data: typed, live and free to change. */
	get state(): T['state'] {
		return this.data;
	}

	/** The secret of the key `main`, which may do everything. */
	get secret(): string {
		return this.secretOf('main');
	}

	/** Scheme, host and port. */
	get origin(): string {
		const { port } = this.app.server.address() as AddressInfo;
		return `http://127.0.0.1:${port}`;
	}

	/** The base URL for the credential, e.g. `http://127.0.0.1:4711/v1`. */
	get url(): string {
		return `${this.origin}${loadOpenApi(this.definition.name).basePath}`;
	}

	/** The secret of a key by name. Throws if there is no such key. */
	secretOf(name: string): string {
		const key = this.data.keys[name];
		if (!key) throw new Error(`The ${this.definition.name} emulator has no key "${name}"`);
		return key.secret;
	}

	/** Activates a misbehaviour. The oldest rule that matches a request applies. */
	misbehave(rule: Misbehaviour): ActiveMisbehaviour {
		return this.misbehaviours.add(rule);
	}

	/** Resets data, readings, rules and journal. */
	reset(): void {
		this.data = this.freshState();
		Object.assign(this.readings, this.definition.readings, this.options.readings);
		this.misbehaviours.clear();
		this.journal.clear();
	}

	/** Listens; called by `startEmulator`. */
	async start(): Promise<void> {
		await this.app.listen({ host: '127.0.0.1', port: this.options.port ?? 0 });
	}

	/** Closes the port and every connection. */
	async stop(): Promise<void> {
		this.stopping.abort();
		await this.app.close();
	}

	private freshState(): T['state'] {
		return this.definition.createState({
			seed: this.options.seed ?? {},
			now: this.now,
			dice: new Dice(this.definition.name),
		});
	}

	private createApp(): FastifyInstance {
		const app = fastify({
			http: { maxHeaderSize: MAX_HEADER_BYTES },
			bodyLimit: MAX_BODY_BYTES,
			routerOptions: { maxParamLength: MAX_HEADER_BYTES },
			exposeHeadRoutes: false,
			forceCloseConnections: true,
			frameworkErrors: async (error, request, reply) =>
				await this.serve(request as FastifyRequest, reply as FastifyReply, {
					refuse: () => this.definition.failure(400, error.message, this.readings),
					reason: 'the request cannot be read',
				}),
		});
		// The OpenAPI document checks the body, not Fastify, so that wrong JSON and types reach the journal.
		app.removeAllContentTypeParsers();
		app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
			done(null, body);
		});
		const { basePath, operations } = loadOpenApi(this.definition.name);
		for (const operation of operations) {
			app.route({
				method: operation.method,
				url: routeOf(basePath, operation.path),
				handler: async (request, reply) => await this.serve(request, reply, { operation }),
			});
		}
		for (const path of new Set(operations.map((operation) => operation.path))) {
			const known = operations.filter((operation) => operation.path === path);
			const status = this.definition.wrongMethodStatus;
			app.route({
				method: app.supportedMethods.filter((name) => !known.some(({ method }) => method === name)),
				url: routeOf(basePath, path),
				handler: async (request, reply) =>
					await this.serve(request, reply, {
						refuse: () => this.definition.failure(status, 'Method not allowed', this.readings),
						reason: 'the OpenAPI document has no such method for this path',
					}),
			});
		}
		app.setErrorHandler(async (error: Error, _request, reply) => {
			// A bug in the emulator itself. No test may mistake it for the service's answer.
			this.journal.faults.push(error.stack ?? error.message);
			await reply.code(500).send({ emulatorFault: error.message });
		});
		app.setNotFoundHandler(
			async (request, reply) =>
				await this.serve(request, reply, {
					refuse: () => this.definition.failure(404, 'Not found', this.readings),
					reason: 'the OpenAPI document has no such path',
				}),
		);
		return app;
	}

	/** Handles one request from arrival to answer. */
	private async serve(request: FastifyRequest, reply: FastifyReply, target: Target) {
		this.inFlight += 1;
		try {
			await this.exchange(request, reply, target);
		} finally {
			this.inFlight -= 1;
		}
		return reply;
	}

	private async exchange(request: FastifyRequest, reply: FastifyReply, target: Target) {
		const operation = 'operation' in target ? target.operation : undefined;
		const [path = '', search = ''] = splitOnce(request.originalUrl, '?');
		const headers = flatten(request.headers);
		const secret = this.definition.presentedSecret(headers);
		const key = Object.values(this.data.keys).find((candidate) => candidate.secret === secret);
		const wire = {
			params: (request.params ?? {}) as Record<string, string>,
			query: parseQuery(search),
			headers,
			rawBody: bodyOf(request, headers),
		};
		const checked = operation?.checkRequest(wire);
		const entry: JournalEntry = {
			at: this.now(),
			inFlight: this.inFlight,
			method: request.method,
			path,
			query: wire.query,
			headers: redact(headers, key?.name),
			key: key?.name ?? (secret === undefined ? undefined : 'unknown'),
			body: checked?.body ?? wire.rawBody,
			operationId: operation?.operationId,
			violations: 'reason' in target ? [target.reason] : (checked?.violations ?? []).map(describe),
		};
		this.journal.enter(entry);
		entry.misbehaviour = this.misbehaviours.take(entry);
		const rule = entry.misbehaviour ?? {};

		const carryOut = (): Answer => {
			if (!operation || !checked) return (target as Refusal).refuse();
			const answer = this.answer(operation, checked, { headers, key, secret });
			const sent = { 'content-type': 'application/json', ...answer.headers };
			// `undefined` members vanish on the wire, so the check looks at the JSON.
			const checkedBody = answer.checkedBody ?? answer.body;
			const body = checkedBody === undefined ? undefined : JSON.parse(JSON.stringify(checkedBody));
			entry.violations.push(
				...(answer.violations ?? []),
				...operation.checkAnswer(answer.status, lower(sent), body),
			);
			return answer;
		};
		if (rule.delayMs !== undefined) await wait(rule.delayMs, this.stopping.signal);
		if (rule.drop === 'after') carryOut();
		if (rule.drop !== undefined) {
			reply.hijack();
			reply.raw.socket?.destroy();
			return;
		}
		const answer = this.replacement(rule, carryOut) ?? serialize(carryOut(), rule.rewrite);
		entry.status = answer.status;
		const date = new Date(this.now() + this.readings.dateSkewMs).toUTCString();
		const sent = { ...answer, headers: { date, ...lower({ ...answer.headers, ...rule.headers }) } };
		await transmit(reply, sent, rule, this.stopping.signal);
	}

	/** The service's own answer to a request for a known operation. */
	private answer(
		{ operationId, method, scopes }: OpenApiOperation,
		checked: ReturnType<OpenApiOperation['checkRequest']>,
		{ headers, key, secret }: { headers: Record<string, string>; key?: T['key']; secret?: string },
	): Answer {
		const { definition, data: state, readings } = this;
		if (!key) return definition.unauthorized(secret, readings);
		const now = this.now();
		const { params, query, body, violations } = checked;
		const call = {
			...{ operationId, method, scopes, params, query, body },
			...{ headers, key, state, readings, now },
		};
		const handler = definition.handlers[operationId];
		if (!handler) throw new Error(`${definition.name}: no handler for ${operationId}`);
		const answer =
			definition.admit?.(call) ??
			(violations.length > 0 ? definition.invalid(violations, readings) : handler(call));
		return definition.finish?.(answer, call) ?? answer;
	}

	/** The answer that a rule sends instead of the service's own; undefined if it replaces none. */
	private replacement(rule: Misbehaviour, carryOut: () => Answer): Transmission | undefined {
		const { redirect, status } = rule;
		const text = textOf(rule);
		if (text === undefined && redirect === undefined && status === undefined) return undefined;
		if (rule.carryOut) carryOut();
		if (redirect !== undefined) {
			return { status: status ?? 302, body: '', headers: { location: redirect } };
		}
		if (text !== undefined) {
			const headers = { 'content-type': text.contentType ?? 'application/json' };
			return { status: status ?? 200, body: text.body, headers };
		}
		const own = this.definition.failure(status ?? 500, `Emulated answer ${status}`, this.readings);
		return serialize({ ...own, ...('body' in rule && { body: rule.body }) });
	}
}

interface Refusal {
	/** The answer to a request that the OpenAPI document does not know. */
	refuse: () => Answer;
	reason: string;
}

type Target = { operation: OpenApiOperation } | Refusal;

function routeOf(basePath: string, template: string): string {
	return `${basePath}${template.replace(/\{(\w+)\}/g, ':$1')}`;
}

function splitOnce(text: string, separator: string): string[] {
	const at = text.indexOf(separator);
	return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseQuery(search: string): Record<string, string | string[]> {
	const query: Record<string, string | string[]> = {};
	for (const [name, value] of new URLSearchParams(search)) {
		const before = query[name];
		query[name] = before === undefined ? value : [before, value].flat();
	}
	return query;
}

function flatten(headers: FastifyRequest['headers']): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
	);
}

function lower(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
	);
}

function bodyOf(request: FastifyRequest, headers: Record<string, string>): string | undefined {
	if (typeof request.body === 'string' && request.body !== '') return request.body;
	// Fastify does not read the body of a GET, but sending one is still a violation.
	return Number(headers['content-length'] ?? 0) > 0 ? '(not read)' : undefined;
}

function redact(headers: Record<string, string>, key = 'unknown'): Record<string, string> {
	const secret = new Set(['authorization', 'x-api-key', 'cookie', 'proxy-authorization']);
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name, secret.has(name) ? `<${key}>` : value]),
	);
}

function textOf({ html, raw }: Misbehaviour): Required<Misbehaviour>['raw'] | undefined {
	if (raw) return raw;
	if (html === undefined) return undefined;
	return { body: html === true ? HTML : html, contentType: 'text/html; charset=utf-8' };
}

/** An answer as bytes. */
interface Transmission {
	status: number;
	headers?: Record<string, string>;
	body?: string | Buffer;
}

function serialize(
	{ status, headers, body }: Answer,
	rewrite: Misbehaviour['rewrite'] = (same) => same,
): Transmission {
	const sent = rewrite(structuredClone(body));
	if (sent === undefined) return { status, headers };
	const typed = { 'content-type': 'application/json; charset=utf-8', ...headers };
	return { status, headers: typed, body: JSON.stringify(sent) };
}

/** Sends an answer as the rule asks. Resolves once nothing more is to come. */
async function transmit(
	reply: FastifyReply,
	{ status, headers, body }: Transmission,
	{ truncate, drip }: Misbehaviour,
	stopping: AbortSignal,
): Promise<void> {
	const hasBody = body !== undefined && status !== 204 && status !== 304;
	const whole = Buffer.from(hasBody ? body : '');
	const part = truncate ? whole.subarray(0, Math.floor(whole.length / 2)) : whole;
	const length = truncate === 'consistent' ? part.length : whole.length;
	const { raw } = reply.hijack();
	raw.writeHead(status, {
		...(hasBody && !drip?.endless && { 'content-length': length }),
		...headers,
	});
	if (drip && !(await dripOut(raw, part, drip, stopping))) return;
	const rest = drip ? '' : part;
	if (part.length === length) raw.end(rest);
	else raw.write(rest, () => raw.socket?.destroy());
}

/** Sends bytes slowly. Returns false if the client left or the emulator stopped before the end. */
async function dripOut(
	raw: ServerResponse,
	bytes: Buffer,
	{ everyMs, endless = false }: NonNullable<Misbehaviour['drip']>,
	stopping: AbortSignal,
): Promise<boolean> {
	const left = new AbortController();
	raw.once('close', () => left.abort());
	const over = AbortSignal.any([left.signal, stopping]);
	raw.flushHeaders();
	for (let at = 0; endless || at < bytes.length; at += 1) {
		await wait(everyMs, over);
		if (over.aborted) return false;
		raw.write(at < bytes.length ? bytes.subarray(at, at + 1) : ' ');
	}
	return true;
}

/** Waits, but stops waiting at the signal. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
	await sleep(ms, undefined, { signal }).catch(() => undefined);
}
