/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import spawn from 'cross-spawn';

/** Sets `CI` if there is no terminal. Otherwise the tools' spinners would fill the log. */
const environment = (): NodeJS.ProcessEnv =>
	process.stdout.isTTY ? process.env : { ...process.env, CI: 'true' };

/**
 * Runs a program in this terminal.
 * @param cwd folder to run it in
 * @returns the exit code; 1 if a signal ended the program, 127 if it could not be started
 */
export async function runCommand(command: string, args: string[], cwd: string): Promise<number> {
	return await new Promise((resolve) => {
		const child = spawn(command, args, { cwd, env: environment(), stdio: 'inherit' });
		child.on('error', () => resolve(127));
		child.on('close', (code) => resolve(code ?? 1));
	});
}

/** Sets the exit code to a script's result. If the script throws, prints the error and sets 1. */
export function endWith(script: Promise<number | boolean>): void {
	script.then(
		(end) => {
			process.exitCode = typeof end === 'number' ? end : Number(!end);
		},
		(error: unknown) => {
			// The message of a plain error says what to do. Any other error is a bug in the script.
			const isPlain = error instanceof Error && error.constructor === Error;
			console.error(isPlain ? error.message : error);
			process.exitCode = 1;
		},
	);
}
