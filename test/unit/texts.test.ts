import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';

import { KindrynApi } from '../../credentials/KindrynApi.credentials';
import { KinktreeApi } from '../../credentials/KinktreeApi.credentials';
import { KlinkyApi } from '../../credentials/KlinkyApi.credentials';
import { Kindryn } from '../../nodes/Kindryn/Kindryn.node';
import { KindrynTrigger } from '../../nodes/Kindryn/KindrynTrigger.node';
import { KindrynWebhookTrigger } from '../../nodes/KindrynWebhook/KindrynWebhookTrigger.node';
import { Kinktree } from '../../nodes/Kinktree/Kinktree.node';
import { KinktreeTrigger } from '../../nodes/Kinktree/KinktreeTrigger.node';
import { Klinky } from '../../nodes/Klinky/Klinky.node';
import { KlinkyTrigger } from '../../nodes/Klinky/KlinkyTrigger.node';

const nodes: INodeTypeDescription[] = [
	new Kindryn(),
	new KindrynTrigger(),
	new KindrynWebhookTrigger(),
	new Kinktree(),
	new KinktreeTrigger(),
	new Klinky(),
	new KlinkyTrigger(),
].map(({ description }) => description);

const credentials = [new KindrynApi(), new KinktreeApi(), new KlinkyApi()];

/** All parameters, with the ones inside collections and rows. */
function withInner(properties: INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) => {
		const inner = (property.options ?? []).flatMap((option) => {
			if ('values' in option) return option.values;
			return 'type' in option ? [option] : [];
		});
		return [property, ...withInner(inner)];
	});
}

const all = withInner([...nodes, ...credentials].flatMap(({ properties }) => properties));
const notices = all.filter(({ type }) => type === 'notice').map(({ displayName }) => displayName);
const parameters = all.filter(({ type }) => type !== 'notice');
const modes = parameters.flatMap((parameter) => parameter.modes ?? []);
// The names of countries come from Unicode
const options = parameters
	.filter(({ type, name }) => type === 'options' && name !== 'country')
	.flatMap((parameter) => (parameter.options ?? []) as INodePropertyOptions[]);
const buttons = parameters.filter(({ placeholder }) => placeholder?.startsWith('Add '));

/** Each text once. */
const texts = (some: Array<string | undefined>): string[] =>
	[...new Set(some)].filter((text) => text !== undefined);

const MINOR_WORD = /^(a|an|and|as|at|by|for|in|of|on|or|per|the|to|with)$/;

const isTitleCase = (title: string): boolean =>
	title
		.split(' ')
		.every((word, place) => /^[^\p{L}]*\p{Lu}/u.test(word) || (place > 0 && MINOR_WORD.test(word)));

describe('the texts of the panel', () => {
	it('name nodes, credentials, parameters, modes, options and buttons in Title Case', () => {
		const titles = texts([
			...[...nodes, ...credentials, ...parameters, ...modes].map(({ displayName }) => displayName),
			...options.map(({ name }) => name),
			...buttons.map(({ placeholder }) => placeholder),
		]);
		expect(titles.length).toBeGreaterThan(90);
		expect(titles.filter((title) => !isTitleCase(title))).toEqual([]);
	});

	it('name actions in sentence case', () => {
		const actions = texts(options.map(({ action }) => action));
		expect(actions.length).toBeGreaterThan(25);
		expect(actions.filter((action) => !/^[A-Z][a-z]+( [a-z]+)+$/.test(action))).toEqual([]);
	});

	it('explain in sentences, with a full stop at the end if there are several', () => {
		const sentences = texts([
			...[...nodes, ...parameters, ...options].map(({ description }) => description),
			...[...parameters, ...modes].map(({ hint }) => hint),
		]);
		expect(sentences.length).toBeGreaterThan(120);
		const isRight = (text: string): boolean =>
			/^[A-Z]/.test(text) && text.endsWith('.') === /\. [A-Z]/.test(text);
		expect(sentences.filter((text) => !isRight(text))).toEqual([]);
	});

	it('end notices, hints and messages with a full stop', () => {
		const messages = texts([
			...notices,
			...nodes.map(({ activationMessage }) => activationMessage),
			...nodes.flatMap(({ hints = [] }) => hints.map(({ message }) => message)),
		]);
		expect(messages.length).toBeGreaterThan(15);
		expect(messages.filter((text) => !/^[A-Z].+\.$/.test(text))).toEqual([]);
	});
});
