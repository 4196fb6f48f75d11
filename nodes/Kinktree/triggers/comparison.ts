import type { Fields } from '../../shared/pollingSnapshot';

/** Identifiers are case-sensitive; an activation code is a secret of whoever holds the tag. */
export const tagFields: Fields = {
	identity: ({ identifier }) => String(identifier),
	secret: ['activationCode'],
};
