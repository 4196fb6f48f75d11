import { ServiceError } from '../../shared/http/errors';
import type { Page } from '../../shared/http/paging';

export const SPENT = 'Your plan has used up its requests for this hour. Try again later';

/** Operations advise an option that neither the panel nor a credential has. */
export async function advising(advice: string, asked: Promise<Page>): Promise<Page> {
	return await asked.catch((error: unknown) => {
		const isLimit = error instanceof ServiceError && error.failure === 'rate-limited';
		throw isLimit ? error.advising(advice) : error;
	});
}
