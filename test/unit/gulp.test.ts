/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import spawn from 'cross-spawn';

import {
	codexFaults,
	expectedSchemas,
	iconFaults,
	mainColour,
	optimiseIcon,
	packageFaults,
	pathFaults,
	samePictureFault,
	schemaFaults,
} from '../../scripts/assets';

const PROJECT = resolve(__dirname, '../..');

const svg = (content: string, attributes = 'viewBox="0 0 10 10"') =>
	`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`;
const square = (colour: string) => svg(`<path fill="${colour}" d="M1 1h8v8H1z"/>`);

const LIGHT = square('#123456');
const DARK = square('#abcdef');

describe('one icon', () => {
	it.each([
		['light', LIGHT],
		['dark', DARK],
	] as const)('is accepted on the %s canvas it was made for', (theme, icon) => {
		expect(iconFaults('a.svg', icon, theme)).toEqual([]);
	});

	it.each([
		['text instead of SVG', 'not an icon', 'is not well-formed SVG.'],
		['PNG bytes', '\u0089PNG\r\n\u001a\n', 'is not well-formed SVG.'],
		['an element that is not closed', '<svg viewBox="0 0 1 1"><path', 'is not well-formed SVG.'],
		['another root', '<html><svg viewBox="0 0 1 1"/></html>', 'is not an SVG.'],
		['no viewBox', svg('<path d="M0 0h9v9z"/>', 'width="9"'), 'has no viewBox.'],
		[
			'an oblong viewBox',
			svg('<path d="M0 0h9v9z"/>', 'viewBox="0 0 20 10"'),
			'has a viewBox that is not square (20 × 10).',
		],
		['a script element', svg('<script>1</script>'), 'holds a <script>.'],
		['an event handler', svg('<path onload="x()" d="M0 0h9v9z"/>'), 'holds a script in onload.'],
		['foreign content', svg('<foreignObject/>'), 'holds a <foreignObject>.'],
		[
			'an embedded raster image',
			svg('<image href="#x"/>'),
			'holds an <image>, where only shapes may be drawn.',
		],
		[
			'a link to another host',
			svg('<use href="https://example.com/a.svg#x"/>'),
			'refers to something outside itself (href="https://example.com/a.svg#x").',
		],
		[
			'an older link',
			svg('<use xlink:href="other.svg"/>', 'viewBox="0 0 9 9" xmlns:xlink="x"'),
			'refers to something outside itself (xlink:href="other.svg").',
		],
		[
			'a fill from elsewhere',
			svg(`<path fill="url('other.svg#a')" d="M0 0h9v9z"/>`),
			`refers to something outside itself (fill="url('other.svg#a')").`,
		],
		['nothing drawn', svg('<path fill="none" d="M0 0h9v9z"/>'), 'draws nothing.'],
		[
			'4 kB',
			svg(`<path fill="#123456" d="M1 1h8v8H1z"/><desc>${'x'.repeat(4096)}</desc>`),
			'has 4213 bytes; fewer than 4096 are allowed.',
		],
	])('is refused when it has %s', (_what, icon, fault) => {
		expect(iconFaults('dist/icons/a.svg', icon, 'light')).toEqual([`dist/icons/a.svg ${fault}`]);
	});

	it('may refer to its own gradient', () => {
		const icon = svg(
			'<linearGradient id="a"><stop stop-color="#123456"/></linearGradient><path fill="url(#a)" d="M1 1h8v8H1z"/>',
		);
		expect(iconFaults('a.svg', icon, 'light')).toEqual([]);
	});

	it.each([
		['light', '#ffffff', '1.00'],
		['light', '#a0a0a0', '2.61'],
		['dark', '#000000', '1.00'],
		['dark', '#404040', '2.03'],
	] as const)('is refused on the %s canvas in %s', (theme, colour, contrast) => {
		expect(iconFaults('a.svg', square(colour), theme)).toEqual([
			`a.svg has a contrast of ${contrast} on the ${theme} canvas (${colour}); 3 is needed.`,
		]);
	});

	it('is judged by the colour that covers most of it', () => {
		const icon = svg(
			'<path fill="#fff" d="M0 0h2v2H0z"/><path stroke="#0b7a4b" stroke-width="4" d="M0 8h10"/>',
		);
		expect(mainColour(icon)).toBe('#0b7a4b');
	});

	it('gets smaller and keeps its picture when it is optimised', () => {
		const source = svg(
			'<!-- drawn by hand -->\n  <path fill="#112233" d="M 1.000 1 h 8 v 8 h -8 z"/>',
		);
		const optimised = optimiseIcon(source);
		expect(optimised.length).toBeLessThan(source.length);
		expect(
			samePictureFault({ path: 'a', svg: source }, { path: 'b', svg: optimised }),
		).toBeDefined();
	});
});

