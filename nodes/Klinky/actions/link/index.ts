import type { Resource } from '../../../shared/operations/operation';
import { create } from './create';
import { remove } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { update } from './update';
import { updateVariants } from './updateVariants';
import { updateWeights } from './updateWeights';

export const link: Resource = {
	name: 'Link',
	value: 'link',
	operations: [create, remove, get, getAll, update, updateVariants, updateWeights],
};
