import { choice } from '../../../shared/fields/basicFields';
import { operation } from '../../../shared/operations/operation';
import { newActivationCode, tagId } from '../../fields';
import { setActivationCode } from '../../tags';

export const update = operation({
	name: 'Update',
	value: 'update',
	action: 'Update the activation code of a tag',
	description: 'Replace the activation code; the old one stops working',
	fields: [
		tagId,
		choice({
			displayName: 'Code Source',
			name: 'codeSource',
			description: 'Choose where the new activation code comes from',
			options: [
				{
					name: 'Custom',
					value: 'custom',
					description: 'Use the code that you enter',
				},
				{
					name: 'Generate',
					value: 'generate',
					description: 'Let Kinktree generate a new secure code',
				},
			],
			default: 'generate',
		}),
		newActivationCode,
	],
	targets: ({ tagId: identifier }) => [identifier],
	repeatable: () => true,
	done: 'tags were updated',
	async execute({ parameters, api }) {
		const { codeSource, activationCode } = parameters;
		// Without a code Kinktree generates one: that must be asked for, never happen by an empty field
		const code = codeSource === 'custom' ? activationCode : undefined;
		return await setActivationCode(api, parameters.tagId, code);
	},
});
