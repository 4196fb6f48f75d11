import { credentialTest } from '../../shared/http/credential';
import { pageOfLinks } from '../links';
import { klinky } from '../service';

/** GET /public/links?page=1&per_page=1: the cheapest request. */
export const testKlinkyApi = credentialTest(klinky, async (api) => {
	const { total } = await pageOfLinks(api, 1, 1);
	const links =
		total === undefined ? '' : `: ${total} ${total === 1 ? 'link' : 'links'} in your account`;
	const { limit, remaining } = api.rateLimit ?? {};
	const budget =
		remaining === undefined
			? ''
			: `, ${remaining}${limit === undefined ? '' : ` of ${limit}`} requests left this hour`;
	return `Connection successful${links}${budget}`;
});
