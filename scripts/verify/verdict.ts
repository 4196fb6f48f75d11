import type { Comparison, Difference } from './shape';
import type { Seen } from './client';

/** Whether a service does as we assumed, with the evidence. Holds names and types, never a value. */
export interface Verdict {
	result: 'confirmed' | 'refuted' | 'not seen';
	evidence: string;
}

export const confirmed = (evidence: string): Verdict => ({ result: 'confirmed', evidence });
export const refuted = (evidence: string): Verdict => ({ result: 'refuted', evidence });
export const notSeen = (evidence: string): Verdict => ({ result: 'not seen', evidence });

/** The answers that every check can use. */
export interface Answers {
	seen: Seen[];
	/** The comparisons of all answers with their schemas, merged. */
	shapes: Comparison;
}

/** A check of one assumption; `E` is the evidence that its service's answers gave. */
export type Check<E> = (evidence: E, answers: Answers) => Verdict;

/** @returns a difference in words: `data[].name missing` */
export function inWords({ what, where, onlyInSome }: Difference): string {
	const place = where === '' ? '' : `${where}: `;
	return `${place}${what}${onlyInSome ? ' (in some rows)' : ''}`;
}

/** Checks an assumption that the schemas of the document express. */
export function bySchema(assumption: string): Check<unknown> {
	return (_, { shapes }) => {
		const found = shapes.alternatives.get(assumption);
		if (!found) return notSeen('no answer held one');
		const differences = shapes.differences.filter((one) => one.assumption === assumption);
		if (differences.length > 0) return refuted(differences.map(inWords).join('; '));
		if (found.index > 0) return refuted(`found instead: ${found.name}`);
		return confirmed('every answer fits');
	};
}

/** Combines verdicts on several things. One refutation outweighs every confirmation. */
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
