import type { Resource } from '../../../shared/operations/operation';
import { get } from './get';

export const rateLimit: Resource = { name: 'Rate Limit', value: 'rateLimit', operations: [get] };
