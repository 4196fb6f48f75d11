/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- these rules are for code that runs inside n8n */
import { parseArgs } from 'node:util';

import { runtime } from '../../nodes/shared/http/connection';
import { endWith } from '../command';
import { compareWith } from './against';
import { EXIT, SERVICES, verifyLive } from './live';

const variables = SERVICES.map(({ variables }) => `  ${variables.secret}, ${variables.address}`);

const USAGE = `Usage: npm run verify:live [-- --against <file or address>]

Checks whether the real services match our OpenAPI documents. It only reads.
Takes keys and addresses from the environment:
${variables.join('\n')}

--against  compares our document with a vendor's OpenAPI document instead; needs no key

Exit code: 0 if nothing differs, 1 if something does, 2 if something could not be asked.`;

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: { help: { type: 'boolean', short: 'h' }, against: { type: 'string' } },
	});
	if (values.help) {
		console.log(USAGE);
		return 0;
	}
	const surroundings = {
		env: process.env,
		runtime: runtime(),
		folder: process.cwd(),
		width: process.stdout.columns ?? 120,
		say: (text: string) => console.log(text),
	};
	return values.against === undefined
		? await verifyLive(surroundings)
		: await compareWith(values.against, surroundings);
}

endWith(
	main().catch((error: unknown) => {
		// A misspelt option needs no stack trace
		const isUsage = error instanceof Error && 'code' in error;
		console.error(isUsage ? error.message : error);
		return EXIT.unasked;
	}),
);
