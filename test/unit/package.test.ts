/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';

import spawn from 'cross-spawn';
import { parse } from 'yaml';

import { freshFolder, writeFiles } from './freshFolder';

const PROJECT = resolve(__dirname, '../..');
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));
const folder = freshFolder();

describe('package.json', () => {
	it('describes a community package that n8n finds and loads', () => {
		expect(manifest.name).toMatch(/^n8n-nodes-/);
		expect(manifest.keywords).toContain('n8n-community-node-package');
		expect(manifest.license).toBe('MIT');
		expect(manifest.n8n).toMatchObject({ n8nNodesApiVersion: 1, strict: true });
		expect(manifest.files).toEqual(['dist']);
	});

	it('adds no run-time dependency to n8n', () => {
		expect(Object.keys(manifest)).not.toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^(dependencies|optionalDependencies|overrides|bundle)/),
			]),
		);
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('runs no script during installation', () => {
		const lifecycle = /^(pre|post)?(install|uninstall|prepare|pack|publish)$/;
		expect(Object.keys(manifest.scripts).filter((name) => lifecycle.test(name))).toEqual([]);
	});
});

describe('package-lock.json', () => {
	it('matches package.json', () => {
		expect(lock.packages['']).toMatchObject({
			version: manifest.version,
			devDependencies: manifest.devDependencies,
		});
	});

	it('holds every optional package, because npm ci refuses a lock file without them', () => {
		const packages = Object.entries<{ optionalDependencies?: Record<string, string> }>(
			lock.packages,
		);
		const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
			Object.keys(optionalDependencies).filter(
				(name) =>
					!(`${path}/node_modules/${name}` in lock.packages) &&
					!(`node_modules/${name}` in lock.packages),
			),
		);
		expect(missing).toEqual([]);
	});

	it('names no download address', () => {
		const addresses = Object.values<{ resolved?: string }>(lock.packages)
			.map(({ resolved }) => resolved)
			.filter((resolved) => resolved !== undefined);
		expect(addresses).toEqual([]);
	});
});

describe('the check of imports', () => {
	const GOOD = {
		'credentials/AaApi.credentials.ts': "import '../nodes/shared/http/api';",
		'nodes/Aa/Aa.node.ts': "import 'n8n-workflow'; import '../shared/polling/poll';",
		'nodes/Bb/Bb.node.ts': "import 'node:crypto'; import './one';",
		'nodes/Bb/one.ts': "import type { Api } from '../shared/http/api';",
		'nodes/shared/polling/poll.ts': "import '../operations/run'; import '../http/api';",
		'nodes/shared/operations/run.ts': "import '../fields/text';",
		'nodes/shared/fields/text.ts': "import '../http/api';",
		'nodes/shared/http/api.ts': 'export interface Api {}',
		'test/emulator/service.ts': "import 'fastify';",
		'scripts/build.ts': "import '../test/emulator/service';",
	};

	/** @returns the exit status and the errors of an import check of a project with these files */
	function check(files: Record<string, string>) {
		const root = mkdtempSync(join(tmpdir(), 'rooms-'));
		writeFiles(root, files);
		const [command = '', ...args] = manifest.scripts.imports.split(' ');
		const { status, stdout } = spawn.sync(
			join(PROJECT, 'node_modules/.bin', command),
			[...args, '--config', join(PROJECT, '.dependency-cruiser.cjs')],
			{ cwd: root, env: { ...process.env, NO_COLOR: '1' }, encoding: 'utf8' },
		);
		rmSync(root, { recursive: true });
		return { status, named: stdout.match(/(?<=error ).+/g) ?? [] };
	}

	it('lets a room import from the rooms before it, and a service from every room', () => {
		expect(check(GOOD)).toEqual({ status: 0, named: [] });
	});

	describe('of a project that breaks the rules', () => {
		const WRONG = [
			['http-imports-no-later-room', 'nodes/shared/http/a.ts', 'nodes/shared/fields/text.ts'],
			['fields-imports-no-later-room', 'nodes/shared/fields/a.ts', 'nodes/shared/polling/poll.ts'],
			['shared-files-have-a-room', 'nodes/Aa/a.ts', 'nodes/shared/loose.ts'],
			['shared-knows-no-service', 'nodes/shared/polling/a.ts', 'nodes/Bb/one.ts'],
			['services-stay-apart', 'nodes/Aa/b.ts', 'nodes/Bb/one.ts'],
			['services-stay-apart', 'credentials/AaApi.b.ts', 'nodes/Bb/one.ts'],
			['product-stands-alone', 'nodes/Aa/c.ts', 'test/emulator/service.ts'],
			['product-stands-alone', 'credentials/AaApi.c.ts', 'scripts/build.ts'],
			['emulator-reads-the-documents', 'test/emulator/a.ts', 'nodes/Bb/one.ts'],
			['emulator-reads-the-documents', 'test/emulator/b.ts', 'dist/nodes/Bb/one.js'],
		] as const;
		const CIRCLES = ['nodes/Aa', 'scripts', 'test/emulator'];
		let named: string[];
		let status: number | null;
		beforeAll(() => {
			const files: Record<string, string> = {
				...GOOD,
				'nodes/Aa/library.ts': "import 'node:fs';",
				...Object.fromEntries(
					CIRCLES.flatMap((place) => [
						[`${place}/circle.ts`, "import './circle2';"],
						[`${place}/circle2.ts`, "import './circle';"],
					]),
				),
			};
			for (const [, from, to] of WRONG) {
				files[to] ??= '';
				files[from] =
					`import '${posix.relative(posix.dirname(from), to).replace(/^(?!\.)/, './')}';`;
			}
			({ named, status } = check(files));
		});

		it.each(WRONG)('reports %s when %s imports %s', (rule, from, to) => {
			expect(named).toContain(`${rule}: ${from} → ${to}`);
			expect(status).not.toBe(0);
		});

		it('reports a library that n8n does not provide', () => {
			expect(named).toContain('product-stands-alone: nodes/Aa/library.ts → fs');
		});

		it.each(CIRCLES)('reports files that import each other in %s', (place) => {
			expect(named).toContainEqual(expect.stringContaining(`no-circle: ${place}/circle`));
		});

		it('reports a file that no node needs', () => {
			expect(named).toContain('no-unused-file: nodes/Aa/circle.ts');
		});
	});
});

