/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { existsSync } from 'node:fs';

import { installFromDebian } from './debian';

/** Usual paths of Chromium. The first one that exists is used. */
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
 * Installs Debian's Chromium if there is no browser.
 *
 * @throws with advice if that is not possible
 */
export async function ensureBrowser(): Promise<void> {
	if (findBrowser() !== undefined) return;
	console.log('Found no browser. Trying to install Chromium from Debian.');
	await installFromDebian(['chromium']);
	if (findBrowser() === undefined) {
		throw new Error(
			'The tests need Chromium. Install it, or set CHROMIUM_PATH to its path. As root on Debian, they install it themselves.',
		);
	}
}
