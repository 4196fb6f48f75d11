/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { join, resolve } from 'node:path';

/** This repository. */
export const PROJECT = resolve(__dirname, '..', '..', '..');

/** What the tests install; git ignores it. */
export const CACHE = join(PROJECT, '.cache', 'e2e');

/** What is kept of steps that failed. */
export const EVIDENCE = join(CACHE, 'failed');
