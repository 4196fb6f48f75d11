import { locator, text } from '../shared/fields';

export const tagId = locator({
	displayName: 'Tag',
	name: 'tagId',
	description: 'The tag to work on. Its identifier is case-sensitive.',
	searchMethod: 'searchTags',
	example: 'front-desk-01',
});

export const optionalActivationCode = text({
	displayName: 'Activation Code',
	name: 'activationCode',
	placeholder: 'e.g. WELCOME-2026',
	description: 'The code that activates the tag. Left empty, Kinktree generates a secure one.',
});
