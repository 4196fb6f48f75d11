import { resources as ofKindryn } from '../../../nodes/Kindryn/actions';
import { tag } from '../../../nodes/Kinktree/actions/tag';
import { link } from '../../../nodes/Klinky/actions/link';

const writes = [...ofKindryn, tag, link].flatMap(({ value, operations }) =>
	operations
		.filter(({ reads }) => !reads)
		.map((write) => [`${value}.${write.value}`, write] as const),
);

it.each(writes)('%s may be sent twice, or says where to check its outcome', (_, write) => {
	const isBulk = 'executeAll' in write;
	expect(write.repeatable !== undefined || write.lookAt !== undefined || isBulk).toBe(true);
});
