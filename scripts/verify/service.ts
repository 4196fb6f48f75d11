import type { IDataObject } from 'n8n-workflow';

import type { AnnouncedLimiter } from '../../nodes/shared/http/pacing';
import type { Service } from '../../nodes/shared/http/service';
import type { ServiceName } from '../../test/emulator/openapi';
import type { Client } from './client';
import type { Answers, Check, Verdict } from './verdict';

/** What differs between the services: how each is asked, and what its answers show. */
export interface Verifiable {
	id: ServiceName;
	/** As the nodes connect to it. */
	service: Service;
	/** The field of the credential that holds the secret. */
	secretField: string;
	variables: { secret: string; address: string };
	/** Whether everybody has an address of their own. */
	needsAddress: boolean;
	/** The most requests that are sent. */
	most: number;
	limiter(now: number): AnnouncedLimiter | undefined;
	/** What a key lacks whose 403 concerns one operation alone. */
	lacks?(words: string): string | undefined;
	/** The assumptions that reading can settle. */
	checked: string[];
	/** Why reading cannot settle the others. */
	unreadable: Record<string, string>;
	/** Asks the service; then the verdicts can be had. */
	explore(client: Client): Promise<(answers: Answers) => Record<string, Verdict>>;
}

/** A service whose checks look at the same evidence. */
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

/** A value of a row, to ask the service with. */
export function textOf(row: IDataObject | undefined, key: string): string | undefined {
	const value = row?.[key];
	return typeof value === 'string' && value !== '' ? value : undefined;
}
