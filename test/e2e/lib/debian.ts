/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { existsSync, rmSync, writeFileSync } from 'node:fs';

import { run } from './processes';

/** Debian's packages run this script before they start a service of the whole machine. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/** Installs Debian packages, but starts none of their services. Does nothing unless root runs it on Debian. */
export async function installFromDebian(packages: string[]): Promise<void> {
	if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return;
	const ownPolicy = !existsSync(SERVICE_POLICY);
	if (ownPolicy) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	try {
		const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		await run('apt-get', ['update'], { env });
		await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
	} finally {
		if (ownPolicy) rmSync(SERVICE_POLICY);
	}
}
