/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import { chmodSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import spawn from 'cross-spawn';

import { freshFolder } from './freshFolder';

const INSTALLING = /^Installing 2 packages with npm ci \((.*)\)/m;

const folder = freshFolder();

/** Writes a project whose only dependency is a local folder, so that npm needs no network. */
function writeProject(version = '1.0.0') {
	const tool = { version, dev: true };
	const manifest = { name: 'fixture', devDependencies: { tool: 'file:tool' } };
	folder.write({
		'package.json': JSON.stringify(manifest),
		'package-lock.json': JSON.stringify({
			name: 'fixture',
			lockfileVersion: 3,
			requires: true,
			packages: {
				'': manifest,
				'node_modules/tool': { resolved: 'tool', link: true },
				tool: { name: 'tool', ...tool, bin: { tool: 'tool.js' } },
			},
		}),
		'tool/package.json': JSON.stringify({ name: 'tool', version, bin: { tool: 'tool.js' } }),
		'tool/tool.js': `#!/usr/bin/env node
		const [code] = process.argv.slice(2);
		if (code === 'wait' || code === 'handle') setInterval(() => {}, 1000);
		else process.exitCode = Number(code);
		if (code === 'handle') {
			process.on('SIGTERM', () => {
				console.log('cleaned up');
				process.exit(7);
			});
		}
		console.log('tool runs');`,
	});
	chmodSync(folder.pathOf('tool/tool.js'), 0o755);
}

function setup(args: string[], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []) {
	return spawn.sync(process.execPath, [...nodeArgs, 'scripts/setup.mjs', ...args], {
		cwd: folder.root,
		env: { ...process.env, ...env },
		encoding: 'utf8',
	});
}

beforeEach(() => {
	cpSync(resolve(__dirname, '../../scripts/setup.mjs'), folder.pathOf('scripts/setup.mjs'));
	writeProject();
});

describe('the set-up of a fresh clone', () => {
	it('installs once, says so, and passes on the exit code of the command', () => {
		const first = setup(['--', 'tool', '3']);
		expect(INSTALLING.exec(first.stdout)?.[1]).toBe('nothing is installed yet');
		expect(first.stdout).toContain('100 %  2 of 2 packages');
		expect(first.stdout).toMatch(/tool runs\n$/);
		expect(first.status).toBe(3);

		const second = setup(['--', 'tool', '0']);
		expect(second.stdout).toBe('tool runs\n');
		expect(second.status).toBe(0);
	});

	it('installs again when package-lock.json has changed', () => {
		setup(['--', 'tool', '0']);
		writeProject('1.1.0');
		const { stdout } = setup(['--', 'tool', '0']);
		expect(INSTALLING.exec(stdout)?.[1]).toBe('package-lock.json has changed');
		expect(setup(['--', 'tool', '0']).stdout).toBe('tool runs\n');
	});

	it('installs again when the last installation was interrupted', () => {
		setup(['--', 'tool', '0']);
		rmSync(folder.pathOf('node_modules/.package-lock.json'));
		const { stdout } = setup(['--', 'tool', '0']);
		expect(INSTALLING.exec(stdout)?.[1]).toBe('the last installation did not finish');
	});

	it.each([
		{ npm_config_omit: 'dev', NODE_ENV: 'production' },
		{ npm_config_global: 'true' },
		{ npm_config_dry_run: 'true', npm_config_package_lock_only: 'true' },
		{ NPM_CONFIG_ONLY: 'prod', npm_config_production: 'true' },
		{ npm_execpath: '/nowhere/npm-cli.js' },
	])('installs the development dependencies despite the settings %j', (env) => {
		const { stdout, status } = setup(['--', 'tool', '0'], env);
		expect(stdout).toMatch(/tool runs\n$/);
		expect(status).toBe(0);
	});

	it('ends with the exit code of npm when the installation fails', () => {
		const lock = JSON.parse(readFileSync(folder.pathOf('package-lock.json'), 'utf8'));
		delete lock.packages.tool;
		delete lock.packages['node_modules/tool'];
		folder.write({ 'package-lock.json': JSON.stringify(lock) });
		const { stdout, status } = setup(['--', 'tool', '0']);
		expect(stdout).toContain('npm ci did not succeed; its message is above.');
		expect(stdout).not.toContain('tool runs');
		expect(status).toBe(1);
	});
});

describe('the set-up', () => {
	it('names the version that it needs when Node is too old', () => {
		folder.write({
			'old.cjs': "Object.defineProperty(process, 'versions', { value: { node: '18.20.1' } })",
		});
		const { stdout, status } = setup(['--', 'tool', '0'], {}, ['--require', './old.cjs']);
		expect(stdout).toContain('Node 20 or newer is needed, this is Node 18.20.1.');
		expect(stdout).not.toContain('Installing');
		expect(status).toBe(1);
	});

	it.each([[[]], [['tool']], [['--']]])('prints its usage for the arguments %j', (args) => {
		const { stdout, status } = setup(args);
		expect(stdout).toBe('Usage: node scripts/setup.mjs -- <command> [arguments]\n');
		expect(status).toBe(2);
	});

	it('says how to restore a missing package-lock.json', () => {
		rmSync(folder.pathOf('package-lock.json'));
		const { stdout, status } = setup(['--', 'tool', '0']);
		expect(stdout).toContain('Restore it with: git checkout package-lock.json');
		expect(status).toBe(1);
	});

	it('names a command that does not exist', () => {
		const { stdout, status } = setup(['--', 'no-such-command']);
		expect(stdout).toContain('Could not start no-such-command');
		expect(status).toBe(127);
	});
});

describe('a signal', () => {
	async function signalled(mode: string) {
		setup(['--', 'tool', '0']);
		const child = spawn(process.execPath, ['scripts/setup.mjs', '--', 'tool', mode], {
			cwd: folder.root,
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let output = '';
		child.stdout?.on('data', (chunk: Buffer) => {
			if (output === '') child.kill('SIGTERM');
			output += chunk.toString();
		});
		const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
		return { code, signal, output };
	}

	it('reaches the command, which may clean up and choose its exit code', async () => {
		expect(await signalled('handle')).toEqual({
			code: 7,
			signal: null,
			output: 'tool runs\ncleaned up\n',
		});
	});

	it('ends the set-up after it has ended the command', async () => {
		expect(await signalled('wait')).toEqual({
			code: null,
			signal: 'SIGTERM',
			output: 'tool runs\n',
		});
	});
});
