import type { OpenApiDocument } from '../../test/emulator/openapi';
import { type Json, References } from './document';

/** A place where two OpenAPI documents differ. */
export interface DocumentDifference {
	/** `GET /public/links`, and the place in it: `query per_page`, `200 items[].id`. */
	operation: string;
	where: string;
	ours: string;
	theirs: string;
	/** The assumption that our document makes at this place. */
	assumption?: string;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

const NONE = '–';

/** How deep a comparison goes, because schemas may contain themselves. */
const DEEPEST = 8;

/** The rules of a value that are compared besides its type. */
const RULES = [
	...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern'],
	'default',
];

interface Operation {
	parameters: Map<string, Json>;
	body?: Json;
	/** The schemas of successful answers by status; `undefined` if an answer has no body. */
	answers: Map<string, Json | undefined>;
}

/** A document of any vendor, read for comparison. */
export class ComparableDocument {
	/** By method and path, with `{}` for each variable part: `GET /public/links/{}`. */
	readonly operations = new Map<string, Operation>();

	readonly references: References;

	/** @param basePath the prefix of our document's paths: `/api/v1` */
	constructor(document: Json, basePath: string) {
		this.references = new References(document);
		const [server] = (document.servers ?? []) as Array<{ url?: string }>;
		const own = new URL(server?.url ?? '/', 'http://localhost').pathname.replace(/\/+$/, '');
		for (const [path, item] of Object.entries((document.paths ?? {}) as Record<string, Json>)) {
			const whole = path.startsWith(`${basePath}/`) ? path : own + path;
			const known = whole.startsWith(`${basePath}/`) ? whole.slice(basePath.length) : whole;
			for (const method of METHODS) {
				const operation = item[method] as Json | undefined;
				if (!operation) continue;
				const name = `${method.toUpperCase()} ${known.replace(/\{[^}]*\}/g, '{}')}`;
				this.operations.set(name, this.read(item, operation));
			}
		}
	}

	private read(item: Json, operation: Json): Operation {
		const parameters = [item.parameters, operation.parameters]
			.flatMap((some) => (some ?? []) as Json[])
			.map((parameter) => this.references.resolve(parameter));
		const schemaOf = (part: unknown) => {
			const { content } = this.references.resolve((part ?? {}) as Json) as {
				content?: Record<string, { schema?: Json }>;
			};
			return content?.['application/json']?.schema;
		};
		const answers = Object.entries((operation.responses ?? {}) as Record<string, Json>)
			.filter(([status]) => status.startsWith('2'))
			.map(([status, response]) => [status, schemaOf(response)] as const);
		return {
			parameters: new Map(
				// A variable part may have any name
				parameters
					.filter((parameter) => parameter.in !== 'path')
					.map((parameter) => [`${String(parameter.in)} ${String(parameter.name)}`, parameter]),
			),
			body: schemaOf(operation.requestBody),
			answers: new Map(answers),
		};
	}
}

type Found = Omit<DocumentDifference, 'operation'>;

/** Compares our document with a vendor's. */
export class DocumentComparison {
	private readonly our: ComparableDocument;

	private readonly their: ComparableDocument;

	constructor(ours: OpenApiDocument, theirs: Json) {
		const basePath = new URL(ours.servers[0]?.url ?? '/', 'http://localhost').pathname;
		this.our = new ComparableDocument(ours as unknown as Json, basePath);
		this.their = new ComparableDocument(theirs, basePath);
	}

	/** The number of operations that both have. */
	get inCommon(): number {
		const { operations } = this.their;
		return [...this.our.operations.keys()].filter((name) => operations.has(name)).length;
	}

	/**
	 * Compares operations, parameters, required fields, limits, enumerations, and the keys of bodies and
	 * of successful answers, in both directions.
	 */
	differences(): DocumentDifference[] {
		const names = new Set([...this.our.operations.keys(), ...this.their.operations.keys()]);
		return [...names].flatMap((name) => {
			const [ours, theirs] = [this.our.operations.get(name), this.their.operations.get(name)];
			const found = ours && theirs ? this.operation(ours, theirs) : [presence('', Boolean(ours))];
			return found.map((difference) => ({ operation: name, ...difference }));
		});
	}

