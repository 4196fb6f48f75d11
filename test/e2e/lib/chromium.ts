/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync } from 'node:fs';

import { installFromDebian } from './debian';

/** Where Debian and others put Chromium; the first that exists is taken. */
const PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of a Chromium on this machine, or undefined. */
export function findBrowser(): string | undefined {
	return [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => existsSync(path));
}

/**
 * Installs Debian's Chromium where there is none.
 *
 * @throws with what to do where it cannot
 */
export async function ensureBrowser(): Promise<void> {
	if (findBrowser() !== undefined) return;
	console.log('There is no browser; installing Chromium where Debian has it.');
	await installFromDebian(['chromium']);
	if (findBrowser() === undefined) {
		throw new Error(
			'The tests need Chromium. Install it, or say in CHROMIUM_PATH where it is. As root on Debian they install it themselves.',
		);
	}
}
