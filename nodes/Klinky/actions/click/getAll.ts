import { collection } from '../../../shared/fields/basicFields';
import { dateTime } from '../../../shared/fields/dates';
import type { Field } from '../../../shared/fields/field';
import { plain } from '../../../shared/fields/values';
import { returnAllAndLimit } from '../../../shared/fields/returnAll';
import { InputError } from '../../../shared/http/errors';
import { linkId } from '../../fields';
import { pageOfClicks } from '../../links';
import { klinkyOperation } from '../../klinkyOperation';
import { getMany } from '../../pages';

/** A date without a time. No calendar goes beyond the last one, which some take for "for ever". */
const A_DAY = /^(?!9999-12-31)\d{4}-\d{2}-\d{2}$/;

/** A date whose day counts to its end when no time is given: from Monday to Monday is a day. */
function throughout<const N extends string>(
	field: Field<N, string | undefined>,
): Field<N, string | undefined> {
	return {
		...field,
		read(value, context) {
			const start = field.read(value, context);
			const day = String(plain(value));
			if (!A_DAY.test(day)) return start;
			// Not its 23:59, which comes twice where summer time ends at midnight
			const nextDay = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
			return new Date(Date.parse(String(field.read(nextDay, context))) - 1).toISOString();
		},
	};
}

export const getAll = klinkyOperation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many clicks',
	description: 'List the clicks of a link; up to 100 of them cost one request',
	fields: [
		linkId,
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			dateTime({
				displayName: 'Start Date',
				name: 'startDate',
				description:
					'Enter a time to get the clicks from it on. A date without a time is the beginning of that day, in the time zone of the workflow.',
			}),
			throughout(
				dateTime({
					displayName: 'End Date',
					name: 'endDate',
					description:
						'Enter a time to get the clicks up to it. A date without a time is the end of that day, in the time zone of the workflow; 00:00 is its beginning.',
				}),
			),
		]),
	],
	reads: true,
	check({ filters: { startDate, endDate } }) {
		if (startDate === undefined || endDate === undefined || startDate <= endDate) return;
		throw new InputError(
			`'End Date' is before 'Start Date' (${endDate} is before ${startDate})`,
			'Exchange them, or check their expressions.',
		);
	},
	async execute({ parameters, api, run }) {
		const { startDate, endDate } = parameters.filters;
		const fetch = async (page: number, perPage: number) =>
			await pageOfClicks(api, parameters.linkId, {
				page,
				per_page: perPage,
				...(startDate === undefined ? {} : { start_date: startDate }),
				...(endDate === undefined ? {} : { end_date: endDate }),
			});
		return await getMany(
			run,
			parameters,
			fetch,
			'clicks',
			startDate !== undefined || endDate !== undefined,
		);
	},
});
