import type { Resource } from '../../../shared/operations/operation';
import { create } from './create';
import { get } from './get';
import { getAll } from './getAll';

export const event: Resource = {
	name: 'Event',
	value: 'event',
	operations: [create, get, getAll],
};
