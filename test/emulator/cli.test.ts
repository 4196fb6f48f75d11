/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- these rules are for code that runs inside n8n */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { clientOf } from './testing';

const CLI = path.join(__dirname, 'cli.ts');

describe('the emulator command', () => {
	let child: ChildProcess | undefined;

	const run = (...args: string[]) => {
		child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		return child;
	};

	afterEach(() => child?.kill('SIGKILL'));

	it('serves the named services until a signal stops it', async () => {
		const { stdout } = run('kinktree', 'klinky=0');
		const lines = createInterface({ input: stdout as NodeJS.ReadableStream });
		const services = new Map<string, [string, string]>();
		for await (const line of lines) {
			const [service = '', url = '', secret = ''] = line.split('\t');
			services.set(service, [url, secret]);
			if (services.size === 2) break;
		}
		const [tags, secret] = services.get('kinktree') ?? ['', ''];
		const [links, key] = services.get('klinky') ?? ['', ''];
		expect((await clientOf(tags, { Authorization: secret }).get('/partners/tags')).status).toBe(
			200,
		);
		expect((await clientOf(links, { 'X-API-Key': key }).get('/public/links')).status).toBe(200);
		const exit = once(child as ChildProcess, 'exit');
		child?.kill('SIGTERM');
		expect(await exit).toEqual([0, null]);
	});

	it.each([
		['kinky', 'Unknown service "kinky"'],
		['klinky=http', '"http" is not a port'],
		['klinky=70000', '"70000" is not a port'],
	])('refuses the argument %s', async (argument, message) => {
		const { stderr } = run(argument);
		let text = '';
		stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
		const [code] = await once(child as ChildProcess, 'close');
		expect([code, text]).toEqual([1, expect.stringContaining(message)]);
	});
});
