import type { Resource } from '../../../shared/operation';
import { getAll } from './getAll';

export const space: Resource = {
	name: 'Space',
	value: 'space',
	operations: [getAll],
};
