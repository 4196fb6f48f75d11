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

/** A date without a time. Not 9999-12-31, which some use for "for ever": it has no next day. */
const A_DAY = /^(?!9999-12-31)\d{4}-\d{2}-\d{2}$/;

/** Reads a date without a time as the end of its day, so that Monday to Monday is one day. */
function throughout<const N extends string>(
	field: Field<N, string | undefined>,
): Field<N, string | undefined> {
	return {
		...field,
		read(value, context) {
			const start = field.read(value, context);
			const day = String(plain(value));
			if (!A_DAY.test(day)) return start;
			// Not 23:59 of this day: it comes twice if the clocks go back at midnight
			const nextDay = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
			return new Date(Date.parse(String(field.read(nextDay, context))) - 1).toISOString();
		},
	};
}

export const getAll = klinkyOperation({
	name: 'Get Many',
	value: 'getAll',
	action: 'Get many clicks',
	description: 'List the clicks of a link. Up to 100 clicks cost one request.',
	fields: [
		linkId,
		...returnAllAndLimit,
		collection({ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' }, [
			dateTime({
				displayName: 'Start Date',
				name: 'startDate',
				description:
					"Enter the earliest time, in the workflow's time zone. A date alone means the start of that day.",
			}),
			throughout(
				dateTime({
					displayName: 'End Date',
					name: 'endDate',
					description:
						"Enter the latest time, in the workflow's time zone. A date alone means the end of that day; 00:00 means its start.",
				}),
			),
		]),
	],
	reads: true,
	check({ filters: { startDate, endDate } }) {
		if (startDate === undefined || endDate === undefined || startDate <= endDate) return;
		throw new InputError(
			`'End Date' is before 'Start Date' (${endDate} is before ${startDate})`,
			'Swap them, or check their expressions.',
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
