import { isRecord } from '../../nodes/shared/http/answer';
import type { Json, ServiceDocument } from './document';

/** A place where an answer differs from the document. Holds names and types, never a value. */
export interface Difference {
	what: string;
	/** `data[].email`; empty for the whole answer. */
	where: string;
	/** Whether other rows of the same list are as documented. */
	onlyInSome?: true;
	/** The assumption that the document makes at this place. */
	assumption?: string;
}

/** The result of comparing an answer with its schema. */
export interface Comparison {
	differences: Difference[];
	/** By assumption: the alternative that the answer has. Index 0 is the likely one. */
	alternatives: Map<string, { index: number; name: string }>;
}

const EMPTY = (): Comparison => ({ differences: [], alternatives: new Map() });

/** Keys that look like this are names. Any other key may be data: an address, an ID. */
const NAME = /^[A-Za-z_$][A-Za-z_$-]*\d{0,2}$/;
const LONGEST_NAME = 40;

/** More unknown keys than this are probably the entries of a map. */
const MOST_UNKNOWN_KEYS = 30;

const FORMATS: Record<string, RegExp> = {
	'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/,
	uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

/** @returns the JSON type of a value */
export function typeOf(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	return Number.isInteger(value) ? 'integer' : typeof value;
}

/** @returns the key, or a placeholder if the key may be data */
export function nameOf(key: string): string {
	return NAME.test(key) && key.length <= LONGEST_NAME ? key : '(a key that may be data)';
}

/** Compares values with the schemas of a document. */
export class Shapes {
	constructor(private readonly document: ServiceDocument) {}

	compare(schema: Json, value: unknown): Comparison {
		return this.at(schema, value, '', undefined);
	}

	private at(schema: Json, value: unknown, where: string, inherited?: string): Comparison {
		const parts = this.document.partsOf(schema);
		const assumption =
			parts.map((part) => part['x-assumed'] as string | undefined).find((name) => name) ??
			inherited;
		const result = EMPTY();
		if (assumption !== undefined) result.alternatives.set(assumption, { index: 0, name: '' });
		const differ = (what: string, place = where) =>
			result.differences.push({ what, where: place, ...(assumption && { assumption }) });

		const documented = parts.flatMap(({ type }) => (type ?? []) as string | string[]);
		const found = typeOf(value);
		const isNumber = found === 'integer' && documented.includes('number');
		if (documented.length > 0 && !documented.includes(found) && !isNumber) {
			differ(`${documented.join(' or ')} expected, ${found} found`);
			return result;
		}
		const rules = parts.flatMap(({ enum: values, const: value }) =>
			value === undefined ? (values ?? []) : value,
		) as unknown[];
		if (rules.length > 0 && !rules.includes(value)) differ('a value that is not documented');
		const format = parts.map((part) => FORMATS[String(part.format)]).find((known) => known);
		if (format && typeof value === 'string' && !format.test(value)) {
			differ(`not in the format ${parts.map((part) => part.format ?? '').join('')}`);
		}
		if (isRecord(value)) merge(result, this.object(parts, value, where, assumption));
		if (Array.isArray(value)) merge(result, this.list(parts, value, where, assumption));
		for (const { oneOf, anyOf } of parts) {
			const branches = (oneOf ?? anyOf) as Json[] | undefined;
			if (branches) merge(result, this.alternative(branches, value, where, assumption));
		}
		return result;
	}

	private object(parts: Json[], value: Json, where: string, assumption?: string): Comparison {
		const result = EMPTY();
		const differ = (what: string, key: string) =>
			result.differences.push({
				...{ what, where: where ? `${where}.${key}` : key },
				...(assumption && { assumption }),
			});
		const properties = new Map<string, Json[]>();
		for (const part of parts) {
			for (const [key, schema] of Object.entries((part.properties ?? {}) as Record<string, Json>)) {
				properties.set(key, [...(properties.get(key) ?? []), schema]);
			}
		}
		for (const key of new Set(parts.flatMap(({ required = [] }) => required as string[]))) {
			if (!(key in value)) differ('missing', key);
		}
		const map = parts.map((part) => part.additionalProperties).find(isRecord);
		const unknown: string[] = [];
		for (const [key, inner] of Object.entries(value)) {
			const schemas = properties.get(key);
			if (schemas?.some(({ not }) => not !== undefined)) differ('must not be there', key);
			else if (schemas) {
				const place = where ? `${where}.${key}` : key;
				merge(result, this.at({ allOf: schemas }, inner, place, assumption));
			} else if (map) merge(result, this.at(map, inner, `${where}{}`, assumption));
			else unknown.push(`${nameOf(key)} (${typeOf(inner)})`);
		}
		// An object without a documented key may have any keys
		if (properties.size > 0) {
			for (const text of [...new Set(unknown)].slice(0, MOST_UNKNOWN_KEYS)) {
				differ('not documented', text);
			}
		}
		return result;
	}

	private list(parts: Json[], value: unknown[], where: string, assumption?: string): Comparison {
		const items = parts.map((part) => part.items as Json | undefined).find((known) => known);
		const result = EMPTY();
		if (!items) return result;
		const rows = new Map<string, { difference: Difference; count: number }>();
		for (const row of value) {
			const compared = this.at(items, row, `${where}[]`, assumption);
			mergeAlternatives(result, compared);
			for (const difference of compared.differences) {
				const key = `${difference.what} ${difference.where}`;
				rows.set(key, { difference, count: (rows.get(key)?.count ?? 0) + 1 });
			}
		}
		for (const { difference, count } of rows.values()) {
			result.differences.push({
				...difference,
				...(count < value.length && { onlyInSome: true as const }),
			});
		}
		return result;
	}

	/** Compares the value with the alternative that it differs from least. */
	private alternative(branches: Json[], value: unknown, where: string, assumption?: string) {
		const compared = branches.map((branch) => this.at(branch, value, where, assumption));
		// A wrong type ends the comparison early, so its single difference does not mean a near match
		const distance = ({ differences }: Comparison) =>
			differences.some((one) => one.where === where && one.what.includes(' expected, '))
				? Infinity
				: differences.length;
		const distances = compared.map(distance);
		const index = distances.indexOf(Math.min(...distances));
		const nearest = compared[index] ?? EMPTY();
		if (assumption !== undefined) {
			const title = this.document.partsOf(branches[index] ?? {}).map((part) => part.title)[0];
			const name = typeof title === 'string' ? title : typeOf(value);
			nearest.alternatives.set(assumption, { index, name });
		}
		return nearest;
	}
}

function merge(into: Comparison, from: Comparison): void {
	into.differences.push(...from.differences);
	mergeAlternatives(into, from);
}

/** Keeps the least likely alternative: one row that has it refutes the assumption. */
function mergeAlternatives(into: Comparison, from: Comparison): void {
	for (const [assumption, found] of from.alternatives) {
		const before = into.alternatives.get(assumption);
		if (!before || found.index >= before.index) into.alternatives.set(assumption, found);
	}
}
