import type { Resource } from '../../shared/operations/operation';
import { tag } from './tag';

export const resources: readonly Resource[] = [tag];
