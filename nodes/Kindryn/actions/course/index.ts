import type { Resource } from '../../../shared/operation';
import { getAll } from './getAll';

export const course: Resource = {
	name: 'Course',
	value: 'course',
	operations: [getAll],
};
