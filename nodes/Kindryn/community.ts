import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../shared/http/api';
import { ServiceError } from '../shared/http/errors';

export const COMMUNITY = { method: 'GET', path: '/community' } as const;

/** The advice if the base URL does not lead to a Kindryn API. */
export const ADDRESS_ADVICE =
	"Enter the address of the community as the browser shows it, such as community.example.com, in 'Base URL' of the credential.";

/** Fetches the profile. Its path has no ID, so a 404 means that the base URL is wrong. */
export async function readCommunity(api: Api): Promise<IDataObject> {
	return await api.object(COMMUNITY, 'id', 'slug', 'name').catch((error: unknown) => {
		const isMissing = error instanceof ServiceError && error.status === 404;
		throw isMissing ? error.advising(ADDRESS_ADVICE) : error;
	});
}
