import { collection, flag, integer, requiredText, text } from '../../../shared/fields/basicFields';
import { required, webAddress } from '../../../shared/fields/checks';
import { dateTime } from '../../../shared/fields/dates';
import { quoted } from '../../../shared/fields/field';
import { InputError } from '../../../shared/http/errors';
import { operation } from '../../../shared/operations/operation';
import { spaceId } from '../../fields';

/** Every browser opens addresses up to this length. */
const LONGEST_ADDRESS = 2048;

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create an event',
	description: 'Create an event in a space. It starts as a draft: publish it in Kindryn.',
	fields: [
		spaceId,
		requiredText({
			displayName: 'Title',
			name: 'title',
			placeholder: 'e.g. Office Hours',
			description: 'Give the event a title',
		}),
		required(
			dateTime({
				displayName: 'Starts At',
				name: 'startsAt',
				description:
					"Enter when the event starts, such as 2026-11-22T14:05:00. Without a zone, the workflow's time zone applies.",
			}),
		),
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			integer({
				displayName: 'Capacity',
				name: 'capacity',
				min: 1,
				default: 50,
				description: 'Enter how many people can take part',
			}),
			text({
				displayName: 'Description',
				name: 'description',
				placeholder: 'e.g. Weekly Q&A',
				typeOptions: { rows: 4 },
				description: 'Describe what the event is about',
			}),
			dateTime({
				displayName: 'Ends At',
				name: 'endsAt',
				description:
					"Enter when the event ends, such as 2026-11-22T15:05:00. Without a zone, the workflow's time zone applies.",
			}),
			flag({
				displayName: 'Is Virtual',
				name: 'isVirtual',
				default: true,
				description: 'Whether the event takes place online',
			}),
			webAddress(
				text({
					displayName: 'Meeting URL',
					name: 'meetingUrl',
					placeholder: 'e.g. https://meet.example.com/abc',
					description: 'Enter the address to join the event online, starting with https://',
				}),
				LONGEST_ADDRESS,
			),
		]),
	],
	check({ startsAt, additionalFields: { endsAt } }) {
		if (endsAt !== undefined && endsAt < startsAt) {
			throw new InputError(
				`'Ends At' (${quoted(endsAt)}) is before 'Starts At' (${quoted(startsAt)})`,
				'Check both dates, and the time zone of the workflow if one of them has no zone.',
			);
		}
	},
	lookAt: 'the events of the space in Kindryn',
	done: 'events were created',
	async execute({ parameters, api, run }) {
		const { additionalFields, ...asRequired } = parameters;
		const event = await api.object(
			{
				method: 'POST',
				path: '/events',
				body: { ...asRequired, ...additionalFields },
				subject: `event "${parameters.title}"`,
				mentions: { space: parameters.spaceId },
			},
			'id',
		);
		// "Events created via the API start in DRAFT status" (Kindryn API, Events)
		run.hint('New events are drafts: members see them once you publish them in Kindryn.');
		return event;
	},
});
