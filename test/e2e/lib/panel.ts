/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import type { Locator, Page } from 'playwright-core';

/** The canvas of the editor, with the actions of its user. */
export class Canvas {
	constructor(readonly page: Page) {}

	/** Opens the list of nodes and searches it. @returns the names in the list */
	async searchNodes(text: string): Promise<Locator> {
		const { page } = this;
		const search = page.getByTestId('node-creator-search-bar');
		if (!(await search.isVisible())) await page.getByTestId('node-creator-plus-button').click();
		await search.fill(text);
		return page.getByTestId('node-creator-item-name');
	}

	/** The entry of a node in the list. */
	foundNode(name: string): Locator {
		const title = this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: new RegExp(`^${name}$`) });
		return this.page.getByTestId('item-iterator-item').filter({ has: title }).first();
	}

	/** The icon of an entry: the name of its file, and whether the browser could draw it. */
	async iconOf(entry: Locator): Promise<{ file: string; drawn: boolean }> {
		const icon = entry.locator('img').first();
		const source = (await icon.getAttribute('src')) ?? '';
		const drawn = await icon.evaluate(
			async (image: { decode(): Promise<void>; naturalWidth: number }) => {
				await image.decode();
				return image.naturalWidth > 0;
			},
		);
		return { file: source.replace(/^.*\//, ''), drawn };
	}

	/** Starts an empty workflow with a manual trigger. */
	async addManualTrigger(): Promise<void> {
		await this.page.getByTestId('canvas-plus-button').first().click();
		await this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: 'Trigger manually' })
			.click();
	}

	/**
	 * Adds a node from the list.
	 * @param action as the list words it, e.g. "Get a member"
	 */
	async addNode(name: string, action: string): Promise<NodePanel> {
		const found = await this.searchNodes(name);
		await found
			.filter({ hasText: new RegExp(`^${name}$`) })
			.first()
			.click();
		await found.filter({ hasText: new RegExp(`^${action}$`) }).click();
		return await NodePanel.opened(this.page);
	}

	/** Executes the workflow and waits for its end. */
	async execute(): Promise<void> {
		await this.page.getByTestId('execute-workflow-button').click();
		await this.page.getByText('Workflow executed successfully').first().waitFor();
	}

	/** Closes the messages in the corner. */
	async dismissMessages(): Promise<void> {
		const message = this.page.locator('.el-notification__closeBtn').first();
		while (await message.isVisible()) {
			await message.click();
			await message.waitFor({ state: 'hidden' });
		}
	}

	/** Shows the whole workflow. */
	async fit(): Promise<void> {
		await this.page.getByTestId('zoom-to-fit').click();
	}

	async openNode(name: string): Promise<NodePanel> {
		await this.page.getByTestId('canvas-node').filter({ hasText: name }).first().dblclick();
		return await NodePanel.opened(this.page);
	}
}

/** The window of a node: its parameters and its output. */
export class NodePanel {
	private constructor(
		readonly page: Page,
		readonly root: Locator,
	) {}

	static async opened(page: Page): Promise<NodePanel> {
		const root = page.getByTestId('ndv');
		await root.waitFor();
		return new NodePanel(page, root);
	}

	get outputPanel(): Locator {
		return this.root.getByTestId('output-panel');
	}

	/** The middle of the window, with the parameters. */
	get parameters(): Locator {
		return this.root.getByTestId('node-parameters');
	}

	/** Picks the first entry of a dropdown that begins with the name. */
	async choose(parameter: string, name: string): Promise<void> {
		await this.root.getByTestId(`parameter-input-${parameter}`).first().click();
		await this.page
			.locator('.el-select-dropdown__item:visible')
			.filter({ hasText: new RegExp(`^\\s*${name}`) })
			.first()
			.click();
	}

	/** Opens the list of a locator and searches it. @returns the entries */
	async searchList(parameter: string, text: string): Promise<Locator> {
		await this.root.getByTestId(`resource-locator-${parameter}`).getByTestId('rlc-input').click();
		const entries = this.page.getByTestId('rlc-item');
		await entries.first().waitFor();
		await this.page.getByTestId('rlc-search').fill(text);
		await entries.filter({ hasText: text }).first().waitFor();
		return entries;
	}