describe('GitHub Actions', () => {
	const workflow = (name: string) => parse(read(`.github/workflows/${name}.yml`));
	interface Job {
		steps: Array<{ run?: string; uses?: string; with?: Record<string, unknown> }>;
	}
	const steps = (job: Job) => job.steps.map(({ run }) => run);

	it('runs the tests on Node 20 and on Node 24', () => {
		const { test } = workflow('ci').jobs;
		expect(test.strategy.matrix.node).toEqual([20, 24]);
		expect(steps(test)).toEqual(expect.arrayContaining(['npm ci', 'npm test']));
	});

	it('runs the package in a real n8n, and keeps the evidence of failed steps', () => {
		const { e2e } = workflow('ci').jobs;
		expect(steps(e2e)).toEqual(expect.arrayContaining(['npm ci', 'npm run test:e2e']));
		expect(read('.github/workflows/ci.yml')).toContain('path: .cache/e2e/failed');
	});

	it('runs each week what takes too long for each push', () => {
		const { on, jobs } = workflow('weekly');
		expect(on.schedule).toHaveLength(1);
		const runs = Object.values<Job>(jobs).flatMap(steps);
		expect(runs).toEqual(
			expect.arrayContaining(['npx jest test/unit/polling/walk', 'npm run test:mutation']),
		);
		expect(Number(jobs.histories.steps.at(-1).env.POLLING_RUNS)).toBeGreaterThanOrEqual(1000);
	});

	it('publishes a version tag from a protected environment, without a stored token', () => {
		const { on, permissions, jobs } = workflow('publish');
		expect(on.push.tags).toEqual(['v*.*.*']);
		expect({ permissions, pack: jobs.pack.permissions }).toEqual({
			permissions: { contents: 'read' },
		});
		expect(steps(jobs.pack)).toEqual(expect.arrayContaining(['npm ci', 'npm test', 'npm pack']));
		expect(jobs.publish).toMatchObject({
			needs: 'pack',
			environment: 'npm',
			permissions: { 'id-token': 'write' },
		});
		expect(steps(jobs.publish).filter((run) => run !== undefined)).toEqual([
			'npm publish ./*.tgz --provenance --access public --ignore-scripts',
		]);
		expect(read('.github/workflows/publish.yml')).not.toMatch(/secrets\./);
	});

	it('asks the live services only when somebody starts it, and shows the keys to that step alone', () => {
		const { on, permissions, jobs } = workflow('verify-live');
		expect([Object.keys(on), permissions]).toEqual([['workflow_dispatch'], { contents: 'read' }]);
		const [asking, ...others] = jobs.verify.steps.filter(({ env }: { env?: object }) => env);
		expect([asking.run, others]).toEqual(['npm run verify:live', []]);
		expect(read('.github/workflows/verify-live.yml').match(/secrets\./g)).toHaveLength(4);
	});

	it.each(['ci', 'publish', 'verify-live', 'weekly'])(
		'pins every action of %s.yml, and leaves no token behind',
		(name) => {
			const used = read(`.github/workflows/${name}.yml`).match(/uses: .+/g) ?? [];
			expect(used.length).toBeGreaterThan(0);
			for (const line of used)
				expect(line).toMatch(/^uses: actions\/[\w-]+@[0-9a-f]{40} # v[\d.]+$/);
			const checkouts = Object.values<Job>(workflow(name).jobs)
				.flatMap((job) => job.steps)
				.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
			expect(checkouts.length).toBeGreaterThan(0);
			for (const { with: settings } of checkouts) {
				expect(settings).toMatchObject({ 'persist-credentials': false });
			}
		},
	);
});

describe('a manual npm publish', () => {
	it('fails before it sends anything, although npm runs no script', async () => {
		const { name, version, publishConfig } = manifest;
		folder.write({
			'package.json': JSON.stringify({ name, version, publishConfig }),
			'.npmrc': read('.npmrc'),
		});
		const methods: Array<string | undefined> = [];
		const registry = createServer(({ method }, response) => {
			methods.push(method);
			response.writeHead(method === 'GET' ? 404 : 201).end('{}');
		}).listen(0, '127.0.0.1');
		await once(registry, 'listening');
		const { port } = registry.address() as AddressInfo;
		const where = ['--registry', `http://127.0.0.1:${port}`, '--cache', folder.pathOf('cache')];
		const npm = spawn('npm', ['publish', `--//127.0.0.1:${port}/:_authToken=any`, ...where], {
			cwd: folder.root,
		});
		let output = '';
		npm.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
		const [status] = (await once(npm, 'close')) as [number];
		registry.close();
		expect(output).toMatch(/provenance/i);
		expect(status).not.toBe(0);
		expect(methods).not.toContain('PUT');
	});
});

describe('.ci/run', () => {
	/** The line that npm prints for each command, and its exit code. */
	type Outcomes = Record<'test' | 'run test:e2e', [line: string, exitCode: number]>;

	function runWith(outcomes: Outcomes) {
		const cases = Object.entries(outcomes).map(
			([command, [line, exitCode]]) => `'${command}') echo '${line}'; last=${exitCode};;`,
		);
		const script = ['#!/bin/sh', 'case "$*" in', ...cases, 'esac', 'echo "CI=$CI, $*"'];
		folder.write({ npm: [...script, 'exit $last'].join('\n') });
		chmodSync(folder.pathOf('npm'), 0o755);
		const { status, stdout } = spawn.sync(join(PROJECT, '.ci/run'), [], {
			env: { ...process.env, CI: '', PATH: `${folder.root}:${process.env.PATH}` },
			encoding: 'utf8',
		});
		return { status, lines: stdout.trimEnd().split('\n') };
	}

	it('runs npm test, then the end-to-end tests, and ends with the count of both', () => {
		expect(
			runWith({ test: ['9 passed, 0 failed', 0], 'run test:e2e': ['3 passed, 0 failed', 0] }),
		).toEqual({
			status: 0,
			lines: [
				...['9 passed, 0 failed', 'CI=true, test'],
				...['3 passed, 0 failed', 'CI=true, run test:e2e'],
				'12 passed, 0 failed',
			],
		});
	});

	it.each<[string, Outcomes, string]>([
		[
			'a test fails',
			{ test: ['7 passed, 2 failed', 1], 'run test:e2e': ['3 passed, 0 failed', 0] },
			'10 passed, 2 failed',
		],
		[
			'an end-to-end test fails',
			{ test: ['9 passed, 0 failed', 0], 'run test:e2e': ['2 passed, 1 failed', 1] },
			'11 passed, 1 failed',
		],
		[
			'the set-up of the tests fails',
			{ test: ['could not install', 3], 'run test:e2e': ['3 passed, 0 failed', 0] },
			'3 passed, 1 failed',
		],
		[
			'a run succeeds without a count',
			{ test: ['9 passed, 0 failed', 0], 'run test:e2e': ['nothing to do', 0] },
			'9 passed, 1 failed',
		],
		[
			'a run fails after a good count',
			{ test: ['9 passed, 0 failed', 3], 'run test:e2e': ['3 passed, 0 failed', 0] },
			'12 passed, 1 failed',
		],
	])('fails when %s', (_, outcomes, count) => {
		const { status, lines } = runWith(outcomes);
		expect(status).toBe(1);
		expect(lines.at(-1)).toBe(count);
	});
});
