import type { IDataObject } from 'n8n-workflow';

import type { AnnouncedLimiter } from '../../nodes/shared/http/pacing';
import type { Service } from '../../nodes/shared/http/service';
import type { ServiceName } from '../../test/emulator/openapi';
import type { Client } from './client';
import type { Answers, Check, Verdict } from './verdict';

/** The parts that differ between services: how to ask each one, and how to judge its answers. */
export interface Verifiable {
	id: ServiceName;
	/** The service as the nodes connect to it. */
	service: Service;
	/** The field of the credential that holds the secret. */
	secretField: string;
	variables: { secret: string; address: string };
	/** Whether each community has its own address. */
	needsAddress: boolean;
	/** The most requests to send. */
	most: number;
	limiter(now: number): AnnouncedLimiter | undefined;
	/** The scope that the key lacks, if the words of a 403 concern one operation only. */
	lacks?(words: string): string | undefined;
	/** The assumptions that reading can settle. */
	checked: string[];
	/** Why reading cannot settle the others. */
	unreadable: Record<string, string>;
	/** Asks the service. @returns a function that gives the verdicts */
	explore(client: Client): Promise<(answers: Answers) => Record<string, Verdict>>;
}

/** Makes a service whose checks share the same evidence. */
export function verifiable<E>(
	service: Omit<Verifiable, 'checked' | 'explore'> & {
		explore(client: Client): Promise<E>;
		checks: Record<string, Check<E>>;
	},
): Verifiable {
	const { explore, checks } = service;
	return {
		...service,
		checked: Object.keys(checks),
		explore: async (client) => {
			const evidence = await explore(client);
			return (answers) =>
				Object.fromEntries(
					Object.entries(checks).map(([name, check]) => [name, check(evidence, answers)]),
				);
		},
	};
}

export const NEEDS_WRITE = 'this needs a write';

/** A text in a row, for a question to the service. */
export function textOf(row: IDataObject | undefined, key: string): string | undefined {
	const value = row?.[key];
	return typeof value === 'string' && value !== '' ? value : undefined;
}
