/* eslint-disable @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
/** Writes a log or a screenshot into a folder. */
export type EvidenceWriter = (folder: string) => Promise<void> | void;

const NAME = 'e2eEvidence';

/** The test environment calls these when a step fails, before anything is stopped. */
const writers = ((globalThis as Record<string, unknown>)[NAME] ??= []) as EvidenceWriter[];

/** Makes a writer save evidence of every step that fails from now on. */
export function saveOnFailure(writer: EvidenceWriter): void {
	writers.push(writer);
}
