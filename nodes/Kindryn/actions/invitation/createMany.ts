import { collection, integer } from '../../../shared/fields/basicFields';
import { bulkOperation } from '../../../shared/operations/operation';
import {
	distinctEntries,
	failedInvitation,
	invitedBefore,
	inviteTogether,
} from '../../bulkInvitations';
import { email, inviteeName, role } from '../../fields';
import { MOST_BULK_ENTRIES } from '../../service';

export const createMany = bulkOperation({
	name: 'Create Many',
	value: 'createMany',
	action: 'Create many invitations',
	description: `Invite the people of all input items, up to ${MOST_BULK_ENTRIES} in each request`,
	fields: [
		email,
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [inviteeName, role]),
		collection({ displayName: 'Options', name: 'options', placeholder: 'Add Option' }, [
			integer({
				displayName: 'Batch Size',
				name: 'batchSize',
				min: 1,
				max: MOST_BULK_ENTRIES,
				default: MOST_BULK_ENTRIES,
				description:
					'Enter how many people to invite in each request. All items are sent together, so the value of the first item counts.',
			}),
		]),
	],
	async executeAll(calls, bulk) {
		const people = calls.map(({ parameters, itemIndex }) => ({
			itemIndex,
			invitee: { email: parameters.email, ...parameters.additionalFields },
		}));
		const entries = distinctEntries(people);
		const doubles = people.length - entries.length;
		if (doubles > 0) {
			bulk.run.hint(
				`${doubles} ${doubles === 1 ? 'item repeats' : 'items repeat'} the address of an earlier item. Each address was sent once, with the name and role of its first item.`,
			);
		}
		const batchSize = calls[0]?.parameters.options.batchSize ?? MOST_BULK_ENTRIES;
		await inviteTogether(entries, batchSize, bulk);
	},
	failedRow: (valueOf, error) => failedInvitation(valueOf('email'), error),
	failedHint: (failed, items) => `${failed} of ${items} people were not invited: see their rows.`,
	doneBefore: invitedBefore,
});
