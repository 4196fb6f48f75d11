import type { IDataObject } from 'n8n-workflow';

import type { Api } from '../../../shared/http/api';
import { ServiceError } from '../../../shared/http/errors';
import type { Run } from '../../../shared/operations/operation';
import type { RateLimit } from '../../../shared/http/rateLimit';
import { askRateLimit } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';

export const get = klinkyOperation({
	name: 'Get',
	value: 'get',
	action: 'Get the rate limit',
	description:
		'Get the number of requests that your plan has left this hour. This costs one, unless all are used up.',
	fields: [],
	reads: true,
	async execute({ api, run, waits }) {
		// While the window is closed, Klinky would only refuse the request
		const closed = () => (!waits && api.rateLimit?.remaining === 0 ? api.rateLimit : undefined);
		return shown(closed() ?? (await asked(api, run, closed)));
	},
});

async function asked(api: Api, run: Run, closed: () => RateLimit | undefined): Promise<RateLimit> {
	return await askRateLimit(api, run.now()).catch((error: unknown) => {
		const known = error instanceof ServiceError && error.status === 429 ? closed() : undefined;
		if (known) return known;
		throw error;
	});
}

function shown({ limit, remaining, resetsAt }: RateLimit): IDataObject {
	return {
		limit: limit ?? null,
		remaining,
		resetsAt: resetsAt === undefined ? null : new Date(resetsAt).toISOString(),
	};
}
