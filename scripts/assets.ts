/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

import { Resvg } from '@resvg/resvg-js';
import { wcagContrast } from 'culori';
import glob from 'fast-glob';
import { optimize, type XastElement } from 'svgo';

/** n8n shows an icon on a light and on a dark canvas. */
export type Theme = 'light' | 'dark';

/** What n8n reads from the package.json of a community package. */
export interface Manifest {
	name: string;
	main?: string;
	types?: string;
	n8n?: { nodes?: string[]; credentials?: string[] };
}

interface Property {
	name: string;
	options?: Array<{ value?: unknown }>;
	displayOptions?: { show?: { resource?: unknown[] } };
}

type IconReference = string | { light?: string; dark?: string };

interface NodeDescription {
	name: string;
	version: number | number[];
	icon?: IconReference;
	properties: Property[];
}

const CANVAS: Record<Theme, string> = { light: '#ffffff', dark: '#000000' };

/** WCAG 2.2, 1.4.11 Non-text Contrast: what a graphic needs against its background. */
const LEAST_CONTRAST = 3;

const ICON_BYTES = 4096;

/** Wide enough that the main colour is not lost in smoothed edges. */
const RENDER_PIXELS = 48;

const ACTIVE_ELEMENTS = new Set(['script', 'foreignObject', 'iframe', 'audio', 'video']);

const SHIPPED = /^dist\/(nodes|credentials|icons)\//;

/** Makes an SVG smaller without changing what it shows; throws when it is not well-formed. */
export function optimiseIcon(svg: string): string {
	return optimize(svg, { multipass: true, plugins: ['preset-default', 'removeTitle'] }).data;
}

function elementsOf(svg: string): XastElement[] {
	const elements: XastElement[] = [];
	const collect = {
		name: 'collect',
		fn: () => ({ element: { enter: (node: XastElement) => void elements.push(node) } }),
	};
	optimize(svg, { plugins: [collect] });
	return elements;
}

function viewBoxFault(root: XastElement): string | undefined {
	const box = (root.attributes.viewBox ?? '').split(/[\s,]+/).map(Number);
	const [, , width, height] = box;
	if (box.length !== 4 || box.some(Number.isNaN)) return 'has no viewBox';
	return width === height ? undefined : `has a viewBox that is not square (${width} × ${height})`;
}

