/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { parseArgs } from 'node:util';
import { type ServiceName, SERVICES, startEmulator } from '.';

const USAGE = `Usage: tsx test/emulator/cli.ts [service[=port] ...]

Serves the named services (default: all) on 127.0.0.1 with the demo data, on the given or on free ports.
  service  ${SERVICES.join(', ')}
  e.g.     tsx test/emulator/cli.ts kinktree=4711 klinky`;

/** Parses an argument such as `kinktree=4711`. Throws if the service or the port is invalid. */
function parseTarget(argument: string): { service: ServiceName; port: number } {
	const [name, port = '0'] = argument.split('=');
	const service = SERVICES.find((known) => known === name);
	if (!service) throw new Error(`Unknown service "${name}"\n\n${USAGE}`);
	if (!/^\d+$/u.test(port) || Number(port) > 65_535) throw new Error(`"${port}" is not a port`);
	return { service, port: Number(port) };
}

async function main(): Promise<void> {
	const { positionals, values } = parseArgs({
		allowPositionals: true,
		options: { help: { type: 'boolean', short: 'h' } },
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const targets = (positionals.length > 0 ? positionals : [...SERVICES]).map(parseTarget);
	const emulators = await Promise.all(
		targets.map(async ({ service, port }) => await startEmulator(service, { seed: 'demo', port })),
	);
	for (const { service, url, secret } of emulators) console.log(`${service}\t${url}\t${secret}`);
	const stop = () => {
		Promise.all(emulators.map(async (emulator) => await emulator.stop())).catch(fail);
	};
	process.once('SIGINT', stop).once('SIGTERM', stop);
}

function fail(error: unknown): void {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}

main().catch(fail);
