/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import { Editor } from './lib/editor';
import { type N8n, startN8n } from './lib/n8n';
import { unpackPackage } from './lib/package';
import { NodePanel } from './lib/panel';
import { Person } from './lib/person';
import { freshProcesses } from './lib/processes';
import { type Services, startServices, stopServices, violations } from './lib/services';
import { chainOf, saveCredentials } from './lib/workflows';

const LIST = 'My list';

/**
 * A person who knows n8n but not these nodes has a credential, and a list on the canvas whose rows n8n
 * shows. The tests count every action from there to a table with exactly two columns.
 */
describe('a newcomer', () => {
	const processes = freshProcesses('newcomer');
	let services: Services;
	let n8n: N8n;
	let editor: Editor;
	let person: Person;

	beforeAll(async () => {
		services = await startServices();
		const userFolder = join(processes.folder, 'user');
		unpackPackage(userFolder);
		n8n = await startN8n({ release: 'newest', processes, userFolder });
		editor = await Editor.open(n8n);
		await saveCredentials(editor.client, services);
		person = await Person.at(editor.page);
	});

	afterAll(async () => {
		await editor.close();
		await processes.stopAll();
		await stopServices(services);
	});

	afterEach(() => expect(violations(services)).toEqual([]));

	/** Opens a workflow that ends with the list. */
	const openList = async (rows: IDataObject[]): Promise<void> => {
		const chain = chainOf('Newcomer', [
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
			{ name: LIST, type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: {} },
		]);
		const pinData = { [LIST]: rows.map((json) => ({ json })) };
		const { id } = await editor.client.saveWorkflow({ ...chain, pinData });
		await editor.goto(`/workflow/${id}`);
		expect(await person.actions()).toBe(0);
	};

	/** Adds a node after the last loose end of the canvas: searches, and clicks its name and its action, if any. */
	const addNode = async (search: string, ...entries: RegExp[]): Promise<NodePanel> => {
		await person.click(editor.page.getByTestId('canvas-handle-plus').last());
		await person.type(search);
		for (const hasText of entries) {
			const listed = editor.page.getByTestId('node-creator-item-name').filter({ hasText });
			await person.click(listed.first());
		}
		return await NodePanel.opened(editor.page);
	};

	const field = ({ root }: NodePanel, name: string) => root.getByTestId(`parameter-input-${name}`);

	/** A field of the input rows. */
	const incoming = ({ root }: NodePanel, name: string) =>
		root
			.getByTestId('ndv-input-panel')
			.getByTestId('run-data-schema-node-name')
			.filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) })
			.first();

	const choose = async (panel: NodePanel, parameter: string, option: RegExp): Promise<void> => {
		await person.click(field(panel, parameter).first());
		await person.click(
			editor.page.locator('.el-select-dropdown__item:visible').filter({ hasText: option }).first(),
		);
	};

	const close = async ({ root }: NodePanel): Promise<void> => {
		await person.click(root.getByTestId('ndv-close-button'));
		await root.waitFor({ state: 'hidden' });
	};

	/** Drags fields into the list of Edit Fields, executes it and reads its table. */
	const tableOf = async (panel: NodePanel, names: string[]) => {
		for (const name of names) {
			await person.drag(incoming(panel, name), panel.root.getByTestId('drop-area').first());
			await panel.root.getByTestId('assignment').filter({ hasText: name }).first().waitFor();
		}
		await person.click(panel.root.getByTestId('node-execute-button'));
		await panel.outputPanel.locator('table tr').nth(1).waitFor();
		return await panel.rows();
	};

	const expectClicks = async (most: number): Promise<void> => {
		const clicks = await person.actions();
		expect(clicks).toBeLessThanOrEqual(most);
		// If the page counted nothing, the limit would always hold
		expect(clicks).toBeGreaterThan(most / 2);
	};

	it('creates an A/B link for each row of a list, and a table of the links, with at most 18 clicks', async () => {
		const rows = ['Boots', 'Gift cards', 'Club'].map((campaign) => ({
			campaign,
			pageA: `https://shop.example.com/${campaign.length}/a`,
			pageB: `https://shop.example.com/${campaign.length}/b`,
		}));
		await openList(rows);

		const link = await addNode('klinky', /^Klinky$/, /^Create a link$/);
		await choose(link, 'routingType', /^\s*A\/B Test/);
		const variants = link.root.getByTestId('fixed-collection-variants');
		const labels = variants.getByTestId('parameter-input-label').locator('input');
		await variants.waitFor();
		for (const [index, [label, page]] of [
			['a', 'pageA'],
			['b', 'pageB'],
		].entries()) {
			if ((await labels.count()) <= index) {
				await person.click(variants.getByTestId('fixed-collection-add'));
				await labels.nth(index).waitFor();
			}
			if ((await labels.nth(index).inputValue()) === '') {
				await person.click(labels.nth(index));
				await person.type(label ?? '');
			}
			const destination = variants.getByTestId('parameter-input-destinationUrl').nth(index);
			await person.drag(incoming(link, page ?? ''), destination);
			await destination.getByText(`$json.${page}`).waitFor();
		}
		await person.drag(incoming(link, 'campaign'), field(link, 'name').first());
		await field(link, 'name').getByText('$json.campaign').waitFor();
		await close(link);
		const table = await tableOf(await addNode('edit fields', /^Edit Fields/), [
			'name',
			'short_url',
		]);

		const made = services.klinky.state.links.slice(-rows.length);
		expect(
			made.map(({ variants }) => variants.map(({ destination_url: to }) => to)).sort(),
		).toEqual(rows.map(({ pageA, pageB }) => [pageA, pageB]).sort());
		expect(table).toEqual(
			rows.map(({ campaign }) => ({
				name: campaign,
				short_url: made.find(({ name }) => name === campaign)?.short_url,
			})),
		);
		await expectClicks(18);
	});

	it('invites five people and shows who was not invited, with at most 14 clicks', async () => {
		const { state } = services.kindryn;
		const member = state.members[30]?.email ?? '';
		const wrong = 'sofia.lindqvist(at)example.org';
		const invited = ['noor.haddad', 'liam.okafor', 'emil.novak'].map(
			(name) => `${name}@example.org`,
		);
		await openList([...invited, wrong, member].map((email) => ({ email })));

		const invite = await addNode('kindryn', /^Kindryn$/, /^Create many invitations$/);
		await person.drag(incoming(invite, 'email'), field(invite, 'email').first());
		await field(invite, 'email').getByText('$json.email').waitFor();
		await person.click(invite.root.getByText('Settings', { exact: true }));
		await choose(invite, 'onError', /using error output/);
		await close(invite);
		// The node's second output is the last loose end
		const panel = await addNode('edit fields', /^Edit Fields/);
		await person.click(panel.root.getByText('Execute the node', { exact: true }));
		await incoming(panel, 'error').waitFor();
		const table = await tableOf(panel, ['email', 'error']);

		expect(state.invitations.map(({ email }) => email)).toEqual(expect.arrayContaining(invited));
		expect(table).toEqual([
			{ email: wrong, error: expect.stringContaining("'Email'") },
			{ email: member, error: expect.stringContaining('member') },
		]);
		expect(services.kindryn.journal.find({ operationId: 'createInvitations' })).toHaveLength(1);
		await expectClicks(14);
	});
});
