import { collection, text } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { addressable, optionalActivationCode } from '../../fields';
import { createTag, knownTags } from '../../tags';

export const create = operation({
	name: 'Create',
	value: 'create',
	action: 'Create a tag',
	description: 'Add a tag to your namespace; Kinktree generates the fields you leave empty',
	fields: [
		collection({ displayName: 'Additional Fields', name: 'additionalFields', isOpen: true }, [
			optionalActivationCode,
			addressable(
				text({
					displayName: 'Identifier',
					name: 'identifier',
					placeholder: 'e.g. front-desk-01',
					description:
						'Choose an identifier that no other tag has. It is case-sensitive. Leave it empty to have one generated.',
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
