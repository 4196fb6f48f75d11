/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, import-x/no-unresolved -- these rules are for code that runs inside n8n; the tools are installed when they are needed */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Browser, type BrowserContext, chromium, type Page, selectors } from 'playwright-core';

import { findBrowser } from './chromium';
import { saveOnFailure } from './evidence';
import type { N8n } from './n8n';
import { RestClient } from './rest';

/** Lets the browser run without a screen or the internet, and as root in containers. */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-dev-shm-usage',
	'--force-color-profile=srgb',
	'--font-render-hinting=none',
];

export type Theme = 'light' | 'dark';

/** The look of the editor. */
export interface EditorOptions {
	theme?: Theme;
	/** CSS pixels */
	width?: number;
	height?: number;
	/** Device pixels for one CSS pixel. */
	scale?: number;
}

interface Storage {
	setItem(name: string, value: string): void;
}

/** The editor of an n8n in a browser, logged in as its owner. */
export class Editor {
	private constructor(
		readonly page: Page,
		readonly client: RestClient,
		private readonly context: BrowserContext,
		private readonly browser: Browser,
	) {}

	static async open(
		{ url }: Pick<N8n, 'url'>,
		{ theme = 'light', width = 1440, height = 900, scale = 1 }: EditorOptions = {},
	): Promise<Editor> {
		const client = new RestClient(url);
		await client.logIn();
		const executablePath = findBrowser();
		if (!executablePath) throw new Error('No Chromium was found on this machine');
		selectors.setTestIdAttribute('data-test-id');
		// Playwright puts the profile into a temporary folder, but the browser also writes into HOME
		const env = { ...process.env, HOME: process.env.E2E_FOLDER ?? tmpdir() };
		const browser = await chromium.launch({ executablePath, args: FLAGS, env });
		const context = await browser.newContext({
			colorScheme: theme,
			viewport: { width, height },
			deviceScaleFactor: scale,
			locale: 'en-US',
			timezoneId: 'Europe/Berlin',
			reducedMotion: 'reduce',
		});
		// n8n binds a session to the browser that opened it.
		await context.addInitScript((id) => {
			const { localStorage } = globalThis as unknown as { localStorage: Storage };
			localStorage.setItem('n8n-browserId', id);
		}, client.browserId);
		await context.addCookies([{ ...client.session, url }]);
		const page = await context.newPage();
		page.setDefaultTimeout(30_000);
		saveOnFailure(async (folder) => {
			if (!page.isClosed()) await page.screenshot({ path: join(folder, `${theme}.png`) });
		});
		return new Editor(page, client, context, browser);
	}

	/** Opens a page of the editor, e.g. `/workflow/new`, and waits until it has loaded. */
	async goto(path: string): Promise<void> {
		await this.page.goto(`${this.client.url}${path}`);
		await this.page.waitForLoadState('networkidle');
	}

	async close(): Promise<void> {
		await this.context.close();
		await this.browser.close();
	}
}
