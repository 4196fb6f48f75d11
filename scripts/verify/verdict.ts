import type { Comparison, Difference } from './shape';
import type { Seen } from './client';

/** Whether a service does as we assumed, with what shows it. Holds names and types, never a value. */
export interface Verdict {
	result: 'confirmed' | 'refuted' | 'not seen';
	evidence: string;
}

export const confirmed = (evidence: string): Verdict => ({ result: 'confirmed', evidence });
export const refuted = (evidence: string): Verdict => ({ result: 'refuted', evidence });
export const notSeen = (evidence: string): Verdict => ({ result: 'not seen', evidence });

/** What all checks can look at. */
export interface Answers {
	seen: Seen[];
	/** Every answer held against its schema, taken together. */
	shapes: Comparison;
}

/** A check of one assumption; `E` is what its service's requests brought to light. */
export type Check<E> = (evidence: E, answers: Answers) => Verdict;

/** @returns a difference in words: `data[].name missing` */
export function inWords({ what, where, onlyInSome }: Difference): string {
	const place = where === '' ? '' : `${where}: `;
	return `${place}${what}${onlyInSome ? ' (in some rows)' : ''}`;
}

/** The check of an assumption that the schemas of the document express. */
export function bySchema(assumption: string): Check<unknown> {
	return (_, { shapes }) => {
		const found = shapes.alternatives.get(assumption);
		if (!found) return notSeen('no answer held one');
		const differences = shapes.differences.filter((one) => one.assumption === assumption);
		if (differences.length > 0) return refuted(differences.map(inWords).join('; '));
		if (found.index > 0) return refuted(`in place of it: ${found.name}`);
		return confirmed('every answer fits');
	};
}

/** One verdict from those on several things. What holds for one of them is refuted by another. */
export function together(verdicts: Array<Verdict & { of: string }>): Verdict {
	const results = verdicts.map(({ result }) => result);
	const result =
		(['refuted', 'confirmed'] as const).find((one) => results.includes(one)) ?? 'not seen';
	const named = new Map<string, string[]>();
	for (const { of, evidence } of verdicts)
		named.set(evidence, [...(named.get(evidence) ?? []), of]);
	const evidence = [...named].map(([text, things]) => `${things.join(', ')}: ${text}`).join('; ');
	return { result, evidence };
}
