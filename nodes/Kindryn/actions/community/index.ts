import type { Resource } from '../../../shared/operations/operation';
import { get } from './get';

export const community: Resource = {
	name: 'Community',
	value: 'community',
	operations: [get],
};
