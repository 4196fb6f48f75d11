/* eslint-disable @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
/** Writes what it knows into a folder. */
export type Witness = (folder: string) => Promise<void> | void;

const NAME = 'e2eWitnesses';

/** Asked by the test environment when a step fails, before anything is stopped. */
const witnesses = ((globalThis as Record<string, unknown>)[NAME] ??= []) as Witness[];

/** Has something kept of every step that fails from now on, until the returned function is called. */
export function testify(witness: Witness): () => void {
	witnesses.push(witness);
	return () => {
		witnesses.splice(witnesses.indexOf(witness), 1);
	};
}
