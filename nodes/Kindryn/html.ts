import { cut } from '../shared/fields/values';

const ESCAPED: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/**
 * Turns plain text into HTML: a blank line starts a new paragraph, any other line break a new line.
 * Kindryn expects the body of a post as HTML (Kindryn API, POST /posts).
 */
export function paragraphs(text: string): string {
	const escaped = text.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? character);
	return escaped
		.replace(/\r\n?/g, '\n')
		.split(/\n[^\S\n]*\n\s*/)
		.map((paragraph) => paragraph.trim())
		.filter((paragraph) => paragraph !== '')
		.map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`)
		.join('');
}

/** @param length most characters @returns the beginning of the visible text, for a list in the panel */
export function excerpt(html: string, length: number): string {
	// Not /<[^>]*>/: on a text full of "<" that would take minutes
	const text = html.replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ');
	return cut(text.trim(), length);
}
