/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBrowser } from '../test/e2e/lib/chromium';
import { installN8n, installTools, toolPath } from '../test/e2e/lib/installations';
import { PROJECT } from '../test/e2e/lib/paths';
import { endLeftovers } from '../test/e2e/lib/processes';
import { ensureBuilt } from './build';
import { endWith, runCommand } from './command';

/** Takes all pictures in docs/screenshots again. @returns the exit code */
async function screenshots(): Promise<number> {
	if (!(await ensureBuilt(PROJECT))) return 1;
	await installTools();
	await installN8n('newest');
	await ensureBrowser();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-screenshots-'));
	Object.assign(process.env, { E2E_FOLDER: folder, NODE_PATH: toolPath() });
	try {
		return await runCommand(
			'node',
			['--import', 'tsx', join('test', 'e2e', 'screenshots.ts')],
			PROJECT,
		);
	} finally {
		endLeftovers(folder);
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}

endWith(screenshots());
