import { credentialTest } from '../../shared/http/credential';
import { kinktree } from '../service';
import { listTags } from '../tags';

/** Sends GET /partners/tags, the only request that changes nothing. */
export const testKinktreeApi = credentialTest(kinktree, async (api) => {
	const { length } = await listTags(api);
	return `Connection successful: ${length} ${length === 1 ? 'tag' : 'tags'} in your namespace`;
});
