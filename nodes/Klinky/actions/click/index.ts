import type { Resource } from '../../../shared/operations/operation';
import { getAll } from './getAll';

export const click: Resource = { name: 'Click', value: 'click', operations: [getAll] };
