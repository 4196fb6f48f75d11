/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes files below a root folder, and creates the folders that they need. */
export function writeFiles(root: string, files: Record<string, string>): void {
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content);
	}
}

/** An empty folder for each test, removed when the test ends. */
export function freshFolder() {
	let root: string;
	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), 'test-'));
	});
	afterEach(() => rmSync(root, { recursive: true }));
	return {
		get root() {
			return root;
		},
		pathOf: (path: string) => join(root, path),
		write: (files: Record<string, string>) => writeFiles(root, files),
	};
}
