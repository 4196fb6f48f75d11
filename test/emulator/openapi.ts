/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

/** The services that have an OpenAPI document under `test/openapi`. */
export const SERVICES = ['kinktree', 'kindryn', 'klinky'] as const;
export type ServiceName = (typeof SERVICES)[number];

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

type Schema = Record<string, unknown>;
type Content = Record<string, { schema: Schema }>;

interface Parameter {
	name: string;
	in: 'path' | 'query' | 'header';
	required?: boolean;
	schema: Schema;
}

interface ResponseObject {
	content?: Content;
	headers?: Record<string, { required?: boolean; schema: Schema }>;
}

interface OperationObject {
	operationId: string;
	parameters?: Parameter[];
	requestBody?: { required?: boolean; content: Content };
	responses: Record<string, ResponseObject>;
	security?: Array<Record<string, string[]>>;
}

type PathItem = { parameters?: Parameter[] } & Partial<
	Record<(typeof METHODS)[number], OperationObject>
>;

/** A statement about a service that its documents leave open. */
export interface Assumption {
	/** The likely reading, with which an emulator starts. */
	says: string;
	/** Why it is none of the facts. */
	why: string;
}

/** An OpenAPI 3.1 document, as far as the emulator and the tests read it. */
export interface OpenApiDocument {
	openapi: string;
	/** By the name that `x-assumed` gives where a schema or an answer rests on it. */
	'x-assumptions': Record<string, Assumption>;
	servers: Array<{ url: string }>;
	paths: Record<string, PathItem>;
	components: Record<string, Record<string, unknown>>;
}

/** One violation of the OpenAPI document by a request. */
export interface Violation {
	/** The part of the request that is wrong. */
	where: 'path' | 'query' | 'header' | 'body';
	/** Path to the wrong value, e.g. `['variants', '0', 'label']`. */
	field: string[];
	/** The JSON Schema keyword that failed, e.g. `required`; `parse` for a body that is not JSON. */
	keyword: string;
	message: string;
}

/** A request as the OpenAPI document sees it. Header names are lower-case. */
export interface WireRequest {
	params: Record<string, string>;
	query: Record<string, string | string[]>;
	headers: Record<string, string>;
	/** The body as it came, `undefined` without one. */
	rawBody?: string;
}

/** A checked request. Its values have the OpenAPI document's types. */
export interface CheckedRequest {
	params: Record<string, string>;
	query: Record<string, unknown>;
	body: unknown;
	violations: Violation[];
}

/** One operation of an OpenAPI document with its compiled checks. */
export interface OpenApiOperation {
	operationId: string;
	/** Upper-case HTTP method. */
	method: string;
	/** Path template below the base path, e.g. `/partners/tags/{tagId}`. */
	path: string;
	/** Scopes that the OpenAPI document's `security` asks for; empty if the service has none. */
	scopes: string[];
	/** Status codes that the OpenAPI document knows. */
	statuses: number[];
	/** Checks and types a request; never throws. */
	checkRequest(request: WireRequest): CheckedRequest;
	/** Lists an answer's violations in words; empty if it conforms. */
	checkAnswer(status: number, headers: Record<string, string>, body: unknown): string[];
}

/** An OpenAPI document, ready to check requests and answers. */
export interface OpenApi {
	service: ServiceName;
	document: OpenApiDocument;
	/** Path part of the documented base URL, e.g. `/v1`. */
	basePath: string;
	operations: OpenApiOperation[];
}

/** Reads one service's OpenAPI document. Throws if the file is missing or not YAML. */
export function readDocument(service: ServiceName): OpenApiDocument {
	const file = path.join(__dirname, '..', 'openapi', `${service}.openapi.yaml`);
	return parse(readFileSync(file, 'utf8')) as OpenApiDocument;
}

const loaded = new Map<ServiceName, OpenApi>();

/**
 * Loads one service's OpenAPI document. Schemas are compiled on first use and kept for the process.
 * Throws if a schema of the OpenAPI document is wrong.
 */
export function loadOpenApi(service: ServiceName): OpenApi {
	const known = loaded.get(service);
	if (known) return known;

	// Make the references point to the schemas as a document of their own. So each part compiles alone.
	const document = JSON.parse(
		JSON.stringify(readDocument(service)).replaceAll(
			'"$ref":"#/components/schemas/',
			`"$ref":"${service}#/$defs/`,
		),
	) as OpenApiDocument;
	const compiler = new Compiler(service, document);
	const operations = Object.entries(document.paths).flatMap(([template, item]) =>
		METHODS.flatMap((method) => {
			const operation = item[method];
			return operation ? [compiler.operation(template, method, operation, item.parameters)] : [];
		}),
	);
	const openApi: OpenApi = {
		service,
		document,
		basePath: new URL(document.servers[0]?.url ?? '/').pathname,
		operations,
	};
	loaded.set(service, openApi);
	return openApi;
}

class Compiler {
	/** For bodies, whose values must already have the right types. */
	private readonly exact = this.ajv(false);

	/** For path, query and headers: on the wire everything is a string. */
	private readonly coercing = this.ajv(true);

	constructor(
		service: ServiceName,
		private readonly document: OpenApiDocument,
	) {
		const shared = { $id: service, $defs: document.components.schemas ?? {} };
		for (const ajv of [this.exact, this.coercing]) ajv.addSchema(shared);
	}

