/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, import-x/no-unresolved, no-console -- these rules are for code that runs inside n8n; the tools are installed when they are needed */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator } from 'playwright-core';
import sharp from 'sharp';

import { Editor } from './lib/editor';
import { startN8n } from './lib/n8n';
import { unpackPackage } from './lib/package';
import { Canvas, type NodePanel } from './lib/panel';
import { PROJECT } from './lib/paths';
import { freshProcesses } from './lib/processes';
import type { Workflow } from './lib/rest';
import { startServices, stopServices } from './lib/services';
import { saveCredentials, withCredentials } from './lib/workflows';

const FOLDER = join(PROJECT, 'docs', 'screenshots');

/** Maximum size of a picture for the README, in bytes. */
const HEAVIEST = 200_000;

/** The margin of a picture, in CSS pixels. */
const MARGIN = 16;

/** Space for names of up to two lines below the nodes, and for the plus after the last one, in CSS pixels. */
const ROOM_FOR_NAMES = 40;
const ROOM_FOR_PLUS = 128;

/** Height of an open list below its search field, with its shadow, in CSS pixels. */
const LIST_HEIGHT = 250;

const readExample = (file: string): Workflow =>
	JSON.parse(readFileSync(join(PROJECT, 'examples', file), 'utf8')) as Workflow;

/** A rectangle of the page, in CSS pixels. */
interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

/** The smallest rectangle around all of these, with a margin. */
async function around(locators: Locator[], margin = MARGIN): Promise<Area> {
	const boxes = (
		await Promise.all(
			locators.map(async (locator) =>
				Promise.all((await locator.all()).map(async (one) => await one.boundingBox())),
			),
		)
	)
		.flat()
		.filter((box) => box !== null);
	if (boxes.length === 0) throw new Error('There is nothing to take a picture of');
	const left = Math.max(0, Math.min(...boxes.map(({ x }) => x)) - margin);
	const top = Math.max(0, Math.min(...boxes.map(({ y }) => y)) - margin);
	const right = Math.max(...boxes.map(({ x, width }) => x + width)) + margin;
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + margin;
	return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The parameters of a node, down to the end of `last`. @param room space below `last`, in CSS pixels */
async function parametersDownTo(panel: NodePanel, last: Locator, room = MARGIN): Promise<Area> {
	const all = await around([panel.parameters], 0);
	const end = await around([last], 0);
	return { ...all, height: end.y + end.height + room - all.y };
}

/** Takes a picture of a part of the page. A palette cuts its size to a quarter. */
async function take(editor: Editor, name: string, clip: Area): Promise<void> {
	const picture = await editor.page.screenshot({ clip, animations: 'disabled', caret: 'hide' });
	const small = await sharp(picture).png({ palette: true, quality: 90, effort: 10 }).toBuffer();
	if (small.length > HEAVIEST) throw new Error(`${name} has ${small.length} bytes`);
	writeFileSync(join(FOLDER, `${name}.png`), small);
	console.log(`docs/screenshots/${name}.png  ${Math.round(small.length / 1000)} kB`);
}

async function main(): Promise<void> {
	mkdirSync(FOLDER, { recursive: true });
	const processes = freshProcesses('screenshots');
	const services = await startServices();
	let editor: Editor | undefined;
	try {
		const userFolder = join(processes.folder, 'user');
		unpackPackage(userFolder);
		const n8n = await startN8n({ release: 'newest', processes, userFolder });
		editor = await Editor.open(n8n, { width: 1600, height: 1100, scale: 2 });
		const { client, page } = editor;
		const canvas = new Canvas(page);
		const credentials = await saveCredentials(client, services);
		const openExample = async (file: string): Promise<void> => {
			const { id } = await client.saveWorkflow(withCredentials(readExample(file), credentials));
			await editor?.goto(`/workflow/${id}`);
			await page.getByTestId('canvas-node').first().waitFor();
		};

		await openExample('kindryn-invite-list.json');
		await canvas.execute();
		await canvas.dismissMessages();
		await canvas.fit();
		const nodes = page.locator('.vue-flow__node');
		const whole = await around([nodes]);
		await take(editor, 'canvas', {
			...whole,
			width: whole.width + ROOM_FOR_PLUS,
			height: whole.height + ROOM_FOR_NAMES,
		});

		const report = await canvas.openNode('Report');
		await report.outputPanel.getByTestId('radio-button-table').click();
		const table = await around([report.outputPanel.locator('table tr')], 4);
		const pane = await around([report.outputPanel], 0);
		// The last column may reach beyond the pane
		const width = Math.min(table.x + table.width, pane.x + pane.width) - table.x;
		await take(editor, 'bulk-invitation', { ...table, width });
		await report.close();

		await openExample('klinky-campaign-links.json');
		const links = await canvas.openNode('Make the links');
		await take(
			editor,
			'klinky-variants',
			await parametersDownTo(links, links.root.getByText('Add Variant')),
		);
		await links.close();

		await editor.goto('/workflow/new');
		await canvas.addManualTrigger();
		const post = await canvas.addNode('Kindryn', 'Create a post');
		await post.searchList('authorId', 'Sch');
		await take(
			editor,
			'kindryn-list',
			await parametersDownTo(post, page.getByTestId('rlc-search'), LIST_HEIGHT),
		);
	} finally {
		await editor?.close();
		await processes.stopAll();
		await stopServices(services);
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
