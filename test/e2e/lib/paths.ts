/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { join, resolve } from 'node:path';

/** This repository. */
export const PROJECT = resolve(__dirname, '..', '..', '..');

/** The folder for n8n and the tools; git ignores it. */
export const CACHE = join(PROJECT, '.cache', 'e2e');

/** The folder for logs and screenshots of failed steps. */
export const EVIDENCE = join(CACHE, 'failed');
