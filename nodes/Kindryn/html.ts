import { cut } from '../shared/fields/values';

const ESCAPED: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/**
 * Plain text as HTML that shows it: a blank line begins a new paragraph, any other line break a new
 * line. Kindryn takes the body of a post as HTML (Kindryn API, POST /posts).
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

/** The beginning of what HTML shows, for a list in the panel. @param length most characters */
export function excerpt(html: string, length: number): string {
	// A tag that ends at the next "<" is none: looking on to the end of a text full of them takes minutes
	const text = html.replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ');
	return cut(text.trim(), length);
}