	private operation(ours: Operation, theirs: Operation): Found[] {
		const found: Found[] = [];
		for (const name of union(ours.parameters, theirs.parameters)) {
			const [our, their] = [ours.parameters.get(name), theirs.parameters.get(name)];
			const assumption = our?.['x-assumed'] as string | undefined;
			if (!our || !their) found.push(presence(name, Boolean(our), assumption));
			else {
				const required = differing('required', our.required === true, their.required === true);
				const inner = this.schema(our.schema as Json, their.schema as Json, name, assumption);
				found.push(...required.map((rule) => ({ where: name, ...rule })), ...inner);
			}
		}
		if (ours.body && theirs.body) found.push(...this.schema(ours.body, theirs.body, 'body'));
		else if (ours.body || theirs.body) found.push(presence('body', Boolean(ours.body)));
		for (const status of union(ours.answers, theirs.answers)) {
			if (!ours.answers.has(status) || !theirs.answers.has(status)) {
				found.push(presence(status, ours.answers.has(status)));
				continue;
			}
			const [our, their] = [ours.answers.get(status), theirs.answers.get(status)];
			if (our && their) found.push(...this.schema(our, their, status));
			else if (our || their) found.push(presence(`${status} body`, Boolean(our)));
		}
		return found;
	}

	private schema(our: Json, their: Json, where: string, inherited?: string, depth = 0): Found[] {
		if (depth > DEEPEST) return [];
		const [ours, theirs] = [alternatives(this.our, our), alternatives(this.their, their)];
		const assumption = markOf(this.our, our) ?? inherited;
		// Each side may have alternatives: the pair with the fewest differences counts
		const compared = ours.schemas.flatMap((one) =>
			theirs.schemas.map((other) => this.plain(one, other, where, assumption, depth)),
		);
		const isOther = (found: Found[]) => found.some((one) => one.where === where && isOfType(one));
		const distance = (found: Found[]) => (isOther(found) ? Infinity : found.length);
		const distances = compared.map(distance);
		const nearest = compared[distances.indexOf(Math.min(...distances))] ?? [];
		// Nothing outside a body can be null on the wire
		const isBody = !/^(query|header|cookie) /.test(where);
		const nullable = isBody ? differing('null', ours.nullable, theirs.nullable) : [];
		return [...nullable.map((rule) => named({ where, ...rule }, assumption)), ...nearest];
	}