describe('a pair of icons', () => {
	it('differs', () => {
		expect(
			samePictureFault({ path: 'a.svg', svg: LIGHT }, { path: 'a.dark.svg', svg: DARK }),
		).toBeUndefined();
	});

	it('is refused when both show the same, however it is written', () => {
		const rewritten = svg('<rect x="1" y="1" width="8" height="8" fill="#123456"/>');
		expect(
			samePictureFault({ path: 'a.svg', svg: LIGHT }, { path: 'a.dark.svg', svg: rewritten }),
		).toBe('a.dark.svg shows the same picture as a.svg.');
	});

	it.each(['kinktree', 'kindryn', 'klinky'])('of %s is good as it is drawn', (name) => {
		const [light, dark] = ['', '.dark'].map((theme) => {
			const path = `icons/${name}${theme}.svg`;
			return { path, svg: optimiseIcon(readFileSync(join(PROJECT, path), 'utf8')) };
		}) as [{ path: string; svg: string }, { path: string; svg: string }];
		expect([
			...iconFaults(light.path, light.svg, 'light'),
			...iconFaults(dark.path, dark.svg, 'dark'),
			samePictureFault(light, dark),
		]).toEqual([undefined]);
	});
});

describe('paths', () => {
	const manifest = {
		name: 'n8n-nodes-fixture',
		n8n: {
			nodes: ['dist/nodes/A/A.node.js'],
			credentials: ['dist/credentials/AApi.credentials.js'],
		},
	};
	const files = [
		'dist/.npmignore',
		'dist/nodes/A/A.node.js',
		'dist/nodes/A/actions/get.js',
		'dist/credentials/AApi.credentials.js',
		'dist/icons/a.svg',
	];

	it('agree', () => expect(pathFaults(manifest, files)).toEqual([]));

	it('are refused when a named file is not there', () => {
		expect(pathFaults(manifest, files.slice(2))).toEqual([
			'package.json names dist/nodes/A/A.node.js, which does not exist.',
		]);
	});

	it('are refused when the entry point is not there', () => {
		expect(pathFaults({ ...manifest, main: './dist/index.js' }, files)).toEqual([
			'package.json names ./dist/index.js, which does not exist.',
		]);
	});

	it.each(['dist/nodes/B/B.node.js', 'dist/credentials/BApi.credentials.js'])(
		'are refused when %s is built and not named',
		(path) => {
			expect(pathFaults(manifest, [...files, path])).toEqual([
				`${path} is not named in package.json, so n8n would not load it.`,
			]);
		},
	);

	it.each([
		'dist/test/picture.png',
		'dist/nodes/A/get.test.js',
		'dist/tsconfig.tsbuildinfo',
		'dist/nodes/x.tsbuildinfo',
	])('are refused when dist holds %s', (path) => {
		expect(pathFaults(manifest, [...files, path])).toEqual([
			`${path} has no place in the package.`,
		]);
	});
});

