/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import spawn from 'cross-spawn';
import glob from 'fast-glob';

import { changelogFault, type DocumentedNode, readmeFaults } from '../../scripts/documents';
import { freshFolder } from './freshFolder';

const PROJECT = resolve(__dirname, '../..');
const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');

describe('the README', () => {
	const nodes = glob.sync('nodes/*/*.node.ts', { cwd: PROJECT });

	it.each(nodes)('has a row for each operation and event of %s', (path) => {
		// eslint-disable-next-line @typescript-eslint/no-require-imports -- one import for all of them
		const exported = require(join(PROJECT, path)) as Record<
			string,
			new () => { description: DocumentedNode }
		>;
		const Node = exported[basename(path, '.node.ts')];
		expect(Node && readmeFaults(readme, new Node().description)).toEqual([]);
	});

	it.each(['newest', 'oldest'])('names the %s n8n that the end-to-end tests install', (release) => {
		const { dependencies } = JSON.parse(
			readFileSync(join(PROJECT, `test/e2e/n8n/${release}/package.json`), 'utf8'),
		) as { dependencies: { n8n: string; node: string } };
		const [major] = dependencies.node.split('.');
		expect(readme).toContain(`| n8n ${dependencies.n8n}, Node ${major} `);
	});
});

describe('a README', () => {
	const operations = (resource: string, ...names: string[]) => ({
		name: 'operation',
		displayOptions: { show: { resource: [resource] } },
		options: names.map((name) => ({ name })),
	});
	const NODE: DocumentedNode = {
		displayName: 'Depot',
		properties: [
			{
				name: 'resource',
				options: [
					{ name: 'Crate', value: 'crate' },
					{ name: 'Lorry', value: 'lorry' },
				],
			},
			operations('crate', 'Get', 'Get Many'),
			operations('lorry', 'Get'),
		],
	};
	const TRIGGER: DocumentedNode = {
		displayName: 'Depot Trigger',
		polling: true,
		properties: [{ name: 'event', options: [{ name: 'Crate Lost' }, { name: 'Lorry Sold' }] }],
	};
	const COMPLETE = `
### Depot

| Resource | Operation     | What it does  |
| -------- | ------------- | ------------- |
| Crate    | Get, Get Many | Finds crates  |
| Lorry    | Get           | Finds a lorry |

### Triggers

| Trigger       | Event      | Starts the workflow when |
| ------------- | ---------- | ------------------------ |
| Depot Trigger | Crate Lost | a crate is lost          |
|               | Lorry Sold | a lorry is sold          |

| Event                  | Poll with nothing new |
| ---------------------- | --------------------- |
| Lorry Sold, Crate Lost | 1                     |
`;

	it('is complete with a row for each operation and event', () => {
		expect([...readmeFaults(COMPLETE, NODE), ...readmeFaults(COMPLETE, TRIGGER)]).toEqual([]);
	});

	it.each([
		['Depot', 'Lorry: Get', NODE, '| Lorry    | Get           | Finds a lorry |'],
		['Depot', 'Crate: Get Many', NODE, ', Get Many'],
		['Triggers', 'Depot Trigger: Lorry Sold', TRIGGER, '| Lorry Sold | a'],
		['requests', 'Depot Trigger: Lorry Sold', TRIGGER, 'Lorry Sold, '],
	] as const)('is refused when the table of %s has no row for %s', (table, row, node, text) => {
		expect(readmeFaults(COMPLETE.replace(text, ''), node)).toEqual([
			`README.md has no row for ${row} in the table of ${table}.`,
		]);
	});
});

describe('the CHANGELOG', () => {
	it('lists the changes since the last version', () => {
		expect(changelogFault(PROJECT)).toBeUndefined();
	});

	describe('of a repository', () => {
		const folder = freshFolder();
		const git = (...args: string[]) =>
			spawn.sync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
				cwd: folder.root,
			});
		beforeEach(() => {
			folder.write({
				'nodes/a.ts': '1',
				'credentials/a.ts': '1',
				'CHANGELOG.md': '# Changelog\n\n## Unreleased\n\n## 1.0.0\n\n- The first one\n',
			});
			git('init');
			git('add', '.');
			git('commit', '-m', 'a');
			git('tag', 'v1.0.0');
		});

		it('needs no line while nodes and credentials stay as they were', () => {
			folder.write({ 'README.md': 'new' });
			expect(changelogFault(folder.root)).toBeUndefined();
		});

		it('needs a line after a change, which may stand in the section of the coming version', () => {
			folder.write({ 'nodes/a.ts': '2' });
			git('commit', '-am', 'b');
			expect(changelogFault(folder.root)).toBe(
				'CHANGELOG.md does not tell what changed since v1.0.0; add a line under "Unreleased".',
			);
			folder.write({
				'CHANGELOG.md': '## Unreleased\n\n## 1.1.0\n\n- More\n\n## 1.0.0\n\n- The first one\n',
			});
			expect(changelogFault(folder.root)).toBeUndefined();
		});

		it('needs a line before the first version', () => {
			git('tag', '-d', 'v1.0.0');
			expect(changelogFault(folder.root)).toBeUndefined();
			folder.write({ 'CHANGELOG.md': '# Changelog\n\n## Unreleased\n' });
			expect(changelogFault(folder.root)).toMatch('what changed since the beginning');
		});
	});
});
