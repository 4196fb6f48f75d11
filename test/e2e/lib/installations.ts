/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { SingleBar } from 'cli-progress';
import spawn from 'cross-spawn';

import { CACHE, PROJECT } from './paths';

/** The two n8n releases that the tests use. Each has a package.json in `n8n/`. */
export const RELEASES = ['newest', 'oldest'] as const;

export type Release = (typeof RELEASES)[number];

/** An n8n with the Node that it runs on, in the cache folder. */
export interface InstalledN8n {
	release: Release;
	/** e.g. `2.41.1` */
	version: string;
	/** e.g. `24.21.0` */
	nodeVersion: string;
	/** Path of its Node. */
	node: string;
	/** Path of the script that this Node runs. */
	script: string;
}

interface Manifest {
	dependencies: Record<string, string>;
	/** Packages whose install scripts must run. No others run theirs. */
	installScripts?: string[];
}

/** Seconds between two lines of progress if there is no terminal. */
const LINE_INTERVAL = 20;

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

const sourceOf = (name: string): string =>
	join(PROJECT, 'test', 'e2e', ...(name === 'tools' ? [] : ['n8n', name]));

const folderOf = (name: string): string => join(CACHE, name);

/** Packages of the lock file that every platform needs. */
function lockedPackages(source: string): string[] {
	const { packages } = readJson<{ packages: Record<string, { optional?: boolean }> }>(
		join(source, 'package-lock.json'),
	);
	return Object.entries(packages).flatMap(([path, { optional }]) =>
		path === '' || optional ? [] : [path],
	);
}

function fingerprint(source: string): string {
	const hash = createHash('sha256');
	for (const file of ['package.json', 'package-lock.json']) {
		hash.update(readFileSync(join(source, file)));
	}
	return hash.digest('hex');
}

/** Leaves out the settings of the `npm run` that started us: they would change what npm installs. */
function npmEnvironment(node: string | undefined): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
	const path = [...(node ? [dirname(node)] : []), process.env.PATH ?? ''].join(delimiter);
	return { ...Object.fromEntries(kept), PATH: path, NODE_ENV: undefined };
}

async function npm(args: string[], cwd: string, node?: string): Promise<void> {
	const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
	await new Promise<void>((resolve, reject) => {
		const child = spawn('npm', [...args, ...quiet], {
			cwd,
			env: npmEnvironment(node),
			stdio: ['ignore', 'ignore', 'inherit'],
		});
		child.on('error', reject);
		child.on('close', (code) => {
			if (code === 0) resolve();
			else reject(new Error(`npm ${args[0]} in ${cwd} ended with ${code}; its output is above.`));
		});
	});
}

/** Shows how many packages are installed. @returns a function that ends the display */
function showProgress(name: string, folder: string, packages: string[]): () => void {
	const bar = new SingleBar({
		format: `  ${name}  {percentage} %  {value} of {total} packages  {duration} s`,
		noTTYOutput: true,
		notTTYSchedule: LINE_INTERVAL * 1000,
		hideCursor: true,
	});
	const there = () => packages.filter((path) => existsSync(join(folder, path))).length;
	bar.start(packages.length, 0);
	const timer = setInterval(() => bar.update(there()), 2000);
	return () => {
		clearInterval(timer);
		bar.update(there());
		bar.stop();
	};
}

/**
 * Installs the packages of n8n or of the tools into the cache, unless they are there already.
 *
 * @returns the folder that holds their node_modules
 * @throws if npm fails
 */
async function install(name: string): Promise<string> {
	const source = sourceOf(name);
	const folder = folderOf(name);
	const stamp = join(folder, '.complete');
	const wanted = fingerprint(source);
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder;

	const packages = lockedPackages(source);
	console.log(
		`Installing ${packages.length} packages into .cache/e2e/${name}. This happens only once.`,
	);
	const started = performance.now();
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		await copyFile(join(source, file), join(folder, file));
	}
	const stop = showProgress(name, folder, packages);
	try {
		// Not `npm ci`: npm 10 and 11 disagree about which optional packages a lock file must name.
		await npm(['install', '--ignore-scripts'], folder);
	} finally {
		stop();
	}
	const { installScripts = [] } = readJson<Manifest>(join(source, 'package.json'));
	for (const script of installScripts) {
		if (await takeBuild(folder, script)) continue;
		console.log(`  ${name}  setting up ${script}`);
		await npm(['rebuild', '--ignore-scripts=false', script], folder, nodeIn(folder));
	}
	await writeFile(stamp, wanted);
	console.log(`  ${name}  done in ${Math.round((performance.now() - started) / 1000)} s`);
	return folder;
}

/**
 * Copies an add-on that was compiled for another installation, because compiling takes minutes.
 * Add-ons that use Node-API, such as sqlite3, run on every Node.
 *
 * @returns whether there was one of the same version
 */
async function takeBuild(folder: string, name: string): Promise<boolean> {
	const manifestOf = (installation: string): string =>
		join(installation, 'node_modules', name, 'package.json');
	const own = readJson<{ version: string; binary?: object }>(manifestOf(folder));
	if (own.binary === undefined || !('napi_versions' in own.binary)) return false;
	for (const release of RELEASES) {
		const other = folderOf(release);
		const built = join(other, 'node_modules', name, 'build', 'Release');
		if (other === folder || !existsSync(join(other, '.complete')) || !existsSync(built)) continue;
		if (readJson<{ version: string }>(manifestOf(other)).version !== own.version) continue;
		await cp(built, join(folder, 'node_modules', name, 'build', 'Release'), { recursive: true });
		return true;
	}
	return false;
}

function nodeIn(folder: string): string | undefined {
	const program = process.platform === 'win32' ? 'node.exe' : 'node';
	const node = join(folder, 'node_modules', 'node', 'bin', program);
	return existsSync(node) ? node : undefined;
}

/** Installs the registry and the browser driver. @throws if npm fails */
export async function installTools(): Promise<void> {
	await install('tools');
}

/** Installs an n8n with its Node. @throws if npm fails */
export async function installN8n(release: Release): Promise<InstalledN8n> {
	await install(release);
	return installedN8n(release);
}

/** Finds an n8n that {@link installN8n} has installed. */
export function installedN8n(release: Release): InstalledN8n {
	const folder = folderOf(release);
	const node = nodeIn(folder);
	if (node === undefined) throw new Error(`n8n (${release}) is not installed in .cache/e2e`);
	const { dependencies } = readJson<Manifest>(join(folder, 'package.json'));
	return {
		release,
		version: dependencies.n8n ?? '',
		nodeVersion: dependencies.node ?? '',
		node,
		script: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
}

/** Path of a program of the tools. */
export function toolPath(...parts: string[]): string {
	return join(folderOf('tools'), 'node_modules', ...parts);
}
