/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { installedN8n, toolPath } from './installations';
import { thisPackage } from './package';
import { PROJECT } from './paths';
import { freePort, run, type Processes, requireLoopback, waitFor } from './processes';

/** A package registry on this machine, and the settings that lead an n8n to it. */
export interface Registry {
	/** e.g. `http://127.0.0.1:4873` */
	url: string;
	/** Settings that send all internet requests of n8n to this registry. */
	env: NodeJS.ProcessEnv;
	/** Writes the same settings for the npm of n8n 1, which does not get n8n's environment. */
	prepare(userFolder: string): void;
	publish(tarball: string): Promise<void>;
	stop(): Promise<void>;
}

/**
 * The registry's configuration. Everyone may do everything, because the registry only lives as long
 * as the test. It fetches other packages from the registry that npm uses on this machine, because n8n 1
 * installs peer dependencies.
 */
const configuration = (folder: string, uplink: string): string => `
storage: ${JSON.stringify(join(folder, 'storage'))}
auth:
  htpasswd:
    file: ${JSON.stringify(join(folder, 'htpasswd'))}
uplinks:
  usual:
    url: ${uplink}
packages:
  ${thisPackage().name}:
    access: $all
    publish: $anonymous $authenticated
  '**':
    access: $all
    proxy: usual
log: { type: stdout, format: pretty, level: http }
`;

const npmSetting = async (name: string): Promise<string> =>
	(await run('npm', ['config', 'get', name], { cwd: PROJECT })).trim();

/**
 * Starts a registry on loopback.
 *
 * n8n passes the address of the public registry to npm on the command line. Another address needs a
 * licence (`N8N_COMMUNITY_PACKAGES_REGISTRY`). So n8n gets a proxy, as in a company's network, that
 * sends every request to this registry.
 */
export async function startRegistry(processes: Processes): Promise<Registry> {
	const folder = join(processes.folder, 'registry');
	mkdirSync(folder, { recursive: true });
	const settings = join(folder, 'config.yaml');
	writeFileSync(settings, configuration(folder, await npmSetting('registry')));
	const authorities = await npmSetting('cafile');
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const verdaccio = processes.start({
		name: 'registry',
		// Verdaccio needs a newer Node than the tests do.
		command: installedN8n('newest').node,
		args: [
			toolPath('verdaccio', 'bin', 'verdaccio'),
			...['--config', settings, '--listen', `127.0.0.1:${port}`],
		],
		cwd: folder,
		env: {
			...{ PATH: process.env.PATH, HOME: folder },
			...(authorities === 'null' ? {} : { NODE_EXTRA_CA_CERTS: authorities }),
		},
	});
	await waitFor(
		{ goal: 'the registry to answer', timeout: 60_000, program: verdaccio },
		async () => ((await fetch(`${url}/-/ping`)).ok ? true : undefined),
	);

	await requireLoopback(port);

	const certificate = join(folder, 'ca.pem');
	const proxy = processes.start({
		name: 'proxy',
		command: installedN8n('newest').node,
		args: [join(PROJECT, 'test', 'e2e', 'proxy.js'), url, certificate],
		env: { PATH: process.env.PATH, NODE_PATH: toolPath() },
	});
	const proxyUrl = await waitFor(
		{ goal: 'the proxy to listen', timeout: 60_000, program: proxy },
		() => /listening at (\S+)/.exec(proxy.output())?.[1],
	);

	return {
		url,
		env: {
			HTTP_PROXY: proxyUrl,
			HTTPS_PROXY: proxyUrl,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificate,
			npm_config_cafile: certificate,
		},
		prepare: (userFolder) => {
			const nodes = join(userFolder, '.n8n', 'nodes');
			const lines = {
				cache: join(userFolder, 'npm'),
				cafile: certificate,
				'https-proxy': proxyUrl,
				'update-notifier': false,
			};
			mkdirSync(nodes, { recursive: true });
			writeFileSync(
				join(nodes, '.npmrc'),
				Object.entries(lines)
					.map(([name, value]) => `${name}=${String(value)}\n`)
					.join(''),
			);
		},
		publish: async (tarball) => {
			const token = `--//127.0.0.1:${port}/:_authToken=anyone`;
			const where = ['--registry', url, '--cache', join(folder, 'npm')];
			// package.json asks for provenance, which only the publishing workflow can give.
			const plain = ['--ignore-scripts', '--no-provenance'];
			await run('npm', ['publish', tarball, ...plain, token, ...where], { cwd: folder });
		},
		stop: async () => {
			await proxy.stop();
			await verdaccio.stop();
		},
	};
}
