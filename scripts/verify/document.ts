import { type OpenApiDocument, readDocument, type ServiceName } from '../../test/emulator/openapi';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export type Json = Record<string, unknown>;

/** One answer in a document: the schema of its body, and its required headers. */
export interface DocumentedAnswer {
	schema?: Json;
	headers: string[];
}

/** The parts of an OpenAPI operation that the checks need. */
export interface DocumentedOperation {
	id: string;
	method: string;
	/** With its variable parts: `/posts/{postId}`. */
	path: string;
	/** By status. */
	answers: Map<number, DocumentedAnswer>;
}

/** Follows the references of an OpenAPI document. */
export class References {
	constructor(private readonly root: Json) {}

	/** Follows a part's reference. The result is empty if that leads nowhere, or to another file. */
	resolve(part: Json): Json {
		if (typeof part.$ref !== 'string') return part;
		if (!part.$ref.startsWith('#/')) return {};
		const steps = decodeURIComponent(part.$ref).slice('#/'.length).split('/');
		const found = steps.reduce<unknown>(
			(value, step) => (value as Json | undefined)?.[step.replace(/~1/g, '/').replace(/~0/g, '~')],
			this.root,
		);
		return this.resolve((found ?? {}) as Json);
	}

	/** A schema, and the schemas that it refers to or combines with `allOf`. A value must fit them all. */
	partsOf(schema: Json): Json[] {
		const { $ref, allOf, ...own } = schema;
		const referred = $ref === undefined ? [] : this.partsOf(this.resolve({ $ref }));
		return [own, ...referred, ...((allOf ?? []) as Json[]).flatMap((part) => this.partsOf(part))];
	}
}

/** One of our OpenAPI documents. */
export class ServiceDocument extends References {
	readonly operations: DocumentedOperation[];

	constructor(readonly document: OpenApiDocument) {
		super(document as unknown as Json);
		this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
			METHODS.flatMap((method) => {
				const operation = item[method];
				if (!operation) return [];
				const answers = Object.entries(operation.responses).map(
					([status, response]) => [Number(status), this.answer(response as Json)] as const,
				);
				const id = operation.operationId;
				return [{ id, method: method.toUpperCase(), path, answers: new Map(answers) }];
			}),
		);
	}

	static of(service: ServiceName): ServiceDocument {
		return new ServiceDocument(readDocument(service));
	}

	/** @throws if the document has no such operation */
	operation(id: string): DocumentedOperation {
		const found = this.operations.find((operation) => operation.id === id);
		if (!found) throw new Error(`The OpenAPI document has no operation ${id}`);
		return found;
	}

	private answer(response: Json): DocumentedAnswer {
		const { content, headers = {} } = this.resolve(response) as {
			content?: Record<string, { schema?: Json }>;
			headers?: Record<string, Json>;
		};
		const required = Object.entries(headers).filter(([, header]) => this.resolve(header).required);
		return {
			schema: content?.['application/json']?.schema,
			headers: required.map(([name]) => name.toLowerCase()),
		};
	}
}
