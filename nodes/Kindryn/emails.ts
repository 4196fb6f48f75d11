import { quoted } from '../shared/fields/field';
import { plain } from '../shared/fields/values';
import { InputError } from '../shared/http/errors';

/** @returns the address unchanged. @throws InputError if it is not an e-mail address */
export function checkEmail(entered: string, label: string): string {
	if (/^[^\s@]+@[^\s@]+$/.test(entered)) return entered;
	throw new InputError(
		`'${label}' must be an e-mail address, but is ${quoted(entered)}`,
		'Write the address alone, such as jane@example.com, or check the expression.',
	);
}

/**
 * @returns the same key for every spelling of an e-mail address: upper or lower case, composed or
 * decomposed accents, an international domain in Unicode or Punycode
 */
export function addressKey(email: string): string {
	const address = String(plain(email) ?? '');
	const [local = '', domain, ...others] = address.split('@');
	// The URL parser would accept a path or a port
	if (!domain || others.length > 0 || /[\s/\\?#:%]/.test(domain)) return foldCase(address);
	const url = `http://${domain}`;
	return URL.canParse(url) ? `${foldCase(local)}@${new URL(url).hostname}` : foldCase(address);
}

/** Capital Σ has two lower-case forms, depending on its place. */
function foldCase(text: string): string {
	return text.toLowerCase().normalize().replaceAll('ς', 'σ');
}

/**
 * @returns a search text that finds an address in any spelling; undefined if its spellings share no text
 */
export function searchFor(email: string): string | undefined {
	const key = addressKey(email);
	if (/^[\x21-\x7e]+$/.test(key) && !/[@.]xn--/.test(key)) return email;
	const [local = ''] = key.split('@');
	const [longest] = local.split(/[^\x21-\x7e]+/).sort((a, b) => b.length - a.length);
	return longest || undefined;
}