	/** Searches the list of a locator and picks the first entry that contains the text. */
	async pick(parameter: string, text: string): Promise<void> {
		await (await this.searchList(parameter, text)).filter({ hasText: text }).first().click();
	}

	/** Enters the ID instead of picking from the list. */
	async giveId(parameter: string, id: string): Promise<void> {
		const locator = this.root.getByTestId(`resource-locator-${parameter}`);
		await locator.getByTestId('rlc-mode-selector').click();
		await this.page.getByText('By ID', { exact: true }).last().click();
		const input = locator.getByTestId('rlc-input');
		await input.fill(id);
		// n8n takes the text over once the field loses the focus
		await input.blur();
		await this.page.getByTestId('node-issues').waitFor({ state: 'hidden' });
	}

	/** Executes the node and waits for its output. */
	async execute(): Promise<void> {
		await this.root.getByTestId('node-execute-button').click();
		const end = this.outputPanel
			.getByTestId('ndv-items-count')
			.or(this.outputPanel.getByTestId('node-error-message'));
		await end.first().waitFor();
	}

	/** The first row of the output, by column. */
	async firstRow(): Promise<Record<string, string>> {
		await this.outputPanel.getByTestId('radio-button-table').click();
		const [row = {}] = await this.rows();
		return row;
	}

	/** The rows of the output, which is open as a table, by column. */
	async rows(): Promise<Array<Record<string, string>>> {
		const lines = await this.outputPanel.locator('table tr').all();
		const read = async (line: Locator): Promise<string[]> =>
			(await line.locator('th, td').allInnerTexts()).map((text) => text.trim());
		const [head = [], ...rows] = await Promise.all(lines.map(read));
		// The last column has no name and fills the rest of the width
		return rows.map((row) =>
			Object.fromEntries(head.flatMap((name, index) => (name ? [[name, row[index] ?? '']] : []))),
		);
	}

	async close(): Promise<void> {
		await this.root.getByTestId('ndv-close-button').click();
		await this.root.waitFor({ state: 'hidden' });
	}
}

/** The window of a credential. */
export class CredentialPanel {
	private constructor(
		readonly page: Page,
		readonly root: Locator,
	) {}

	/** Opens the window for a first credential from the window of a node. */
	static async openFirst({ page, root }: NodePanel): Promise<CredentialPanel> {
		const button = root.getByTestId('node-credentials-slot').getByText(/^Connect to /);
		// n8n 1 has a list with an entry for a new credential
		const list = root.getByTestId('node-credentials-select');
		await button.or(list).first().click();
		const dialog = page.getByTestId('editCredential-modal');
		const entry = page.getByTestId('node-credentials-select-item-new');
		await dialog.or(entry).first().waitFor();
		if (await entry.isVisible()) await entry.click();
		await dialog.waitFor();
		return new CredentialPanel(page, dialog);
	}

	async fill(field: string, text: string): Promise<void> {
		await this.root.getByTestId(`parameter-input-${field}`).locator('input').fill(text);
	}

	/**
	 * Saves the credential, which tests it as well.
	 * @returns the window's text with the error; undefined if the credential works and the window closes
	 */
	async save(): Promise<string | undefined> {
		const tested = this.page.waitForResponse(/\/rest\/credentials\/test$/);
		await this.root.getByTestId('credential-save-button').click();
		const { data } = (await (await tested).json()) as { data: { status: string } };
		if (data.status === 'OK') {
			await this.closed();
			return undefined;
		}
		await this.root.getByText('Testing', { exact: true }).waitFor({ state: 'hidden' });
		await this.root.getByText('Couldn’t connect with these settings').waitFor();
		const more = this.root.getByText('More details', { exact: true });
		if (await more.isVisible()) await more.click();
		return await this.root.innerText();
	}

	/** Waits for success and closes the window: n8n 2 closes it by itself, n8n 1 shows a message. */
	private async closed(): Promise<void> {
		const closed = this.root.waitFor({ state: 'hidden' });
		const said = this.root.getByText('Connection tested successfully').waitFor();
		await Promise.any([closed, said]);
		if (await this.root.isVisible()) await this.page.keyboard.press('Escape');
		await closed;
	}
}
