/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import spawn from 'cross-spawn';

import { expectedSchemas, iconFaults, packageFaults } from '../../scripts/assets';
import { freshFolder } from './freshFolder';

const PROJECT = resolve(__dirname, '../..');

const svg = (content: string, viewBox = '0 0 10 10') =>
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}">${content}</svg>`;
const square = (colour: string) => svg(`<path fill="${colour}" d="M1 1h8v8H1z"/>`);

const LIGHT = square('#123456');
const DARK = square('#abcdef');

describe('an icon', () => {
	it.each([
		['light', LIGHT],
		['dark', DARK],
	] as const)('is accepted on the %s canvas it was made for', (theme, icon) => {
		expect(iconFaults('a.svg', icon, theme)).toEqual([]);
	});

	it.each([
		['light', 'oblong', svg('<path d="M0 0h20v10H0z"/>', '0 0 20 10'), 'is not square'],
		[
			'light',
			'large',
			LIGHT.replace('</svg>', `<desc>${'x'.repeat(4096)}</desc></svg>`),
			'has 4213 bytes; fewer than 4096 are allowed',
		],
		[
			'light',
			'empty',
			svg('<path fill="none" d="M0 0h9v9z"/>'),
			'has a contrast of 1.00 on the light canvas; 3 is needed',
		],
		['light', 'pale', square('#a0a0a0'), 'has a contrast of 2.61 on the light canvas; 3 is needed'],
		['dark', 'dark', square('#404040'), 'has a contrast of 2.03 on the dark canvas; 3 is needed'],
	] as const)('is refused on the %s canvas when it is %s', (theme, _what, icon, fault) => {
		expect(iconFaults('a.svg', icon, theme)).toEqual([`a.svg ${fault}.`]);
	});

	it('is judged by the colour that covers most of it', () => {
		const pale = '<path fill="#fff" d="M0 0h2v2H0z"/>';
		const strong = '<path stroke="#0b7a4b" stroke-width="4" d="M0 8h10"/>';
		expect(iconFaults('a.svg', svg(pale + strong), 'light')).toEqual([]);
	});
});

describe('the list of output schemas', () => {
	it('covers every operation of every resource and version', () => {
		const operation = (resource: string, values: string[]) => ({
			name: 'operation',
			displayOptions: { show: { resource: [resource] } },
			options: values.map((value) => ({ value })),
		});
		expect(
			expectedSchemas({
				name: 'a',
				version: [1, 1.1],
				properties: [operation('tag', ['create', 'get']), operation('link', ['get'])],
			}),
		).toEqual([
			'__schema__/v1.0.0/tag/create.json',
			'__schema__/v1.0.0/tag/get.json',
			'__schema__/v1.0.0/link/get.json',
			'__schema__/v1.1.0/tag/create.json',
			'__schema__/v1.1.0/tag/get.json',
			'__schema__/v1.1.0/link/get.json',
		]);
	});

	it('has a single file for a trigger', () => {
		expect(expectedSchemas({ name: 'a', version: 1, properties: [] })).toEqual([
			'__schema__/v1.0.0.json',
		]);
	});
});

