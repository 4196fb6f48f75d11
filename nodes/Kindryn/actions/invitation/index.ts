import type { Resource } from '../../../shared/operations/operation';
import { create } from './create';
import { createMany } from './createMany';
import { getAll } from './getAll';

export const invitation: Resource = {
	name: 'Invitation',
	value: 'invitation',
	operations: [create, createMany, getAll],
};
