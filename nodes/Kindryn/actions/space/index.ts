import type { Resource } from '../../../shared/operations/operation';
import { getAll } from './getAll';

export const space: Resource = {
	name: 'Space',
	value: 'space',
	operations: [getAll],
};
