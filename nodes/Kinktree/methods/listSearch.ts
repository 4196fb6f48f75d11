import { asText } from '../../shared/http/answer';
import { listSearch, pageOf } from '../../shared/fields/listSearch';
import { kinktree } from '../service';
import { listTags } from '../tags';
import type { Tag } from '../tags';

const byNumber = new Intl.Collator('en', { numeric: true });

export const searchTags = listSearch(kinktree, async (api, { filter, from }) => {
	const entries = (await listTags(api))
		.map((tag) => ({ name: shownName(tag), value: tag.identifier }))
		.sort((a, b) => byNumber.compare(a.value, b.value));
	return pageOf(entries, filter, from);
});

function shownName({ identifier, name, locked }: Tag): string {
	const label = asText(name);
	return [identifier, label ? ` – ${label}` : '', locked === true ? ' (locked)' : ''].join('');
}
