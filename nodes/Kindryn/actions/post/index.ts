import type { Resource } from '../../../shared/operations/operation';
import { create } from './create';
import { get } from './get';
import { getAll } from './getAll';

export const post: Resource = {
	name: 'Post',
	value: 'post',
	operations: [create, get, getAll],
};
