/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { installedN8n, toolPath } from './installations';
import { thisPackage } from './package';
import { PROJECT } from './paths';
import { freePort, run, type Processes, waitFor } from './processes';

/** A package registry on this machine, and the way to it for an n8n. */
export interface Registry {
	/** e.g. `http://127.0.0.1:4873` */
	url: string;
	/** Settings with which n8n finds nothing in the internet but this registry. */
	env: NodeJS.ProcessEnv;
	/** Makes the same settings for the npm of n8n 1, which does not get n8n's environment. */
	prepare(userFolder: string): void;
	/** Publishes a tarball. */
	publish(tarball: string): Promise<void>;
	stop(): Promise<void>;
}

/**
 * Everyone may do everything: it lives as long as the test does. Other packages than ours are
 * fetched from the registry that npm uses on this machine: n8n 1 installs peer dependencies.
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
 * n8n asks the public registry, whose address it passes to npm on the command line; another one
 * needs a licence (`N8N_COMMUNITY_PACKAGES_REGISTRY`). So n8n gets a proxy, as in a company's
 * network, behind which every host of the internet is this registry.
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
		// It needs a newer Node than the tests do.
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
			// package.json demands a provenance, which only the workflow that publishes can give.
			const plain = ['--ignore-scripts', '--no-provenance'];
			await run('npm', ['publish', tarball, ...plain, token, ...where], { cwd: folder });
		},
		stop: async () => {
			await proxy.stop();
			await verdaccio.stop();
		},
	};
}
