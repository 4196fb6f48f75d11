import { collection, requiredText } from '../../../shared/fields/basicFields';
import type { Api } from '../../../shared/http/api';
import { ServiceError } from '../../../shared/http/errors';
import { operation } from '../../../shared/operations/operation';
import { addressable, optionalActivationCode } from '../../fields';
import { byIdentifier, createTag, knownTags, listTags, setActivationCode } from '../../tags';
import type { Tag } from '../../tags';

export const upsert = operation({
	name: 'Create or Update',
	value: 'upsert',
	action: 'Create or update a tag',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
	fields: [
		addressable(
			requiredText({
				displayName: 'Identifier',
				name: 'identifier',
				placeholder: 'e.g. front-desk-01',
				description: 'Enter the identifier of the tag. It is case-sensitive.',
			}),
		),
		collection({ displayName: 'Additional Fields', name: 'additionalFields' }, [
			optionalActivationCode,
		]),
	],
	targets: ({ identifier }) => [identifier],
	repeatable: () => true,
	done: 'tags were created or updated',
	async execute({ parameters, api, run }) {
		const { identifier } = parameters;
		const { activationCode } = parameters.additionalFields;
		const known = await knownTags(api, run);
		const there = known.get(identifier);
		const result = there
			? { ...(await updated(api, there, activationCode)), created: false }
			: await createdOrUpdated(api, identifier, activationCode);
		known.set(identifier, result);
		return result;
	},
});

/** Leaves the tag as it is without a code: Kinktree would generate one and void the printed code. */
async function updated(api: Api, tag: Tag, activationCode: string | undefined): Promise<Tag> {
	if (activationCode === undefined) return tag;
	return { ...tag, ...(await setActivationCode(api, tag.identifier, activationCode)) };
}

/**
 * Creates the tag. If the answer is lost or the identifier is taken, the list shows whether the tag
 * exists.
 */
async function createdOrUpdated(
	api: Api,
	identifier: string,
	activationCode: string | undefined,
): Promise<Tag> {
	const made = await createTag(api, { identifier, activationCode }).catch((error: unknown) => {
		if (error instanceof ServiceError && (isTaken(error) || error.ambiguous)) return error;
		throw error;
	});
	if (!(made instanceof ServiceError)) return { ...made, created: true };

	const tag = byIdentifier(await listTags(api)).get(identifier);
	if (!tag) throw made.status === 400 ? made : notMade(made);
	const isOurs = made.ambiguous && (activationCode ?? tag.activationCode) === tag.activationCode;
	return { ...(await updated(api, tag, isOurs ? undefined : activationCode)), created: isOurs };
}

function notMade(error: ServiceError): ServiceError {
	return error.advising(
		error.ambiguous
			? "Your namespace does not have the tag. Run this again: 'Create or Update' creates no duplicate."
			: 'Your namespace has no tag with this identifier, and Kinktree refuses to create one. Try another identifier.',
	);
}

/** The document names no status for a taken identifier. 409 is usual; 400 is possible too. */
function isTaken(error: ServiceError): boolean {
	return error.status === 409 || error.status === 400;
}
