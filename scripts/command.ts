import spawn from 'cross-spawn';

/**
 * Runs a program with this one's terminal.
 * @param cwd folder to run it in
 * @returns the exit code; 1 when a signal ended it, 127 when it could not be started
 */
export async function runCommand(command: string, args: string[], cwd: string): Promise<number> {
	return await new Promise((resolve) => {
		const child = spawn(command, args, { cwd, stdio: 'inherit' });
		child.on('error', () => resolve(127));
		child.on('close', (code) => resolve(code ?? 1));
	});
}
