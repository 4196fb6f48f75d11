import type { Resource } from '../../shared/operations/operation';
import { click } from './click';
import { link } from './link';
import { rateLimit } from './rateLimit';

export const resources: readonly Resource[] = [click, link, rateLimit];
