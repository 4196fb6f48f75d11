/**
 * Prepares a fresh clone, then runs a command in it: `node scripts/setup.mjs -- node --import tsx demo.ts`.
 * (Not with the command `tsx`: on Ctrl-C, `tsx` kills a script that does not react within milliseconds.)
 * Uses plain Node without dependencies, because nothing may be installed yet.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const onWindows = process.platform === 'win32';

/** Settings of the npm that runs this script. They would change what `npm ci` installs. */
const FOREIGN_SETTINGS =
	/^npm_config_(omit|include|only|also|production|optional|global|location|prefix|local_prefix|dry_run|package_lock|package_lock_only|workspaces?|include_workspace_root|install_strategy|ignore_scripts|json|progress)$/i;

function say(line) {
	process.stdout.write(`${line}\n`);
}

function readLock(file) {
	try {
		return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
	} catch {
		return undefined;
	}
}

/** Packages that every machine needs; optional ones depend on the platform. */
function neededPackages() {
	const packages = readLock('package-lock.json');
	if (packages === undefined) {
		say('package-lock.json is missing or damaged. Restore it with: git checkout package-lock.json');
		process.exit(1);
	}
	return Object.entries(packages).filter(([path, { optional }]) => path !== '' && !optional);
}

/**
 * Says why packages must be installed; undefined if none must. npm lists the installed packages in
 * node_modules/.package-lock.json as its last step. So that file reveals both an interrupted
 * installation and a changed package-lock.json.
 */
function whyInstall(needed) {
	if (!existsSync(join(root, 'node_modules'))) return 'nothing is installed yet';
	const installed = readLock(join('node_modules', '.package-lock.json'));
	if (installed === undefined) return 'the last installation did not finish';
	const differs = ([path, { version, integrity }]) =>
		installed[path] === undefined ||
		installed[path].version !== version ||
		installed[path].integrity !== integrity;
	return needed.some(differs) ? 'package-lock.json has changed' : undefined;
}

/**
 * The command for npm. If npm runs this script, starts that npm directly, which needs no shell on
 * Windows. Otherwise takes npm from the PATH.
 */
function npm(args) {
	const cli = process.env.npm_execpath;
	if (cli !== undefined && /npm-cli\.[cm]?js$/.test(cli) && existsSync(cli)) {
		return { command: process.execPath, args: [cli, ...args] };
	}
	return { command: 'npm', args };
}

/** Prints the number of installed packages: every second on a terminal, every 20 % in a log. */
function showProgress(needed) {
	const inPlace = process.stdout.isTTY === true;
	let told = -1;
	const tell = () => {
		const there = needed.filter(([path]) => existsSync(join(root, path, 'package.json'))).length;
		const percent = Math.floor((100 * there) / needed.length);
		const step = inPlace ? there : Math.floor(percent / 20);
		if (step === told) return;
		told = step;
		const line = `  ${String(percent).padStart(3)} %  ${there} of ${needed.length} packages`;
		process.stdout.write(inPlace ? `\r${line}` : `${line}\n`);
	};
	const timer = setInterval(tell, 1000);
	return () => {
		clearInterval(timer);
		tell();
		if (inPlace) process.stdout.write('\n');
	};
}

/**
 * Runs a program in this terminal and passes signals on to it.
 * @returns its exit code, or the signal that ended it
 */
function run({ command, args }, env) {
	return new Promise((resolve) => {
		// On Windows, the commands in node_modules/.bin are shell scripts.
		const shell = onWindows && command !== process.execPath;
		const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', shell });
		// On a terminal, Ctrl-C reaches the child directly. A second signal would cut off its clean-up.
		const forward = (signal) => {
			if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
		};
		const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
		signals.forEach((signal) => process.on(signal, forward));
		const end = (code, signal) => {
			signals.forEach((name) => process.removeListener(name, forward));
			resolve({ code, signal });
		};
		child.on('error', (error) => {
			say(`Could not start ${command}: ${error.message}`);
			end(127, null);
		});
		child.on('close', end);
	});
}

/** Ends this process the way the child ended. */
function leave({ code, signal }) {
	if (signal === null || onWindows) process.exit(code === null ? 1 : code);
	process.kill(process.pid, signal);
	// If this process ignores the signal, report it by exit code, as shells do.
	setTimeout(() => process.exit(128 + constants.signals[signal]), 1000);
}

async function install(needed, reason) {
	say(`Installing ${needed.length} packages with npm ci (${reason}); this takes a minute or two.`);
	const started = Date.now();
	const env = Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name)),
	);
	// Install dev dependencies even if NODE_ENV is "production".
	const wanted = npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
	const stopProgress = showProgress(needed);
	const result = await run(wanted, { ...env, npm_config_progress: 'false' });
	stopProgress();
	if (result.code !== 0) {
		say('npm ci did not succeed; its message is above.');
		return result;
	}
	say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
	return undefined;
}

async function main() {
	const major = Number(process.versions.node.split('.')[0]);
	if (major < OLDEST_NODE) {
		say(`Node ${OLDEST_NODE} or newer is needed, this is Node ${process.versions.node}.`);
		say('Install a newer one from https://nodejs.org and run the command again.');
		process.exit(1);
	}
	const separator = process.argv.indexOf('--');
	const [command, ...args] = separator === -1 ? [] : process.argv.slice(separator + 1);
	if (command === undefined) {
		say('Usage: node scripts/setup.mjs -- <command> [arguments]');
		process.exit(2);
	}
	const needed = neededPackages();
	const reason = whyInstall(needed);
	const failure = reason === undefined ? undefined : await install(needed, reason);
	if (failure !== undefined) return leave(failure);
	// Windows calls the variable Path.
	const name = Object.keys(process.env).find((key) => /^path$/i.test(key)) || 'PATH';
	const path = join(root, 'node_modules', '.bin') + delimiter + (process.env[name] || '');
	return leave(await run({ command, args }, { ...process.env, [name]: path }));
}

main();