describe('a built package', () => {
	const NODE = 'dist/nodes/A/A.node.js';
	const CODEX = 'dist/nodes/A/A.node.json';
	const SCHEMA = 'dist/nodes/A/__schema__/v1.0.0/tag/get.json';
	const CREDENTIAL = 'dist/credentials/AApi.credentials.js';

	const icon = (folder: string) =>
		`{ light: 'file:${folder}/a.svg', dark: 'file:${folder}/a.dark.svg' }`;
	const node = (fields = '') => `exports.A = class {
		description = { name: 'a', version: 1, icon: ${icon('../../icons')}, properties: [
			{ name: 'operation', displayOptions: { show: { resource: ['tag'] } }, options: [{ value: 'get' }] },
			${fields}
		], credentials: [{ name: 'aApi', testedBy: 'testA' }] };
		methods = { credentialTest: { testA() {} }, listSearch: { searchTags() {} } };
	}`;
	const codex = (changes: Record<string, unknown> = {}) =>
		JSON.stringify({
			...{ node: 'n8n-nodes-fixture.a', categories: ['Sales'], alias: ['tag'], resources: {} },
			...changes,
		});
	const COMPLETE: Record<string, string> = {
		'package.json': JSON.stringify({
			name: 'n8n-nodes-fixture',
			n8n: { nodes: [NODE], credentials: [CREDENTIAL] },
		}),
		[NODE]: node(),
		[CODEX]: codex(),
		[SCHEMA]: '{"type":"object","properties":{"id":{}}}',
		[CREDENTIAL]: `exports.AApi = class { icon = ${icon('../icons')} }`,
		'dist/icons/a.svg': LIGHT,
		'dist/icons/a.dark.svg': DARK,
	};

	const folder = freshFolder();

	/** Writes a complete package with these changes; undefined leaves a file out. */
	function write(changes: Record<string, string | undefined> = {}) {
		folder.write(JSON.parse(JSON.stringify({ ...COMPLETE, ...changes })));
	}

	it('is accepted when it is complete', () => {
		write();
		expect(packageFaults(folder.root)).toEqual([]);
	});

	it.each<[string, Record<string, string | undefined>, string[]]>([
		[
			'a node is missing',
			{ [NODE]: undefined },
			[`package.json names ${NODE}, which does not exist.`],
		],
		[
			'package.json does not name a node',
			{ 'dist/nodes/B/B.node.js': '' },
			['dist/nodes/B/B.node.js is not named in package.json, so n8n would not load it.'],
		],
		[
			'package.json does not name a credential',
			{ 'dist/credentials/B.credentials.js': '' },
			['dist/credentials/B.credentials.js is not named in package.json, so n8n would not load it.'],
		],
		[
			'a dark icon is missing',
			{ 'dist/icons/a.dark.svg': undefined },
			[CREDENTIAL, NODE].map(
				(owner) => `${owner} names dist/icons/a.dark.svg, which does not exist.`,
			),
		],
		[
			'a credential has one icon for both themes',
			{ [CREDENTIAL]: "exports.AApi = class { icon = 'file:../icons/a.svg' }" },
			[`${CREDENTIAL} does not name a light and a dark icon.`],
		],
		[
			'nobody could see an icon',
			{ 'dist/icons/a.svg': square('#eeeeee') },
			['dist/icons/a.svg has a contrast of 1.16 on the light canvas; 3 is needed.'],
		],
		[
			'both icons show the same picture, even if their code differs',
			{
				'dist/icons/a.svg': square('#808080'),
				'dist/icons/a.dark.svg': svg('<rect x="1" y="1" width="8" height="8" fill="#808080"/>'),
			},
			['dist/icons/a.dark.svg shows the same picture as dist/icons/a.svg.'],
		],
		['the codex is missing', { [CODEX]: undefined }, [`${CODEX} is missing or not a JSON object.`]],
		['the codex is broken', { [CODEX]: '{' }, [`${CODEX} is missing or not a JSON object.`]],
		[
			'the codex belongs to another node',
			{ [CODEX]: codex({ node: 'n8n-nodes-other.a' }) },
			[`${CODEX} has "node": "n8n-nodes-other.a", not "n8n-nodes-fixture.a".`],
		],
		[
			'n8n would ignore the codex',
			{ [CODEX]: codex({ resources: undefined }) },
			[`${CODEX} has no "resources", so n8n would ignore it.`],
		],
		[
			'the codex has neither category nor alias',
			{ [CODEX]: codex({ categories: [], alias: undefined }) },
			[`${CODEX} has no "categories".`, `${CODEX} has no "alias".`],
		],
		[
			'n8n does not have the category',
			{ [CODEX]: codex({ categories: ['Marketing', 'Sales'] }) },
			[`${CODEX} has the category "Marketing", which n8n does not have.`],
		],
		[
			'an operation has no schema',
			{ [SCHEMA]: undefined },
			[`${SCHEMA} is missing or not an object schema with properties.`],
		],
		...['[]', '{"type":"array"}', '{"type":"object","properties":{}}'].map(
			(schema): [string, Record<string, string>, string[]] => [
				`n8n would find nothing to show in the schema ${schema}`,
				{ [SCHEMA]: schema },
				[`${SCHEMA} is missing or not an object schema with properties.`],
			],
		),
		[
			'a dropdown in a collection names a method that the node does not have',
			{ [NODE]: node("{ options: [{ typeOptions: { loadOptionsMethod: 'getRoles' } }] }") },
			[`${NODE} names getRoles as loadOptionsMethod, but has no methods.loadOptions.getRoles.`],
		],
		[
			'a list in a mode names a method that the node does not have',
			{ [NODE]: node("{ modes: [{ typeOptions: { searchListMethod: 'searchTag' } }] }") },
			[`${NODE} names searchTag as searchListMethod, but has no methods.listSearch.searchTag.`],
		],
		[
			'a credential names a test that the node does not have',
			{ [NODE]: node().replace('testA()', 'test()') },
			[`${NODE} names testA as testedBy, but has no methods.credentialTest.testA.`],
		],
	])('is refused when %s', (_what, changes, faults) => {
		write(changes);
		expect(packageFaults(folder.root)).toEqual(faults);
	});

	it('is refused when a file does not export its class', () => {
		write({ [NODE]: 'exports.B = class {}' });
		expect(() => packageFaults(folder.root)).toThrow(`${NODE} does not export a class named A.`);
	});

	function gulp() {
		const { status, stdout, stderr } = spawn.sync(
			process.execPath,
			[
				join(PROJECT, 'node_modules/gulp/bin/gulp.js'),
				...['--gulpfile', join(PROJECT, 'gulpfile.js'), '--cwd', folder.root],
			],
			{ encoding: 'utf8' },
		);
		return { status, output: stdout + stderr };
	}

	it('passes gulp, which shrinks icons and leaves out stray files and source maps', () => {
		const source = svg('<!-- a --><path fill="#123456" d="M 1 1 h 8 v 8 h -8 z"/>');
		write({ 'dist/icons/a.svg': source, 'dist/test/stray.png': 'x' });
		const { status, output } = gulp();
		expect({ status, output }).toMatchObject({ status: 0 });
		expect(readFileSync(folder.pathOf('dist/icons/a.svg'), 'utf8').length).toBeLessThan(
			source.length,
		);
		expect(readFileSync(folder.pathOf('dist/.npmignore'), 'utf8')).toBe('*.map\n');
		expect(existsSync(folder.pathOf('dist/test'))).toBe(false);
	});

	it.each([
		[
			'a fault',
			{ 'dist/icons/a.svg': square('#eeeeee') },
			'dist/icons/a.svg has a contrast of 1.16 on the light canvas',
		],
		['a damaged icon', { 'dist/icons/a.svg': '<svg><path' }, 'a.svg is not well-formed SVG'],
	])('fails the build on %s and names the file', (_what, changes, sentence) => {
		write(changes);
		const { status, output } = gulp();
		expect(output).toContain(sentence);
		expect(status).toBe(1);
	});
});
