import type { INodePropertyMode } from 'n8n-workflow';

import { checkId } from '../http/address';
import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { checkPlain } from './checks';
import { fieldOf, quoted } from './field';
import type { Field, FieldSettings } from './field';
import { plain } from './values';

type LocatorSettings<N extends string> = FieldSettings<N> & {
	/** a method of the node under `methods.listSearch` */
	searchMethod: string;
	/** an ID as the service writes them, for the placeholder */
	example: string;
	/** ways to name the thing besides list and ID */
	modes?: INodePropertyMode[];
};

/** An ID: picked from a searchable list, entered, or from an expression. */
export function locator<const N extends string>(settings: LocatorSettings<N>): Field<N, string> {
	const { property, read } = optionalLocator(settings);
	return {
		property: { ...property, required: true },
		read: (value, context) => read(value, context) ?? checkId('', settings.displayName),
	};
}

/** An ID that may be left out, e.g. as a filter. Empty is undefined. */
export function optionalLocator<const N extends string>(
	settings: LocatorSettings<N>,
): Field<N, string | undefined> {
	const { searchMethod, example, modes = [], ...property } = settings;
	return fieldOf(
		{
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					typeOptions: { searchListMethod: searchMethod, searchable: true },
				},
				{ displayName: 'By ID', name: 'id', type: 'string', placeholder: `e.g. ${example}` },
				...modes,
			],
			...property,
		},
		(value) => locatedId(value, settings.displayName),
	);
}

/** An expression may stand in place of the whole locator, or hand over a number. */
function locatedId(value: unknown, label: string): string | undefined {
	const entered = plain(isRecord(value) && 'value' in value ? value.value : value);
	if (entered === undefined) return undefined;
	if (typeof entered === 'object') {
		throw new InputError(
			`'${label}' must be an ID, but is ${quoted(entered)}`,
			'Check the expression: it returns an object or a list.',
		);
	}
	return checkId(checkPlain(String(entered), label), label);
}