function contentFaults({ name, attributes }: XastElement): string[] {
	const faults = [];
	if (ACTIVE_ELEMENTS.has(name)) faults.push(`holds a <${name}>`);
	if (name === 'image') faults.push('holds an <image>, where only shapes may be drawn');
	for (const [key, value] of Object.entries(attributes)) {
		if (/^on/i.test(key)) faults.push(`holds a script in ${key}`);
		const target = /^(xlink:)?href$/.test(key) ? value : /url\(\s*['"]?([^'")]*)/.exec(value)?.[1];
		if (target !== undefined && !target.startsWith('#')) {
			faults.push(`refers to something outside itself (${key}="${value.slice(0, 60)}")`);
		}
	}
	return faults;
}

function pixelsOf(svg: string): Buffer {
	return new Resvg(svg, {
		fitTo: { mode: 'width', value: RENDER_PIXELS },
		font: { loadSystemFonts: false },
	}).render().pixels;
}

/**
 * The colour that covers most of an icon.
 * @returns a hexadecimal colour, or undefined when nothing opaque is drawn
 */
export function mainColour(svg: string): string | undefined {
	const pixels = pixelsOf(svg);
	const areas = new Map<string, number>();
	for (let at = 0; at < pixels.length; at += 4) {
		if (pixels[at + 3] !== 255) continue;
		const colour = `#${pixels.subarray(at, at + 3).toString('hex')}`;
		areas.set(colour, (areas.get(colour) ?? 0) + 1);
	}
	return [...areas].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function paintFault(svg: string, theme: Theme): string | undefined {
	const colour = mainColour(svg);
	if (colour === undefined) return 'draws nothing';
	const contrast = wcagContrast(colour, CANVAS[theme]);
	return contrast >= LEAST_CONTRAST
		? undefined
		: `has a contrast of ${contrast.toFixed(2)} on the ${theme} canvas (${colour}); ${LEAST_CONTRAST} is needed`;
}

/**
 * What is wrong with one icon: not an SVG, active or foreign content, not square, too large, or
 * hard to see on the canvas of its theme.
 * @param path how the icon is named in the sentences
 * @returns one sentence for each fault
 */
export function iconFaults(path: string, svg: string, theme: Theme): string[] {
	let elements: XastElement[];
	try {
		elements = elementsOf(svg);
	} catch {
		return [`${path} is not well-formed SVG.`];
	}
	const [root] = elements;
	if (root?.name !== 'svg') return [`${path} is not an SVG.`];
	const bytes = Buffer.byteLength(svg);
	const faults = [
		viewBoxFault(root),
		...elements.flatMap(contentFaults),
		bytes < ICON_BYTES ? undefined : `has ${bytes} bytes; fewer than ${ICON_BYTES} are allowed`,
	].filter((fault) => fault !== undefined);
	// Only what is known to be plain shapes goes to the renderer.
	const paint = faults.length === 0 ? paintFault(svg, theme) : undefined;
	return [...faults, ...(paint === undefined ? [] : [paint])].map((fault) => `${path} ${fault}.`);
}

/** The sentence that says that a theme has no drawing of its own, if that is so. */
export function samePictureFault(
	light: { path: string; svg: string },
	dark: { path: string; svg: string },
): string | undefined {
	return pixelsOf(light.svg).equals(pixelsOf(dark.svg))
		? `${dark.path} shows the same picture as ${light.path}.`
		: undefined;
}

/**
 * Whether package.json and dist agree: every path named there exists, every node and credential
 * built is named, and dist holds nothing else.
 * @param files paths of the files in dist, relative to the package, with forward slashes
 */
export function pathFaults(manifest: Manifest, files: readonly string[]): string[] {
	const named = [...(manifest.n8n?.nodes ?? []), ...(manifest.n8n?.credentials ?? [])];
	const entryPoints = [manifest.main, manifest.types].filter((path) => path !== undefined);
	const missing = [...named, ...entryPoints]
		.filter((path) => !files.includes(posix.normalize(path)))
		.map((path) => `package.json names ${path}, which does not exist.`);
	const unnamed = files
		.filter((path) => /\.(node|credentials)\.js$/.test(path) && !named.includes(path))
		.map((path) => `${path} is not named in package.json, so n8n would not load it.`);
	const foreign = files
		.filter(
			(path) =>
				(path !== 'dist/.npmignore' && !SHIPPED.test(path)) ||
				/\.(test|spec)\.|\.tsbuildinfo$/.test(path),
		)
		.map((path) => `${path} has no place in the package.`);
	return [...missing, ...unnamed, ...foreign];
}

function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What is wrong with a codex file (X.node.json). n8n drops a codex silently when it has no
 * `resources`, and reads other names than `alias` not at all.
 * @param type the node's full type, `<package>.<node>`
 */
export function codexFaults(path: string, text: string, type: string): string[] {
	const codex = parseObject(text);
	if (codex === undefined) return [`${path} is not a JSON object.`];
	const faults = [];
	if (codex.node !== type) faults.push(`has "node": ${JSON.stringify(codex.node)}, not "${type}"`);
	if (!isObject(codex.resources)) faults.push('has no "resources", so n8n would ignore it');
	for (const list of ['categories', 'alias']) {
		const value = codex[list];
		if (!Array.isArray(value) || value.length === 0) faults.push(`has no "${list}"`);
	}
	return faults.map((fault) => `${path} ${fault}.`);
}

/** What is wrong with an output schema: n8n shows only objects with properties. */
export function schemaFaults(path: string, text: string): string[] {
	const schema = parseObject(text);
	const properties = schema?.properties;
	return schema?.type === 'object' && isObject(properties) && Object.keys(properties).length > 0
		? []
		: [`${path} is not an object schema with properties.`];
}

/**
 * The output schemas that n8n would ask for, relative to the node's folder: one for each
 * operation of each resource. A node without operations has a single one, which is not required.
 */
export function expectedSchemas({ version, properties }: NodeDescription): string[] {
	const operations = properties.filter(({ name }) => name === 'operation');
	const versions = [version]
		.flat()
		.map((number) => `${number}.0.0`.split('.').slice(0, 3).join('.'));
	return versions.flatMap((number) =>
		operations.flatMap(({ displayOptions, options }) =>
			(displayOptions?.show?.resource ?? []).flatMap((resource) =>
				(options ?? []).map(
					({ value }) => `__schema__/v${number}/${String(resource)}/${String(value)}.json`,
				),
			),
		),
	);
}

function loadClass<T>(root: string, path: string): T {
	const name = posix.basename(path).split('.')[0] ?? '';
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- n8n loads these files so
	const exported = require(join(root, path)) as Record<string, new () => T>;
	const Class = exported[name];
	if (Class === undefined) throw new Error(`${path} does not export a class named ${name}.`);
	return new Class();
}

function iconReferenceFaults(root: string, owner: string, icon: IconReference | undefined) {
	if (typeof icon !== 'object' || !icon.light || !icon.dark) {
		return [`${owner} does not name a light and a dark icon.`];
	}
	const resolve = (reference: string) =>
		posix.join(posix.dirname(owner), reference.replace(/^file:/, ''));
	const light = resolve(icon.light);
	const dark = resolve(icon.dark);
	const missing = [light, dark].filter((path) => !existsSync(join(root, path)));
	if (missing.length > 0)
		return missing.map((path) => `${owner} names ${path}, which does not exist.`);
	const [lightSvg, darkSvg] = [light, dark].map((path) =>
		readFileSync(join(root, path), 'utf8'),
	) as [string, string];
	const faults = [...iconFaults(light, lightSvg, 'light'), ...iconFaults(dark, darkSvg, 'dark')];
	if (faults.length > 0) return faults;
	const same = samePictureFault({ path: light, svg: lightSvg }, { path: dark, svg: darkSvg });
	return same === undefined ? [] : [same];
}

function codexFaultsOf(root: string, node: string, type: string): string[] {
	const codex = `${node}on`;
	return existsSync(join(root, codex))
		? codexFaults(codex, readFileSync(join(root, codex), 'utf8'), type)
		: [`${codex} does not exist, so the node has no category and no alias in the panel.`];
}

function schemaFaultsOf(root: string, node: string, description: NodeDescription): string[] {
	const folder = posix.dirname(node);
	const missing = expectedSchemas(description)
		.map((schema) => posix.join(folder, schema))
		.filter((schema) => !existsSync(join(root, schema)));
	return missing.map((schema) => `${schema} does not exist, but ${node} has that operation.`);
}

/**
 * Checks the built package in `<root>/dist` against its package.json and its sources.
 * @param root folder of the package
 * @returns one sentence for each fault, each naming the file; empty when all is well
 * @throws when package.json cannot be read or a built file does not export its class
 */
export function packageFaults(root: string): string[] {
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
	const files = glob.sync('dist/**', { cwd: root, dot: true });
	const paths = pathFaults(manifest, files);
	// Nothing further can be loaded when a path is wrong.
	if (paths.length > 0) return paths;

	const credentials = (manifest.n8n?.credentials ?? []).flatMap((path) =>
		iconReferenceFaults(root, path, loadClass<{ icon?: IconReference }>(root, path).icon),
	);
	const nodes = (manifest.n8n?.nodes ?? []).flatMap((path) => {
		const { description } = loadClass<{ description: NodeDescription }>(root, path);
		return [
			...iconReferenceFaults(root, path, description.icon),
			...codexFaultsOf(root, path, `${manifest.name}.${description.name}`),
			...schemaFaultsOf(root, path, description),
		];
	});
	const schemas = glob
		.sync('nodes/**/__schema__/**/*.json', { cwd: root })
		.map((source) => `dist/${source}`)
		.flatMap((built) =>
			files.includes(built)
				? schemaFaults(built, readFileSync(join(root, built), 'utf8'))
				: [`${built} does not exist, but its source does.`],
		);
	// An icon is shared by a credential and its nodes: its faults are told once.
	return [...new Set([...credentials, ...nodes, ...schemas])];
}
