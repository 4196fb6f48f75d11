const SHOWS = /[^\s\p{Cc}\p{Cf}]/u;

/** Format characters (zero-width, direction marks, soft hyphens …), but for a joiner within an emoji. */
const INVISIBLE =
	/(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})|(?!\u200d)\p{Cf}/gu;

/**
 * A text as its author meant it: {{ $json.name }} followed by a line break is the name.
 *
 * @returns other values as they are; undefined for null and for a text that shows nothing
 */
export function trimmed(value: unknown): unknown {
	if (typeof value !== 'string') return value ?? undefined;
	return SHOWS.test(value) ? value.trim() : undefined;
}

/** As {@link trimmed}, and without invisible characters: for whatever is no prose. */
export function plain(value: unknown): unknown {
	const entered = trimmed(value);
	return typeof entered === 'string' ? entered.replace(INVISIBLE, '').trim() : entered;
}

/** The beginning of a text, with an ellipsis when there is more. @param length most characters */
export function cut(text: string, length: number): string {
	if (text.length <= length) return text;
	// Not between the halves of an emoji
	return `${text
		.slice(0, length)
		.replace(/\p{Surrogate}$/u, '')
		.trimEnd()}…`;
}
