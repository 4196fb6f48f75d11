import type { Resource } from '../../../shared/operations/operation';
import { getAll } from './getAll';

export const coachingSession: Resource = {
	name: 'Coaching Session',
	value: 'coachingSession',
	operations: [getAll],
};
