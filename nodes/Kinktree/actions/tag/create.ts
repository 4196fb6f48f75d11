import { collection, text } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { addressable, optionalActivationCode } from '../../fields';
import { createTag, knownTags } from '../../tags';

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create a tag',
	description: 'Add a tag to your namespace; what you leave empty is generated',
	fields: [
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			optionalActivationCode,
			addressable(
				text({
					displayName: 'Identifier',
					name: 'identifier',
					placeholder: 'e.g. front-desk-01',
					description:
						'Unique in your namespace and case-sensitive. Left empty, Kinktree generates one.',
				}),
			),
		]),
	],
	targets: ({ additionalFields: { identifier } }) => (identifier === undefined ? [] : [identifier]),
	// A tag with an identifier of its own can be found
	repeatable: ({ additionalFields: { identifier } }) => identifier !== undefined,
	lookAt: 'the tags in Kinktree',
	done: 'tags were created',
	async execute({ parameters, api, run, mayBeWritten }) {
		const { identifier, activationCode } = parameters.additionalFields;
		if (mayBeWritten && identifier !== undefined) {
			const tag = (await knownTags(api, run)).get(identifier);
			if (tag && (activationCode ?? tag.activationCode) === tag.activationCode) return tag;
		}
		return await createTag(api, { identifier, activationCode });
	},
});
