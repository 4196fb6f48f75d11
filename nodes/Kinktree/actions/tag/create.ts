import { collection, text } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { addressable, optionalActivationCode } from '../../fields';
import { createTag } from '../../tags';

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
	async execute({ parameters, api }) {
		const { identifier, activationCode } = parameters.additionalFields;
		return await createTag(api, { identifier, activationCode });
	},
});
