const SHOWS = /[^\s\p{Cc}\p{Cf}]/u;

/** Format characters (zero-width, direction marks, soft hyphens …), except a joiner inside an emoji. */
const INVISIBLE =
	/(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})|(?!\u200d)\p{Cf}/gu;

/**
 * Removes white space around a text: {{ $json.name }} and a line break gives the name.
 *
 * @returns other values unchanged; undefined for null and for a text without a visible character
 */
export function trimmed(value: unknown): unknown {
	if (typeof value !== 'string') return value ?? undefined;
	return SHOWS.test(value) ? value.trim() : undefined;
}

/** As {@link trimmed}, and removes invisible characters: for texts that machines read. */
export function plain(value: unknown): unknown {
	const entered = trimmed(value);
	return typeof entered === 'string' ? entered.replace(INVISIBLE, '').trim() : entered;
}

/** Cuts a text that is too long, and adds an ellipsis. @param length most characters to keep */
export function cut(text: string, length: number): string {
	if (text.length <= length) return text;
	// Does not cut an emoji in half
	return `${text
		.slice(0, length)
		.replace(/\p{Surrogate}/u, '')
		.trimEnd()}…`;
}
