/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	endLeftovers,
	isRunning,
	Processes,
	type Running,
	startOf,
	waitFor,
} from '../e2e/lib/processes';

let folder: string;
let program: Running;
beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'processes-'));
	program = new Processes(folder).start({
		name: 'idler',
		command: process.execPath,
		args: ['-e', 'setInterval(() => {}, 1000); console.log("idling")'],
		env: {},
	});
	await waitFor({ what: 'the idler', timeout: 10_000, interval: 10, program }, () =>
		program.output().includes('idling') ? true : undefined,
	);
});
afterEach(async () => {
	await program.kill();
	rmSync(folder, { recursive: true });
});

describe('the file of a process', () => {
	it('lets a later run end the process', async () => {
		expect(endLeftovers(folder)).toEqual(['idler']);
		expect(await program.ended).toBe('SIGKILL');
	});

	it.each(['', '\nan hour ago', '\nundefined'])(
		'ends no process that only has its ID, and is removed (%j)',
		(start) => {
			const note = join(folder, 'pids', String(program.pid));
			writeFileSync(note, `idler${start}`);
			expect(endLeftovers(folder)).toEqual([]);
			expect(isRunning(program.pid, startOf(program.pid))).toBe(true);
			expect(existsSync(note)).toBe(false);
		},
	);

	it('names no process once that has ended', async () => {
		const start = startOf(program.pid);
		await program.kill();
		expect(isRunning(program.pid, start)).toBe(false);
	});
});
