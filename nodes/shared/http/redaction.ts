/** A shorter beginning of a secret may be a word such as the service's name. */
const LONGEST_WORD = 8;

/**
 * @param shown what stands in place of the secret
 * @param shownPrefix how many of its first characters may be shown
 * @returns the text without the secret, and without a longer beginning of it: a service may cut what
 * it quotes
 */
export function redacted(
	text: string,
	secret: string,
	shown: string,
	shownPrefix = LONGEST_WORD,
): string {
	const telling = secret.slice(0, shownPrefix + 1);
	const rest = secret.slice(telling.length);
	const [before = '', ...others] = text.replaceAll(secret, shown).split(telling);
	const clean = others.map((part) => {
		let same = 0;
		while (same < rest.length && part[same] === rest[same]) same++;
		return shown + part.slice(same);
	});
	return before + clean.join('');
}
