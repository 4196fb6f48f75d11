import type { INodePropertyMode } from 'n8n-workflow';

import { checkId } from '../http/address';
import { isRecord } from '../http/answer';
import { InputError } from '../http/errors';
import { checkPlain } from './checks';
import { fieldOf, quoted } from './field';
import type { Field, FieldSettings, FindIds, Named } from './field';
import { plain } from './values';

/** White space inside, an address with or without its scheme, or an e-mail address. */
const NO_ID =
	/\s|^[a-z][a-z0-9+.-]*:\/\/|^[\w-]+(\.[\w-]+)*\.[a-z]{2,}\/|^[^\s@/?#]+@[\w-]+(\.[\w-]+)+$/i;

/** @returns whether a value is surely no ID: people often paste an address or an e-mail address instead */
export function isNoOpaqueId(entered: string): boolean {
	return NO_ID.test(entered);
}

interface ShownLocator<N extends string> extends FieldSettings<N> {
	/** a method of the node under `methods.listSearch` */
	searchMethod: string;
	/** an ID in the service's form, for the placeholder */
	example: string;
}

interface LocatorSettings<N extends string> extends ShownLocator<N> {
	/** Whether a value cannot be an ID of the service. The default is {@link isNoOpaqueId}. */
	isNoId?(entered: string): boolean;
}

interface NamingSettings<N extends string> extends LocatorSettings<N> {
	/** How people enter the name. */
	naming: { title: string } & Pick<INodePropertyMode, 'name' | 'placeholder' | 'hint'>;
	/** @returns the name in a value entered in this mode. @throws InputError when the value has none */
	nameIn(entered: string): string;
	/** Whether a value is a name, even if it was entered in another mode. */
	isName?(entered: string): boolean;
	find: FindIds;
}

/** An ID: picked from a searchable list, entered, or from an expression. */
export function locator<const N extends string>(settings: LocatorSettings<N>): Field<N, string> {
	const { property, read } = optionalLocator(settings);
	return {
		property: { ...property, required: true },
		read: (value, context) => read(value, context) ?? checkId('', settings.displayName),
	};
}

/** An ID that may be left out, e.g. as a filter. An empty one is undefined. */
export function optionalLocator<const N extends string>(
	settings: LocatorSettings<N>,
): Field<N, string | undefined> {
	const { isNoId = isNoOpaqueId, ...shown } = settings;
	return fieldOf(propertyOf(shown), (value) => {
		const entered = enteredIn(value, settings.displayName);
		if (entered !== undefined && isNoId(entered)) throw noId(entered, settings.displayName);
		return entered;
	});
}

/** An ID as in {@link locator}, or a name. The ID of a name is found before the first item is executed. */
export function namingLocator<const N extends string>(
	settings: NamingSettings<N>,
): Field<N, string | Named> {
	const { naming, nameIn, isName, isNoId = isNoOpaqueId, find, ...shown } = settings;
	const { title, ...mode } = naming;
	const { displayName } = settings;
	const property = propertyOf(shown, { displayName: title, type: 'string', ...mode });
	const field = fieldOf({ ...property, required: true }, (value): string | Named => {
		const entered = enteredIn(value, displayName) ?? checkId('', displayName);
		const isInMode = isRecord(value) && value.mode === mode.name;
		if (isInMode || isName?.(entered)) return { named: nameIn(entered) };
		if (isNoId(entered)) throw noId(entered, displayName, title);
		return entered;
	});
	return { ...field, find };
}

function propertyOf<N extends string>(
	{ searchMethod, example, ...property }: ShownLocator<N>,
	...modes: INodePropertyMode[]
): Field<N>['property'] {
	return {
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
	};
}

/** Takes a locator, or the result of an expression instead of the whole locator: text or a number. */
function enteredIn(value: unknown, label: string): string | undefined {
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

/** @param otherMode the mode for entering a name */
function noId(entered: string, label: string, otherMode?: string): InputError {
	const pick = 'ick an entry from the list. An expression must return the ID.';
	return new InputError(
		`'${label}' must be an ID, but is ${quoted(entered)}`,
		otherMode === undefined ? `P${pick}` : `Choose '${otherMode}' instead of 'By ID', or p${pick}`,
	);
}
