/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

import { Resvg } from '@resvg/resvg-js';
import { wcagContrast } from 'culori';
import glob from 'fast-glob';
import { optimize } from 'svgo';

/** The part of a community package's package.json that n8n reads. */
interface Manifest {
	name: string;
	n8n: { nodes: string[]; credentials: string[] };
}

type IconReference = string | { light?: string; dark?: string };

interface Property {
	name: string;
	options?: Array<{ value?: unknown }>;
	displayOptions?: { show?: { resource?: unknown[] } };
}

/** The part of a node's class that n8n reads. */
export interface NodeClass {
	description: {
		name: string;
		version: number | number[];
		icon?: IconReference;
		properties: Property[];
	};
	methods?: Record<string, Record<string, unknown>>;
}

/** n8n shows an icon on a light and on a dark canvas. */
const CANVAS = { light: '#ffffff', dark: '#000000' };

/** Minimum contrast of an icon with its background (WCAG 2.2, 1.4.11 Non-text Contrast). */
const LEAST_CONTRAST = 3;

const ICON_BYTES = 4096;

/** Wide enough that smoothed edges do not hide the main colour. */
const RENDER_PIXELS = 48;

/** The codex categories that n8n's documentation lists. */
const CATEGORIES = [
	'Analytics',
	'Communication',
	'Data & Storage',
	'Development',
	'Finance & Accounting',
	'Marketing & Content',
	'Miscellaneous',
	'Productivity',
	'Sales',
	'Utility',
];

/** By key of a description: the member of `methods` in which n8n looks up the named method. */
const METHODS: Record<string, string> = {
	loadOptionsMethod: 'loadOptions',
	searchListMethod: 'listSearch',
	testedBy: 'credentialTest',
};

/** Shrinks an SVG without changing its picture. Throws if the SVG is not well-formed. */
export function optimiseIcon(svg: string): string {
	return optimize(svg, { multipass: true, plugins: ['preset-default', 'removeTitle'] }).data;
}

const pictureOf = (svg: string) =>
	new Resvg(svg, {
		fitTo: { mode: 'width', value: RENDER_PIXELS },
		font: { loadSystemFonts: false },
	}).render();

