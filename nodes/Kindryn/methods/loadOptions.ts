import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { connect } from '../../shared/http/connection';
import { ServiceError, toNodeError } from '../../shared/http/errors';
import { readList, SEARCHED_ROWS } from '../lists';
import { kindryn } from '../service';

/** The roles that the documents name. */
const DOCUMENTED_ROLES = ['MEMBER', 'MODERATOR'];

/** The documented roles and those of the community's first thousand members. */
export async function getRoles(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	try {
		const roles = new Set([...DOCUMENTED_ROLES, ...(await rolesOfMembers(this))]);
		return [...roles].sort().map((role) => ({ name: role, value: role }));
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}

async function rolesOfMembers(context: ILoadOptionsFunctions): Promise<string[]> {
	const api = (await connect(context, kindryn)).impatient();
	const { rows } = await readList(api, { path: '/members' }, SEARCHED_ROWS).catch(
		(error: unknown) => {
			// A key that may only invite cannot list members
			if (error instanceof ServiceError && error.status === 403) return { rows: [] };
			throw error;
		},
	);
	return rows.flatMap(({ role }) => (typeof role === 'string' && role !== '' ? [role] : []));
}
