import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { type Engine, startEngine } from './harness';

let engine: Engine;
beforeAll(async () => {
	engine = await startEngine();
});
afterAll(() => engine.stop());

/** Parameters that no agent fills in, because a person chooses the operation. */
const CHOSEN = ['resource', 'operation'];

/** Types that hold fields or take no input. The fields in them say what to enter. */
const HOLDERS = ['collection', 'fixedCollection', 'hidden', 'notice'];

/** The fields of a node, including nested ones. */
function fieldsIn(properties: INodeProperties[], place = ''): Array<[string, INodeProperties]> {
	return properties.flatMap((property) => {
		const { resource = [], operation = [] } = property.displayOptions?.show ?? {};
		const path = [place || [...resource, ...operation].join('.'), property.name].join(' ');
		const inner = (property.options ?? []).flatMap((option) =>
			'values' in option
				? (option as INodePropertyCollection).values
				: 'type' in option
					? [option as INodeProperties]
					: [],
		);
		return [[path, property] as [string, INodeProperties], ...fieldsIn(inner, path)];
	});
}

it.each(['kinktree', 'kindryn', 'klinky'])(
	'tells an agent in every description of %s what to enter',
	(type) => {
		const fields = fieldsIn(engine.description(type).properties).filter(
			([, { name, type: kind }]) => !CHOSEN.includes(name) && !HOLDERS.includes(kind),
		);
		expect(fields.length).toBeGreaterThan(5);
		// n8n's rules prescribe the words for "Whether" and "Max number"
		const instruction =
			/^(Choose|Describe|Enter|Give|Set|Whether|Write) |^Max number of results to return$/;
		const others = fields
			.filter(([, { description = '' }]) => !instruction.test(description))
			.map(([path, { description }]) => [path, description]);
		expect(others).toEqual([]);
	},
);

it('tells an agent how to choose the number of variants', () => {
	const [, how] =
		fieldsIn(engine.description('klinky').properties).find(
			([, { name }]) => name === 'specifyVariants',
		) ?? [];
	expect(how?.description).toContain('Use JSON to let an agent choose');
	expect(how?.options).toContainEqual(
		expect.objectContaining({ name: 'Using JSON', description: expect.stringContaining('agent') }),
	);
});
