/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import { type ServiceName, SERVICES } from '../emulator';
import { Editor, type Theme } from './lib/editor';
import { RELEASES } from './lib/installations';
import { type N8n, startN8n } from './lib/n8n';
import { unpackPackage } from './lib/package';
import { Canvas, CredentialPanel, type NodePanel } from './lib/panel';
import { freePort, freshProcesses } from './lib/processes';
import {
	credentialOf,
	SERVICE_DETAILS,
	type Services,
	startServices,
	stopServices,
	violations,
} from './lib/services';

/** How a user works with the node of a service. */
interface NodeCase {
	/** A word for the node's purpose that is not in its name. */
	alias: string;
	/** The action to add the node with, before the user chooses resource and operation. */
	firstAction: string;
	resource: string;
	operation: string;
	/** The same operation, as worded in the list of actions. */
	action: string;
	/** The parameter for the item's ID. */
	parameter: string;
	/** A text that finds one entry of the list. */
	search(services: Services): string;
	/** Values that the row must contain, from the emulator's data. */
	row(services: Services): Record<string, string>;
	/** An ID that does not exist, and the message about it. */
	missingId: string;
	missingMessage: string;
	/** The action of a list that is longer than Limit, and the number of its rows. */
	list: string;
	rows(services: Services): string;
}

const newsletter = ({ klinky }: Services) =>
	klinky.state.links.find(({ slug }) => slug === 'newsletter-16');

const CASES: Record<ServiceName, NodeCase> = {
	kinktree: {
		alias: 'activation code',
		firstAction: 'Delete a tag',
		resource: 'Tag',
		operation: 'Get',
		action: 'Get a tag',
		parameter: 'tagId',
		search: () => 'club-107',
		row: ({ kinktree }) => ({
			identifier: 'club-107',
			activationCode: kinktree.state.tags().get('club-107')?.activationCode ?? '',
		}),
		missingId: 'nobody',
		missingMessage: 'nobody',
		list: 'Get many tags',
		rows: ({ kinktree }) => `${kinktree.state.tags().size} tags`,
	},
	kindryn: {
		alias: 'invitation',
		firstAction: 'Get many spaces',
		resource: 'Member',
		operation: 'Get',
		action: 'Get a member',
		parameter: 'memberId',
		search: ({ kindryn }) => kindryn.state.members[7]?.name ?? '',
		row: ({ kindryn }) => ({
			id: kindryn.state.members[7]?.id ?? '',
			email: kindryn.state.members[7]?.email ?? '',
		}),
		missingId: 'nobody',
		missingMessage: 'Kindryn: Member not found',
		list: 'Get many members',
		rows: ({ kindryn }) => `${kindryn.state.members.length} members`,
	},
	klinky: {
		alias: 'URL shortener',
		firstAction: 'Get the rate limit',
		resource: 'Link',
		operation: 'Get',
		action: 'Get a link',
		parameter: 'linkId',
		search: () => 'newsletter-16',
		row: (services) => ({ id: newsletter(services)?.id ?? '', slug: 'newsletter-16' }),
		missingId: '00000000-0000-4000-8000-000000000000',
		missingMessage: 'Klinky: Link not found',
		list: 'Get many links',
		rows: ({ klinky }) => `${klinky.state.links.length} links`,
	},
};

const WRONG = 'not-the-key-of-anyone';

describe.each(RELEASES)('the editor of the %s n8n', (release) => {
	const processes = freshProcesses(`editor-${release}`);
	let services: Services;
	let n8n: N8n;
	let editor: Editor;
	let canvas: Canvas;

	const open = async (theme: Theme): Promise<void> => {
		editor = await Editor.open(n8n, { theme });
		canvas = new Canvas(editor.page);
	};

	const addNode = async (service: ServiceName, action: string): Promise<NodePanel> => {
		await editor.goto('/workflow/new');
		await canvas.addManualTrigger();
		return await canvas.addNode(SERVICE_DETAILS[service].label, action);
	};

	beforeAll(async () => {
		services = await startServices();
		const userFolder = join(processes.folder, 'user');
		unpackPackage(userFolder);
		n8n = await startN8n({ release, processes, userFolder });
	});

	afterAll(async () => {
		await processes.stopAll();
		await stopServices(services);
	});

	afterEach(() => expect(violations(services)).toEqual([]));

	describe.each(['dark', 'light'] as const)('in the %s theme', (theme) => {
		beforeAll(async () => {
			await open(theme);
			await editor.goto('/workflow/new');
			await canvas.addManualTrigger();
		});

		afterAll(async () => {
			await editor.close();
		});

		it.each(SERVICES)('finds %s by its name and by its purpose, with its icon', async (service) => {
			const { label } = SERVICE_DETAILS[service];
			const icon = theme === 'dark' ? `${service}.dark.svg` : `${service}.svg`;
			for (const text of [label, CASES[service].alias]) {
				await canvas.searchNodes(text);
				const found = canvas.foundNode(label);
				await found.waitFor();
				expect(await canvas.iconOf(found)).toEqual({ file: icon, drawn: true });
			}
		});
	});

	describe.each(SERVICES)('with %s', (service) => {
		const { credentialType, label, secretField } = SERVICE_DETAILS[service];
		const nodeCase = CASES[service];

		beforeAll(async () => {
			await open('light');
		});

		afterAll(async () => {
			await editor.close();
		});

		it('saves a credential and says whether it works', async () => {
			const panel = await CredentialPanel.openFirst(await addNode(service, nodeCase.action));
			const { data } = credentialOf(service, services[service]);
			await panel.fill('baseUrl', `http://127.0.0.1:${await freePort()}`);
			await panel.fill(secretField, WRONG);
			expect(await panel.save()).toContain(`${label} could not be reached`);
			await panel.fill('baseUrl', String(data.baseUrl));
			const refusal = await panel.save();
			expect(refusal).toContain('Couldn’t connect');
			expect(refusal).toContain(`${label}: `);
			expect(refusal).not.toContain(WRONG);
			await panel.fill(secretField, String(data[secretField]));
			expect(await panel.save()).toBeUndefined();
			const saved = await editor.client.credentials();
			expect(saved.filter(({ type }) => type === credentialType)).toHaveLength(1);
		});

		it('lets a user choose an operation, pick an item from a searched list, and see its row', async () => {
			const panel = await addNode(service, nodeCase.firstAction);
			await panel.choose('resource', nodeCase.resource);
			await panel.choose('operation', nodeCase.operation);
			await panel.pick(nodeCase.parameter, nodeCase.search(services));
			await panel.execute();
			expect(await panel.firstRow()).toMatchObject(nodeCase.row(services));
		});

		it("shows the service's message when an ID does not exist", async () => {
			const panel = await addNode(service, nodeCase.action);
			await panel.giveId(nodeCase.parameter, nodeCase.missingId);
			await panel.execute();
			expect(await panel.outputPanel.innerText()).toContain(nodeCase.missingMessage);
		});

		it('offers Custom API Call, which leads to the HTTP Request node', async () => {
			const panel = await addNode(service, nodeCase.action);
			await panel.choose('operation', 'Custom API Call');
			await panel.root.getByText(`take care of the ${label} auth for you`).waitFor();
			expect(await panel.parameters.innerText()).toContain('HTTP Request');
		});

		it('shows a hint when the limit cuts rows off', async () => {
			const panel = await addNode(service, nodeCase.list);
			await panel.execute();
			const hint = `'Limit' cut the result: 50 of ${nodeCase.rows(services)}.`;
			await panel.outputPanel.getByText(hint).first().waitFor();
		});
	});
});
