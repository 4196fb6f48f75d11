import type { Resource } from '../../../shared/operations/operation';
import { add } from './add';
import { get } from './get';
import { getAll } from './getAll';

export const member: Resource = {
	name: 'Member',
	value: 'member',
	operations: [add, get, getAll],
};
