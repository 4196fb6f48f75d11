import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { shownName } from '../../shared/fields/listSearch';
import type { Api } from '../../shared/http/api';
import { connect } from '../../shared/http/connection';
import { ServiceError, toNodeError } from '../../shared/http/errors';
import { readList, SEARCHED_ROWS } from '../lists';
import { kindryn } from '../service';

/** The roles that the documents name. */
const DOCUMENTED_ROLES = ['MEMBER', 'MODERATOR'];

/** The documented roles and those of the community's first thousand members. */
export async function getRoles(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	try {
		const api = (await connect(this, kindryn)).impatient();
		const roles = new Set([...DOCUMENTED_ROLES, ...(await rolesOfMembers(api))]);
		return [...roles].sort().map((role) => ({ name: shownName(api, role), value: role }));
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}

async function rolesOfMembers(api: Api): Promise<string[]> {
	const { rows } = await readList(api, { path: '/members' }, SEARCHED_ROWS).catch(
		(error: unknown) => {
			// A key that may only invite cannot list members
			if (error instanceof ServiceError && error.status === 403) return { rows: [] };
			throw error;
		},
	);
	return rows.flatMap(({ role }) => (typeof role === 'string' && role !== '' ? [role] : []));
}
