/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import type {
	INodeParameters,
	INodeProperties,
	INodePropertyOptions,
	NodeHint,
} from 'n8n-workflow';
import type { Locator } from 'playwright-core';

/** A text that explains a parameter. */
export interface Explanation {
	text: string;
	property: INodeProperties;
	/** The panel shows notices and hints by itself, a tooltip below the mouse, options in an open list. */
	kind: 'notice' | 'hint' | 'tooltip' | 'option';
}

/** The values of other parameters with which the panel shows this one: `{ operation: ['get'] }`. */
function conditionOf({ displayOptions }: INodeProperties): Array<[string, unknown[]]> {
	return Object.entries((displayOptions?.show ?? {}) as Record<string, unknown[]>);
}

function isShown(property: INodeProperties, parameters: INodeParameters): boolean {
	// In a collection, "/name" means a parameter of the node
	const fits = ([name, values]: [string, unknown[]]) =>
		values.includes(parameters[name.replace(/^\//, '')]);
	return property.type !== 'hidden' && conditionOf(property).every(fits);
}

/** The parameters in a collection or in the rows of a fixed collection. */
function innerProperties({ options = [] }: INodeProperties): INodeProperties[] {
	return options.flatMap((option) => {
		if ('values' in option) return option.values;
		return 'type' in option ? [option] : [];
	});
}

/** A value with which the panel shows everything about a parameter. */
function openValue(property: INodeProperties, outer: INodeParameters): unknown {
	const { type, modes = [], options, typeOptions } = property;
	if (type === 'resourceLocator') {
		const withHint = modes.find(({ hint }) => hint !== undefined);
		return { __rl: true, mode: withHint?.name ?? 'list', value: '' };
	}
	if (type !== 'collection' && type !== 'fixedCollection') return property.default;
	const inner = openValues(innerProperties(property), outer);
	if (type === 'fixedCollection') return { [options?.[0]?.name ?? '']: [inner] };
	return typeOptions?.multipleValues ? [inner] : inner;
}

function openValues(properties: INodeProperties[], outer: INodeParameters): INodeParameters {
	const shown = properties.filter((property) => isShown(property, outer));
	const values = shown.map((property) => [property.name, openValue(property, outer)]);
	return Object.fromEntries(values) as INodeParameters;
}

/** @returns the values with which the output pane shows a hint, for conditions such as `$parameter["a"] === "b"` */
function conditionOfHint({ displayCondition = '' }: NodeHint): INodeParameters {
	const parts = displayCondition.matchAll(/\$parameter\["(\w+)"\] === "(\w+)"/g);
	return Object.fromEntries([...parts].map(([, name, value]) => [name, value])) as INodeParameters;
}

function isPart(part: INodeParameters, whole: INodeParameters): boolean {
	return Object.entries(part).every(([name, value]) => whole[name] === value);
}

/**
 * @returns values of the parameters with which the panel, opened once for each, shows every parameter
 * and every hint
 */
export function settingsOf(properties: INodeProperties[], hints: NodeHint[]): INodeParameters[] {
	const ofProperties = properties.map((property) =>
		Object.fromEntries(conditionOf(property).map(([name, [first]]) => [name, first])),
	) as INodeParameters[];
	const conditions = [...ofProperties, ...hints.map(conditionOfHint)];
	const widest = conditions.filter(
		(one, index) =>
			!conditions.some(
				(other, place) => isPart(one, other) && (!isPart(other, one) || place < index),
			),
	);
	return widest.map((condition) => ({ ...openValues(properties, condition), ...condition }));
}

/** @returns the texts that the panel shows with these values */
export function explanationsIn(
	properties: INodeProperties[],
	values: INodeParameters,
): Explanation[] {
	const shown = properties.filter((property) => isShown(property, values));
	return shown.flatMap((property) => {
		const { type, displayName, description, hint, modes = [], options = [] } = property;
		if (type === 'notice') return [{ text: displayName, property, kind: 'notice' as const }];
		const entries = type === 'options' ? (options as INodePropertyOptions[]) : [];
		const texts = {
			hint: [hint, ...modes.map((mode) => mode.hint)],
			tooltip: [description],
			option: entries.map((entry) => entry.description),
		};
		const own = Object.entries(texts).flatMap(([kind, some]) =>
			some.filter((text) => text !== undefined).map((text) => ({ text, property, kind })),
		) as Explanation[];
		return [...own, ...explanationsIn(innerProperties(property), values)];
	});
}

/** @returns the messages of the hints that the output pane shows with these values */
export function hintsIn(hints: NodeHint[], values: INodeParameters): string[] {
	return hints
		.filter((hint) => isPart(conditionOfHint(hint), values))
		.map(({ message }) => message);
}

/** The part of the browser that counts lines. */
interface Page {
	document: { createRange(): { selectNodeContents(of: unknown): void; getClientRects(): Box[] } };
}

interface Box {
	bottom: number;
}

/**
 * Counts the lines of a text in the browser.
 *
 * @param other replaces the text first
 */
export async function linesOf(shown: Locator, other?: string): Promise<number> {
	return await shown.first().evaluate((element: { textContent: string | null }, text) => {
		if (text !== undefined) element.textContent = text;
		const range = (globalThis as unknown as Page).document.createRange();
		range.selectNodeContents(element);
		return new Set(Array.from(range.getClientRects(), ({ bottom }) => Math.round(bottom))).size;
	}, other);
}