	/** Compares two schemas without alternatives. */
	private plain(our: Json, their: Json, where: string, inherited?: string, depth = 0): Found[] {
		const ours = gather(this.our, our);
		const theirs = gather(this.their, their);
		const assumption = ours.assumption ?? inherited;
		const types = differing('type', ours.type, theirs.type);
		if (types.length > 0) return types.map((rule) => named({ where, ...rule }, assumption));
		const found = [...RULES, 'enum'].flatMap((rule) =>
			differing(rule, ours.rules[rule], theirs.rules[rule]).map((one) =>
				named({ where, ...one }, assumption),
			),
		);
		for (const key of union(ours.properties, theirs.properties)) {
			const [one, other] = [ours.properties.get(key), theirs.properties.get(key)];
			const place = /^(\d+|body)$/.test(where) ? `${where} ${key}` : `${where}.${key}`;
			if (!one || !other) {
				// An object without documented keys may have any keys
				if (ours.properties.size > 0 && theirs.properties.size > 0) {
					found.push(presence(place, Boolean(one), one && (markOf(this.our, one) ?? assumption)));
				}
				continue;
			}
			const required = differing('required', ours.required.has(key), theirs.required.has(key));
			found.push(...required.map((rule) => named({ where: place, ...rule }, assumption)));
			found.push(...this.schema(one, other, place, assumption, depth + 1));
		}
		if (ours.items && theirs.items) {
			found.push(...this.schema(ours.items, theirs.items, `${where}[]`, assumption, depth + 1));
		}
		return found;
	}
}

function isOfType({ ours, theirs }: Found): boolean {
	return ours.startsWith('type ') || theirs.startsWith('type ');
}

function named(found: Found, assumption: string | undefined): Found {
	return assumption === undefined ? found : { ...found, assumption };
}

function presence(where: string, isOurs: boolean, assumption?: string): Found {
	const [ours, theirs] = isOurs ? ['there', NONE] : [NONE, 'there'];
	return named({ where, ours, theirs }, assumption);
}

function union(a: Map<string, unknown>, b: Map<string, unknown>): string[] {
	return [...new Set([...a.keys(), ...b.keys()])];
}

function differing(rule: string, ours: unknown, theirs: unknown) {
	const [our, their] = [JSON.stringify(ours), JSON.stringify(theirs)];
	if (our === their) return [];
	return [
		{
			ours: our === undefined ? NONE : `${rule} ${our}`,
			theirs: their === undefined ? NONE : `${rule} ${their}`,
		},
	];
}

function markOf({ references }: ComparableDocument, schema: Json): string | undefined {
	const marks = references.partsOf(schema).map((part) => part['x-assumed']);
	return marks.find((mark) => typeof mark === 'string') as string | undefined;
}

/** The schemas that a value may have, except `null`. */
function alternatives(
	document: ComparableDocument,
	schema: Json,
): { schemas: Json[]; nullable: boolean } {
	const parts = document.references.partsOf(schema);
	const branches = parts.flatMap((part) => (part.oneOf ?? part.anyOf ?? []) as Json[]);
	const others = branches.filter((branch) => branch.type !== 'null');
	const mayBeNull = ({ type, nullable }: Json) =>
		nullable === true || (Array.isArray(type) && type.includes('null'));
	const nullable = branches.length > others.length || parts.some(mayBeNull);
	if (others.length === 0) return { schemas: [schema], nullable };
	const own = parts.map((part) => ({ ...part, oneOf: undefined, anyOf: undefined }));
	const schemas = others.flatMap((branch) => alternatives(document, branch).schemas);
	return { schemas: schemas.map((branch) => ({ allOf: [...own, branch] })), nullable };
}

/** Merges the parts of a schema. */
function gather({ references }: ComparableDocument, schema: Json) {
	const parts = references.partsOf(schema);
	const properties = new Map<string, Json>();
	for (const part of parts) {
		for (const [key, inner] of Object.entries((part.properties ?? {}) as Record<string, Json>)) {
			const before = properties.get(key);
			properties.set(key, before ? { allOf: [before, inner] } : inner);
		}
	}
	const types = parts.flatMap(({ type }) => (type ?? []) as string | string[]);
	const rules: Json = {};
	for (const part of parts) {
		for (const rule of RULES) if (part[rule] !== undefined) rules[rule] = part[rule];
		if (Array.isArray(part.enum)) rules.enum = [...(part.enum as unknown[])].sort();
		if (part.const !== undefined) rules.enum = [part.const];
		if (typeof part.exclusiveMinimum === 'number') rules.minimum = part.exclusiveMinimum + 1;
		if (typeof part.exclusiveMaximum === 'number') rules.maximum = part.exclusiveMaximum - 1;
	}
	const known = [...new Set(types.filter((type) => type !== 'null'))].sort();
	const isText =
		Array.isArray(rules.enum) && rules.enum.every((value) => typeof value === 'string');
	return {
		assumption: parts.map((part) => part['x-assumed'] as string | undefined).find((mark) => mark),
		type:
			known.length > 0 ? known : properties.size > 0 ? ['object'] : isText ? ['string'] : undefined,
		rules,
		properties,
		required: new Set(parts.flatMap(({ required = [] }) => required as string[])),
		items: parts.map((part) => part.items as Json | undefined).find((items) => items),
	};
}
