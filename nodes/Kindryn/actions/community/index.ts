import type { Resource } from '../../../shared/operation';
import { get } from './get';

export const community: Resource = {
	name: 'Community',
	value: 'community',
	operations: [get],
};