/** @returns the opaque colour that covers most of an icon, as #rrggbb */
function mainColour(svg: string): string | undefined {
	const { pixels } = pictureOf(svg);
	const areas = new Map<string, number>();
	for (let at = 0; at < pixels.length; at += 4) {
		if (pixels[at + 3] !== 255) continue;
		const colour = `#${pixels.subarray(at, at + 3).toString('hex')}`;
		areas.set(colour, (areas.get(colour) ?? 0) + 1);
	}
	return [...areas].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Lists the faults of an icon on the canvas of a theme, one sentence each. */
export function iconFaults(path: string, svg: string, theme: 'light' | 'dark'): string[] {
	const faults = [];
	const { width, height } = pictureOf(svg);
	if (width !== height) faults.push('is not square');
	const bytes = Buffer.byteLength(svg);
	if (bytes >= ICON_BYTES) faults.push(`has ${bytes} bytes; fewer than ${ICON_BYTES} are allowed`);
	const colour = mainColour(svg);
	const contrast = colour === undefined ? 1 : wcagContrast(colour, CANVAS[theme]);
	if (contrast < LEAST_CONTRAST) {
		faults.push(
			`has a contrast of ${contrast.toFixed(2)} on the ${theme} canvas; ${LEAST_CONTRAST} is needed`,
		);
	}
	return faults.map((fault) => `${path} ${fault}.`);
}

function iconPairFaults(root: string, owner: string, icon: IconReference | undefined): string[] {
	if (typeof icon !== 'object' || !icon.light || !icon.dark) {
		return [`${owner} does not name a light and a dark icon.`];
	}
	const resolve = (reference: string) =>
		posix.join(posix.dirname(owner), reference.replace(/^file:/, ''));
	const paths = { light: resolve(icon.light), dark: resolve(icon.dark) };
	const missing = [paths.light, paths.dark].filter((path) => !existsSync(join(root, path)));
	if (missing.length > 0) {
		return missing.map((path) => `${owner} names ${path}, which does not exist.`);
	}
	const light = readFileSync(join(root, paths.light), 'utf8');
	const dark = readFileSync(join(root, paths.dark), 'utf8');
	const faults = [
		...iconFaults(paths.light, light, 'light'),
		...iconFaults(paths.dark, dark, 'dark'),
	];
	if (pictureOf(light).pixels.equals(pictureOf(dark).pixels)) {
		faults.push(`${paths.dark} shows the same picture as ${paths.light}.`);
	}
	return faults;
}

/**
 * Lists where package.json and dist disagree: named paths that do not exist, and built nodes and
 * credentials that package.json does not name.
 * @param files paths of the files in dist, relative to the package, with forward slashes
 */
export function pathFaults({ n8n }: Manifest, files: readonly string[]): string[] {
	const named = [...n8n.nodes, ...n8n.credentials];
	const missing = named
		.filter((path) => !files.includes(path))
		.map((path) => `package.json names ${path}, which does not exist.`);
	const unnamed = files
		.filter((path) => /\.(node|credentials)\.js$/.test(path) && !named.includes(path))
		.map((path) => `${path} is not named in package.json, so n8n would not load it.`);
	return [...missing, ...unnamed];
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns undefined when the file does not hold a JSON object */
function readObject(path: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Lists the faults of a codex file (X.node.json). n8n silently drops a codex without `resources`,
 * and reads search words only from the key `alias`.
 * @param type the node's full type, `<package>.<node>`
 */
export function codexFaults(root: string, path: string, type: string): string[] {
	const codex = readObject(join(root, path));
	if (codex === undefined) return [`${path} is missing or not a JSON object.`];
	const faults = [];
	if (codex.node !== type) faults.push(`has "node": ${JSON.stringify(codex.node)}, not "${type}"`);
	if (!isObject(codex.resources)) faults.push('has no "resources", so n8n would ignore it');
	for (const list of ['categories', 'alias']) {
		if (![codex[list]].flat()[0]) faults.push(`has no "${list}"`);
	}
	for (const category of [codex.categories ?? []].flat()) {
		if (CATEGORIES.includes(String(category))) continue;
		faults.push(`has the category "${category}", which n8n does not have`);
	}
	return faults.map((fault) => `${path} ${fault}.`);
}

/**
 * Lists the output schemas that n8n looks for, relative to the node's folder: one for each
 * operation of each resource, or a single one for a node without operations.
 */
export function expectedSchemas({ version, properties }: NodeClass['description']): string[] {
	const operations = properties.filter(({ name }) => name === 'operation');
	const names = operations.flatMap(({ displayOptions, options = [] }) =>
		(displayOptions?.show?.resource ?? []).flatMap((resource) =>
			options.map(({ value }) => `/${String(resource)}/${String(value)}`),
		),
	);
	return [version].flat().flatMap((number) => {
		const folder = `__schema__/v${`${number}.0.0`.split('.').slice(0, 3).join('.')}`;
		return (names.length > 0 ? names : ['']).map((name) => `${folder}${name}.json`);
	});
}

/** Lists the output schemas that are missing, or that have no properties for n8n to show. */
function schemaFaults(root: string, node: string, description: NodeClass['description']): string[] {
	return expectedSchemas(description)
		.map((schema) => posix.join(posix.dirname(node), schema))
		.filter((path) => {
			const schema = readObject(join(root, path));
			const properties = schema?.properties;
			return !(
				schema?.type === 'object' &&
				isObject(properties) &&
				Object.keys(properties).length > 0
			);
		})
		.map((path) => `${path} is missing or not an object schema with properties.`);
}

/** Lists the methods that a node's description names, at any depth, but its class does not have. */
export function methodFaults(path: string, { description, methods = {} }: NodeClass): string[] {
	const faults = new Set<string>();
	JSON.stringify(description, (key, value: unknown) => {
		const kind = METHODS[key];
		if (kind !== undefined && typeof value === 'string' && methods[kind]?.[value] === undefined) {
			faults.add(`${path} names ${value} as ${key}, but has no methods.${kind}.${value}.`);
		}
		return value;
	});
	return [...faults];
}

function loadClass<T>(root: string, path: string): T {
	const name = posix.basename(path).split('.')[0] ?? '';
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- n8n loads these files the same way
	const exported = require(join(root, path)) as Record<string, new () => T>;
	const Class = exported[name];
	if (Class === undefined) throw new Error(`${path} does not export a class named ${name}.`);
	return new Class();
}

/**
 * Checks the built package in `<root>/dist` against its package.json.
 * @param root folder of the package
 * @returns one sentence for each fault, with the file's name; empty if there are none
 * @throws if package.json cannot be read or a built file does not export its class
 */
export function packageFaults(root: string): string[] {
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
	const paths = pathFaults(manifest, glob.sync('dist/**', { cwd: root }));
	// With a wrong path, the classes cannot be loaded.
	if (paths.length > 0) return paths;

	const credentials = manifest.n8n.credentials.flatMap((path) =>
		iconPairFaults(root, path, loadClass<{ icon?: IconReference }>(root, path).icon),
	);
	const nodes = manifest.n8n.nodes.flatMap((path) => {
		const node = loadClass<NodeClass>(root, path);
		return [
			...iconPairFaults(root, path, node.description.icon),
			...codexFaults(root, `${path}on`, `${manifest.name}.${node.description.name}`),
			...schemaFaults(root, path, node.description),
			...methodFaults(path, node),
		];
	});
	// A credential and its nodes share an icon, so its faults come up several times.
	return [...new Set([...credentials, ...nodes])];
}