describe('a codex', () => {
	const codex = {
		node: 'n8n-nodes-fixture.a',
		categories: ['Marketing'],
		alias: ['tag'],
		resources: {},
	};
	const faults = (value: unknown) =>
		codexFaults('A.node.json', JSON.stringify(value), 'n8n-nodes-fixture.a');

	it('is accepted', () => expect(faults(codex)).toEqual([]));

	it.each([
		['resources', undefined, 'A.node.json has no "resources", so n8n would ignore it.'],
		['categories', [], 'A.node.json has no "categories".'],
		['alias', undefined, 'A.node.json has no "alias".'],
		[
			'node',
			'n8n-nodes-other.a',
			'A.node.json has "node": "n8n-nodes-other.a", not "n8n-nodes-fixture.a".',
		],
	])('is refused with its %s as %j', (key, value, fault) => {
		expect(faults({ ...codex, [key]: value })).toEqual([fault]);
	});

	it.each(['', '{', '[]', 'null'])('is refused when the file holds %j', (text) => {
		expect(codexFaults('A.node.json', text, 'x')).toEqual(['A.node.json is not a JSON object.']);
	});
});

describe('an output schema', () => {
	it('is accepted as an object with properties', () => {
		const schema = { type: 'object', properties: { id: { type: 'string' } } };
		expect(schemaFaults('get.json', JSON.stringify(schema))).toEqual([]);
	});

	it.each(['', '{}', '[]', '{"type":"array"}', '{"type":"object","properties":{}}'])(
		'is refused when the file holds %j',
		(text) => {
			expect(schemaFaults('get.json', text)).toEqual([
				'get.json is not an object schema with properties.',
			]);
		},
	);

	it('is expected for every operation of every resource and version', () => {
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
});

describe('a built package', () => {
	const SCHEMA = '{"type":"object","properties":{"id":{}}}';
	const icon = (folder: string) =>
		`{ light: 'file:${folder}/a.svg', dark: 'file:${folder}/a.dark.svg' }`;
	const COMPLETE: Record<string, string> = {
		'package.json': JSON.stringify({
			name: 'n8n-nodes-fixture',
			n8n: {
				nodes: ['dist/nodes/A/A.node.js'],
				credentials: ['dist/credentials/AApi.credentials.js'],
			},
		}),
		'nodes/A/__schema__/v1.0.0/tag/get.json': SCHEMA,
		'dist/nodes/A/__schema__/v1.0.0/tag/get.json': SCHEMA,
		'dist/nodes/A/A.node.json':
			'{"node":"n8n-nodes-fixture.a","categories":["A"],"alias":["b"],"resources":{}}',
		'dist/nodes/A/A.node.js': `exports.A = class { description = {
			name: 'a', version: 1, icon: ${icon('../../icons')}, properties: [{ name: 'operation',
			displayOptions: { show: { resource: ['tag'] } }, options: [{ value: 'get' }] }] } }`,
		'dist/credentials/AApi.credentials.js': `exports.AApi = class { icon = ${icon('../icons')} }`,
		'dist/icons/a.svg': LIGHT,
		'dist/icons/a.dark.svg': DARK,
	};

	let root: string;
	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), 'package-'));
	});
	afterEach(() => rmSync(root, { recursive: true }));

	function write(changes: Record<string, string | undefined> = {}) {
		for (const [path, content] of Object.entries({ ...COMPLETE, ...changes })) {
			if (content === undefined) continue;
			mkdirSync(dirname(join(root, path)), { recursive: true });
			writeFileSync(join(root, path), content);
		}
	}

	it('is accepted when it is complete', () => {
		write();
		expect(packageFaults(root)).toEqual([]);
	});

	it.each<[string, Record<string, string | undefined>, string[]]>([
		[
			'a node is missing',
			{ 'dist/nodes/A/A.node.js': undefined },
			['package.json names dist/nodes/A/A.node.js, which does not exist.'],
		],
		[
			'a dark icon is missing',
			{ 'dist/icons/a.dark.svg': undefined },
			[
				'dist/credentials/AApi.credentials.js names dist/icons/a.dark.svg, which does not exist.',
				'dist/nodes/A/A.node.js names dist/icons/a.dark.svg, which does not exist.',
			],
		],
		[
			'a credential has one icon for both themes',
			{
				'dist/credentials/AApi.credentials.js':
					"exports.AApi = class { icon = 'file:../icons/a.svg' }",
			},
			['dist/credentials/AApi.credentials.js does not name a light and a dark icon.'],
		],
		[
			'an icon cannot be seen',
			{ 'dist/icons/a.svg': square('#eeeeee') },
			['dist/icons/a.svg has a contrast of 1.16 on the light canvas (#eeeeee); 3 is needed.'],
		],
		[
			'both icons are the same',
			{ 'dist/icons/a.svg': square('#808080'), 'dist/icons/a.dark.svg': square('#808080') },
			['dist/icons/a.dark.svg shows the same picture as dist/icons/a.svg.'],
		],
		[
			'the codex is missing',
			{ 'dist/nodes/A/A.node.json': undefined },
			[
				'dist/nodes/A/A.node.json does not exist, so the node has no category and no alias in the panel.',
			],
		],
		[
			'the codex is broken',
			{ 'dist/nodes/A/A.node.json': '{' },
			['dist/nodes/A/A.node.json is not a JSON object.'],
		],
		[
			'a schema was not copied',
			{ 'nodes/A/__schema__/v1.0.0/tag/other.json': SCHEMA },
			['dist/nodes/A/__schema__/v1.0.0/tag/other.json does not exist, but its source does.'],
		],
		[
			'an operation has no schema',
			{
				'nodes/A/__schema__/v1.0.0/tag/get.json': undefined,
				'dist/nodes/A/__schema__/v1.0.0/tag/get.json': undefined,
			},
			[
				'dist/nodes/A/__schema__/v1.0.0/tag/get.json does not exist, but dist/nodes/A/A.node.js has that operation.',
			],
		],
		[
			'a schema is of no use',
			{ 'dist/nodes/A/__schema__/v1.0.0/tag/get.json': '[]' },
			['dist/nodes/A/__schema__/v1.0.0/tag/get.json is not an object schema with properties.'],
		],
	])('is refused when %s', (_what, changes, faults) => {
		write(changes);
		expect(packageFaults(root)).toEqual(faults);
	});

	it('is refused when a file does not export its class', () => {
		write({ 'dist/nodes/A/A.node.js': 'exports.B = class {}' });
		expect(() => packageFaults(root)).toThrow(
			'dist/nodes/A/A.node.js does not export a class named A.',
		);
	});

	function gulp() {
		const { status, stdout, stderr } = spawn.sync(
			process.execPath,
			[
				join(PROJECT, 'node_modules/gulp/bin/gulp.js'),
				'--gulpfile',
				join(PROJECT, 'gulpfile.js'),
				'--cwd',
				root,
			],
			{ encoding: 'utf8' },
		);
		return { status, output: stdout + stderr };
	}

	it('passes through gulp, which makes icons small and leaves strays and source maps out', () => {
		const source = svg('<!-- a --><path fill="#123456" d="M 1 1 h 8 v 8 h -8 z"/>');
		write({ 'dist/icons/a.svg': source, 'dist/test/stray.png': 'x' });
		const { status, output } = gulp();
		expect({ status, output }).toMatchObject({ status: 0 });
		expect(readFileSync(join(root, 'dist/icons/a.svg'), 'utf8').length).toBeLessThan(source.length);
		expect(readFileSync(join(root, 'dist/.npmignore'), 'utf8')).toBe('*.map\n');
		expect(existsSync(join(root, 'dist/test'))).toBe(false);
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
