/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	endLeftovers,
	isRunning,
	Processes,
	requireLoopback,
	type RunningProgram,
	startTimeOf,
	waitFor,
} from '../e2e/lib/processes';

let folder: string;
let program: RunningProgram;
beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'processes-'));
	program = new Processes(folder).start({
		name: 'idler',
		command: process.execPath,
		args: ['-e', 'setInterval(() => {}, 1000); console.log("idling")'],
		env: {},
	});
	await waitFor({ goal: 'the idler', timeout: 10_000, interval: 10, program }, () =>
		program.output().includes('idling') ? true : undefined,
	);
});
afterEach(async () => {
	await program.kill();
	rmSync(folder, { recursive: true });
});

describe('a later test run', () => {
	it('ends a process that is still running', async () => {
		expect(endLeftovers(folder)).toEqual(['idler']);
		expect(await program.ended).toBe('SIGKILL');
	});

	it.each(['', '\nan hour ago', '\nundefined'])(
		'spares a process that only has the same ID (its file ends with %j)',
		(startTime) => {
			const note = join(folder, 'pids', String(program.pid));
			writeFileSync(note, `idler${startTime}`);
			expect(endLeftovers(folder)).toEqual([]);
			expect(isRunning(program.pid, startTimeOf(program.pid))).toBe(true);
			expect(existsSync(note)).toBe(false);
		},
	);

	it('does not count an ended process as running', async () => {
		const startTime = startTimeOf(program.pid);
		await program.kill();
		expect(isRunning(program.pid, startTime)).toBe(false);
	});
});

describe('a server of a test', () => {
	it.each(['127.0.0.1', '127.0.0.2'])(
		'may only listen on 127.0.0.1, so not on %s',
		async (host) => {
			const server = createServer().listen(0, host);
			await once(server, 'listening');
			const { port } = server.address() as AddressInfo;
			const isAllowed = await requireLoopback(port).then(
				() => true,
				() => false,
			);
			server.close();
			expect(isAllowed).toBe(host === '127.0.0.1');
		},
	);
});
