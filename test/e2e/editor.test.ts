/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import { type ServiceName, SERVICES } from '../emulator';
import { freshProcesses } from './lib/bench';
import { Editor, type Theme } from './lib/browser';
import { RELEASES } from './lib/installations';
import { type N8n, startN8n } from './lib/n8n';
import { unpackPackage } from './lib/package';
import { Canvas, CredentialPanel, type NodePanel } from './lib/panel';
import { freePort } from './lib/processes';
import {
	credentialOf,
	FACES,
	type Services,
	startServices,
	stopServices,
	violations,
} from './lib/services';

/** What a person does with the node of a service. */
interface Handling {
	/** What the node is for, in words that are not its name. */
	alias: string;
	/** Where a person begins who then picks resource and operation by hand. */
	beginning: string;
	resource: string;
	operation: string;
	/** The same operation on one thing, as the list of actions words it. */
	action: string;
	/** The parameter that names the thing. */
	parameter: string;
	/** What to type into the list, for one entry. */
	search(services: Services): string;
	/** What the row must hold, from the emulator's data. */
	row(services: Services): Record<string, string>;
	/** An ID that nothing has, and what is said about it. */
	unknownId: string;
	unknown: string;
	/** A list that is longer than Limit, and how many rows of what it has. */
	list: string;
	rows(services: Services): string;
}

const newsletter = ({ klinky }: Services) =>
	klinky.state.links.find(({ slug }) => slug === 'newsletter-16');

const HANDLINGS: Record<ServiceName, Handling> = {
	kinktree: {
		alias: 'activation code',
		beginning: 'Delete a tag',
		resource: 'Tag',
		operation: 'Get',
		action: 'Get a tag',
		parameter: 'tagId',
		search: () => 'club-107',
		row: ({ kinktree }) => ({
			identifier: 'club-107',
			activationCode: kinktree.state.tags().get('club-107')?.activationCode ?? '',
		}),
		unknownId: 'nobody',
		unknown: 'nobody',
		list: 'Get many tags',
		rows: ({ kinktree }) => `${kinktree.state.tags().size} tags`,
	},
	kindryn: {
		alias: 'invitation',
		beginning: 'Get many spaces',
		resource: 'Member',
		operation: 'Get',
		action: 'Get a member',
		parameter: 'memberId',
		search: ({ kindryn }) => kindryn.state.members[7]?.name ?? '',
		row: ({ kindryn }) => ({
			id: kindryn.state.members[7]?.id ?? '',
			email: kindryn.state.members[7]?.email ?? '',
		}),
		unknownId: 'nobody',
		unknown: 'Kindryn: Member not found',
		list: 'Get many members',
		rows: ({ kindryn }) => `${kindryn.state.members.length} members`,
	},
	klinky: {
		alias: 'URL shortener',
		beginning: 'Get the rate limit',
		resource: 'Link',
		operation: 'Get',
		action: 'Get a link',
		parameter: 'linkId',
		search: () => 'newsletter-16',
		row: (services) => ({ id: newsletter(services)?.id ?? '', slug: 'newsletter-16' }),
		unknownId: '00000000-0000-4000-8000-000000000000',
		unknown: 'Klinky: Link not found',
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
		return await canvas.addNode(FACES[service].label, action);
	};

	beforeAll(async () => {
		services = await startServices();
		const userFolder = join(processes.folder, 'user');
		unpackPackage(join(userFolder, '.n8n', 'nodes', 'node_modules'));
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

		it.each(SERVICES)(
			'finds %s by its name and by what it is for, with its icon',
			async (service) => {
				const { label } = FACES[service];
				const icon = theme === 'dark' ? `${service}.dark.svg` : `${service}.svg`;
				for (const text of [label, HANDLINGS[service].alias]) {
					await canvas.searchNodes(text);
					const found = canvas.foundNode(label);
					await found.waitFor();
					expect(await canvas.iconOf(found)).toEqual({ file: icon, drawn: true });
				}
			},
		);
	});

	describe.each(SERVICES)('with %s', (service) => {
		const { credentialType, label, secretField } = FACES[service];
		const handling = HANDLINGS[service];

		beforeAll(async () => {
			await open('light');
		});

		afterAll(async () => {
			await editor.close();
		});

		it('makes a credential and tells whether it works', async () => {
			const panel = await CredentialPanel.openFirst(await addNode(service, handling.action));
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

		it('is set up by hand, picks something from a searched list, and shows its row', async () => {
			const panel = await addNode(service, handling.beginning);
			await panel.choose('resource', handling.resource);
			await panel.choose('operation', handling.operation);
			await panel.pick(handling.parameter, handling.search(services));
			await panel.execute();
			expect(await panel.firstRow()).toMatchObject(handling.row(services));
		});

		it('shows what the service says of something that is not there', async () => {
			const panel = await addNode(service, handling.action);
			await panel.giveId(handling.parameter, handling.unknownId);
			await panel.execute();
			expect(await panel.output.innerText()).toContain(handling.unknown);
		});

		it('hints at rows that the limit has cut off', async () => {
			const panel = await addNode(service, handling.list);
			await panel.execute();
			const hint = `'Limit' cut the result: 50 of ${handling.rows(services)}.`;
			await panel.output.getByText(hint).first().waitFor();
		});
	});
});
