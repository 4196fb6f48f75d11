/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { ICredentialType, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import type { Locator } from 'playwright-core';

import { Editor } from './lib/editor';
import { startN8n } from './lib/n8n';
import { thisPackage, unpackPackage } from './lib/package';
import { CredentialPanel, NodePanel } from './lib/panel';
import { freshProcesses } from './lib/processes';
import { type Explanation, explanationsIn, hintsIn, linesOf, settingsOf } from './lib/texts';
import { chainOf } from './lib/workflows';

/** The most lines of a text. n8n cuts off the rest of an option's description. */
const MOST_LINES = 2;

const NODES = [
	'kinktree',
	'kinktreeTrigger',
	'kindryn',
	'kindrynTrigger',
	'kindrynWebhookTrigger',
	'klinky',
	'klinkyTrigger',
];

const CREDENTIALS = { kinktreeApi: 'kinktree', kindrynApi: 'kindryn', klinkyApi: 'klinky' };

/** The parameters that n8n itself adds to triggers and credentials. */
const FROM_N8N = new Set(['pollTimes', 'allowedHttpRequestDomains']);

const ownOf = (properties: INodeProperties[]): INodeProperties[] =>
	properties.filter(({ name }) => !FROM_N8N.has(name));

const withoutTags = (text: string): string => text.replace(/<[^>]*>/g, '');

/** The texts that were measured, and the ones that are too long. */
class Measured {
	readonly tooLong: string[] = [];
	private readonly seen = new Set<string>();

	has(text: string): boolean {
		return this.seen.has(text);
	}

	async add(text: string, shown: Locator): Promise<void> {
		this.seen.add(text);
		this.note(text, await linesOf(shown));
	}

	note(text: string, lines: number): void {
		if (lines < 1 || lines > MOST_LINES) this.tooLong.push(`${lines} lines: ${text}`);
	}
}

describe('the texts in the editor of the newest n8n', () => {
	const processes = freshProcesses('editor-texts');
	let editor: Editor;
	let nodes: Map<string, INodeTypeDescription>;

	const descriptionOf = (name: string): INodeTypeDescription => {
		const description = nodes.get(`${thisPackage().name}.${name}`);
		if (!description) throw new Error(`n8n has no node ${name}`);
		return description;
	};

	/** Makes the panel show a text: opens the list of its parameter, or moves the mouse to its label. */
	const reveal = async (root: Locator, explanation: Explanation): Promise<Locator> => {
		const { page } = editor;
		const { kind, property, text } = explanation;
		const words = withoutTags(text);
		if (kind === 'tooltip') {
			const name = property.displayName.replace(/[()]/g, '\\$&');
			// A required field has an asterisk
			const title = page.getByText(new RegExp(`^${name}\\s*\\*?$`));
			const label = root.locator('.n8n-input-label').filter({ has: title }).first();
			await label.hover();
			await label.locator('[class*="infoIcon"]').hover();
			return page.getByTestId('tooltip-content').getByText(words, { exact: true });
		}
		if (kind !== 'option') return root.getByText(words, { exact: true });
		const list = page.locator('.el-select-dropdown:visible');
		if (!(await list.isVisible())) {
			await root.getByTestId(`parameter-input-${property.name}`).first().click();
		}
		return list.getByText(words, { exact: true });
	};

	const measure = async (
		measured: Measured,
		root: Locator,
		explanations: Explanation[],
	): Promise<void> => {
		let open: INodeProperties | undefined;
		const closeList = async (): Promise<void> => {
			if (!open) return;
			await editor.page.keyboard.press('Escape');
			await editor.page.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' });
			open = undefined;
		};
		for (const explanation of explanations) {
			const { kind, property, text } = explanation;
			if (measured.has(text)) continue;
			if (property !== open) await closeList();
			const shown = await reveal(root, explanation);
			await shown.first().waitFor();
			if (kind === 'option') open = property;
			await measured.add(text, shown);
		}
		await closeList();
	};

	/** Opens the panel of each node of a chain, one after the other. */
	async function* panelsOf(
		type: string,
		settings: ReturnType<typeof settingsOf>,
	): AsyncGenerator<NodePanel> {
		const { client, page } = editor;
		const named = settings.map((parameters, index) => ({
			name: `Node ${index}`,
			type,
			parameters,
		}));
		const { id, nodes: saved } = await client.saveWorkflow(chainOf('Texts', named));
		for (const [index, node] of saved.entries()) {
			const next = page.locator(`[data-test-id="floating-node"][data-node-name="${node.name}"]`);
			if (index === 0) await editor.goto(`/workflow/${id}/${node.id}`);
			else await next.click();
			const panel = await NodePanel.opened(page);
			await panel.root.getByTestId('inline-edit-preview').getByText(node.name).waitFor();
			yield panel;
		}
	}

	const firstPanelOf = async (name: string): Promise<NodePanel> => {
		const { value } = await panelsOf(descriptionOf(name).name, [{}]).next();
		return value as NodePanel;
	};

	beforeAll(async () => {
		const userFolder = join(processes.folder, 'user');
		unpackPackage(userFolder);
		editor = await Editor.open(await startN8n({ release: 'newest', processes, userFolder }));
		const all = await editor.client.types<INodeTypeDescription>('nodes');
		nodes = new Map(all.map((description) => [description.name, description]));
	});

	afterAll(async () => {
		await editor.close();
		await processes.stopAll();
	});

	it.each(NODES)('fit into two lines of the panel for %s', async (name) => {
		const { name: type, properties, hints = [] } = descriptionOf(name);
		const ours = ownOf(properties);
		const settings = settingsOf(ours, hints);
		const measured = new Measured();
		let panels = 0;
		for await (const { root } of panelsOf(type, settings)) {
			const values = settings[panels++] ?? {};
			await measure(measured, root, explanationsIn(ours, values));
			for (const message of hintsIn(hints, values)) {
				if (measured.has(message)) continue;
				const shown = root.getByText(message, { exact: true });
				await shown.first().waitFor();
				await measured.add(message, shown);
			}
		}
		expect(hints.filter(({ message }) => !measured.has(message))).toEqual([]);
		expect(measured.tooLong).toEqual([]);
	});

	it.each(Object.entries(CREDENTIALS))('fit into two lines for %s', async (type, node) => {
		const all = await editor.client.types<ICredentialType>('credentials');
		const { properties = [] } = all.find(({ name }) => name === type) ?? {};
		expect(properties).not.toEqual([]);
		const { root } = await CredentialPanel.openFirst(await firstPanelOf(node));
		const measured = new Measured();
		await measure(measured, root, explanationsIn(ownOf(properties), {}));
		expect(measured.tooLong).toEqual([]);
	});

	it.each(NODES.filter((name) => /trigger$/i.test(name)))(
		'that n8n shows elsewhere would fit into two lines of the panel for %s',
		async (name) => {
			const { activationMessage, description, eventTriggerDescription } = descriptionOf(name);
			const { root } = await firstPanelOf(name);
			const notice = root.locator('.notice [role="region"]');
			const measured = new Measured();
			for (const text of [activationMessage, description, eventTriggerDescription]) {
				measured.note(String(text), await linesOf(notice, String(text)));
			}
			expect(measured.tooLong).toEqual([]);
		},
	);
});
