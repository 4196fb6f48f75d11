import type { Resource } from '../../../shared/operations/operation';
import { getAll } from './getAll';

export const course: Resource = {
	name: 'Course',
	value: 'course',
	operations: [getAll],
};
