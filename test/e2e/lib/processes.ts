/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/require-node-api-error -- these rules are for code that runs inside n8n */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import {
	copyFileSync,
	createWriteStream,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import spawn from 'cross-spawn';
import glob from 'fast-glob';

import { saveOnFailure } from './evidence';

const execute = promisify(execFile);

const onWindows = process.platform === 'win32';

/** How long a program may take to end by itself, in ms. */
const GRACE = 15_000;

export interface ProgramOptions {
	/** Short, for messages and the name of its log. */
	name: string;
	command: string;
	args: string[];
	cwd?: string;
	/** The whole environment; nothing is inherited. */
	env: NodeJS.ProcessEnv;
	/** User to run as, for programs that refuse root. */
	uid?: number;
	gid?: number;
}

/** A running program, with every process that it starts. */
export interface RunningProgram {
	readonly name: string;
	readonly pid: number;
	/** Path of the file with its output. */
	readonly log: string;
	/** Its output so far. */
	output(): string;
	/** Resolves with the exit code or the signal's name when the program has ended. */
	readonly ended: Promise<number | string>;
	/** Asks the program to end, and kills it if it does not. */
	stop(): Promise<void>;
	/** Kills the program at once, like a crash or a power failure. */
	kill(): Promise<void>;
}

/**
 * Ends a program and every process that it started.
 * @param pid ID of its process group's leader
 */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
	try {
		if (onWindows) spawn.sync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
		else process.kill(-pid, signal);
	} catch (error) {
		// The program has already ended.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/** The start time of a process, as the system writes it; undefined if there is no such process. */
export function startTimeOf(pid: number): string | undefined {
	if (existsSync('/proc/self/stat')) {
		const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
		// The name in parentheses may contain anything. The start time is the twentieth word after it.
		const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
		return ticks && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
	}
	const [command = '', ...args] = onWindows
		? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
		: ['ps', '-o', 'lstart=', '-p', String(pid)];
	return spawn.sync(command, args, { encoding: 'utf8' }).stdout.trim() || undefined;
}

/** Whether a process still runs. Checks the start time, because systems reuse process IDs. */
export function isRunning(pid: number, startTime: string | undefined): boolean {
	return startTime !== undefined && startTimeOf(pid) === startTime;
}

/** Programs that share a folder, which holds their logs and the process IDs of running programs. */
export class Processes {
	private readonly running = new Set<RunningProgram>();

	constructor(readonly folder: string) {
		mkdirSync(join(folder, 'pids'), { recursive: true });
		mkdirSync(join(folder, 'logs'), { recursive: true });
	}

	/** Starts a program in a process group of its own. Use {@link waitFor} to wait until it is ready. */
	start({ name, command, args, cwd, env, uid, gid }: ProgramOptions): RunningProgram {
		const log = join(this.folder, 'logs', `${name}.log`);
		const sink = createWriteStream(log, { flags: 'a' });
		const child = spawn(command, args, {
			...{ cwd, env, uid, gid },
			detached: !onWindows,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const { pid } = child;
		if (pid === undefined) throw new Error(`${name} could not be started: ${command}`);
		const note = join(this.folder, 'pids', String(pid));
		writeFileSync(note, `${name}\n${startTimeOf(pid)}`);
		child.stdout?.pipe(sink, { end: false });
		child.stderr?.pipe(sink, { end: false });
		const ended = endOf(child).finally(() => {
			this.running.delete(program);
			rmSync(note, { force: true });
			sink.end();
		});
		const program: RunningProgram = {
			...{ name, pid, log, ended },
			// The file appears with the first output
			output: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
			stop: async () => {
				signalGroup(pid, 'SIGTERM');
				const graceful = await Promise.race([
					ended.then(() => true),
					sleep(GRACE, false, { ref: false }),
				]);
				if (!graceful) signalGroup(pid, 'SIGKILL');
				await ended;
			},
			kill: async () => {
				signalGroup(pid, 'SIGKILL');
				await ended;
			},
		};
		this.running.add(program);
		saveOnFailure((folder) => copyFileSync(log, join(folder, `${name}.log`)));
		return program;
	}

	/** Stops all programs, the newest first. */
	async stopAll(): Promise<void> {
		for (const program of [...this.running].reverse()) await program.stop();
	}
}

/** Makes a new folder for programs, inside the folder of the test run. */
export function freshProcesses(name: string): Processes {
	return new Processes(mkdtempSync(join(process.env.E2E_FOLDER ?? tmpdir(), `${name}-`)));
}

/**
 * Kills programs of a folder and its subfolders that still run, even those of an earlier run. Spares
 * other processes that have got one of their IDs since.
 * @returns the names of the killed programs
 */
export function endLeftovers(folder: string): string[] {
	return glob.sync('{.,*,*/*}/pids/*', { cwd: folder, absolute: true }).flatMap((note) => {
		const pid = Number(basename(note));
		const [name = '', startTime] = readFileSync(note, 'utf8').split('\n');
		const isOurs = isRunning(pid, startTime);
		if (isOurs) signalGroup(pid, 'SIGKILL');
		rmSync(note);
		return isOurs ? [name] : [];
	});
}

async function endOf(child: ChildProcess): Promise<number | string> {
	return await new Promise((resolve) => {
		child.on('error', (error) => resolve(error.message));
		child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
	});
}

export interface WaitOptions {
	/** Completes "waited 60 s for …". */
	goal: string;
	/** ms */
	timeout: number;
	/** ms between two calls of `look` (default 250) */
	interval?: number;
	/** Stop waiting if this program ends. */
	program?: RunningProgram;
}

/**
 * Calls `look` again and again until it returns something.
 *
 * @param look returns undefined, or throws, as long as there is nothing
 * @throws after the timeout, with the last error of `look`, or if the program ends
 */
export async function waitFor<T>(
	{ goal, timeout, interval = 250, program }: WaitOptions,
	look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
	const deadline = performance.now() + timeout;
	let end: number | string | undefined;
	void program?.ended.then((how) => (end = how));
	for (;;) {
		let trouble = '';
		try {
			const found = await look();
			if (found !== undefined) return found;
		} catch (error) {
			trouble = `: ${error instanceof Error ? error.message : String(error)}`;
		}
		if (program && end !== undefined) {
			const lastLines = program.output().trim().split('\n').slice(-12).join('\n');
			throw new Error(`${program.name} ended (${end}) before ${goal}:\n${lastLines}`);
		}
		if (performance.now() > deadline) {
			throw new Error(`Waited ${timeout / 1000} s for ${goal}${trouble}`);
		}
		await sleep(interval);
	}
}

/** Listens on a port of 127.0.0.1 for a moment. @returns the port @throws if the port is taken */
async function tryPort(wanted: number): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.on('error', reject);
		server.listen(wanted, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** A port on 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
	return await tryPort(0);
}

/** Whether a port on 127.0.0.1 is free now. */
export async function isFree(port: number): Promise<boolean> {
	return await tryPort(port).then(
		() => true,
		() => false,
	);
}

/**
 * Checks that the server at a port of 127.0.0.1 listens nowhere else. On Linux, 127.0.0.2 leads to a
 * server that listens everywhere.
 *
 * @throws if that address answers
 */
export async function requireLoopback(port: number): Promise<void> {
	const socket = connect({ host: '127.0.0.2', port });
	const answers = await once(socket, 'connect').then(
		() => true,
		() => false,
	);
	socket.destroy();
	if (answers) throw new Error(`The server at port ${port} does not listen on 127.0.0.1 only`);
}

/**
 * Runs a program to its end.
 * @returns its output
 * @throws with its error message if the exit code is not 0
 */
export async function run(
	command: string,
	args: string[],
	options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
	const { stdout } = await execute(command, args, { ...options, maxBuffer: 1024 ** 3 });
	return stdout;
}
