/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import spawn from 'cross-spawn';

/** Without a terminal, the spinners of the tools would fill the log. */
const environment = (): NodeJS.ProcessEnv =>
	process.stdout.isTTY ? process.env : { ...process.env, CI: 'true' };

/**
 * Runs a program with this one's terminal.
 * @param cwd folder to run it in
 * @returns the exit code; 1 when a signal ended it, 127 when it could not be started
 */
export async function runCommand(command: string, args: string[], cwd: string): Promise<number> {
	return await new Promise((resolve) => {
		const child = spawn(command, args, { cwd, env: environment(), stdio: 'inherit' });
		child.on('error', () => resolve(127));
		child.on('close', (code) => resolve(code ?? 1));
	});
}

/** Ends this program with the exit code that a script comes to, or with 1 and its error. */
export function endWith(script: Promise<number | boolean>): void {
	script.then(
		(end) => {
			process.exitCode = typeof end === 'number' ? end : Number(!end);
		},
		(error: unknown) => {
			// A plain error says what to do; any other is a mistake of the script.
			const isPlain = error instanceof Error && error.constructor === Error;
			console.error(isPlain ? error.message : error);
			process.exitCode = 1;
		},
	);
}