	operation(
		template: string,
		method: string,
		operation: OperationObject,
		shared: Parameter[] = [],
	): OpenApiOperation {
		const parameters = [...shared, ...(operation.parameters ?? [])].map((p) => this.resolve(p));
		const groups = (['path', 'query', 'header'] as const).map((where) => ({
			where,
			validate: lazy(() => this.parameters(parameters, where)),
		}));
		const media = operation.requestBody?.content['application/json'];
		const body = media ? lazy(() => this.exact.compile(media.schema)) : undefined;
		const answers = new Map(
			Object.entries(operation.responses).map(([status, response]) => [
				Number(status),
				lazy(() => this.answer(this.resolve(response))),
			]),
		);
		return {
			operationId: operation.operationId,
			method: method.toUpperCase(),
			path: template,
			scopes: (operation.security ?? []).flatMap((need) => Object.values(need).flat()),
			statuses: [...answers.keys()],
			checkRequest: (request) => {
				const given = { path: request.params, query: request.query, header: request.headers };
				const violations: Violation[] = [];
				const typed = structuredClone(given);
				for (const { where, validate } of groups) {
					violations.push(...run(validate(), typed[where], where));
				}
				const read = readBody(request, body !== undefined, operation.requestBody?.required);
				violations.push(...read.violations);
				if (body && read.violations.length === 0 && read.value !== undefined) {
					violations.push(...run(body(), read.value, 'body'));
				}
				return { params: typed.path, query: typed.query, body: read.value, violations };
			},
			checkAnswer: (status, headers, value) => {
				const check = answers.get(status);
				return check
					? check()(headers, value)
					: [`answer: status ${status} is not in the OpenAPI document`];
			},
		};
	}

	private parameters(parameters: Parameter[], where: Parameter['in']): ValidateFunction {
		const own = parameters.filter((parameter) => parameter.in === where);
		const key = ({ name }: Parameter) => (where === 'header' ? name.toLowerCase() : name);
		return this.coercing.compile({
			type: 'object',
			properties: Object.fromEntries(own.map((parameter) => [key(parameter), parameter.schema])),
			required: own.filter((parameter) => parameter.required).map(key),
			// Every client adds headers of its own; a path or query parameter must be documented.
			additionalProperties: where === 'header',
		});
	}

	private answer(response: ResponseObject) {
		const schema = response.content?.['application/json']?.schema;
		const validate = schema && this.exact.compile(schema);
		const headers = Object.entries(response.headers ?? {}).map(
			([name, header]) => [name, this.resolve(header)] as const,
		);
		const validateHeaders = this.coercing.compile({
			type: 'object',
			properties: Object.fromEntries(
				headers.map(([name, header]) => [name.toLowerCase(), header.schema]),
			),
			required: headers.filter(([, header]) => header.required).map(([name]) => name.toLowerCase()),
		});
		return (sent: Record<string, string>, value: unknown): string[] => {
			const found = run(validateHeaders, { ...sent }, 'header').map(describe);
			if (validate) found.push(...run(validate, value, 'body').map(describe));
			else if (value !== undefined) found.push('the OpenAPI document has no body for this status');
			return found.map((text) => `answer: ${text}`);
		};
	}

	private resolve<T>(part: T): T {
		const pointer = (part as { $ref?: string }).$ref;
		if (pointer === undefined) return part;
		const steps = pointer.slice('#/'.length).split('/');
		return steps.reduce<unknown>(
			(value, step) => (value as Record<string, unknown>)[step],
			this.document,
		) as T;
	}

	private ajv(coerceTypes: boolean): Ajv2020 {
		// Strict: a misspelt keyword in an OpenAPI document must not pass unseen. Types may be spread over
		// `oneOf` branches, which the two options would forbid.
		const ajv = new Ajv2020({
			strict: true,
			strictTypes: false,
			strictRequired: false,
			coerceTypes,
			// Defaults of query parameters; a body is left as it came.
			useDefaults: coerceTypes,
		});
		ajv.addVocabulary(['x-assumed', 'example']);
		addFormats(ajv);
		return ajv;
	}
}

function readBody(
	{ headers, rawBody }: WireRequest,
	expected: boolean,
	required = false,
): { value?: unknown; violations: Violation[] } {
	const wrong = (keyword: string, message: string) => ({
		violations: [{ where: 'body' as const, field: [], keyword, message }],
	});
	if (rawBody === undefined) {
		return expected && required ? wrong('required', 'a body is required') : { violations: [] };
	}
	if (!expected) return wrong('body', 'this operation takes no body');
	const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
	if (type !== 'application/json') return wrong('type', 'Content-Type must be application/json');
	try {
		return { value: JSON.parse(rawBody), violations: [] };
	} catch {
		return wrong('parse', 'the body is not valid JSON');
	}
}

function run(validate: ValidateFunction, value: unknown, where: Violation['where']): Violation[] {
	if (validate(value)) return [];
	return (validate.errors ?? []).map((error) => toViolation(error, where));
}

function toViolation(error: ErrorObject, where: Violation['where']): Violation {
	const field = error.instancePath.split('/').slice(1);
	const { missingProperty, additionalProperty } = error.params as Record<
		string,
		string | undefined
	>;
	const named = missingProperty ?? additionalProperty ?? error.propertyName;
	return {
		where,
		field: named === undefined ? field : [...field, named],
		keyword: error.keyword,
		message: error.message ?? error.keyword,
	};
}

/** A violation in words, e.g. `body/variants/0/label must NOT have more than 50 characters`. */
export function describe({ where, field, message }: Violation): string {
	return `${[where, ...field].join('/')} ${message}`;
}

function lazy<T>(make: () => T): () => T {
	let made: { value: T } | undefined;
	return () => (made ??= { value: make() }).value;
}
